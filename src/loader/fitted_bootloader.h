// A bootloader, in a file of its own or in a merged one, whose header states the size of the
// board's flash, like esptool's `--flash-size detect`: one build serves boards of different sizes.
// Made and compressed once for each size.
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
    // esptool esptool/cmds.py, _set_flash_parameters: for a flash that does not report its size.
    static constexpr std::uint32_t taken_for_unknown = 4U << 20;

    // file: that holds it, and begins at offset in flash. Errors: those of with_flash_parameters
    // for it.
    [[nodiscard]] static Result<std::shared_ptr<FittedBootloader>> make(const Chip& chip,
                                                                        std::string label,
                                                                        std::uint32_t offset,
                                                                        Bytes file);

    // board_size: 0 if the flash does not report it; esptool assumes 4 MB then. Safe to call from
    // many threads. Error: flash_parameters (a header cannot state that size).
    [[nodiscard]] Result<FlashData> for_flash(std::uint32_t board_size);

  private:
    FittedBootloader(const Chip& chip, std::string label, std::uint32_t offset, Bytes file)
        : chip_(&chip), label_(std::move(label)), offset_(offset), file_(std::move(file)) {}

    const Chip* chip_;
    std::string label_;
    std::uint32_t offset_;
    Bytes file_;
    Mutex mutex_;
    std::map<std::uint32_t, FlashData> made_ IMPRINT_GUARDED_BY(mutex_);  // by size
};

}  // namespace imprint::loader
