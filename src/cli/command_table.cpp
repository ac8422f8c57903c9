#include "cli/command_table.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"

namespace imprint::cli {

std::string_view heading(OptionGroup group) {
    switch (group) {
        case OptionGroup::own:
            return "Options";
        case OptionGroup::config:
            return "Configuration";
        case OptionGroup::common:
            return "Common options";
    }
    return "Options";
}

std::vector<const CommandRow*> CommandRow::shown_commands() const {
    std::vector<const CommandRow*> shown;
    for (const auto& command : commands)
        if (!command.hidden) shown.push_back(&command);
    return shown;
}

std::vector<Example> CommandRow::examples() const {
    std::vector<Example> all;
    for (std::size_t at = 0; at < example.size();) {
        const auto end = std::min(example.find('\n', at), example.size());
        const std::string_view line = std::string_view(example).substr(at, end - at);
        const auto purpose = line.find(" # ");
        if (purpose == std::string_view::npos)
            all.push_back({.line = std::string(trimmed(line)), .purpose = {}});
        else
            all.push_back({.line = std::string(trimmed(line.substr(0, purpose))),
                           .purpose = std::string(trimmed(line.substr(purpose + 3)))});
        at = end + 1;
    }
    return all;
}

const CommandRow* CommandRow::find(std::string_view command) const {
    const auto found = std::ranges::find(commands, command, &CommandRow::name);
    return found == commands.end() ? nullptr : &*found;
}

const OptionRow* CommandRow::option(std::string_view option_name) const {
    const auto found = std::ranges::find_if(options, [option_name](const OptionRow& option) {
        return std::ranges::find(option.names, option_name) != option.names.end();
    });
    return found == options.end() ? nullptr : &*found;
}

std::vector<const CommandRow*> with_all_below(const CommandRow& command) {
    std::vector<const CommandRow*> all{&command};
    for (const auto* child : command.shown_commands()) {
        const auto below = with_all_below(*child);
        all.insert(all.end(), below.begin(), below.end());
    }
    return all;
}

std::string option_label(const OptionRow& option) {
    std::string names = fmt::format("{}", fmt::join(option.names, ", "));
    if (option.is_argument() || option.is_flag()) return names;
    return fmt::format(fmt::runtime(option.bare.empty() ? "{} {}" : "{} [{}]"), names,
                       option.value);
}

std::string usage_line(const CommandRow& command) {
    if (!command.shown_commands().empty()) return command.path + " COMMAND";
    std::string text = command.path;
    bool has_options = false;
    for (const auto& option : command.options) {
        if (option.is_argument()) continue;
        if (option.required)
            text += ' ' + option_label(option);
        else
            has_options = true;
    }
    if (has_options) text += " [options]";
    for (const auto& option : command.options) {
        if (!option.is_argument()) continue;
        const std::string name = option.names.front() + (option.many_words ? "…" : "");
        text += option.required ? ' ' + name : fmt::format(" [{}]", name);
    }
    return text;
}

std::string full_meaning(const OptionRow& option) {
    std::string text = option.meaning;
    const bool are_named = std::ranges::all_of(option.choices, [&](const std::string& choice) {
        return option.meaning.find(choice) != std::string::npos;
    });
    if (!are_named) text += fmt::format(": {}", fmt::join(option.choices, ", "));
    // A key's variable follows from its name, and docs/configuration.md has it.
    if (!option.variable.empty() && option.key.empty())
        text += fmt::format(" [{}]", option.variable);
    return text;
}

}  // namespace imprint::cli
