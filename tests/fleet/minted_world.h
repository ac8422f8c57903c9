// Identities made ahead of their boards, by an authority of the test's own.
#pragma once

#include <string>
#include <vector>

#include "base/files.h"
#include "fleet/fleet_world.h"
#include "fleet/mint.h"
#include "minted/store.h"
#include "pki/device_authority.h"

namespace imprint::fleet::testing {

class MintedWorld : public FleetWorld {
  protected:
    MintedWorld() {
        settings_.policy.name = "p";
        EXPECT_TRUE(write_file(file("ca.pem"), owner_.certificate_pem()));
        EXPECT_TRUE(write_file(file("ca.key"), owner_.key_pem().reveal(), FileMode::secret));
        authority_.emplace(
            pki::DeviceAuthority::open(file("ca.pem"), file("ca.key").string(), clock_.wall())
                .value());
    }

    [[nodiscard]] std::filesystem::path file(const char* name) const {
        return folder_.path() / name;
    }

    Result<MintSummary> make_by_number(std::int64_t count, const std::string& name = "lamp-{n}") {
        IMPRINT_TRY(const MintNames names, names_by_number(store_, name, count));
        return mint(tools(), store_, names, [](std::int64_t) {});
    }

    [[nodiscard]] MintTools tools() {
        return {.settings = settings_,
                .authority = *authority_,
                .lot = "lot-7",
                .keep_image = {},
                .threads = 2,
                .clock = clock_};
    }

    std::vector<minted::MintedIdentity> all() { return store_.page(0, 10'000).value(); }

    TemporaryDirectory folder_ = TemporaryDirectory::create().value();
    prepare::IdentitySettings settings_;
    std::optional<pki::DeviceAuthority> authority_;
    minted::MintedStore store_ = minted::MintedStore::open(folder_.path() / "minted").value();
};

}  // namespace imprint::fleet::testing
