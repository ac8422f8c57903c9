// Reserved space for what is owed, in a file beside the ledger: "a certificate has to be made
// INACTIVE" must not be lost because the disk is full. The entries are moved into the ledger as
// soon as it can be written.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

#include "base/error.h"

namespace imprint::ledger {

// One attempt's debt. The attempt's start time distinguishes its ledger from another one of the
// same name.
struct SpareEntry {
    std::int64_t row = 0;      // of the certificate
    std::int64_t attempt = 0;  // that made it
    std::int64_t started = 0;  // milliseconds since 1970-01-01 UTC

    friend bool operator==(const SpareEntry&, const SpareEntry&) = default;
};

// A file of fixed size (spare_slots slots), whose blocks are allocated in advance and written in
// place. Several processes may use it at once: each call locks it.
// Errors: spare_unwritable, spare_full (kind ledger).
class Spare {
  public:
    static constexpr std::size_t slots = 256;
    static constexpr std::size_t slot_size = 128;

    explicit Spare(std::filesystem::path path) : path_(std::move(path)) {}

    // Creates the file, mode 0600, unless it exists in its full size.
    [[nodiscard]] Result<void> reserve() const;
    // Durable on return.
    [[nodiscard]] Result<void> write(const SpareEntry& entry) const;
    // Passes the entries to `take`, and clears them once it has succeeded. No file: no entries.
    [[nodiscard]] Result<void> settle(
        const std::function<Result<void>(const std::vector<SpareEntry>&)>& take) const;

  private:
    std::filesystem::path path_;
};

}  // namespace imprint::ledger
