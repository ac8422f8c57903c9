// Mints identities before their boards are known: key, certificate by the owner's authority, and
// optionally the credential image; streamed into a minted::MintedStore, so that the memory used
// does not grow with their number.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/mac.h"
#include "minted/store.h"
#include "pki/device_authority.h"
#include "prepare/cloud.h"
#include "prepare/credential_image.h"
#include "prepare/settings.h"

namespace imprint::fleet {

struct MintName {
    std::string thing;
    std::optional<MacAddress> mac;
};

// Returns one name after the other; nothing: no more names. Called from one thread.
using MintNames = std::function<Result<std::optional<MintName>>()>;

struct MintTools {
    const prepare::IdentitySettings& settings;
    const pki::DeviceAuthority& authority;
    std::string lot;
    // If set, images are built from this template and passed to keep_image, from any thread.
    const prepare::CredentialTemplate* form = nullptr;
    const prepare::CloudFacts* cloud = nullptr;
    std::function<Result<void>(const std::string& thing, ByteView image)> keep_image;
    unsigned threads = 1;
    Clock& clock;
    std::function<bool()> stopped = [] { return false; };
};

struct MintSummary {
    std::int64_t made = 0;
    bool stopped = false;
};

// Adds an identity for each name, in batches: the store is consistent whenever this is interrupted.
// told: called after each batch with the number made so far. Errors: those of the store, the
// authority and the image.
[[nodiscard]] Result<MintSummary> mint(const MintTools& tools, minted::MintedStore& store,
                                       const MintNames& names,
                                       const std::function<void(std::int64_t)>& told);

// "lamp-{n}": from the first number that the store lacks up to `count`; {n} has seven digits. Error
// (usage): mint_name (no {n}, or {mac}, which is unknown when minting), mint_other_name (the store
// has names of another form).
[[nodiscard]] Result<MintNames> names_by_number(minted::MintedStore& store, const std::string& name,
                                                std::int64_t count);

// One MAC address per line; blank lines and anything after a '#' are ignored. Addresses that are in
// the store already are skipped. The whole file is checked first. Errors (config): file_missing,
// mint_list (with the line).
[[nodiscard]] Result<MintNames> names_from_list(minted::MintedStore& store,
                                                const std::filesystem::path& list,
                                                const prepare::IdentitySettings& settings,
                                                const std::string& lot);

}  // namespace imprint::fleet
