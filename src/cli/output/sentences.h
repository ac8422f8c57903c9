// What an event says to a person.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "prepare/event.h"

namespace imprint::cli::output {

enum class Tone { plain, good, bad, careful };

struct Sentence {
    std::string text;  // may have several lines; without a line break at its end
    Tone tone = Tone::plain;
    std::string_view head = {};  // the part of text, at its start, that has the tone's colour
};

// None for events that only move a bar, and for those that only `verbose` shows.
[[nodiscard]] std::optional<Sentence> sentence_of(const prepare::Event& event, bool verbose);
[[nodiscard]] Sentence sentence_of(const Error& error);

// "writing firmware", of a board_step's step.
[[nodiscard]] std::string_view phrase_of(std::string_view step);

// Members of an event; empty or 0 where it has none.
[[nodiscard]] std::string text_of(const prepare::Event& event, std::string_view key);
[[nodiscard]] std::int64_t number_of(const prepare::Event& event, std::string_view key);

}  // namespace imprint::cli::output
