#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <vector>

#include "aws/providers/search.h"
#include "aws/providers/sts.h"

namespace imprint::aws {

namespace {

class RoleChain {
  public:
    explicit RoleChain(const Search& search) : search_(search) {}

    [[nodiscard]] bool is_role(const std::string& profile) const {
        return has(profile, "role_arn") && !has(profile, "web_identity_token_file");
    }

    [[nodiscard]] Result<Credentials> assume(const std::string& profile) {
        const std::string arn(value(profile, "role_arn"));
        if (has(profile, "mfa_serial"))
            return fail(
                ErrorKind::registry, "credentials_unsupported",
                fmt::format("profile \"{}\" assumes {} with an MFA code, which a production "
                            "line has nobody to type",
                            profile, arn),
                hand_over(search_, profile));
        visited_.push_back(profile);
        IMPRINT_TRY(const Credentials by, source_of(profile));
        StsCall call;
        call.action = "AssumeRole";
        call.signer = &by;
        call.source = fmt::format("role {} of profile {}", arn, profile);
        std::string session(value(profile, "role_session_name"));
        if (session.empty()) session = usual_session_name(search_);
        call.parameters = {{"RoleArn", arn}, {"RoleSessionName", session}};
        if (has(profile, "external_id"))
            call.parameters.emplace_back("ExternalId", value(profile, "external_id"));
        if (has(profile, "duration_seconds")) {
            const std::string_view text = value(profile, "duration_seconds");
            unsigned seconds = 0;
            if (const auto [end, error] =
                    std::from_chars(text.data(), text.data() + text.size(), seconds);
                error != std::errc() || end != text.data() + text.size())
                search_.services.log.warning(
                    "profile \"{}\": duration_seconds \"{}\" is not a number, and does not count",
                    profile, text);
            else
                call.parameters.emplace_back("DurationSeconds", fmt::format("{}", seconds));
        }
        return ask_sts(search_, call);
    }

  private:
    [[nodiscard]] std::string_view value(const std::string& profile, std::string_view key) const {
        return search_.files.value(profile, key);
    }

    [[nodiscard]] bool has(const std::string& profile, std::string_view key) const {
        return !value(profile, key).empty();
    }

    [[nodiscard]] bool has_keys(const std::string& profile) const {
        return has(profile, "aws_access_key_id") || has(profile, "aws_secret_access_key");
    }

    [[nodiscard]] Result<Credentials> source_of(const std::string& profile) {
        const std::string other(value(profile, "source_profile"));
        const std::string kind(value(profile, "credential_source"));
        if (other.empty() == kind.empty())
            return profile_invalid(profile,
                                   other.empty() ? "has role_arn, but neither source_profile nor "
                                                   "credential_source"
                                                 : "has both source_profile and credential_source",
                                   "give it one of the two");
        return kind.empty() ? of_profile(profile, other) : of_kind(profile, kind);
    }

    [[nodiscard]] Result<Credentials> of_profile(const std::string& profile,
                                                 const std::string& other) {
        if (!search_.files.has(other))
            return profile_invalid(
                profile, fmt::format("has source_profile \"{}\", which does not exist", other),
                fmt::format("make it: aws configure --profile {}", other));
        // A profile may name itself: then its own keys assume its role.
        const bool again = std::ranges::find(visited_, other) != visited_.end();
        if (again && (other != profile || !has_keys(other)))
            return profile_invalid(profile,
                                   fmt::format("comes back to \"{}\" by source_profile: {} → {}",
                                               other, fmt::join(visited_, " → "), other),
                                   "let one of them have keys of its own");
        // AWS knows chains of a role or two; each one here is a call within the last.
        constexpr std::size_t longest_chain = 20;
        if (visited_.size() > longest_chain)
            return profile_invalid(
                profile,
                fmt::format("comes after {} others, each with its keys from the next by "
                            "source_profile",
                            visited_.size() - 1),
                "name one with keys of its own in a profile before it");
        if (!has_keys(other) && is_role(other)) return assume(other);
        IMPRINT_TRY(auto found, from_profile(search_, other, false));
        if (found) return std::move(*found);
        return profile_invalid(
            profile, fmt::format("has source_profile \"{}\", which has no credentials", other),
            fmt::format("give it some: aws configure --profile {}", other));
    }

    [[nodiscard]] Result<Credentials> of_kind(const std::string& profile, const std::string& kind) {
        Found found = std::nullopt;
        if (kind == "Environment")
            found = from_environment(search_);
        else if (kind == "EcsContainer")
            found = from_container(search_);
        else if (kind == "Ec2InstanceMetadata")
            found = from_instance(search_);
        else
            return profile_invalid(profile,
                                   fmt::format("has credential_source \"{}\", which is none", kind),
                                   "write Environment, EcsContainer or Ec2InstanceMetadata");
        if (!found) return std::unexpected(std::move(found).error());
        if (*found) return std::move(**found);
        return profile_invalid(
            profile, fmt::format("has credential_source {}, which has no credentials", kind),
            "give it some, or name a source_profile");
    }

    const Search& search_;
    std::vector<std::string> visited_;
};

}  // namespace

Found from_role(const Search& search) {
    RoleChain chain(search);
    if (!chain.is_role(search.files.name)) return std::nullopt;
    IMPRINT_TRY(Credentials found, chain.assume(search.files.name));
    return found;
}

}  // namespace imprint::aws
