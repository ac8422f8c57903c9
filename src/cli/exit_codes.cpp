#include "cli/exit_codes.h"

#include <algorithm>
#include <fmt/format.h>

namespace imprint::cli {

namespace {

bool names(std::string_view commands, std::string_view path) {
    while (!commands.empty()) {
        const auto comma = std::min(commands.find(','), commands.size());
        if (commands.substr(0, comma) == path) return true;
        commands.remove_prefix(std::min(comma + 1, commands.size()));
    }
    return false;
}

}  // namespace

std::vector<ExitCodeRow> exit_codes_of(std::string_view path) {
    std::vector<ExitCodeRow> rows;
    for (const auto& row : exit_code_table)
        if (row.commands.empty() || names(row.commands, path)) rows.push_back(row);
    return rows;
}

std::string exit_code_document() {
    std::string text = "| code | meaning |\n|---|---|\n";
    for (const auto& row : exit_code_table)
        text += fmt::format("| {} | {} |\n", row.code, row.meaning);
    return text;
}

}  // namespace imprint::cli
