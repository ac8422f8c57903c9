// Wear levelling: after the content come two copies of its state, and what it was configured to.
// A state is 64 bytes, and then a record of 16 for each move in this round.
#include "crc.h"
#include "imprint_identity/fat.h"

namespace imprint_identity {
namespace fat {

namespace {

constexpr std::uint32_t sector = 4096;
constexpr std::uint32_t state_size = 64;
constexpr std::uint32_t record_size = 16;
constexpr std::uint32_t known_version = 2;

// wl_state_t.
constexpr std::uint32_t most_moves_at = 4;  // of a round
constexpr std::uint32_t rounds_at = 8;
constexpr std::uint32_t block_size_at = 20;
constexpr std::uint32_t version_at = 24;
constexpr std::uint32_t device_id_at = 28;
constexpr std::uint32_t crc_at = 60;

std::uint32_t bytes_of_state(std::uint32_t partition_size) {
    const std::uint32_t bytes = state_size + partition_size / sector * record_size;
    return (bytes + sector - 1) / sector * sector;
}

std::uint32_t crc_of(const void* data, std::size_t size) {
    Crc crc;
    crc.add(data, size);
    return crc.value();
}

// Whether it is the record of this move: the CRC of four numbers, one after the other.
bool is_record(const std::uint8_t* record, std::uint32_t device_id, std::uint32_t move) {
    for (std::uint32_t i = 0; i < 4; ++i, record += 4) {
        const std::uint32_t number = device_id + move * 4 + i;
        std::uint8_t bytes[4];
        for (std::uint32_t byte = 0; byte < 4; ++byte)
            bytes[byte] = static_cast<std::uint8_t>(number >> (8 * byte));
        if (load32(record) != crc_of(bytes, sizeof(bytes))) return false;
    }
    return true;
}

}  // namespace

// The moves of this round: records that follow each other from the first on.
bool Wear::count_moves(std::uint32_t at, std::uint32_t& into) {
    const std::uint32_t most = 1 + capacity_ / sector;
    for (into = 0; into + 1 < most; ++into) {
        std::uint8_t record[record_size];
        const std::uint32_t place = at + state_size + into * record_size;
        if (!flash_.read(flash_.context, place, record, record_size)) return false;
        if (!is_record(record, device_id_, into)) break;
    }
    return true;
}

Wear::Found Wear::open_state(std::uint32_t at) {
    std::uint8_t state[state_size];
    if (!flash_.read(flash_.context, at, state, state_size)) return Found::unreadable;
    if (load32(state + crc_at) != crc_of(state, crc_at)) return Found::no;
    if (load32(state + version_at) != known_version || load32(state + block_size_at) != sector)
        return Found::no;
    rounds_ = load32(state + rounds_at);
    if (load32(state + most_moves_at) != 1 + capacity_ / sector || rounds_ >= capacity_ / sector)
        return Found::of_other_size;
    device_id_ = load32(state + device_id_at);
    return Found::yes;
}

Wear::Found Wear::open(const Flash& flash, std::uint32_t size) {
    flash_ = flash;
    const std::uint32_t state_bytes = bytes_of_state(size);
    // The states, the configuration, the dummy, and one sector of content.
    if (size % sector != 0 || size < 2 * state_bytes + 3 * sector) return Found::no;
    capacity_ = size - 2 * state_bytes - 2 * sector;
    const std::uint32_t first_at = capacity_ + sector;
    const std::uint32_t second_at = first_at + state_bytes;
    // Where both are sound and differ, the second one was not written any more: the first counts.
    Found found = open_state(first_at);
    const bool first = found == Found::yes;
    const std::uint32_t first_device = device_id_;
    const std::uint32_t first_rounds = rounds_;
    if (!first) found = open_state(second_at);
    if (found != Found::yes) return found;
    if (!first) return count_moves(second_at, dummy_) ? Found::yes : Found::unreadable;
    if (!count_moves(first_at, dummy_)) return Found::unreadable;
    // A record may be damaged in one of both.
    if (open_state(second_at) == Found::yes && device_id_ == first_device &&
        rounds_ == first_rounds) {
        std::uint32_t moves = 0;
        if (!count_moves(second_at, moves)) return Found::unreadable;
        if (moves > dummy_) dummy_ = moves;
    }
    device_id_ = first_device;
    rounds_ = first_rounds;
    return Found::yes;
}

std::uint32_t Wear::dummy_at() const {
    return dummy_ * sector;
}

std::uint32_t Wear::place_of(std::uint32_t at) const {
    const std::uint32_t place = (capacity_ - rounds_ * sector + at) % capacity_;
    return place < dummy_at() ? place : place + sector;
}

Flash Wear::content() {
    Flash content;
    content.read = read;
    content.write = flash_.write != nullptr ? write : nullptr;
    content.context = this;
    return content;
}

bool Wear::read(void* self, std::uint32_t at, void* into, std::size_t size) {
    const Wear& wear = *static_cast<Wear*>(self);
    auto* bytes = static_cast<std::uint8_t*>(into);
    while (size != 0) {
        const std::size_t in_sector = sector - at % sector;
        const std::size_t step = size < in_sector ? size : in_sector;
        if (at >= wear.capacity_ ||
            !wear.flash_.read(wear.flash_.context, wear.place_of(at), bytes, step))
            return false;
        at += static_cast<std::uint32_t>(step);
        bytes += step;
        size -= step;
    }
    return true;
}

// Within one sector, as wipe() writes.
bool Wear::write(void* self, std::uint32_t at, const void* from, std::size_t size) {
    const Wear& wear = *static_cast<Wear*>(self);
    return at < wear.capacity_ && size <= sector - at % sector &&
           wear.flash_.write(wear.flash_.context, wear.place_of(at), from, size);
}

}  // namespace fat
}  // namespace imprint_identity
