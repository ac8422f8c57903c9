#include "simulator/stub_loader.h"

#include <algorithm>

#include "base/digest.h"

namespace imprint::simulator {

// The high byte of the stub's response codes; the low one is always zero.
enum class StubLoader::Error : std::uint8_t {
    none = 0,
    bad_length = 0xC0,
    bad_checksum = 0xC1,
    bad_block_size = 0xC2,
    invalid_command = 0xC3,
    spi_failed = 0xC4,
    not_begun = 0xC6,
    inflate_failed = 0xC7,
    not_enough_data = 0xC8,
    too_much_data = 0xC9,
    unimplemented = 0xFF,
};

namespace {

constexpr std::size_t largest_frame = 0x4000 + 64;
constexpr std::uint32_t largest_packet = 4096;
constexpr std::size_t window_size = 32U << 10;
constexpr std::uint32_t largest_block = 0x4000;
// The former stub's interrupt comes when this much is in the UART's buffer, or nothing has come for
// the time of ten bytes (ESP32 Technical Reference Manual, UART_RXFIFO_FULL_THRHD, UART_RX_TOUT; as
// the ROM sets them).
constexpr unsigned interrupt_at = 120;
constexpr int quiet_bytes = 10;

std::uint32_t word(ByteView data, std::size_t i) {
    return get_u32(data, 4 * i);
}

}  // namespace

StubLoader::StubLoader(Chip& chip, bool former)
    : chip_(&chip),
      former_(former),
      slip_(largest_frame, former ? SlipReceiver::Empty::repeats : SlipReceiver::Empty::ends),
      pending_(Error::none),
      window_(window_size) {}

void StubLoader::start() {
    if (chip_->model.stub_uart_hz != 0) chip_->memory.set_uart_clock(chip_->model.stub_uart_hz);
    chip_->spi.attached = true;
    chip_->spi.limit = chip_->flash.told_size();  // by the chip's JEDEC id
    if (chip_->model.stub_addresses_32_bits) chip_->flash.take_addresses_of(32);
    chip_->uart.send(slip_frame(as_bytes("OHAI")));
}

Loader StubLoader::receive(std::uint8_t byte) {
    if (noted_) {
        const bool quiet = chip_->time.counts() && chip_->time.received() > noted_->due;
        noted_->due = quiet_after(chip_->time.received());
        if (quiet || ++noted_->followed_by >= interrupt_at)
            if (const Loader taken = take_noted(); taken != Loader::running) return taken;
    }
    if (slip_.idle()) frame_began_ = chip_->time.received();
    auto frame = slip_.receive(byte);
    if (!frame) return Loader::running;
    if (chip_->time.counts()) {
        if (!chip_->time.take_frame(frame_began_)) return Loader::running;
    } else if (frames_behind_a_write_ && ++*frames_behind_a_write_ > 1) {
        return Loader::running;
    }
    return former_ && !reading_ ? note(*std::move(frame)) : handle(*frame);
}

Instant StubLoader::quiet_after(Instant byte) const {
    if (!chip_->time.counts()) return byte;
    return byte + std::chrono::duration_cast<Instant::duration>(
                      on_the_wire(quiet_bytes, chip_->uart.baud()));
}

Loader StubLoader::note(Bytes frame) {
    noted_ = {std::move(frame), 0, quiet_after(chip_->time.received())};
    return Loader::running;
}

std::optional<Instant> StubLoader::wakes() const {
    return noted_ ? std::optional(noted_->due) : std::nullopt;
}

Loader StubLoader::tick(Instant now) {
    return noted_ && now >= noted_->due ? take_noted() : Loader::running;
}

Loader StubLoader::take_noted() {
    const Bytes frame = std::exchange(noted_, {})->frame;
    return handle(frame);
}

Loader StubLoader::handle(ByteView frame) {
    if (reading_) {
        answer_acknowledgement(frame);
        return Loader::running;
    }
    if (frame.size() < 2) return Loader::running;
    const Op op{frame[1]};
    if (frame[0] != 0) {
        reply(op, Error::invalid_command);
    } else if (frame.size() < request_header ||
               frame.size() - request_header != get_u16(frame, 2)) {
        reply(op, Error::bad_length);
    } else if (!former_ && pending_ != Error::none) {
        reply(op, pending_);
        pending_ = Error::none;
    } else {
        execute({op, get_u32(frame, 4), frame.subspan(request_header)});
    }
    return outcome_;
}

void StubLoader::reply(Op op, Error result, std::uint32_t value, ByteView data) {
    Bytes frame{1, static_cast<std::uint8_t>(op)};
    append_u16(frame, static_cast<std::uint16_t>(data.size() + 2));
    append_u32(frame, value);
    append(frame, data);
    append(frame, Bytes{static_cast<std::uint8_t>(result), 0});
    chip_->uart.send(slip_frame(frame));
}

void StubLoader::execute(const Request& request) {
    const auto sized = [&](std::size_t size) {
        return request.data.size() == size ? Error::none : Error::bad_length;
    };
    const auto finish = [&](Error result) { reply(request.op, result); };
    switch (request.op) {
        case Op::sync:
            if (sized(36) == Error::none)
                for (int i = 0; i < 7; ++i)
                    reply(Op::sync, Error::none);
            return finish(sized(36));
        case Op::read_reg:
            if (sized(4) != Error::none) return finish(Error::bad_length);
            return reply(request.op, Error::none, chip_->memory.read(word(request.data, 0)));
        case Op::write_reg:
            return finish(write_registers(request));
        case Op::mem_begin:
            return finish(mem_begin(request));
        case Op::mem_data:
            return finish(mem_data(request));
        case Op::mem_end:
            return end_upload(request);
        case Op::flash_begin:
            return finish(flash_begin(request, false));
        case Op::flash_defl_begin:
            return finish(flash_begin(request, true));
        case Op::flash_data: {
            const Error result = flash_data(request);
            finish(result);
            if (result != Error::none) return;
            frames_behind_a_write_ = 0;
            const ByteView data = request.data.subspan(data_header);
            pending_ = write(data.first(std::min<std::size_t>(data.size(), flash_.remaining)));
            return;
        }
        case Op::flash_defl_data: {
            const Error result = flash_defl_data(request);
            finish(result);
            if (result != Error::none) return;
            frames_behind_a_write_ = 0;
            pending_ =
                inflate_and_write(request.data.subspan(data_header), word(request.data, 1) == 0);
            return;
        }
        case Op::flash_end:
        case Op::flash_defl_end: {
            const Error result = flash_end(request);
            finish(result);
            if (former_ && result == Error::none && word(request.data, 0) == 0)
                outcome_ = Loader::resets;
            return;
        }
        case Op::spi_attach:
            if (sized(4) == Error::none) chip_->spi.attached = true;
            return finish(sized(4));
        case Op::spi_set_params:
            return finish(set_flash_size(request));
        case Op::change_baudrate:
            finish(sized(8));
            if (sized(8) == Error::none) chip_->uart.set_baud(word(request.data, 0));
            return;
        case Op::spi_flash_md5: {
            if (sized(16) != Error::none) return finish(Error::bad_length);
            const std::uint32_t at = word(request.data, 0);
            const std::uint32_t size = word(request.data, 1);
            if (!readable(at, size)) return finish(Error::spi_failed);
            chip_->time.hash(size);
            return reply(request.op, Error::none, 0, md5(chip_->flash.read(at, size)));
        }
        case Op::get_security_info:
            return tell_security(request);
        case Op::erase_flash:
            chip_->flash.status().unlock();
            chip_->flash.erase_chip();
            chip_->time.erase(chip_->time.timings().chip_erase);
            chip_->time.await_flash();
            return finish(Error::none);
        case Op::erase_region:
            return finish(erase_region(request));
        case Op::read_flash: {
            finish(sized(16));
            if (sized(16) != Error::none) return;
            const Reading reading{word(request.data, 0), word(request.data, 1),
                                  word(request.data, 2), 0};
            if (reading.packet > largest_packet) {
                pending_ = Error::bad_length;
            } else {
                reading_ = reading;
                send_packet();
            }
            return;
        }
        case Op::run_user_code:
            return;  // it neither answers nor does anything
        default:
            return finish(former_ ? Error::unimplemented : Error::invalid_command);
    }
}

// esp-stub-lib src/target/*/src/security.c: as its ROM tells it.
void StubLoader::tell_security(const Request& request) {
    const Bytes info = chip_->security_info();
    if (!request.data.empty()) return reply(request.op, Error::bad_length);
    if (info.empty()) return reply(request.op, Error::unimplemented);
    reply(request.op, Error::none, 0, info);
}

// --- registers and RAM ---------------------------------------------------------------------------

StubLoader::Error StubLoader::write_registers(const Request& request) {
    const ByteView data = request.data;
    if (data.empty() || data.size() % 16 != 0) return Error::not_enough_data;
    for (std::size_t i = 0; i < data.size() / 4; i += 4) {
        const std::uint32_t address = word(data, i);
        const std::uint32_t mask = word(data, i + 2);
        const std::uint32_t kept = mask == 0xFFFFFFFF ? 0 : chip_->memory.read(address) & ~mask;
        chip_->memory.write(address, (word(data, i + 1) & mask) | kept);
    }
    return Error::none;
}

StubLoader::Error StubLoader::mem_begin(const Request& request) {
    if (request.data.size() != 16) return Error::bad_length;
    ram_ = {true, word(request.data, 0), word(request.data, 3)};
    upload_.begin(ram_.address, ram_.remaining);
    return Error::none;
}

StubLoader::Error StubLoader::mem_data(const Request& request) {
    if (request.data.size() < data_header) return Error::not_enough_data;
    if (!ram_.begun) return Error::not_begun;
    const std::uint32_t size = word(request.data, 0);
    const ByteView data = request.data.subspan(data_header);
    if (size > ram_.remaining || size != data.size()) return Error::too_much_data;
    chip_->memory.load(ram_.address, data);
    upload_.received(size);
    ram_.address += size;
    ram_.remaining -= size;
    return Error::none;
}

StubLoader::Error StubLoader::mem_end(const Request& request) {
    if (request.data.size() != 8) return Error::bad_length;
    if (!ram_.begun) return Error::not_begun;
    ram_ = {};
    return Error::none;
}

// It runs what was loaded, and that may be a stub again. Another program is not modelled: it runs,
// and nothing answers.
void StubLoader::end_upload(const Request& request) {
    const Error result = mem_end(request);
    reply(request.op, result);
    if (result != Error::none || word(request.data, 0) != 0) return;
    outcome_ = upload_.is_stub(chip_->memory, word(request.data, 1)) ? Loader::stub_started
                                                                     : Loader::hangs;
}

// --- flash ---------------------------------------------------------------------------------------

bool StubLoader::readable(std::uint32_t at, std::uint32_t size) const {
    return static_cast<std::uint64_t>(at) + size <= chip_->spi.limit;
}

StubLoader::Error StubLoader::set_flash_size(const Request& request) {
    if (request.data.size() != 24) return Error::bad_length;
    chip_->spi.limit = word(request.data, 1);
    return Error::none;
}

StubLoader::Error StubLoader::flash_begin(const Request& request, bool deflated) {
    if (request.data.size() != 16 && request.data.size() != 20) return Error::bad_length;
    if (former_ && word(request.data, 2) > largest_block) return Error::bad_block_size;
    if (former_) pending_ = Error::none;
    const std::uint32_t size = word(request.data, 0);
    const std::uint32_t at = word(request.data, 3);
    flash_.begun = true;
    chip_->flash.status().unlock();
    flash_.remaining = size;
    flash_.address = at;
    flash_.encrypted = request.data.size() == 20 && word(request.data, 4) != 0;
    if (flash_.encrypted && !chip_->can_encrypt()) return Error::spi_failed;
    if (deflated) {
        flash_.compressed_remaining = word(request.data, 1) * word(request.data, 2);
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
    if (word(request.data, 0) != data.size())
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
    if (word(request.data, 0) != data.size())
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
    const std::uint32_t at = word(request.data, 0);
    const std::uint32_t size = word(request.data, 1);
    if (at % Flash::sector != 0 || size % Flash::sector != 0) return Error::bad_length;
    const std::uint64_t end = static_cast<std::uint64_t>(at) + size;
    chip_->flash.status().unlock();
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

// --- reading -------------------------------------------------------------------------------------

// One packet is under way at a time, whatever number the host asked for.
void StubLoader::send_packet() {
    if (!reading_) return;
    Reading& reading = *reading_;
    const std::uint32_t size = std::min(reading.size - reading.sent, reading.packet);
    if (size == 0 || !readable(reading.start + reading.sent, size)) {
        if (size != 0) {
            pending_ = Error::spi_failed;
        } else {
            chip_->time.hash(reading.size);
            chip_->uart.send(slip_frame(md5(chip_->flash.read(reading.start, reading.size))));
        }
        reading_.reset();
        return;
    }
    chip_->time.read(size);
    chip_->uart.send(slip_frame(chip_->flash.read(reading.start + reading.sent, size)));
    reading.sent += size;
}

void StubLoader::answer_acknowledgement(ByteView frame) {
    if (!reading_) return;
    const Reading reading = *reading_;
    const bool acknowledges = frame.size() == 4;
    const std::uint32_t count = acknowledges ? get_u32(frame, 0) : 0;
    if (acknowledges && (reading.sent < reading.size || count >= reading.size)) {
        send_packet();
        return;
    }
    if (acknowledges) return;  // the last acknowledgement counts too little: the stub waits on
    // Anything else ends the reading with the MD5 of what was sent.
    chip_->uart.send(slip_frame(md5(chip_->flash.read(reading.start, reading.sent))));
    reading_.reset();
}

}  // namespace imprint::simulator
