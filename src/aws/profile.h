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

// Empty if it is not set: AWS's tools do not distinguish the two. Without the line end that `$(…)`
// of some shells, or a secret that was mounted as a file, leaves behind it.
[[nodiscard]] std::string variable(const CredentialEnvironment& environment, const char* name);
// "~/x" is relative to the home; anything else is unchanged.
[[nodiscard]] std::filesystem::path in_home(const CredentialEnvironment& environment,
                                            const std::string& path);
// The given name, else AWS_DEFAULT_PROFILE, AWS_PROFILE (in this order, as in botocore), "default".
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

    // Null if the file does not have the profile.
    [[nodiscard]] const IniSection* credentials() const { return credentials(name); }

    [[nodiscard]] const IniSection* credentials(const std::string& profile) const {
        return credentials_.section(profile);
    }

    // There, every profile except "default" must be written as [profile NAME]; "default" may be.
    [[nodiscard]] const IniSection* config() const { return config(name); }

    [[nodiscard]] const IniSection* config(const std::string& profile) const;

    [[nodiscard]] const IniSection* sso_session(const std::string& session) const {
        return config_.section("sso-session " + session);
    }

    // The section that a profile's `services` names.
    [[nodiscard]] const IniSection* services(const std::string& named) const {
        return config_.section("services " + named);
    }

    [[nodiscard]] bool has(const std::string& profile) const {
        return credentials(profile) != nullptr || config(profile) != nullptr;
    }

    // From both files together; the credentials file takes precedence over the config file. Empty
    // if neither has the key.
    [[nodiscard]] std::string_view value(const std::string& profile, std::string_view key) const;

  private:
    IniFile credentials_;
    IniFile config_;
};

// Error: credentials_file_damaged.
[[nodiscard]] Result<ProfileFiles> read_profile(const CredentialEnvironment& environment,
                                                const std::string& asked);

}  // namespace imprint::aws
