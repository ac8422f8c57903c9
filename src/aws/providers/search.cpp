#include "aws/providers/search.h"

#include <fmt/format.h>
#include <utility>

namespace imprint::aws {

namespace {

std::unexpected<Error> nothing_found(const Search& search) {
    const ProfileFiles& files = search.files;
    return fail(
        ErrorKind::registry, "no_credentials",
        fmt::format("no AWS credentials: {}profile \"{}\" has none in {} or {}, and neither "
                    "a container nor an instance hands out any",
                    search.named ? "" : "AWS_ACCESS_KEY_ID is not set, ", files.name,
                    files.credentials_path.string(), files.config_path.string()),
        "run `aws configure`, or export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
}

Found first_found(const Search& search) {
    if (!search.named) {
        IMPRINT_TRY(auto found, from_environment(search));
        if (found) return found;
    }
    IMPRINT_TRY(auto assumed, from_role(search));
    if (assumed) return assumed;
    IMPRINT_TRY(auto of_profile, from_profile(search, search.files.name, !search.named));
    if (of_profile) return of_profile;
    for (const auto& provider : {from_legacy_files, from_container, from_instance}) {
        IMPRINT_TRY(auto found, provider(search));
        if (found) return found;
    }
    return std::nullopt;
}

}  // namespace

Found from_profile(const Search& search, const std::string& profile, bool variables) {
    IMPRINT_TRY(auto identity, from_web_identity(search, profile, variables));
    if (identity) return identity;
    for (const auto& provider : {from_sso, from_credentials_file, from_process, from_config_file}) {
        IMPRINT_TRY(auto found, provider(search, profile));
        if (found) return found;
    }
    return std::nullopt;
}

Result<Credentials> search_credentials(const CredentialEnvironment& environment,
                                       const std::string& profile, const std::string& region,
                                       const CredentialServices& services) {
    IMPRINT_TRY(const ProfileFiles files, read_profile(environment, profile));
    // The AWS CLI refuses a name that it does not know, wherever the name came from.
    if ((!profile.empty() || files.name != "default") && !files.has(files.name))
        return fail(ErrorKind::registry, "profile_missing",
                    fmt::format("there is no profile \"{}\" in {} or {}", files.name,
                                files.credentials_path.string(), files.config_path.string()),
                    fmt::format("make it: aws configure --profile {}", files.name));
    Search search{environment, files, services, region, !profile.empty()};
    // Not every way needs one: those that do fall back on STS's global address.
    if (search.region.empty()) search.region = find_region(environment, profile).value_or("");
    IMPRINT_TRY(auto found, first_found(search));
    if (!found) return nothing_found(search);
    return std::move(*found);
}

std::unexpected<Error> profile_invalid(const std::string& profile, const std::string& what,
                                       std::string hint) {
    return fail(ErrorKind::registry, "profile_invalid",
                fmt::format("profile \"{}\" {}", profile, what), std::move(hint));
}

std::string hand_over(const Search& search, const std::string& profile) {
    return fmt::format(
        "hand its credentials over: eval \"$(aws configure export-credentials "
        "--profile {} --format env)\"{}",
        profile, search.named ? ", and name no profile to Imprint" : "");
}

}  // namespace imprint::aws
