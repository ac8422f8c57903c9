#include "prepare/cloud.h"

#include <fmt/format.h>

#include "minted/store.h"
#include "prepare/credential_image.h"
#include "prepare/identity.h"
#include "station/doctor/run_checks.h"
#include "station/registry_access.h"

namespace imprint::station::doctor {

namespace {

// Tries the owner's authority, where there is one.
Result<prepare::IdentitySize> identity_size(const prepare::Settings& settings, WallTime now,
                                            Checks& checks) {
    const auto& identity = settings.identity;
    if (identity.issue == prepare::Issue::minted) {
        IMPRINT_TRY(auto store, minted::MintedStore::open_existing(identity.minted));
        IMPRINT_TRY(const auto all, store.count());
        IMPRINT_TRY(const auto free, store.count_free());
        checks.ok(
            "identities",
            fmt::format("{} minted in {}, {} of them free", all, identity.minted.string(), free),
            {{"path", identity.minted.string()},
             {"minted", std::to_string(all)},
             {"free", std::to_string(free)}});
        return prepare::largest_identity(identity, nullptr, &store, {}, now);
    }
    if (identity.issue != prepare::Issue::own_ca)
        return prepare::largest_identity(identity, nullptr, nullptr, {}, now);
    IMPRINT_TRY(const auto authority, prepare::open_authority(identity.ca, now));
    checks.ok(
        "authority",
        fmt::format("{}, good until {}", identity.ca.certificate.string(),
                    to_iso8601(authority.expires())),
        {{"path", identity.ca.certificate.string()}, {"expires", to_iso8601(authority.expires())}});
    return prepare::largest_identity(identity, &authority, nullptr, {}, now);
}

}  // namespace

void check_cloud(const prepare::Settings& settings,
                 const std::optional<prepare::CredentialPlace>& place, Clock& clock, const Log& log,
                 const std::stop_token& stop, Checks& checks) {
    auto access =
        find_registry(settings.registry, settings.credentials.root_ca,
                      aws::CredentialEnvironment::of_this_process(), clock.wall(), log, stop);
    if (!access) return checks.failed("credentials", access.error());
    const auto found = access->credentials.get();
    if (!found) return checks.failed("credentials", found.error());
    const auto end =
        (*found)->expires ? ", until " + to_iso8601(*(*found)->expires) : std::string();
    checks.ok("credentials",
              fmt::format("access key {} from {}{}, region {}", (*found)->access_key_id,
                          (*found)->source, end, access->options.region),
              {{"access_key_id", (*found)->access_key_id},
               {"source", (*found)->source},
               {"expires", (*found)->expires ? to_iso8601(*(*found)->expires) : ""},
               {"region", access->options.region}});
    const auto registry = open_registry(*access, clock, log);
    const auto cloud = prepare::look_at_cloud(*registry, access->root_ca, settings);
    if (!cloud) return checks.failed("registry", cloud.error());
    checks.ok("registry",
              fmt::format("broker {}:{}, policy \"{}\"", cloud->endpoint, cloud->port,
                          settings.identity.policy.name),
              {{"endpoint", cloud->endpoint},
               {"port", std::to_string(cloud->port)},
               {"policy", settings.identity.policy.name}});
    for (const auto& note : cloud->notes)
        checks.warn("registry", note, "see docs/registry.md and docs/policies.md");
    if (!place) return;
    const auto form =
        prepare::make_credential_template(*place, settings.credentials, cloud->root_ca_pem);
    if (!form) return checks.failed("image", form.error());
    for (const auto& note : form->notes)
        checks.warn("image", note, "see docs/images.md");
    const prepare::DeviceFacts facts{
        std::string(128, 't'), std::string(12, 'm'), cloud->endpoint, cloud->port, {}};
    const auto size = identity_size(settings, clock.wall(), checks);
    if (!size) return checks.failed("authority", size.error());
    const auto fits = prepare::check_credentials_fit(*form, *size, facts);
    if (!fits) return checks.failed("image", fits.error());
    checks.ok("image", "the credentials fit their partition", {});
    for (const auto& warning : *fits)
        checks.warn("image", warning, "see docs/images.md");
}

}  // namespace imprint::station::doctor
