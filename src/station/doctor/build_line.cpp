#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <optional>
#include <string_view>
#include <unistd.h>

#include "base/process.h"
#include "base/text.h"
#include "station/doctor/run_checks.h"

namespace imprint::station::doctor {

namespace {

std::string variable_of_environment(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? "" : value;
}

bool is_of_name(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

std::size_t name_length(std::string_view text) {
    if (text.empty() || std::isdigit(static_cast<unsigned char>(text.front())) != 0) return 0;
    return static_cast<std::size_t>(std::ranges::find_if_not(text, is_of_name) - text.begin());
}

// A word as a shell would have it, without a shell: $NAME, ${NAME} and a ~ in front have their
// values, and one pair of quotes around all of it goes. Nothing: it holds more than that, and only
// a shell that runs it would know.
std::optional<std::string> plain_word(std::string_view word) {
    const bool is_quoted = word.starts_with('"') || word.starts_with('\'');
    const char quote = is_quoted ? word.front() : '\0';
    if (is_quoted) {
        if (word.size() < 2 || word.find(quote, 1) != word.size() - 1) return std::nullopt;
        word = word.substr(1, word.size() - 2);
    }
    std::string plain;
    if (!is_quoted && (word == "~" || word.starts_with("~/"))) {
        plain = variable_of_environment("HOME");
        word.remove_prefix(1);
    }
    while (!word.empty()) {
        const char c = word.front();
        word.remove_prefix(1);
        if (c == '$' && quote != '\'') {
            const bool is_braced = word.starts_with('{');
            if (is_braced) word.remove_prefix(1);
            const std::size_t length = name_length(word);
            if (length == 0) return std::nullopt;
            plain += variable_of_environment(std::string(word.substr(0, length)));
            word.remove_prefix(length);
            if (!is_braced) continue;
            if (!word.starts_with('}')) return std::nullopt;
            word.remove_prefix(1);
            continue;
        }
        constexpr std::string_view special = "$`\"'\\|&<>()*?[]{}~!#\n";
        constexpr std::string_view special_in_quotes = "$`\"\\";
        const bool is_special =
            quote == '"' ? special_in_quotes.contains(c) : quote == '\0' && special.contains(c);
        if (is_special) return std::nullopt;
        plain += c;
    }
    return plain;
}

// Up to a blank outside of quotes.
std::string_view first_word(std::string_view command) {
    char quote = '\0';
    for (std::size_t at = 0; at < command.size(); ++at) {
        const char c = command[at];
        if (quote != '\0') {
            if (c == quote) quote = '\0';
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == ' ' || c == '\t') {
            return command.substr(0, at);
        }
    }
    return command;
}

bool is_assignment(std::string_view word) {
    const std::size_t length = name_length(word);
    return length != 0 && word.substr(length).starts_with('=');
}

// Its name is no part of what the shell reads as a command.
bool is_found(const std::string& tool, const std::filesystem::path& directory) {
    const auto found = run_command({{"sh", "-c", "command -v \"$0\"", tool}, directory, {}, {}});
    return found && found->status == 0;
}

bool is_readable(const std::string& file, const std::filesystem::path& directory) {
    return ::access((directory / file).c_str(), R_OK) == 0;
}

}  // namespace

void check_build_line(const std::string& line, const std::filesystem::path& directory,
                      Checks& checks) {
    std::string_view rest = line;
    bool has_environment = false;
    while (!rest.empty()) {
        const auto end = std::min({rest.find("&&"), rest.find(';'), rest.size()});
        const std::string_view command = trimmed(rest.substr(0, end));
        rest.remove_prefix(
            std::min(end + (rest.substr(end).starts_with("&&") ? 2U : 1U), rest.size()));
        if (command.empty()) continue;
        const std::string_view tool = first_word(command);
        const bool reads_a_file = tool == "." || tool == "source";
        if (has_environment && !reads_a_file) break;
        const std::string_view word =
            reads_a_file ? first_word(trimmed(command.substr(tool.size()))) : tool;
        const auto plain = plain_word(word);
        if (!plain || is_assignment(word)) break;
        if (reads_a_file ? !is_readable(*plain, directory) : !is_found(*plain, directory))
            return checks.warn(
                "build",
                fmt::format("the build line's \"{}\" is not found", reads_a_file ? command : tool),
                "install it, or load its environment first (ESP-IDF: . export.sh)",
                {{"command", line}});
        has_environment |= reads_a_file;
    }
    checks.ok("build", line, {{"command", line}});
}

}  // namespace imprint::station::doctor
