#include "registry/credentials.h"

#include <cstdlib>
#include <fmt/format.h>
#include <utility>

#include "registry/ini.h"

namespace imprint::registry {

namespace {

namespace fs = std::filesystem;

// The map of a credentials file holds secrets: wiped when it goes.
class WipedIni {
  public:
    explicit WipedIni(IniFile file) : file_(std::move(file)) {}

    ~WipedIni() {
        for (auto& [name, section] : file_)
            for (auto& [key, value] : section)
                wipe({reinterpret_cast<std::uint8_t*>(value.data()), value.size()});
    }

    WipedIni(WipedIni&&) noexcept = default;
    WipedIni& operator=(WipedIni&&) = delete;
    WipedIni(const WipedIni&) = delete;
    WipedIni& operator=(const WipedIni&) = delete;

    [[nodiscard]] const IniSection* section(const std::string& name) const {
        const auto found = file_.find(name);
        return found == file_.end() ? nullptr : &found->second;
    }

  private:
    IniFile file_;
};

std::string value_of(const IniSection* section, const char* key) {
    if (section == nullptr) return {};
    const auto found = section->find(key);
    return found == section->end() ? std::string() : found->second;
}

std::string variable(const CredentialEnvironment& environment, const char* name) {
    return environment.variable ? environment.variable(name).value_or("") : "";
}

fs::path file_from(const CredentialEnvironment& environment, const char* name, const char* usual) {
    const std::string given = variable(environment, name);
    return given.empty() ? environment.home / ".aws" / usual : fs::path(given);
}

fs::path credentials_path(const CredentialEnvironment& environment) {
    return file_from(environment, "AWS_SHARED_CREDENTIALS_FILE", "credentials");
}

fs::path config_path(const CredentialEnvironment& environment) {
    return file_from(environment, "AWS_CONFIG_FILE", "config");
}

// In the config file every profile but "default" is written as [profile NAME].
std::string config_section(const std::string& profile) {
    return profile == "default" ? profile : "profile " + profile;
}

std::string profile_of(const CredentialEnvironment& environment, const std::string& profile) {
    if (!profile.empty()) return profile;
    std::string named = variable(environment, "AWS_PROFILE");
    if (named.empty()) named = variable(environment, "AWS_DEFAULT_PROFILE");
    return named.empty() ? "default" : named;
}

std::optional<Credentials> credentials_of(const IniSection* section, std::string source) {
    const std::string id = value_of(section, "aws_access_key_id");
    const std::string secret = value_of(section, "aws_secret_access_key");
    if (id.empty() || secret.empty()) return std::nullopt;
    Credentials credentials;
    credentials.access_key_id = id;
    credentials.secret_access_key = Secret(std::string_view(secret));
    credentials.session_token = Secret(std::string_view(value_of(section, "aws_session_token")));
    credentials.source = std::move(source);
    return credentials;
}

// A profile that gets its keys in a way that is known but not followed: better said than skipped.
std::unexpected<Error> not_followed(const std::string& profile, const char* key) {
    return fail(
        ErrorKind::registry, "credentials_unsupported",
        fmt::format("profile \"{}\" gets its credentials by {}, which Imprint does not "
                    "follow by itself",
                    profile, key),
        fmt::format("hand them over: eval \"$(aws configure export-credentials --profile {} "
                    "--format env)\"",
                    profile));
}

}  // namespace

Credentials Credentials::copy() const {
    Credentials other;
    other.access_key_id = access_key_id;
    other.secret_access_key = secret_access_key.copy();
    other.session_token = session_token.copy();
    other.expires = expires;
    other.source = source;
    return other;
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

Result<Credentials> find_credentials(const CredentialEnvironment& environment,
                                     const std::string& profile) {
    // As the AWS CLI: a profile that is asked for by name wins over keys in the environment.
    const std::string key_id = variable(environment, "AWS_ACCESS_KEY_ID");
    if (profile.empty() && !key_id.empty()) {
        const std::string secret = variable(environment, "AWS_SECRET_ACCESS_KEY");
        if (secret.empty())
            return fail(ErrorKind::registry, "no_credentials",
                        "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not",
                        "set both, or neither");
        Credentials credentials;
        credentials.access_key_id = key_id;
        credentials.secret_access_key = Secret(std::string_view(secret));
        credentials.session_token =
            Secret(std::string_view(variable(environment, "AWS_SESSION_TOKEN")));
        credentials.source = "environment";
        return credentials;
    }
    const std::string name = profile_of(environment, profile);
    const fs::path credentials_file = credentials_path(environment);
    const fs::path config_file = config_path(environment);
    IMPRINT_TRY(IniFile credentials_ini, read_ini(credentials_file));
    const WipedIni keys(std::move(credentials_ini));
    IMPRINT_TRY(IniFile config_ini, read_ini(config_file));
    const WipedIni config(std::move(config_ini));

    const IniSection* of_keys = keys.section(name);
    const IniSection* of_config = config.section(config_section(name));
    // The CLI assumes a role before it looks at the same profile's own keys.
    for (const IniSection* section : {of_keys, of_config})
        if (!value_of(section, "role_arn").empty()) return not_followed(name, "role_arn");
    if (auto found = credentials_of(
            of_keys, fmt::format("profile {} in {}", name, credentials_file.string())))
        return std::move(*found);
    if (auto found =
            credentials_of(of_config, fmt::format("profile {} in {}", name, config_file.string())))
        return std::move(*found);
    for (const char* key : {"credential_process", "sso_session", "sso_start_url"})
        if (!value_of(of_config, key).empty() || !value_of(of_keys, key).empty())
            return not_followed(name, key);
    const bool named = !profile.empty() || name != "default";
    if (named && of_keys == nullptr && of_config == nullptr)
        return fail(ErrorKind::registry, "profile_missing",
                    fmt::format("there is no profile \"{}\" in {} or {}", name,
                                credentials_file.string(), config_file.string()),
                    fmt::format("make it: aws configure --profile {}", name));
    return fail(ErrorKind::registry, "no_credentials",
                fmt::format("no AWS credentials: AWS_ACCESS_KEY_ID is not set, and profile \"{}\" "
                            "has none in {} or {}",
                            name, credentials_file.string(), config_file.string()),
                "run `aws configure`, or export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
}

Result<std::string> find_region(const CredentialEnvironment& environment,
                                const std::string& profile) {
    for (const char* name : {"AWS_REGION", "AWS_DEFAULT_REGION"})
        if (std::string region = variable(environment, name); !region.empty()) return region;
    const std::string name = profile_of(environment, profile);
    IMPRINT_TRY(const IniFile config, read_ini(config_path(environment)));
    const auto section = config.find(config_section(name));
    std::string region =
        section == config.end() ? std::string() : value_of(&section->second, "region");
    if (region.empty())
        return fail(ErrorKind::registry, "no_region",
                    fmt::format("no AWS region: AWS_REGION is not set, and profile \"{}\" has none "
                                "in {}",
                                name, config_path(environment).string()),
                    "set registry.region in imprint.toml, or AWS_REGION");
    return region;
}

Result<Credentials> read_credentials_file(const fs::path& path, const std::string& profile) {
    IMPRINT_TRY(IniFile ini, read_ini(path));
    const WipedIni keys(std::move(ini));
    if (auto found = credentials_of(keys.section(profile),
                                    fmt::format("profile {} in {}", profile, path.string())))
        return std::move(*found);
    return fail(ErrorKind::registry, "no_credentials",
                fmt::format("there are no keys of profile \"{}\" in {}", profile, path.string()));
}

}  // namespace imprint::registry
