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

namespace imprint::minted {

struct MintedIdentity {
    std::int64_t number = 0;  // from 1, in the order of the making
    std::string thing;
    std::string mac;  // that it was made for, 12 hex digits; empty: for whichever board comes
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

    // The board's own: the one that was made for its MAC, or that it took before, or else the first
    // that was made for no certain board and that none has taken. From then on it is that board's,
    // also for other processes. another: not one that it took before. Nothing: there is none.
    [[nodiscard]] Result<std::optional<MintedIdentity>> take(const std::string& mac,
                                                             bool another = false);
    [[nodiscard]] Result<std::int64_t> count_free();  // that no board has taken

    // The longest certificate and key, in bytes of PEM.
    struct Sizes {
        std::size_t certificate = 0;
        std::size_t key = 0;
    };

    [[nodiscard]] Result<Sizes> largest();

    // All of them, a page at a time; false stops it.
    [[nodiscard]] Result<void> each(const std::function<bool(const MintedIdentity&)>& visit);

  private:
    class State;
    class Turn;
    explicit MintedStore(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace imprint::minted
