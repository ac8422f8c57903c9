// Keys that stand in a file.
#include "base/files.h"

#include <array>
#include <fmt/format.h>
#include <utility>

#include "aws/providers/keys.h"
#include "aws/providers/search.h"
#include "base/text.h"

namespace imprint::aws {

namespace {

namespace fs = std::filesystem;

std::string in_file(const std::string& profile, const fs::path& path) {
    return fmt::format("profile {} in {}", profile, path.string());
}

// AWS_CREDENTIAL_FILE: lines such as AWSAccessKeyId=…, as Amazon's first EC2 tools had them.
Found from_ec2_file(const fs::path& path) {
    auto text = read_text(path);
    if (!text) {
        text.error().kind = ErrorKind::registry;
        return with_context(std::move(text).error(), "AWS_CREDENTIAL_FILE");
    }
    const WipeAtEnd wiped(*text);
    std::string_view rest = *text;
    Credentials credentials;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        const std::string_view line = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        const std::size_t equals = line.find('=');
        if (equals == std::string_view::npos) continue;
        const std::string_view key = trimmed(line.substr(0, equals));
        const std::string_view value = trimmed(line.substr(equals + 1));
        if (key == "AWSAccessKeyId") credentials.access_key_id = value;
        if (key == "AWSSecretKey") credentials.secret_access_key = Secret(value);
    }
    if (credentials.access_key_id.empty()) return std::nullopt;
    if (credentials.secret_access_key.empty())
        return fail(ErrorKind::registry, "no_credentials",
                    fmt::format("{} has AWSAccessKeyId, but no AWSSecretKey", path.string()),
                    "set both, or neither");
    credentials.source = path.string();
    return credentials;
}

}  // namespace

Found from_credentials_file(const Search& search, const std::string& profile) {
    return keys_of_section(search.files.credentials(profile),
                           in_file(profile, search.files.credentials_path));
}

Found from_config_file(const Search& search, const std::string& profile) {
    return keys_of_section(search.files.config(profile),
                           in_file(profile, search.files.config_path));
}

Found from_legacy_files(const Search& search) {
    const CredentialEnvironment& environment = search.environment;
    if (const std::string path = variable(environment, "AWS_CREDENTIAL_FILE"); !path.empty()) {
        IMPRINT_TRY(auto found, from_ec2_file(in_home(environment, path)));
        if (found) return found;
    }
    std::vector<fs::path> paths = {"/etc/boto.cfg", environment.home / ".boto"};
    if (const std::string path = variable(environment, "BOTO_CONFIG"); !path.empty())
        paths = {in_home(environment, path)};
    for (const fs::path& path : paths) {
        IMPRINT_TRY(const IniFile file, read_ini(path));
        IMPRINT_TRY(auto found, keys_of_section(file.section("Credentials"), path.string()));
        if (found) return found;
    }
    return std::nullopt;
}

}  // namespace imprint::aws
