// What may stand at the cursor of a command line that is being typed, by the table of commands.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command_table.h"
#include "config/config.h"

namespace imprint::cli::shell {

struct Candidate {
    std::string word;
    std::string meaning = {};  // may be empty
    bool operator==(const Candidate&) const = default;
};

// Which paths the shell adds by its own means; where there are candidates too, only if none of
// them fits.
enum class Paths : std::uint8_t { none, files, folders };

struct Completion {
    std::vector<Candidate> candidates = {};  // whole words, which begin with what was typed
    Paths paths = Paths::none;
    std::size_t before_path = 0;  // bytes of the word before the path: "--config=" has 9
};

// Values that are known only when they are asked for. typed: what they have to begin with, which
// may spare a search; the sources are those that the command line names.
using LiveValues = std::function<std::vector<Candidate>(ValueKind kind, const std::string& typed,
                                                        const config::Sources& sources)>;

// words: those behind the program's name, without quotes, up to the one at the cursor, which may be
// empty. At least one.
[[nodiscard]] Completion complete(const CommandRow& program, const std::vector<std::string>& words,
                                  const LiveValues& live);

}  // namespace imprint::cli::shell
