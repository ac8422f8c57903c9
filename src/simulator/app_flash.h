// Flash as the running app has it, on a thread of its own, until the chip is reset or loses its
// power: from then on nothing is read or written any more.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/mutex.h"
#include "simulator/flash.h"

namespace imprint::simulator {

// Thread-safe.
class AppFlash {
  public:
    // The flash outlives it, or take_away() comes first.
    explicit AppFlash(Flash& flash) : flash_(&flash) {}

    // What an encrypted flash reads as. It takes no write.
    explicit AppFlash(Bytes decrypted) : decrypted_(std::move(decrypted)) {}

    // False: outside of the chip, or it is taken away.
    [[nodiscard]] bool read(std::uint32_t at, void* into, std::size_t size) const;
    [[nodiscard]] bool write(std::uint32_t at, const void* from, std::size_t size);
    // Whole sectors.
    [[nodiscard]] bool erase(std::uint32_t at, std::size_t size);

    // The reset, or the end of its power: also what is under way in another thread is over then.
    void take_away();

  private:
    [[nodiscard]] ByteView content() const IMPRINT_REQUIRES(mutex_);

    mutable Mutex mutex_;
    Flash* flash_ IMPRINT_GUARDED_BY(mutex_) = nullptr;
    Bytes decrypted_ IMPRINT_GUARDED_BY(mutex_);
};

}  // namespace imprint::simulator
