#include "cli/manual.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <fmt/format.h>
#include <variant>

#include "base/text.h"
#include "cli/exit_codes.h"
#include "cli/roff.h"
#include "config/config.h"
#include "config/keys.h"

namespace imprint::cli {

namespace {

using roff::bold;
using roff::italic;
using roff::literal;
using roff::prose;

constexpr std::string_view config_page = "imprint.toml";

// "imprint-board-flash"
std::string page_name(const CommandRow& command) {
    return replace_all(command.path, " ", "-");
}

std::string upper_case(std::string_view text) {
    std::string upper(text);
    std::ranges::transform(upper, upper.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return upper;
}

// "The whole flow." → "the whole flow", as lists of pages have it. "CSV files" stays.
std::string without_sentence(std::string text) {
    if (text.ends_with('.')) text.pop_back();
    const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
    if (text.size() > 1 && is_upper(text[0]) && !is_upper(text[1]))
        text[0] = static_cast<char>(text[0] - 'A' + 'a');
    return text;
}

std::string with_capital(std::string text) {
    if (!text.empty() && text[0] >= 'a' && text[0] <= 'z')
        text[0] = static_cast<char>(text[0] - 'a' + 'A');
    return text;
}

std::string reference(std::string_view name, int section) {
    return fmt::format("{}({})", bold(name), section);
}

std::string names_of(const OptionRow& option) {
    std::string text;
    for (const auto& name : option.names)
        text += fmt::format("{}{}", text.empty() ? "" : ", ",
                            option.is_argument() ? italic(name) : bold(name));
    return text;
}

// With the space before it.
std::string value_of(const OptionRow& option) {
    if (option.is_flag()) return {};
    const std::string value = replace_all(italic(option.value), " ", roff::firm_space);
    return fmt::format(fmt::runtime(option.bare.empty() ? "{}{}" : "{}[{}]"), roff::firm_space,
                       value);
}

std::string label_of(const OptionRow& option) {
    if (option.is_argument() || option.is_flag()) return names_of(option);
    return names_of(option) + value_of(option);
}

std::string in_synopsis(const OptionRow& option) {
    std::string text;
    if (option.is_argument())
        text = italic(option.names.front()) + (option.many_words ? "\\[u2026]" : "");
    else
        // The long name says more; "--no-x" is not the usual wish.
        text = bold(option.names.back().starts_with("--no-") ? option.names.front()
                                                             : option.names.back()) +
               value_of(option);
    if (!option.required) text = '[' + text + ']';
    return option.repeated ? text + "\\[u2026]" : text;
}

bool has_group(const CommandRow& command, OptionGroup group) {
    return std::ranges::any_of(command.options, [group](const OptionRow& option) {
        return !option.is_argument() && option.group == group;
    });
}

void synopsis(roff::Page& page, const CommandRow& command) {
    page.heading("SYNOPSIS");
    std::string text = replace_all(bold(command.path), " ", roff::firm_space);
    if (!command.shown_commands().empty()) {
        page.line(text + ' ' + italic("COMMAND") + " [" + italic("options") + ']');
        return;
    }
    for (const auto& option : command.options)
        if (!option.is_argument() && option.group == OptionGroup::own)
            text += ' ' + in_synopsis(option);
    text += " [" + italic("options") + ']';
    for (const auto& option : command.options)
        if (option.is_argument()) text += ' ' + in_synopsis(option);
    page.line(text);
}

void description(roff::Page& page, const CommandRow& command) {
    page.heading("DESCRIPTION");
    page.paragraph(prose(command.meaning));
    if (has_group(command, OptionGroup::config) && command.shown_commands().empty())
        page.paragraph("What it works with is set in " + reference(config_page, 5) +
                       ", by variables of the environment, or by options; these count most.");
    if (command.shown_commands().empty()) return;
    page.heading("COMMANDS");
    for (const auto* child : command.shown_commands())
        page.item(reference(page_name(*child), 1), prose(child->meaning));
}

std::string meaning_of(const OptionRow& option) {
    OptionRow plain = option;
    plain.variable.clear();  // under ENVIRONMENT
    std::string text = prose(full_meaning(plain));
    const bool is_told = std::ranges::any_of(
        std::array{"several", "once for each", "more than once"},
        [&](const char* words) { return option.meaning.find(words) != std::string::npos; });
    if (option.repeated && !is_told) text += "; may be given several times";
    return text;
}

void options(roff::Page& page, const CommandRow& command) {
    const auto all = [&](auto&& wanted) {
        for (const auto& option : command.options)
            if (wanted(option)) page.item(label_of(option), meaning_of(option));
    };
    if (std::ranges::any_of(command.options, &OptionRow::is_argument)) {
        page.heading("ARGUMENTS");
        all([](const OptionRow& option) { return option.is_argument(); });
    }
    page.heading("OPTIONS");
    for (const auto group : {OptionGroup::own, OptionGroup::config, OptionGroup::common}) {
        if (!has_group(command, group)) continue;
        if (group != OptionGroup::own) page.subheading(heading(group));
        all([group](const OptionRow& option) {
            return !option.is_argument() && option.group == group;
        });
    }
}

void environment(roff::Page& page, const CommandRow& command) {
    if (!has_group(command, OptionGroup::config)) return;
    page.heading("ENVIRONMENT");
    for (const auto& option : command.options)
        if (!option.variable.empty())
            page.item(bold(option.variable),
                      "stands for " + bold(option.names.front()) + " where that is not given");
    page.paragraph("Each key of the configuration has a variable of its own: see " +
                   reference(config_page, 5) + '.');
}

void files(roff::Page& page, const CommandRow& command, bool all) {
    if (!has_group(command, OptionGroup::config)) return;
    page.heading("FILES");
    page.item(italic(config_page), "the configuration, in the working directory; " +
                                       bold("--config") + " names another file");
    const prepare::Settings defaults;
    for (const auto& key : config::config_keys()) {
        const auto value = key.get(defaults);
        const auto* path = std::get_if<std::string>(&value);
        const bool is_shown = all || key.name == "ledger.path";
        if (is_shown && key.type == config::KeyType::path && path != nullptr && !path->empty() &&
            *path != ".")
            page.item(italic(*path), prose(key.meaning) + " (" + bold(key.name) + ')');
    }
}

void exit_status(roff::Page& page, const CommandRow& command) {
    page.heading("EXIT STATUS");
    for (const auto& row : exit_codes_of(command.path))
        page.item(bold(fmt::format("{}", row.code)), prose(row.meaning));
}

// Where a command line of more than this many bytes is broken: before an option, else between
// words, and not between quotes. 0: nowhere.
std::size_t break_of(std::string_view line, std::size_t room) {
    std::size_t at_word = 0;
    std::size_t at_option = 0;
    char quote = '\0';
    for (std::size_t at = 0; at + 1 < line.size() && at <= room; ++at) {
        const char c = line[at];
        if (quote == '\0' && (c == '\'' || c == '"'))
            quote = c;
        else if (c == quote)
            quote = '\0';
        else if (quote == '\0' && c == ' ')
            (line[at + 1] == '-' ? at_option : at_word) = at;
    }
    return at_option > 0 ? at_option : at_word;
}

// As a shell reads it, in lines that a terminal of 80 columns has room for.
std::vector<std::string> broken_command(std::string_view line) {
    constexpr std::size_t room = 66;
    std::vector<std::string> lines;
    std::string indent;
    while (indent.size() + line.size() > room) {
        const std::size_t at = break_of(line, room - indent.size());
        if (at == 0) break;
        lines.push_back(indent + std::string(line.substr(0, at)) + " \\");
        line.remove_prefix(at + 1);
        indent = "    ";
    }
    lines.push_back(indent + std::string(line));
    return lines;
}

void examples(roff::Page& page, const CommandRow& command) {
    page.heading("EXAMPLES");
    for (const auto& example : command.examples()) {
        if (!example.purpose.empty()) page.paragraph(prose(with_capital(example.purpose)) + ':');
        page.lines(broken_command(example.line));
    }
}

void see_also(roff::Page& page, const CommandRow& command, const CommandRow* parent) {
    std::vector<std::string> names;
    if (parent != nullptr) {
        names.push_back(reference("imprint", 1));
        if (parent->path != "imprint") names.push_back(reference(page_name(*parent), 1));
        for (const auto* sibling : parent->shown_commands())
            if (sibling != &command && parent->path != "imprint")
                names.push_back(reference(page_name(*sibling), 1));
    }
    for (const auto* child : command.shown_commands())
        names.push_back(reference(page_name(*child), 1));
    names.push_back(reference(config_page, 5));
    page.heading("SEE ALSO");
    for (std::size_t at = 0; at < names.size(); ++at)
        page.line(names[at] + (at + 1 < names.size() ? "," : ""));
}

ManualPage page_of(const CommandRow& command, const CommandRow* parent,
                   const roff::Edition& edition) {
    const std::string name = page_name(command);
    roff::Page page(upper_case(name), "1", edition);
    page.heading("NAME");
    page.line(literal(name) + " \\- " + prose(without_sentence(command.meaning)));
    synopsis(page, command);
    description(page, command);
    options(page, command);
    environment(page, command);
    files(page, command, parent == nullptr);
    exit_status(page, command);
    examples(page, command);
    see_also(page, command, parent);
    return {.file = name + ".1", .text = page.take()};
}

void add_pages(std::vector<ManualPage>& pages, const CommandRow& command, const CommandRow* parent,
               const roff::Edition& edition) {
    pages.push_back(page_of(command, parent, edition));
    for (const auto* child : command.shown_commands())
        add_pages(pages, *child, &command, edition);
}

std::string_view section_of(std::string_view key) {
    return key.substr(0, key.rfind('.'));
}

void add_key(roff::Page& page, const config::Key& key, const prepare::Settings& defaults) {
    const auto value = key.get(defaults);
    const bool is_set = !std::holds_alternative<std::monostate>(value);
    page.item(bold(key.name), prose(key.meaning));
    page.break_line();
    page.line(prose(config::allowed(key)) + (is_set
                                                 ? "; default: " + bold(config::to_toml(key, value))
                                                 : "; not set by default"));
    page.break_line();
    page.line((key.flag.empty() ? "" : bold(key.flag) + ", ") + bold(config::variable_of(key)));
}

ManualPage configuration_page(const roff::Edition& edition) {
    roff::Page page(upper_case(config_page), "5", edition);
    page.heading("NAME");
    page.line(literal(config_page) + " \\- the configuration of " + literal("imprint"));
    page.heading("DESCRIPTION");
    page.paragraph(
        prose("A TOML file in the working directory, or the one that `--config` or "
              "`IMPRINT_CONFIG` names. `imprint init` writes one that has every key in it, with "
              "what it means. A key that is not in the file has its default."));
    page.paragraph(prose(
        "What counts, strongest first: an option, a variable of the environment, the file, the "
        "default. `imprint doctor --values` shows each value and where it came from. `--set "
        "KEY=VALUE` sets any key for one run."));
    page.paragraph(prose(
        "Relative paths in the file are relative to its folder; those in options and variables "
        "to the working directory. In options and variables a list has commas between its items, "
        "and a table is NAME=VALUE with commas between. A key that is not known is an error."));
    page.heading("KEYS");
    const prepare::Settings defaults;
    std::string_view section;
    for (const auto& key : config::config_keys()) {
        if (section_of(key.name) != section) {
            section = section_of(key.name);
            page.subheading(fmt::format("[{}]", section));
        }
        add_key(page, key, defaults);
    }
    page.heading("EXAMPLES");
    page.lines({"[identity]", "thing_type = \"lamp\"", "attributes = { line = \"7\" }", "",
                "[station]", "name = \"bench-1\"", "baud = 921600"});
    page.heading("SEE ALSO");
    for (const char* name : {"imprint", "imprint-doctor"})
        page.line(reference(name, 1) + ',');
    page.line(reference("imprint-init", 1));
    return {.file = std::string(config_page) + ".5", .text = page.take()};
}

}  // namespace

std::vector<ManualPage> manual_pages(const CommandRow& program, const roff::Edition& edition) {
    std::vector<ManualPage> pages;
    add_pages(pages, program, nullptr, edition);
    pages.push_back(configuration_page(edition));
    return pages;
}

}  // namespace imprint::cli
