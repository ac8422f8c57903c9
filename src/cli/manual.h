// The manual pages, made from the tables of commands, exit codes and configuration keys.
#pragma once

#include <string>
#include <vector>

#include "cli/command_table.h"
#include "cli/roff.h"

namespace imprint::cli {

struct ManualPage {
    std::string file;  // "imprint-registry-serve.1"
    std::string text;  // in the macros of man(7)
};

// imprint(1), a page for each command that people see, and imprint.toml(5).
[[nodiscard]] std::vector<ManualPage> manual_pages(const CommandRow& program,
                                                   const roff::Edition& edition);

}  // namespace imprint::cli
