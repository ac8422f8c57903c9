#include "cli/usage.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <string>
#include <system_error>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/nearest.h"
#include "base/url.h"

namespace imprint::cli {

namespace {

bool any(const CLI::App*) {
    return true;
}

// "imprint board info"
std::string full_name(const CLI::App& command) {
    if (command.get_parent() == nullptr) return command.get_name();
    return full_name(*command.get_parent()) + ' ' + command.get_name();
}

std::vector<std::string> command_names(const CLI::App& command) {
    std::vector<std::string> names;
    for (const auto* child : command.get_subcommands(any))
        if (!child->get_group().empty()) names.push_back(child->get_name());  // no hidden one
    return names;
}

std::vector<std::string> option_names(const CLI::App& command) {
    std::vector<std::string> names;
    for (const auto* option : command.get_options())
        for (const auto& name : option->get_lnames())
            names.push_back("--" + name);
    return names;
}

Error make(ErrorCode code, std::string message, std::string hint) {
    return make_error(ErrorKind::usage, code, std::move(message), std::move(hint));
}

std::string look_at_help(const CLI::App& command) {
    return fmt::format("see `{} --help`", full_name(command));
}

// "did you mean …?", or where to look.
std::string suggestion(const std::string& word, const std::vector<std::string>& known,
                       const CLI::App& command) {
    if (const auto meant = probably_meant(word, known))
        return fmt::format("did you mean {}?", *meant);
    return look_at_help(command);
}

// The first command below this one that has the option.
const CLI::App* command_with(const CLI::App& command, const std::string& option) {
    for (const auto* child : command.get_subcommands(any)) {
        if (child->get_option_no_throw(option) != nullptr) return child;
        if (const auto* deeper = command_with(*child, option)) return deeper;
    }
    return nullptr;
}

// A command's options stand behind its name.
Error unknown_option(const CLI::App& command, const std::string& option) {
    const bool is_its_own = command.get_option_no_throw(option) != nullptr;
    const CLI::App* owner = is_its_own ? &command : command_with(command, option);
    if (owner == nullptr)
        return make("unknown_option",
                    fmt::format("`{}` has no option {}", full_name(command), option),
                    suggestion(option, option_names(command), command));
    return make(
        "unknown_option",
        is_its_own
            ? fmt::format("{} is an option of `{}`, and stands before it", option,
                          full_name(command))
            : fmt::format("`{}` has no option {}: it is a command's", full_name(command), option),
        fmt::format("options of a command stand behind it: {} {} …", full_name(*owner), option));
}

// By its name, or by what its link leads to.
bool is_port(const std::string& word) {
    if (has_scheme(word)) return true;
    std::error_code error;
    const std::string path = std::filesystem::weakly_canonical(word, error).string();
    return path.starts_with("/dev/tty") || path.starts_with("/dev/pts/") ||
           word.starts_with("/dev/serial/");
}

}  // namespace

Result<void> check_no_ports(const std::vector<std::string>& words) {
    const auto port = std::ranges::find_if(words, is_port);
    if (port == words.end()) return {};
    return misused(fmt::format("\"{}\" is a port without its -p", *port),
                   "each port needs a -p of its own: -p /dev/ttyUSB0 -p /dev/ttyUSB1");
}

const CLI::App& chosen_command(const CLI::App& root) {
    const CLI::App* command = &root;
    while (!command->get_subcommands().empty())
        command = command->get_subcommands().front();
    return *command;
}

Error usage_error(const CLI::App& root, const CLI::ParseError& problem) {
    const CLI::App& command = chosen_command(root);
    // What was not recognised is the likeliest cause, also of something that seems to be missing.
    for (const auto& word : root.remaining(true)) {
        if (word.starts_with("-") && word.size() > 1) {
            return unknown_option(command, word.substr(0, word.find('=')));
        }
        if (!command_names(command).empty())
            return make("unknown_command",
                        fmt::format("there is no command `{} {}`", full_name(command), word),
                        suggestion(word, command_names(command), command));
        return make(
            "bad_usage",
            fmt::format("`{}` does not know what to do with \"{}\"", full_name(command), word),
            is_port(word) ? "this command is for one board: name one port with -p"
                          : look_at_help(command));
    }
    std::string message = problem.what();
    std::ranges::replace(message, '\n', ' ');
    if (dynamic_cast<const CLI::RequiredError*>(&problem) != nullptr &&
        message.ends_with(" is required"))
        message.replace(message.size() - std::string(" is required").size(), std::string::npos,
                        " is missing");
    return make("bad_usage", fmt::format("{}: {}", full_name(command), message),
                look_at_help(command));
}

Error missing_command(const CLI::App& group) {
    std::string names;
    for (const auto& name : command_names(group))
        names += fmt::format("{}{}", names.empty() ? "" : ", ", name);
    return make("missing_command", fmt::format("`{}` needs a command: {}", full_name(group), names),
                look_at_help(group));
}

std::unexpected<Error> misused(std::string message, std::string hint) {
    return fail(ErrorKind::usage, "bad_usage", std::move(message), std::move(hint));
}

}  // namespace imprint::cli
