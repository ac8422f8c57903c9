// Words that the pages have in common.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "ledger/lots.h"

namespace imprint::report {

[[nodiscard]] std::string when(WallTime time);  // "2026-07-14 09:30:00"

// Whether an effect is work on the board over its wire; otherwise it is the registry's.
[[nodiscard]] bool is_on_the_wire(std::string_view effect_kind);

// Of an error's code, for a person; empty: it is none of ours.
[[nodiscard]] std::string meaning_of(std::string_view code);

// Colour never says it alone.
struct Shown {
    std::string_view style;  // a class of page_style()
    std::string_view sign;
    std::string_view word;
};

[[nodiscard]] Shown shown(ledger::Verdict verdict);

// The beginning of a page, up to its first section.
[[nodiscard]] std::string page_head(std::string_view title, std::string_view below, WallTime made);

}  // namespace imprint::report
