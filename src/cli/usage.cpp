#include "cli/usage.h"

#include <algorithm>
#include <fmt/format.h>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/nearest.h"
#include "cli/help.h"

namespace imprint::cli {

namespace {

bool any(const CLI::App*) {
    return true;
}

std::vector<std::string> command_names(const CLI::App& command) {
    std::vector<std::string> names;
    for (const auto* child : command.get_subcommands(any))
        names.push_back(child->get_name());
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

}  // namespace

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
            const std::string option = word.substr(0, word.find('='));
            return make("unknown_option",
                        fmt::format("`{}` has no option {}", full_name(command), option),
                        suggestion(option, option_names(command), command));
        }
        if (!command_names(command).empty())
            return make("unknown_command",
                        fmt::format("there is no command `{} {}`", full_name(command), word),
                        suggestion(word, command_names(command), command));
        return make(
            "bad_usage",
            fmt::format("`{}` does not know what to do with \"{}\"", full_name(command), word),
            look_at_help(command));
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
