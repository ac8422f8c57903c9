// The dialogue: frames in, the command that each is, replies.
#include "simulator/stub_loader.h"

#include <algorithm>

#include "base/digest.h"
#include "simulator/stub_loader_parts.h"

namespace imprint::simulator {

namespace {

constexpr std::size_t largest_frame = 0x4000 + 64;
constexpr std::uint32_t largest_packet = 4096;
constexpr std::size_t window_size = 32U << 10;
// The former stub's interrupt comes when this much is in the UART's buffer, or nothing has come for
// the time of ten bytes (ESP32 Technical Reference Manual, UART_RXFIFO_FULL_THRHD, UART_RX_TOUT; as
// the ROM sets them).
constexpr unsigned interrupt_at = 120;
constexpr int quiet_bytes = 10;

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
            return reply(request.op, Error::none, chip_->memory.read(stub_word(request.data, 0)));
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
            pending_ = inflate_and_write(request.data.subspan(data_header),
                                         stub_word(request.data, 1) == 0);
            return;
        }
        case Op::flash_end:
        case Op::flash_defl_end: {
            const Error result = flash_end(request);
            finish(result);
            if (former_ && result == Error::none && stub_word(request.data, 0) == 0)
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
            if (sized(8) == Error::none) chip_->uart.set_baud(stub_word(request.data, 0));
            return;
        case Op::spi_flash_md5: {
            if (sized(16) != Error::none) return finish(Error::bad_length);
            const std::uint32_t at = stub_word(request.data, 0);
            const std::uint32_t size = stub_word(request.data, 1);
            if (!readable(at, size)) return finish(Error::spi_failed);
            chip_->time.hash(size);
            return reply(request.op, Error::none, 0, md5(chip_->flash.read(at, size)));
        }
        case Op::get_security_info:
            return tell_security(request);
        case Op::erase_flash:
            take_protection_away();
            chip_->flash.erase_chip();
            chip_->time.erase(chip_->time.timings().chip_erase);
            chip_->time.await_flash();
            return finish(Error::none);
        case Op::erase_region:
            return finish(erase_region(request));
        case Op::read_flash: {
            finish(sized(16));
            if (sized(16) != Error::none) return;
            const Reading reading{stub_word(request.data, 0), stub_word(request.data, 1),
                                  stub_word(request.data, 2), 0};
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

}  // namespace imprint::simulator
