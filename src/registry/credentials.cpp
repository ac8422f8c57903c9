#include "registry/credentials.h"

#include <array>
#include <cstdlib>
#include <ctime>
#include <fmt/format.h>
#include <utility>

#include "registry/profile.h"

namespace imprint::registry {

namespace {

namespace fs = std::filesystem;

std::unexpected<Error> incomplete(const std::string& where, std::string_view has,
                                  std::string_view lacks) {
    return fail(ErrorKind::registry, "no_credentials",
                fmt::format("{} has {}, but no {}", where, has, lacks), "set both, or neither");
}

// Nothing where neither half of a key stands there; half a key is an error.
Result<std::optional<Credentials>> credentials_of(const IniSection* section, std::string source) {
    const std::string_view id = value_of(section, "aws_access_key_id");
    const std::string_view secret = value_of(section, "aws_secret_access_key");
    if (id.empty() && secret.empty()) return std::nullopt;
    if (id.empty()) return incomplete(source, "aws_secret_access_key", "aws_access_key_id");
    if (secret.empty()) return incomplete(source, "aws_access_key_id", "aws_secret_access_key");
    Credentials credentials;
    credentials.access_key_id = id;
    credentials.secret_access_key = Secret(secret);
    credentials.session_token = Secret(value_of(section, "aws_session_token"));
    credentials.source = std::move(source);
    return credentials;
}

// A way to keys that is known but not followed: better said than skipped.
std::unexpected<Error> not_followed(const std::string& who, std::string_view how,
                                    const std::string& profile) {
    return fail(
        ErrorKind::registry, "credentials_unsupported",
        fmt::format("{} gets its credentials by {}, which Imprint does not follow by itself", who,
                    how),
        fmt::format("hand them over: eval \"$(aws configure export-credentials{} --format env)\"",
                    profile.empty() ? "" : " --profile " + profile));
}

Secret secret_variable(const CredentialEnvironment& environment, const char* name) {
    auto text = environment.variable ? environment.variable(name) : std::nullopt;
    if (!text) return {};
    Secret secret{std::string_view(*text)};
    wipe(*text);
    return secret;
}

// "2026-07-14T09:30:00Z", or with +00:00: how `aws configure export-credentials` writes it.
std::optional<WallTime> parse_time(const std::string& text) {
    std::tm parts{};
    const char* rest = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
    if (rest == nullptr || (std::string_view(rest) != "Z" && std::string_view(rest) != "+00:00"))
        return std::nullopt;
    return std::chrono::system_clock::from_time_t(timegm(&parts));
}

Result<std::optional<Credentials>> of_environment(const CredentialEnvironment& environment) {
    const std::string id = variable(environment, "AWS_ACCESS_KEY_ID");
    if (id.empty()) return std::nullopt;
    Credentials credentials;
    credentials.access_key_id = id;
    credentials.secret_access_key = secret_variable(environment, "AWS_SECRET_ACCESS_KEY");
    if (credentials.secret_access_key.empty())
        return incomplete("the environment", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY");
    credentials.session_token = secret_variable(environment, "AWS_SESSION_TOKEN");
    credentials.expires = parse_time(variable(environment, "AWS_CREDENTIAL_EXPIRATION"));
    credentials.source = "environment";
    return credentials;
}

// The ways in botocore's order: a role or a sign-in wins over keys of the same profile, a process
// over keys in the config file.
Result<std::optional<Credentials>> of_profile(const ProfileFiles& files) {
    const auto sections = std::array{files.credentials(), files.config()};
    const auto followed_up = [&](std::initializer_list<const char*> keys) -> const char* {
        for (const char* key : keys)
            for (const IniSection* section : sections)
                if (!value_of(section, key).empty()) return key;
        return nullptr;
    };
    const std::string who = fmt::format("profile \"{}\"", files.name);
    if (const char* key =
            followed_up({"role_arn", "web_identity_token_file", "sso_session", "sso_start_url"}))
        return not_followed(who, key, files.name);
    const auto source = [&](const fs::path& path) {
        return fmt::format("profile {} in {}", files.name, path.string());
    };
    IMPRINT_TRY(auto found, credentials_of(files.credentials(), source(files.credentials_path)));
    if (found) return found;
    if (const char* key = followed_up({"credential_process"}))
        return not_followed(who, key, files.name);
    return credentials_of(files.config(), source(files.config_path));
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
    IMPRINT_TRY(const ProfileFiles files, read_profile(environment, profile));
    const bool named = !profile.empty() || files.name != "default";
    if (named && files.credentials() == nullptr && files.config() == nullptr)
        return fail(ErrorKind::registry, "profile_missing",
                    fmt::format("there is no profile \"{}\" in {} or {}", files.name,
                                files.credentials_path.string(), files.config_path.string()),
                    fmt::format("make it: aws configure --profile {}", files.name));
    // As the AWS CLI: a profile that is asked for by name wins over keys in the environment, one
    // that a variable names does not.
    if (profile.empty()) {
        IMPRINT_TRY(auto found, of_environment(environment));
        if (found) return std::move(*found);
        if (!variable(environment, "AWS_WEB_IDENTITY_TOKEN_FILE").empty())
            return not_followed("the environment", "AWS_WEB_IDENTITY_TOKEN_FILE", "");
    }
    IMPRINT_TRY(auto found, of_profile(files));
    if (found) return std::move(*found);
    for (const char* name :
         {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"})
        if (!variable(environment, name).empty()) return not_followed("the environment", name, "");
    return fail(
        ErrorKind::registry, "no_credentials",
        fmt::format("no AWS credentials: AWS_ACCESS_KEY_ID is not set, and profile \"{}\" "
                    "has none in {} or {}",
                    files.name, files.credentials_path.string(), files.config_path.string()),
        "run `aws configure`, or export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
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

Result<Credentials> read_credentials_file(const fs::path& path, const std::string& profile) {
    IMPRINT_TRY(const IniFile keys, read_ini(path));
    IMPRINT_TRY(auto found,
                credentials_of(keys.section(profile),
                               fmt::format("profile {} in {}", profile, path.string())));
    if (found) return std::move(*found);
    return fail(ErrorKind::registry, "no_credentials",
                fmt::format("there are no keys of profile \"{}\" in {}", profile, path.string()));
}

}  // namespace imprint::registry
