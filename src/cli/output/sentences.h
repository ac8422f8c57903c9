// The sentence that describes an event to a person.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "events/event.h"

namespace imprint::cli::output {

enum class Tone { plain, good, bad, careful };

enum class Stream { out, err };

struct Sentence {
    std::string text;  // may have several lines; no line break at its end
    Tone tone = Tone::plain;
    std::string_view head = {};  // the start of text that is shown in the tone's colour
    Stream stream = Stream::out;
    std::string rows = {};  // whole lines above text, in no colour
};

// None for events that only move a progress bar, and for those that need `verbose`.
// watch: of a bench where boards come and go.
[[nodiscard]] std::optional<Sentence> sentence_of(const events::Event& event, bool verbose,
                                                  bool watch = false);
[[nodiscard]] Sentence sentence_of(const events::CommandFailed& failed);
[[nodiscard]] Sentence sentence_of(const events::LogLine& line);
[[nodiscard]] Sentence sentence_of_missed(std::uint64_t lines);  // of the log

[[nodiscard]] std::string_view phrase_of(events::Step step);  // "writing firmware"

}  // namespace imprint::cli::output
