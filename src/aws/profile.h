// One profile in AWS's two shared files, for this layer's own sources.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "aws/credentials.h"
#include "aws/ini.h"
#include "base/error.h"

namespace imprint::aws {

// Empty where it is not set: AWS's tools make no difference between the two.
[[nodiscard]] std::string variable(const CredentialEnvironment& environment, const char* name);
// "~/x" is under the home; anything else stays.
[[nodiscard]] std::filesystem::path in_home(const CredentialEnvironment& environment,
                                            const std::string& path);
// What is asked for, else AWS_DEFAULT_PROFILE, AWS_PROFILE (in this order, as botocore has it),
// "default".
[[nodiscard]] std::string profile_name(const CredentialEnvironment& environment,
                                       const std::string& asked);

class ProfileFiles {
  public:
    std::string name;
    std::filesystem::path credentials_path;
    std::filesystem::path config_path;

    ProfileFiles(std::string profile, std::filesystem::path keys, std::filesystem::path settings,
                 IniFile keys_file, IniFile settings_file)
        : name(std::move(profile)),
          credentials_path(std::move(keys)),
          config_path(std::move(settings)),
          credentials_(std::move(keys_file)),
          config_(std::move(settings_file)) {}

    // Null where the file does not name the profile.
    [[nodiscard]] const IniSection* credentials() const { return credentials(name); }

    [[nodiscard]] const IniSection* credentials(const std::string& profile) const {
        return credentials_.section(profile);
    }

    // Every profile but "default" is written as [profile NAME] there; "default" may be.
    [[nodiscard]] const IniSection* config() const { return config(name); }

    [[nodiscard]] const IniSection* config(const std::string& profile) const;

    [[nodiscard]] const IniSection* sso_session(const std::string& session) const {
        return config_.section("sso-session " + session);
    }

    // What a profile's `services` names.
    [[nodiscard]] const IniSection* services(const std::string& named) const {
        return config_.section("services " + named);
    }

    [[nodiscard]] bool has(const std::string& profile) const {
        return credentials(profile) != nullptr || config(profile) != nullptr;
    }

    // Of both files as one, the credentials file's value before the config file's; empty where
    // neither has it.
    [[nodiscard]] std::string_view value(const std::string& profile, std::string_view key) const;

  private:
    IniFile credentials_;
    IniFile config_;
};

// Error: credentials_file_damaged.
[[nodiscard]] Result<ProfileFiles> read_profile(const CredentialEnvironment& environment,
                                                const std::string& asked);

}  // namespace imprint::aws
