#include "aws/profile.h"

#include "base/text.h"

namespace imprint::aws {

namespace {

namespace fs = std::filesystem;

fs::path file_from(const CredentialEnvironment& environment, const char* name, const char* usual) {
    const std::string given = variable(environment, name);
    return given.empty() ? environment.home / ".aws" / usual : in_home(environment, given);
}

}  // namespace

std::string variable(const CredentialEnvironment& environment, const char* name) {
    if (!environment.variable) return {};
    return std::string(trimmed(environment.variable(name).value_or("")));
}

fs::path in_home(const CredentialEnvironment& environment, const std::string& path) {
    return path.starts_with("~/") ? environment.home / path.substr(2) : fs::path(path);
}

std::string profile_name(const CredentialEnvironment& environment, const std::string& asked) {
    if (!asked.empty()) return asked;
    for (const char* name : {"AWS_DEFAULT_PROFILE", "AWS_PROFILE"})
        if (std::string named = variable(environment, name); !named.empty()) return named;
    return "default";
}

const IniSection* ProfileFiles::config(const std::string& profile) const {
    const IniSection* section = config_.section("profile " + profile);
    return section == nullptr && profile == "default" ? config_.section(profile) : section;
}

std::string_view ProfileFiles::value(const std::string& profile, std::string_view key) const {
    const std::string_view first = value_of(credentials(profile), key);
    return first.empty() ? value_of(config(profile), key) : first;
}

Result<ProfileFiles> read_profile(const CredentialEnvironment& environment,
                                  const std::string& asked) {
    fs::path keys = file_from(environment, "AWS_SHARED_CREDENTIALS_FILE", "credentials");
    fs::path settings = file_from(environment, "AWS_CONFIG_FILE", "config");
    IMPRINT_TRY(IniFile keys_file, read_ini(keys));
    IMPRINT_TRY(IniFile settings_file, read_ini(settings));
    return ProfileFiles(profile_name(environment, asked), std::move(keys), std::move(settings),
                        std::move(keys_file), std::move(settings_file));
}

}  // namespace imprint::aws
