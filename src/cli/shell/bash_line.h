// bash's way to a program that completes: a command line as it was typed, and candidates in the
// form that readline puts in. Source: the Bash Reference Manual, "Quoting" and "Programmable
// Completion".
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace imprint::cli::shell {

struct BashLine {
    std::vector<std::string> words;  // without quotes; the last one is at the cursor, maybe empty
    // Bytes of the last word that readline leaves as they are: it only replaces what is behind the
    // quote that is open, and else behind the last "=" or ":".
    std::size_t kept = 0;
    char quote = '\0';  // that is still open at the cursor: '"' or '\''
};

// line: of this command alone, up to the cursor. breaks: COMP_WORDBREAKS. Variables and the like
// are taken as they stand.
[[nodiscard]] BashLine read_bash_line(std::string_view line, std::string_view breaks);

// A whole word in the place of the last one.
[[nodiscard]] std::string bash_word(const BashLine& line, std::string_view word);

}  // namespace imprint::cli::shell
