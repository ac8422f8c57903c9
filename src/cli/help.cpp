#include "cli/help.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>
#include <vector>

#include "cli/output/text.h"

namespace imprint::cli {

namespace {

constexpr std::size_t page_width = 100;

using Row = std::pair<std::string, std::string>;

std::string rows_text(const std::string& heading, const std::vector<Row>& rows) {
    if (rows.empty()) return {};
    std::size_t width = 0;
    for (const auto& [label, meaning] : rows)
        width = std::max(width, output::columns(label));
    std::string text = fmt::format("\n{}:\n", heading);
    for (const auto& [label, meaning] : rows)
        text += output::wrap(fmt::format("  {}  {}", output::pad(label, width), meaning),
                             page_width, width + 4) +
                '\n';
    return text;
}

}  // namespace

std::string help_text(const CommandRow& command) {
    std::string text = output::wrap(command.meaning, page_width) + '\n';
    text += fmt::format("\nUsage: {}\n", usage_line(command));

    std::vector<Row> rows;
    for (const auto* child : command.shown_commands())
        rows.emplace_back(child->name, child->meaning);
    text += rows_text("Commands", rows);

    rows.clear();
    for (const auto& option : command.options)
        if (option.is_argument()) rows.emplace_back(option_label(option), full_meaning(option));
    text += rows_text("Arguments", rows);

    // The command's own first, what all share last.
    for (const auto group : {OptionGroup::own, OptionGroup::config, OptionGroup::common}) {
        rows.clear();
        for (const auto& option : command.options)
            if (!option.is_argument() && option.group == group)
                rows.emplace_back(option_label(option), full_meaning(option));
        text += rows_text(std::string(heading(group)), rows);
    }

    text += "\nExample:\n";
    for (std::size_t at = 0; at < command.example.size();) {
        const auto end = std::min(command.example.find('\n', at), command.example.size());
        text += "  " + command.example.substr(at, end - at) + '\n';
        at = end + 1;
    }
    return text;
}

}  // namespace imprint::cli
