// A bootloader whose header tells the size of the flash that it is on, as esptool's `--flash-size
// detect` has it: one build serves boards of different sizes. Made and compressed once for each
// size.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "base/mutex.h"
#include "loader/chip.h"
#include "loader/flash_data.h"

namespace imprint::loader {

class FittedBootloader {
  public:
    // esptool esptool/cmds.py, _set_flash_parameters: of a flash that does not tell its size.
    static constexpr std::uint32_t taken_for_unknown = 4U << 20;

    // Errors: those of with_flash_parameters for the image as it is.
    [[nodiscard]] static Result<std::shared_ptr<FittedBootloader>> make(const Chip& chip,
                                                                        std::string label,
                                                                        Bytes image);

    // board_size: 0 where the flash does not tell it, which esptool takes for 4 MB. Safe to call
    // from many threads. Error: flash_parameters (no header can tell that size).
    [[nodiscard]] Result<FlashData> for_flash(std::uint32_t board_size);

  private:
    FittedBootloader(const Chip& chip, std::string label, Bytes image)
        : chip_(&chip), label_(std::move(label)), image_(std::move(image)) {}

    const Chip* chip_;
    std::string label_;
    Bytes image_;
    Mutex mutex_;
    std::map<std::uint32_t, FlashData> made_ IMPRINT_GUARDED_BY(mutex_);  // by size
};

}  // namespace imprint::loader
