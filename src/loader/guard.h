// Decides what may be done to a board's flash: the only such place, for every read, write and
// erase.
#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"
#include "loader/board.h"
#include "loader/flash_data.h"
#include "loader/protocol.h"

namespace imprint::loader {

// A loader without 32-bit addressing reaches only addresses below this; above, it wraps.
inline constexpr std::uint64_t reach_of_24_bits = 16U << 20;

// How much flash this loader can address, in bytes from 0.
[[nodiscard]] std::uint64_t flash_reach(const Chip& chip, LoaderKind loader);

class FlashGuard {
  public:
    FlashGuard(std::string port, const BoardInfo& info, LoaderKind loader,
               const FlashConsent& consent)
        : port_(std::move(port)), info_(&info), loader_(loader), consent_(consent) {}

    // Errors (board): flash_missing; flash_too_small (beyond the end of flash); flash_out_of_reach
    // (beyond what this loader can address).
    [[nodiscard]] Result<void> range(std::uint32_t offset, std::uint32_t size) const;
    // Also flash_alignment (config); chip_secured (secure boot or encryption, without consent).
    [[nodiscard]] Result<void> write(const FlashData& region) const;
    [[nodiscard]] Result<void> write_encrypted(const FlashData& region) const;
    // Also flash_alignment (usage); chip_secured: what a secured chip starts from is never erased,
    // and the rest of an encrypted flash only with the consent to write it plain.
    [[nodiscard]] Result<void> erase(std::uint32_t offset, std::uint32_t size) const;

  private:
    [[nodiscard]] Result<void> place(const FlashData& region) const;

    std::string port_;
    const BoardInfo* info_;
    LoaderKind loader_;
    FlashConsent consent_;
};

}  // namespace imprint::loader
