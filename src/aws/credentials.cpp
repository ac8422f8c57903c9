#include "aws/credentials.h"

#include <cstdlib>
#include <fmt/format.h>

#include "aws/profile.h"
#include "aws/providers/keys.h"

namespace imprint::aws {

Credentials Credentials::copy() const {
    Credentials other;
    other.access_key_id = access_key_id;
    other.secret_access_key = secret_access_key.copy();
    other.session_token = session_token.copy();
    other.expires = expires;
    other.source = source;
    return other;
}

std::string odd_token(const Credentials& credentials) {
    const bool from_environment = credentials.source == "environment";
    if (credentials.access_key_id.starts_with("ASIA") && credentials.session_token.empty())
        return fmt::format("{} is a temporary key, and its session token is missing: set {} too",
                           credentials.access_key_id,
                           from_environment ? "AWS_SESSION_TOKEN" : "aws_session_token");
    if (credentials.access_key_id.starts_with("AKIA") && !credentials.session_token.empty())
        return fmt::format("{} is a long-lived key, and a session token was sent with it: {}",
                           credentials.access_key_id,
                           from_environment ? "unset AWS_SESSION_TOKEN (and AWS_SECURITY_TOKEN)"
                                            : "take aws_session_token out of the profile");
    return {};
}

CredentialEnvironment CredentialEnvironment::of_this_process() {
    CredentialEnvironment environment;
    environment.variable = [](const std::string& name) -> std::optional<std::string> {
        const char* value = std::getenv(name.c_str());
        if (value == nullptr) return std::nullopt;
        return value;
    };
    environment.home = environment.variable("HOME").value_or("/");
    return environment;
}

Result<std::string> find_region(const CredentialEnvironment& environment,
                                const std::string& profile) {
    for (const char* name : {"AWS_REGION", "AWS_DEFAULT_REGION"})
        if (std::string region = variable(environment, name); !region.empty()) return region;
    IMPRINT_TRY(const ProfileFiles files, read_profile(environment, profile));
    for (const IniSection* section : {files.credentials(), files.config()})
        if (const auto region = value_of(section, "region"); !region.empty())
            return std::string(region);
    return fail(
        ErrorKind::registry, "no_region",
        fmt::format("no AWS region: AWS_REGION is not set, and profile \"{}\" has none in "
                    "{} or {}",
                    files.name, files.config_path.string(), files.credentials_path.string()),
        "set registry.region in imprint.toml, or AWS_REGION");
}

Result<Credentials> read_credentials_file(const std::filesystem::path& path,
                                          const std::string& profile) {
    IMPRINT_TRY(const IniFile keys, read_ini(path));
    IMPRINT_TRY(auto found,
                keys_of_section(keys.section(profile),
                                fmt::format("profile {} in {}", profile, path.string())));
    if (found) return std::move(*found);
    return fail(ErrorKind::registry, "no_credentials",
                fmt::format("there are no keys of profile \"{}\" in {}", profile, path.string()));
}

}  // namespace imprint::aws
