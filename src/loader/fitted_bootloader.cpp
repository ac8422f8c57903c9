#include "loader/fitted_bootloader.h"

#include <utility>

#include "loader/bootloader_header.h"

namespace imprint::loader {

Result<std::shared_ptr<FittedBootloader>> FittedBootloader::make(const Chip& chip,
                                                                 std::string label,
                                                                 std::uint32_t offset, Bytes file) {
    // What can be wrong with it is wrong for every size: told before the first board.
    FlashParameters any;
    any.size = taken_for_unknown;
    IMPRINT_CHECK(with_flash_parameters(chip, offset, file, any));
    return std::shared_ptr<FittedBootloader>(
        new FittedBootloader(chip, std::move(label), offset, std::move(file)));
}

Result<FlashData> FittedBootloader::for_flash(std::uint32_t board_size) {
    const std::uint32_t size = board_size == 0 ? taken_for_unknown : board_size;
    const Lock lock(mutex_);
    if (const auto found = made_.find(size); found != made_.end()) return found->second;
    FlashParameters fitting;
    fitting.size = size;
    IMPRINT_TRY(Bytes file, with_flash_parameters(*chip_, offset_, file_, fitting));
    return made_.emplace(size, FlashData(label_, offset_, std::move(file))).first->second;
}

}  // namespace imprint::loader
