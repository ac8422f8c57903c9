// Minted identities, made before their boards are known, in a folder of mode 0700:
// `identities.sqlite`, mode 0600, with keys and certificates, and on request each board's
// credential image.
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
    std::int64_t number = 0;  // from 1, in order of creation
    std::string thing;
    std::string mac;  // the board's MAC, 12 hex digits; empty: for any board
    std::string certificate_id;
    std::string certificate_pem;
    Secret private_key_pem;
    bool registered = false;
};

// Safe to call from many threads. Errors: kind config, those of sqlite::Database.
class MintedStore {
  public:
    // Created if it is missing.
    [[nodiscard]] static Result<MintedStore> open(const std::filesystem::path& folder);
    // Whether there is one, whatever else the folder has.
    [[nodiscard]] static bool is_in(const std::filesystem::path& folder);
    // Error: minted_missing (config): it does not exist.
    [[nodiscard]] static Result<MintedStore> open_existing(const std::filesystem::path& folder);
    MintedStore(MintedStore&&) noexcept;
    MintedStore& operator=(MintedStore&&) noexcept;
    ~MintedStore();

    // All or none; durable on return.
    [[nodiscard]] Result<void> add(std::span<const MintedIdentity> identities);
    [[nodiscard]] Result<std::int64_t> count();
    [[nodiscard]] Result<std::int64_t> count_unregistered();
    [[nodiscard]] Result<bool> has(const std::string& thing);
    // Those after number `after`, in order; unregistered: only those not registered yet.
    [[nodiscard]] Result<std::vector<MintedIdentity>> page(std::int64_t after, std::size_t most,
                                                           bool unregistered = false);
    [[nodiscard]] Result<void> registered(std::int64_t number);

    // The board's identity: the one that was made for its MAC, or that it took before, or else the
    // first free one that was made for any board. From then on it belongs to that board, for other
    // processes too. another: not one that it took before. Nothing: there is none.
    [[nodiscard]] Result<std::optional<MintedIdentity>> take(const std::string& mac,
                                                             bool another = false);
    [[nodiscard]] Result<std::int64_t> count_free();  // not taken by any board

    // The longest certificate and key, in bytes of PEM.
    struct Sizes {
        std::size_t certificate = 0;
        std::size_t key = 0;
    };

    [[nodiscard]] Result<Sizes> largest();

    // All of them, in pages; false stops it.
    [[nodiscard]] Result<void> each(const std::function<bool(const MintedIdentity&)>& visit);

  private:
    class State;
    class Turn;
    explicit MintedStore(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace imprint::minted
