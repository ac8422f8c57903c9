#include "prepare/own_files.h"

#include <system_error>
#include <unistd.h>

#include "base/git.h"
#include "base/ownership.h"
#include "pki/token_uri.h"

namespace imprint::prepare {

namespace {

std::vector<Kept> records(const Settings& settings) {
    std::vector<Kept> kept{{settings.ledger.path, "the ledger", false}};
    if (!settings.credentials.archive.empty())
        kept.push_back({settings.credentials.archive, "the archive of keys", true});
    const IdentitySettings& identity = settings.identity;
    if (identity.issue == Issue::minted)
        kept.push_back({identity.minted, "the folder of minted keys", true});
    if (!identity.ca.key.empty() && !pki::is_token_uri(identity.ca.key.string()))
        kept.push_back({identity.ca.key, "your authority's key", false});
    if (settings.registry.provider == Provider::local)
        kept.push_back({settings.registry.state, "the local registry's folder", true});
    // A project that has no users of the page needs no place for them.
    std::error_code none;
    if (std::filesystem::exists(settings.page.users, none))
        kept.push_back({settings.page.users, "the file of the page's users", false});
    if (!settings.page.key.empty()) kept.push_back({settings.page.key, "the page's key", false});
    return kept;
}

}  // namespace

std::vector<std::filesystem::path> own_paths(const Settings& settings) {
    std::vector<std::filesystem::path> paths;
    for (const Kept& kept : records(settings)) {
        paths.push_back(kept.path);
        if (kept.folder) continue;
        for (const char* beside : {"-wal", "-shm", "-owed"})
            paths.emplace_back(kept.path.string() + beside);
    }
    for (const auto& path :
         {settings.config, settings.identity.policy.document, settings.identity.ca.certificate,
          settings.credentials.root_ca, settings.credentials.extra_directory,
          settings.credentials.table, settings.station.stub_directory, settings.station.rates,
          settings.page.certificate, settings.page.users})
        if (!path.empty()) paths.push_back(path);
    return paths;
}

Result<void> check_records(const Settings& settings) {
    for (const Kept& kept : records(settings)) {
        // A key that is only read may lie behind a link; whoever reads it looks at it then.
        if (kept.path != settings.identity.ca.key && kept.path != settings.page.key)
            if (auto ours = check_ours(kept.path); !ours)
                return with_context(std::move(ours).error(), kept.what);
        IMPRINT_CHECK(keep_out_of_git(kept));
    }
    return {};
}

Result<void> check_build_line(const Settings& settings) {
    if (settings.firmware.build.empty() || settings.config.empty() || ::geteuid() != 0) return {};
    std::error_code error;
    if (auto ours = check_ours(std::filesystem::canonical(settings.config, error)); !ours)
        return with_context(std::move(ours).error(), "root is to run firmware.build of this file");
    return {};
}

}  // namespace imprint::prepare
