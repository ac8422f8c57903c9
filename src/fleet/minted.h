// Identities that were made ahead of their boards, in a folder of mode 0700: `identities.sqlite`,
// mode 0600, with keys and certificates, and on request each board's credential image.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"

namespace imprint::fleet {

struct MintedIdentity {
    std::int64_t number = 0;  // from 1, in the order of the making
    std::string thing;
    std::string mac;  // 12 hex digits; empty: of no board yet
    std::string certificate_id;
    std::string certificate_pem;
    Secret private_key_pem;
    bool registered = false;
};

// Safe to call from many threads. Errors: kind config, those of sqlite::Database.
class MintedStore {
  public:
    // Made where it is missing.
    [[nodiscard]] static Result<MintedStore> open(const std::filesystem::path& folder);
    // Error: minted_missing (config): there is none.
    [[nodiscard]] static Result<MintedStore> open_existing(const std::filesystem::path& folder);
    MintedStore(MintedStore&&) noexcept;
    MintedStore& operator=(MintedStore&&) noexcept;
    ~MintedStore();

    // All or none, and durable when it returns.
    [[nodiscard]] Result<void> add(std::span<const MintedIdentity> identities);
    [[nodiscard]] Result<std::int64_t> count();
    [[nodiscard]] Result<std::int64_t> count_unregistered();
    [[nodiscard]] Result<bool> has(const std::string& thing);
    // Those after number `after`, in their order; unregistered: only those.
    [[nodiscard]] Result<std::vector<MintedIdentity>> page(std::int64_t after, std::size_t most,
                                                           bool unregistered = false);
    [[nodiscard]] Result<void> registered(std::int64_t number);
    // All of them, a page at a time; false stops it.
    [[nodiscard]] Result<void> each(const std::function<bool(const MintedIdentity&)>& visit);

  private:
    class Store;
    explicit MintedStore(std::unique_ptr<Store> store);
    std::unique_ptr<Store> store_;
};

}  // namespace imprint::fleet
