#include "simulator/app_flash.h"

#include <cstring>

#include "base/secret.h"

namespace imprint::simulator {

namespace {

bool lies_in(ByteView content, std::uint32_t at, std::size_t size) {
    return at <= content.size() && size <= content.size() - at;
}

}  // namespace

ByteView AppFlash::content() const {
    return flash_ != nullptr ? flash_->content() : ByteView(decrypted_);
}

bool AppFlash::read(std::uint32_t at, void* into, std::size_t size) const {
    const Lock lock(mutex_);
    if (!lies_in(content(), at, size)) return false;
    std::memcpy(into, content().data() + at, size);
    return true;
}

bool AppFlash::write(std::uint32_t at, const void* from, std::size_t size) {
    const Lock lock(mutex_);
    if (flash_ == nullptr || !lies_in(content(), at, size)) return false;
    return flash_->program(at, {static_cast<const std::uint8_t*>(from), size});
}

bool AppFlash::erase(std::uint32_t at, std::size_t size) {
    const Lock lock(mutex_);
    if (flash_ == nullptr || at % Flash::sector != 0 || size % Flash::sector != 0 ||
        !lies_in(content(), at, size))
        return false;
    for (std::size_t done = 0; done < size; done += Flash::sector)
        flash_->erase_sector(at + static_cast<std::uint32_t>(done));
    return true;
}

void AppFlash::take_away() {
    const Lock lock(mutex_);
    flash_ = nullptr;
    wipe(decrypted_);
    decrypted_.clear();
}

}  // namespace imprint::simulator
