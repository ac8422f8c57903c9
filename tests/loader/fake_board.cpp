#include "loader/fake_board.h"

#include <algorithm>
#include <zlib.h>

#include "base/digest.h"
#include "loader/identify.h"
#include "loader/slip.h"

namespace imprint::loader::fake_testing {

namespace {

constexpr Milliseconds en_rise{10};
constexpr std::uint32_t window = 0x8000;

Error gone() {
    return {ErrorKind::board, "port_gone", "/dev/ttyFAKE0 is gone", {}, {}};
}

Bytes unescaped(const Bytes& frame) {
    Bytes content;
    for (std::size_t i = 0; i < frame.size(); ++i) {
        if (frame[i] == 0xDB && i + 1 < frame.size())
            content.push_back(frame[++i] == 0xDC ? 0xC0 : 0xDB);
        else
            content.push_back(frame[i]);
    }
    return content;
}

bool is_block(Op op) {
    return op == Op::flash_data || op == Op::flash_defl_data || op == Op::mem_data;
}

}  // namespace

struct FakeBoard::Inflow {
    bool deflated = false;
    std::uint32_t size = 0;
    std::uint32_t blocks = 0;
    std::uint32_t next_sequence = 0;
    std::uint32_t at = 0;
    std::uint32_t remaining = 0;
    z_stream stream{};
    Bytes filling = Bytes(window);
    std::uint32_t filled = 0;
    bool stream_ended = false;

    explicit Inflow(bool is_deflated) : deflated(is_deflated) {
        if (deflated) inflateInit(&stream);
    }

    Inflow(const Inflow&) = delete;
    Inflow& operator=(const Inflow&) = delete;

