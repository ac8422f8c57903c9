#include "support/known_secrets.h"

#include <algorithm>
#include <sstream>
#include <system_error>

#include "base/files.h"
#include "base/text.h"
#include "support/scrub.h"

namespace imprint::support {

namespace {

namespace fs = std::filesystem;

// A short number is a PIN only where its name says so: another one may be any number.
bool is_secret_variable(const std::string& name, std::string_view value) {
    constexpr std::size_t shortest = 8;
    return names_a_secret(name) && (value.size() >= shortest || lower_case(name).ends_with("pin"));
}

// A line for each; of a private key in PEM each line of its content is one by itself, for a log or
// a message may hold any of them.
void add_lines(const std::string& text, std::vector<std::string>& secrets) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        if (const auto content = trimmed(line); content.size() >= 16 && !content.starts_with('-'))
            secrets.emplace_back(content);
}

std::string readable_text(const fs::path& path) {
    if (path.empty()) return {};
    const auto text = read_text(path);
    return text ? *text : std::string();
}

// key = value, as in ~/.aws/credentials and ~/.aws/config.
void add_of_aws_file(const fs::path& path, std::vector<std::string>& secrets) {
    std::istringstream lines(readable_text(path));
    for (std::string line; std::getline(lines, line);) {
        const auto mark = line.find_first_of("=:");
        if (mark == std::string::npos) continue;
        const std::string name = lower_case(trimmed(line.substr(0, mark)));
        if (name.contains("secret") || name.contains("token"))
            secrets.emplace_back(trimmed(line.substr(mark + 1)));
    }
}

std::string value_of(const std::vector<std::string>& variables, std::string_view name) {
    for (const auto& variable : variables)
        if (variable.starts_with(name) && variable.substr(name.size()).starts_with('='))
            return variable.substr(name.size() + 1);
    return {};
}

// 32 bytes or more in hex, which elsewhere in a report may be a digest.
void add_hex_of_keys(const std::string& text, std::vector<std::string>& secrets) {
    constexpr std::size_t shortest = 64;
    constexpr std::string_view digits = "0123456789abcdefABCDEF";
    for (std::size_t at = text.find_first_of(digits); at != std::string::npos;) {
        const std::size_t end = std::min(text.find_first_not_of(digits, at), text.size());
        if (end - at >= shortest) secrets.push_back(text.substr(at, end - at));
        at = text.find_first_of(digits, end);
    }
}

}  // namespace

std::vector<std::string> known_secrets(const config::Config& config,
                                       const std::vector<std::string>& variables) {
    const auto& settings = config.settings;
    std::vector<std::string> secrets;
    for (const auto& variable : variables) {
        const auto equals = variable.find('=');
        if (equals == std::string::npos) continue;
        if (const std::string value = variable.substr(equals + 1);
            is_secret_variable(variable.substr(0, equals), value))
            secrets.push_back(value);
    }
    const fs::path home = value_of(variables, "HOME");
    for (const auto& [name, usual] : {std::pair("AWS_SHARED_CREDENTIALS_FILE", "credentials"),
                                      std::pair("AWS_CONFIG_FILE", "config")}) {
        const std::string named = value_of(variables, name);
        add_of_aws_file(named.empty() ? home / ".aws" / usual : fs::path(named), secrets);
    }
    add_lines(readable_text(settings.identity.ca.key), secrets);
    add_lines(readable_text(settings.page.key), secrets);
    for (const auto& value : config.values)
        add_hex_of_keys(value.value, secrets);
    for (const auto& [name, text] : settings.credentials.values) {
        add_hex_of_keys(text, secrets);
        // What another setting shows, such as a region, is none.
        const auto shows = [&](const config::Value& value) { return value.value.contains(text); };
        if (std::ranges::none_of(config.values, shows)) secrets.push_back(text);
    }
    return secrets;
}

}  // namespace imprint::support
