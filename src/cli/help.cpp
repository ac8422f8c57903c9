#include "cli/help.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

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

bool is_flag(const CLI::Option& option) {
    return option.get_items_expected_max() == 0;
}

std::string meaning_of(const CLI::Option& option) {
    std::string text = option.get_description();
    if (!option.get_envname().empty()) text += fmt::format(" [{}]", option.get_envname());
    return text;
}

}  // namespace

std::string full_name(const CLI::App& command) {
    if (command.get_parent() == nullptr) return command.get_name();
    return full_name(*command.get_parent()) + ' ' + command.get_name();
}

std::string option_label(const CLI::Option& option) {
    if (option.get_positional()) return option.get_name(true);
    std::string text;
    for (const auto& name : option.get_snames())
        text += fmt::format("{}-{}", text.empty() ? "" : ", ", name);
    for (const auto& name : option.get_lnames())
        text += fmt::format("{}--{}", text.empty() ? "" : ", ", name);
    if (!is_flag(option)) text += ' ' + option.get_type_name();
    return text;
}

std::string usage_line(const CLI::App& command) {
    std::string text = full_name(command);
    const auto subcommands = command.get_subcommands([](const CLI::App*) { return true; });
    if (!subcommands.empty()) return text + " COMMAND";
    bool options = false;
    for (const auto* option : command.get_options()) {
        if (option->get_positional()) continue;
        if (option->get_required())
            text += ' ' + option_label(*option);
        else
            options = true;
    }
    if (options) text += " [options]";
    for (const auto* option : command.get_options()) {
        if (!option->get_positional()) continue;
        const bool many = option->get_items_expected_max() > 1;
        const std::string name = option->get_name(true) + (many ? "…" : "");
        text += option->get_required() ? ' ' + name : fmt::format(" [{}]", name);
    }
    return text;
}

std::string help_text(const CLI::App& command) {
    std::string text = output::wrap(command.get_description(), page_width) + '\n';
    text += fmt::format("\nUsage: {}\n", usage_line(command));

    std::vector<Row> rows;
    for (const auto* child : command.get_subcommands([](const CLI::App*) { return true; }))
        rows.emplace_back(child->get_name(), child->get_description());
    text += rows_text("Commands", rows);

    rows.clear();
    for (const auto* option : command.get_options())
        if (option->get_positional()) rows.emplace_back(option_label(*option), meaning_of(*option));
    text += rows_text("Arguments", rows);

    std::vector<std::string> groups;
    for (const auto* option : command.get_options()) {
        const auto& group = option->get_group();
        if (!option->get_positional() && std::ranges::find(groups, group) == groups.end())
            groups.push_back(group);
    }
    // The command's own first, what all share last.
    std::ranges::stable_sort(groups, {}, [](const std::string& group) {
        return group == "Options" ? 0 : group == "Common options" ? 2 : 1;
    });
    for (const auto& group : groups) {
        rows.clear();
        for (const auto* option : command.get_options())
            if (!option->get_positional() && option->get_group() == group)
                rows.emplace_back(option_label(*option), meaning_of(*option));
        text += rows_text(group, rows);
    }

    text += "\nExample:\n";
    const std::string footer = command.get_footer();
    for (std::size_t at = 0; at < footer.size();) {
        const auto end = std::min(footer.find('\n', at), footer.size());
        text += "  " + footer.substr(at, end - at) + '\n';
        at = end + 1;
    }
    return text;
}

}  // namespace imprint::cli