    ~Inflow() {
        if (deflated) inflateEnd(&stream);
    }
};

FakeBoard::FakeBoard(FakeClock& clock) : clock_(&clock) {
    registers[0x40001000] = 0x00F01D83;
    registers[0x3FF40014] = 40'000'000 / 115200;
    registers[0x3FF5A00C] = 1U << 15;  // revision 3.0
    registers[0x3FF5A014] = 1U << 20;
    registers[0x3FF6607C] = 1U << 31;
    set_mac(mac);
}

void FakeBoard::set_mac(const MacAddress& address) {
    mac = address;
    const auto& o = mac.octets;
    registers[chip->mac_register] =
        static_cast<std::uint32_t>(o[2]) << 24 | o[3] << 16 | o[4] << 8 | o[5];
    registers[chip->mac_register + 4] =
        (chip->mac_has_crc ? static_cast<std::uint32_t>(mac_crc(mac)) << 16 : 0U) | o[0] << 8 |
        o[1];
}

unsigned FakeBoard::count(Op op) const {
    return static_cast<unsigned>(std::ranges::count(seen, op, &Seen::op));
}

// --- the port ------------------------------------------------------------------------------------

Result<std::size_t> FakeBoard::read(std::span<std::uint8_t> into, Milliseconds patience) {
    power_up();
    if (unplugged_) return std::unexpected(gone());
    settle();
    arrive();
    if (output_.empty() && !under_way_.empty() &&
        under_way_.front().first <= clock_->now() + patience && reader_stalls.count() == 0) {
        clock_->advance(std::chrono::ceil<Milliseconds>(under_way_.front().first - clock_->now()));
        arrive();
    }
    if (output_.empty()) {
        clock_->advance(patience.count() > 0 ? patience + reader_stalls : patience);
        return 0;
    }
    // In pieces, as a bridge gives them.
    const std::size_t size = std::min({into.size(), output_.size(), std::size_t{1000}});
    std::copy_n(output_.begin(), size, into.begin());
    output_.erase(output_.begin(), output_.begin() + static_cast<std::ptrdiff_t>(size));
    return size;
}

Result<void> FakeBoard::write(ByteView bytes) {
    power_up();
    if (unplugged_) return std::unexpected(gone());
    settle();
    for (const std::uint8_t byte : bytes)
        receive(byte);
    return {};
}

Result<void> FakeBoard::set_lines(transport::Lines lines) {
    power_up();
    if (unplugged_) return std::unexpected(gone());
    line_changes.push_back(lines);
    if (clock_->now() - rises_since_ >= en_rise) settle();
    lines_ = lines;
    if (!lines_wired) return {};
    const bool en_low = lines.rts && !lines.dtr;
    if (en_low && mode_ != Mode::in_reset) {
        mode_ = Mode::in_reset;
        rising_ = false;
        ++resets;
        if (on_reset) on_reset();
    } else if (!en_low && mode_ == Mode::in_reset) {
        rising_ = true;
        rises_since_ = clock_->now();
    }
    return {};
}

Result<void> FakeBoard::set_baud(std::uint32_t baud) {
    settle();
    port_baud_ = baud;
    return {};
}

Result<void> FakeBoard::discard_input() {
    output_.clear();
    return {};
}

bool FakeBoard::deaf() const {
    if (!port_traits.has_baud) return false;
    const std::int64_t off = static_cast<std::int64_t>(port_baud_) - chip_baud_;
    return std::abs(off) * 100 > static_cast<std::int64_t>(port_baud_) * 3 ||
           port_baud_ > deaf_above;
}

// --- power and reset -----------------------------------------------------------------------------

void FakeBoard::power_up() {
    if (mode_ != Mode::unpowered) return;
    if (loader_entered || stub_runs_at_start)
        mode_ = stub_runs_at_start ? Mode::stub : Mode::rom;
    else
        start(false);
    attached_ = stub_runs_at_start;
}

// EN has a capacitor: by the time that it is up, IO0 counts.
void FakeBoard::settle() {
    if (!rising_) return;
    rising_ = false;
    start(io0_wired && lines_.dtr && !lines_.rts);
}

void FakeBoard::start(bool download) {
    chip_baud_ = 115200;
    attached_ = false;
    flash_limit_ = 2U << 20;
    inflow_.reset();
    reading_.reset();
    deferred_error_ = 0;
    in_frame_ = false;
    frame_.clear();
    mode_ = download ? Mode::rom : Mode::application;
    say(as_bytes(boot_log));
    say(as_bytes(download ? "boot:0x3 (DOWNLOAD_BOOT)\r\nwaiting for download\r\n"
                          : "boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n" + application_log));
}

void FakeBoard::say(ByteView bytes) {
    const Bytes heard =
        deaf() ? Bytes(bytes.size() / 4 + 1, 0x80) : Bytes(bytes.begin(), bytes.end());
    under_way_.emplace_back(clock_->now() + under_way, heard);
    arrive();
}

void FakeBoard::arrive() {
    while (!under_way_.empty() && under_way_.front().first <= clock_->now()) {
        const Bytes& bytes = under_way_.front().second;
        output_.insert(output_.end(), bytes.begin(), bytes.end());
        under_way_.pop_front();
    }
}

// --- frames, as the stub's slip_recv_byte takes them
// -----------------------------------------------

void FakeBoard::receive(std::uint8_t byte) {
    if (mode_ != Mode::rom && mode_ != Mode::stub) return;
    if (deaf()) return;
    if (byte != 0xC0) {
        if (in_frame_) frame_.push_back(byte);
        return;
    }
    if (!in_frame_) {
        in_frame_ = true;
        return;
    }
    in_frame_ = false;
    Bytes content = unescaped(std::exchange(frame_, {}));
    if (content.empty() && empty_frame_repeats) content = former_frame_;
    former_frame_ = content;
    if (!content.empty()) handle(content);
}

void FakeBoard::handle(const Bytes& frame) {
    if (reading_) {
        // Whatever has the size of an acknowledgement is one; anything else ends the reading.
        if (frame.size() == 4 && get_u32(frame, 0) < reading_->end - reading_->start)
            send_packet();
        else {
            const auto read =
                ByteView(flash).subspan(reading_->start, reading_->end - reading_->start);
            reading_.reset();
            say(slip_frame(md5(read)));
        }
        return;
    }
    if (frame.size() < 8 || frame[0] != 0) return;
    const Seen request{static_cast<Op>(frame[1]), Bytes(frame.begin() + 8, frame.end()),
                       mode_ == Mode::stub};
    const unsigned number = numbers_[request.op]++;
    const Fault now = fault ? fault(request, number) : Fault::none;
    switch (now) {
        case Fault::lose_request:
            return;
        case Fault::hang:
            mode_ = Mode::hung;
            return;
        case Fault::unplug:
            unplugged_ = true;
            return;
        default:
            break;
    }
    seen.push_back(request);
    const auto length_ok = get_u16(frame, 2) == frame.size() - 8;
    if (mode_ == Mode::stub && !length_ok) {
        reply(request.op, 0xC0);
        return;
    }
    // What went wrong behind an acknowledgement is the answer to what follows it.
    if (deferred_error_ != 0) {
        reply(request.op, std::exchange(deferred_error_, 0));
        return;
    }
    const bool checksum_ok = !is_block(request.op) || request.data.size() < 16 ||
                             get_u32(frame, 4) == checksum(ByteView(request.data).subspan(16));
    reply_fault_ =
        now == Fault::lose_reply || now == Fault::damage_reply || now == Fault::shorten_reply
            ? std::optional(now)
            : std::nullopt;
    carry_out(request, checksum_ok ? now : Fault::damage_block);
    reply_fault_.reset();
    if (next_baud_ != 0) chip_baud_ = std::exchange(next_baud_, 0);
}

void FakeBoard::reply(Op op, std::uint8_t error, ByteView data, std::uint32_t value) {
    const bool stub = mode_ == Mode::stub;
    Bytes content{1, static_cast<std::uint8_t>(op)};
    append_u16(content, static_cast<std::uint16_t>(data.size() + (stub ? 2 : 4)));
    append_u32(content, value);
    append(content, data);
    if (stub)
        append(content, Bytes{error, 0});
    else
        append(content, Bytes{static_cast<std::uint8_t>(error != 0 ? 1 : 0), error, 0, 0});
    last_reply_ = content;
    last_copies_ = 1;
    if (reply_fault_ == Fault::lose_reply) return;
    if (reply_fault_ == Fault::damage_reply) content[5] ^= 0x10;
    if (reply_fault_ == Fault::shorten_reply) content.erase(content.begin() + 5);
    say(slip_frame(content));
}

// --- commands ------------------------------------------------------------------------------------

void FakeBoard::carry_out(const Seen& request, Fault fault_now) {
    const bool stub = mode_ == Mode::stub;
    const Op op = request.op;
    switch (op) {
        case Op::sync:
            for (int i = 0; i < 8; ++i)
                reply(op, 0, {}, stub ? 0 : 0x20120707);
            last_copies_ = 8;
            return;
        case Op::read_reg:
            if (!reads_registers) return reply(op, 0x05);
            return reply(op, 0, {}, read_register(request.word(0)));
        case Op::write_reg:
            write_register(request.word(0), request.word(1));
            return reply(op, 0);
        case Op::mem_begin:
            return reply(op, 0);
        case Op::mem_data:
            return reply(op, fault_now == Fault::damage_block ? 0x07 : 0);
        case Op::mem_end:
            reply(op, 0);
            if (request.word(0) == 0) start_stub(secure_boot_hook == 0);
            return;
        case Op::spi_attach:
            attached_ = true;
            return reply(op, request.data.size() == (stub ? 4U : 8U) ? 0 : 0x05);
        case Op::spi_set_params:
            flash_limit_ = request.word(1);
            return reply(op, 0);
        case Op::change_baudrate: {
            const std::uint64_t asked = request.word(0);
            next_baud_ =
                static_cast<std::uint32_t>(stub ? asked : asked * 40'000'000 / rom_crystal);
            return reply(op, 0);
        }
        case Op::flash_begin:
        case Op::flash_defl_begin:
            return begin(request, op == Op::flash_defl_begin);
        case Op::flash_data:
        case Op::flash_defl_data:
            return block(request, fault_now);
        case Op::flash_end:
            reply(op, 0);
            if (!stub && request.word(0) == 1) start(false);
            return;
        case Op::spi_flash_md5: {
            const auto digest = md5(ByteView(flash).subspan(request.word(0), request.word(1)));
            if (!attached_) return reply(op, stub ? 0xC4 : 0x09);
            return stub ? reply(op, 0, digest) : reply(op, 0, as_bytes(to_hex(digest)));
        }
        case Op::read_flash_slow:
            if (stub) break;
            if (registers.contains(secure_boot_hook)) return start_stub(true);
            return reply(op, 0, ByteView(flash).subspan(request.word(0), 64));
        case Op::erase_region:
            if (!stub) break;
            erase(request.word(0), request.word(1));
            return reply(op, 0);
        case Op::read_flash:
            if (!stub) break;
            return read_flash(request);
        case Op::get_security_info:
            if (!security_info) break;
            return reply(op, 0, *security_info);
        default:
            break;
    }
    if (stub) return reply(op, 0xC3);
    // The ROM repeats what it said last, as often, with this error.
    Bytes again = last_reply_;
    if (again.size() >= 12) {
        again[again.size() - 4] = 1;
        again[again.size() - 3] = rom_invalid_message;
    }
    for (unsigned i = 0; i < last_copies_; ++i)
        say(slip_frame(again));
}

void FakeBoard::start_stub(bool may_jump) {
    const bool starts = may_jump && stub_starts;
    mode_ = starts ? Mode::stub : Mode::hung;
    attached_ = true;
    if (starts) say(slip_frame(as_bytes("OHAI")));
}

std::uint32_t FakeBoard::read_register(std::uint32_t address) const {
    const auto found = registers.find(address);
    return found == registers.end() ? 0 : found->second;
}

void FakeBoard::write_register(std::uint32_t address, std::uint32_t value) {
    registers[address] = value;
    const SpiController& spi = chip->spi;
    if (address != spi.base || (value & 1U << 18) == 0) return;
    registers[spi.base] = 0;
    const bool asks_id = (registers[spi.base + spi.usr2] & 0xFF) == 0x9F;
    registers[spi.base + spi.w0] = asks_id && attached_ ? flash_id : 0xFFFFFF;
}

// --- flash ---------------------------------------------------------------------------------------

void FakeBoard::erase(std::uint32_t from, std::uint32_t size) {
    const auto end = static_cast<std::uint32_t>(round_up(from + size, 0x1000));
    if (end > flash.size()) return;
    const std::uint32_t start_of_sector = from & ~0xFFFU;
    std::fill(flash.begin() + start_of_sector, flash.begin() + end, 0xFF);
}

void FakeBoard::program(std::uint32_t at, ByteView data) {
    for (std::size_t i = 0; i < data.size() && at + i < flash.size(); ++i)
        flash[at + i] &= data[i];
}

void FakeBoard::begin(const Seen& request, bool deflated) {
    const bool stub = mode_ == Mode::stub;
    const std::uint32_t size = request.word(0);
    const std::uint32_t at = request.word(3);
    const std::size_t expected = !stub && chip->rom_encrypted_word ? 20 : 16;
    if (request.data.size() != expected) return reply(request.op, stub ? 0xC0 : 0x05);
    if (!attached_ || (size > 0 && at + size > flash_limit_))
        return reply(request.op, stub ? 0xC4 : 0x06);
    erase(at, size);
    inflow_ = std::make_shared<Inflow>(deflated);
    inflow_->size = size;
    inflow_->remaining = size;
    inflow_->blocks = request.word(1);
    inflow_->at = at;
    reply(request.op, 0);
}

void FakeBoard::block(const Seen& request, Fault fault_now) {
    const bool stub = mode_ == Mode::stub;
    const ByteView data = ByteView(request.data).subspan(16);
    if (!inflow_) return reply(request.op, stub ? 0xC6 : 0x05);
    if (!stub && request.word(1) != inflow_->next_sequence) return reply(request.op, 0x05);
    if (!stub) ++inflow_->next_sequence;
    if (fault_now == Fault::damage_block) return reply(request.op, stub ? 0xC1 : 0x07);

    bool good = true;
    if (inflow_->deflated) {
        good = inflate_block(data);
    } else {
        program(inflow_->at, data);
        inflow_->at += static_cast<std::uint32_t>(data.size());
    }
    std::uint8_t error = good ? 0 : stub ? 0xC7 : 0x0B;
    if (fault_now == Fault::fail_write) error = stub ? 0xC4 : 0x08;
    if (!stub) return reply(request.op, error);
    reply(request.op, 0);
    deferred_error_ = error;
}

// The stub writes what it has inflated once its window is full or the stream ends; the ROM writes
// its window whole.
bool FakeBoard::inflate_block(ByteView data) {
    Inflow& in = *inflow_;
    const bool stub = mode_ == Mode::stub;
    if (in.stream_ended) return false;
    in.stream.next_in = const_cast<Bytef*>(data.data());
    in.stream.avail_in = static_cast<uInt>(data.size());
    for (;;) {
        in.stream.next_out = in.filling.data() + in.filled;
        in.stream.avail_out = window - in.filled;
        const int result = inflate(&in.stream, Z_NO_FLUSH);
        if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) return false;
        in.filled = window - in.stream.avail_out;
        const bool ended = result == Z_STREAM_END;
        if (in.filled == window || (ended && (in.filled > 0 || !stub))) {
            const std::uint32_t size = stub ? std::min(in.filled, in.remaining) : window;
            program(in.at, ByteView(in.filling).first(size));
            in.at += in.filled;
            in.remaining -= std::min(in.filled, in.remaining);
            in.filled = 0;
        }
        if (ended) {
            in.stream_ended = true;
            return true;
        }
        if (in.stream.avail_in == 0 && in.stream.avail_out != 0) return true;
        if (result == Z_BUF_ERROR && in.stream.avail_in == 0) return true;
    }
}

void FakeBoard::read_flash(const Seen& request) {
    reply(Op::read_flash, 0);
    reading_ = Reading{request.word(0), request.word(0) + request.word(1), request.word(0)};
    send_packet();
}

void FakeBoard::send_packet() {
    Reading& reading = *reading_;
    const std::uint32_t size = std::min(0x1000U, reading.end - reading.at);
    Bytes packet(flash.begin() + reading.at, flash.begin() + reading.at + size);
    reading.at += size;
    const Seen as_request{static_cast<Op>(0xFE), {}, true};
    const Fault now = fault ? fault(as_request, numbers_[as_request.op]++) : Fault::none;
    if (now == Fault::lose_reply) return;
    if (now == Fault::damage_reply) packet[packet.size() / 2] ^= 1;
    if (now == Fault::shorten_reply) packet.pop_back();
    say(slip_frame(packet));
}

}  // namespace imprint::loader::fake_testing
