// Identities ahead of their boards: key, certificate by the owner's authority, and on request the
// credential image; streamed into a minted::MintedStore in memory that does not grow with their
// number.
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

// Gives the names one after the other; nothing: no more. Called from one thread.
using MintNames = std::function<Result<std::optional<MintName>>()>;

struct MintTools {
    const prepare::IdentitySettings& settings;
    const pki::DeviceAuthority& authority;
    std::string lot;
    // Where there is a form for them, images are built and handed to keep_image, from any thread.
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

// Adds an identity for each name, a batch at a time: what is in the store is whole, whenever it is
// broken off. told: how many have been made, after each batch. Errors: those of the store, the
// authority and the image.
[[nodiscard]] Result<MintSummary> mint(const MintTools& tools, minted::MintedStore& store,
                                       const MintNames& names,
                                       const std::function<void(std::int64_t)>& told);

// "lamp-{n}": from the first number that the store lacks to `count`; {n} has seven digits. Error
// (usage): mint_name (no {n}, or {mac}, which nobody knows), mint_other_name (the store has
// others).
[[nodiscard]] Result<MintNames> names_by_number(minted::MintedStore& store, const std::string& name,
                                                std::int64_t count);

// One MAC address a line; blank lines and what follows a '#' do not count. Those that the store has
// are passed over. The whole file is checked first. Errors (config): file_missing, mint_list (with
// the line).
[[nodiscard]] Result<MintNames> names_from_list(minted::MintedStore& store,
                                                const std::filesystem::path& list,
                                                const prepare::IdentitySettings& settings,
                                                const std::string& lot);

}  // namespace imprint::fleet
