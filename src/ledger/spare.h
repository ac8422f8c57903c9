// Room for what is owed, kept beside the ledger while there is some: "a certificate has to be made
// INACTIVE" must not get lost because the disk is full. What lies here is written into the ledger
// as soon as that can be done.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

#include "base/error.h"

namespace imprint::ledger {

// One attempt's debt. The time it was started at tells the ledger that it belongs to from another
// one of the same name.
struct SpareEntry {
    std::int64_t row = 0;      // of the certificate
    std::int64_t attempt = 0;  // that made it
    std::int64_t started = 0;  // milliseconds since 1970-01-01 UTC

    friend bool operator==(const SpareEntry&, const SpareEntry&) = default;
};

// A file of fixed size (spare_slots slots), whose blocks are allocated ahead and written in place.
// Several processes may use it at once: each call locks it.
// Errors: spare_unwritable, spare_full (kind ledger).
class Spare {
  public:
    static constexpr std::size_t slots = 256;
    static constexpr std::size_t slot_size = 128;

    explicit Spare(std::filesystem::path path) : path_(std::move(path)) {}

    // Makes the file, mode 0600, if it is not there in its full size.
    [[nodiscard]] Result<void> reserve() const;
    // On disk when it returns.
    [[nodiscard]] Result<void> write(const SpareEntry& entry) const;
    // Hands over what is there, and empties it once `take` has succeeded. No file: nothing is.
    [[nodiscard]] Result<void> settle(
        const std::function<Result<void>(const std::vector<SpareEntry>&)>& take) const;

  private:
    std::filesystem::path path_;
};

}  // namespace imprint::ledger
