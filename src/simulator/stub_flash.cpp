// What the stub does to flash: erasing as it goes, writing, inflating.
#include <algorithm>

#include "simulator/stub_loader.h"
#include "simulator/stub_loader_parts.h"

namespace imprint::simulator {

namespace {

constexpr std::uint32_t largest_stub_block = 0x4000;

}  // namespace

bool StubLoader::readable(std::uint32_t at, std::uint32_t size) const {
    return static_cast<std::uint64_t>(at) + size <= chip_->spi.limit;
}

// The present stub leaves the flash's status register alone: esp-stub-lib calls the ROM's unlock
// only for encrypted writes with 32-bit addresses (src/target/common/src/flash_4byte.c). The former
// one clears it: esptool-legacy-flasher-stub flasher_stub/stub_write_flash.c, SPIUnlock.
void StubLoader::take_protection_away() {
    if (former_) chip_->flash.status().unlock();
}

StubLoader::Error StubLoader::set_flash_size(const Request& request) {
    if (request.data.size() != 24) return Error::bad_length;
    chip_->spi.limit = stub_word(request.data, 1);
    return Error::none;
}

StubLoader::Error StubLoader::flash_begin(const Request& request, bool deflated) {
    if (request.data.size() != 16 && request.data.size() != 20) return Error::bad_length;
    if (former_ && stub_word(request.data, 2) > largest_stub_block) return Error::bad_block_size;
    if (former_) pending_ = Error::none;
    const std::uint32_t size = stub_word(request.data, 0);
    const std::uint32_t at = stub_word(request.data, 3);
    flash_.begun = true;
    take_protection_away();
    flash_.remaining = size;
    flash_.address = at;
    flash_.encrypted = request.data.size() == 20 && stub_word(request.data, 4) != 0;
    if (flash_.encrypted && !chip_->can_encrypt()) return Error::spi_failed;
    if (deflated) {
        flash_.compressed_remaining = stub_word(request.data, 1) * stub_word(request.data, 2);
        inflater_.restart();
        stream_done_ = false;
    }
    flash_.next_erase = at / Flash::sector * Flash::sector;
    flash_.erase_remaining =
        static_cast<std::uint32_t>(round_up(static_cast<std::uint64_t>(at) + size, Flash::sector)) -
        flash_.next_erase;
    flash_.dirty_seen = former_;
    return former_ ? Error::none : erase_next();
}

// One step: a sector found blank is left alone; from the first other one on, blocks and sectors are
// erased without looking.
StubLoader::Error StubLoader::erase_next() {
    if (flash_.erase_remaining == 0) return Error::none;
    if (!flash_.dirty_seen) {
        if (!readable(flash_.next_erase, Flash::sector)) return Error::spi_failed;
        const Bytes sector = chip_->flash.read(flash_.next_erase, Flash::sector);
        chip_->time.read(Flash::sector);
        if (std::ranges::all_of(sector, [](std::uint8_t byte) { return byte == 0xFF; })) {
            flash_.next_erase += Flash::sector;
            flash_.erase_remaining -= std::min(flash_.erase_remaining, Flash::sector);
            return Error::none;
        }
        flash_.dirty_seen = true;
    }
    std::uint32_t unit = Flash::sector;
    if (flash_.erase_remaining >= Flash::block && flash_.next_erase % Flash::block == 0) {
        unit = Flash::block;
        chip_->flash.erase_block(flash_.next_erase);
        chip_->time.erase(chip_->time.timings().block_erase);
    } else {
        chip_->flash.erase_sector(flash_.next_erase);
        chip_->time.erase(chip_->time.timings().sector_erase);
    }
    flash_.next_erase += unit;
    flash_.erase_remaining -= std::min(flash_.erase_remaining, unit);
    return Error::none;
}

StubLoader::Error StubLoader::write(ByteView data) {
    const auto size = static_cast<std::uint32_t>(data.size());
    while (flash_.next_erase < flash_.address + size) {
        if (flash_.erase_remaining == 0 && former_) break;
        if (flash_.erase_remaining == 0) {
            // More than was announced: the stub waits for an erase that never comes.
            outcome_ = Loader::hangs;
            return Error::none;
        }
        if (const Error failed = erase_next(); failed != Error::none) return failed;
    }
    if (!readable(flash_.address, size)) return Error::spi_failed;
    const bool taken = chip_->program(flash_.address, data, flash_.encrypted);
    chip_->time.program(data.size());
    if (!taken) return Error::spi_failed;
    flash_.remaining -= size;
    flash_.address += size;
    return Error::none;
}

StubLoader::Error StubLoader::flash_data(const Request& request) {
    if (request.data.size() < data_header) return Error::not_enough_data;
    if (!flash_.begun) return Error::not_begun;
    const ByteView data = request.data.subspan(data_header);
    if (stub_word(request.data, 0) != data.size())
        return former_ ? Error::bad_length : Error::too_much_data;
    if (former_ && pending_ != Error::none && request.checksum == data_checksum(data))
        return pending_;
    return request.checksum == data_checksum(data) ? Error::none : Error::bad_checksum;
}

StubLoader::Error StubLoader::flash_defl_data(const Request& request) {
    if (request.data.size() < data_header) return Error::bad_length;
    if (!flash_.begun) return Error::not_begun;
    const ByteView data = request.data.subspan(data_header);
    // The stub takes the length on trust and would read behind the frame: a wrong checksum then.
    if (stub_word(request.data, 0) != data.size())
        return former_ ? Error::bad_length : Error::bad_checksum;
    if (former_ && pending_ != Error::none && request.checksum == data_checksum(data))
        return pending_;
    return request.checksum == data_checksum(data) ? Error::none : Error::bad_checksum;
}

StubLoader::Error StubLoader::inflate_and_write(ByteView compressed, bool first) {
    if (first) {
        window_used_ = 0;
        adler_counts_ = true;
    } else {
        adler_counts_ = false;
    }
    constexpr std::size_t adler_size = 4;
    if (former_ && flash_.remaining == 0)
        return compressed.size() > adler_size ? Error::too_much_data : Error::none;
    const bool last = flash_.compressed_remaining <= compressed.size();
    while (!compressed.empty() && !stream_done_) {
        if (const Error failed = erase_next(); failed != Error::none) return failed;
        const auto room = std::span(window_).subspan(window_used_);
        const Inflater::Step step = inflater_.step(compressed, room);
        compressed = compressed.subspan(step.consumed);
        chip_->time.spend_for(chip_->time.timings().inflate_kb, step.produced);
        flash_.compressed_remaining -= static_cast<std::uint32_t>(step.consumed);
        window_used_ += step.produced;
        using enum Inflater::Status;
        if (step.status == bad_header || step.status == bad_data) return Error::inflate_failed;
        // Its inflater looks at the Adler-32 only in the call that also saw the stream's header.
        if (step.status == bad_adler && adler_counts_) return Error::inflate_failed;
        stream_done_ = step.status == done || step.status == data_done || step.status == bad_adler;
        if (stream_done_ || window_used_ == window_.size()) {
            const ByteView data = ByteView(window_).first(window_used_);
            window_used_ = 0;
            adler_counts_ = false;
            if (const Error failed = write(data);
                failed != Error::none || outcome_ != Loader::running)
                return failed;
        }
        if (step.status == more_input && last) return Error::inflate_failed;
    }
    return Error::none;
}

StubLoader::Error StubLoader::flash_end(const Request& request) {
    if (request.data.size() != 4) return Error::bad_length;
    if (!flash_.begun) return Error::not_begun;
    if (flash_.remaining != 0) return former_ ? Error::not_enough_data : Error::bad_length;
    flash_ = {};
    return former_ ? pending_ : Error::none;
}

StubLoader::Error StubLoader::erase_region(const Request& request) {
    if (request.data.size() != 8) return Error::bad_length;
    const std::uint32_t at = stub_word(request.data, 0);
    const std::uint32_t size = stub_word(request.data, 1);
    if (at % Flash::sector != 0 || size % Flash::sector != 0) return Error::bad_length;
    const std::uint64_t end = static_cast<std::uint64_t>(at) + size;
    take_protection_away();
    for (std::uint64_t i = at; i < end;) {
        const bool block = i % Flash::block == 0 && end - i >= Flash::block;
        if (block)
            chip_->flash.erase_block(static_cast<std::uint32_t>(i));
        else
            chip_->flash.erase_sector(static_cast<std::uint32_t>(i));
        const Timings& timings = chip_->time.timings();
        chip_->time.erase(block ? timings.block_erase : timings.sector_erase);
        i += block ? Flash::block : Flash::sector;
    }
    chip_->time.await_flash();
    return Error::none;
}

}  // namespace imprint::simulator
