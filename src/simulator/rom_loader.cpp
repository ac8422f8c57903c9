#include "simulator/rom_loader.h"

#include <algorithm>

#include "base/digest.h"

namespace imprint::simulator {

namespace {

// The ROM's error numbers: serial-protocol.rst, "ROM Loader Errors".
enum RomError : std::uint8_t {
    invalid_message = 0x05,
    failed_to_act = 0x06,
    invalid_checksum = 0x07,
    flash_write_failed = 0x08,
    flash_read_failed = 0x09,
    deflate_failed = 0x0B,
    adler_failed = 0x0C,
};

constexpr std::size_t largest_frame = 0x2800;
constexpr std::uint32_t largest_block = 0x1800;
constexpr std::size_t window_size = 32U << 10;
constexpr std::size_t slow_read_size = 64;
constexpr unsigned sync_replies = 8;

}  // namespace

RomLoader::RomLoader(Chip& chip)
    : chip_(&chip),
      slip_(largest_frame),
      buffer_(largest_frame),
      reply_{1, static_cast<std::uint8_t>(Op::sync), 4, 0, 0, 0, 0, 0},
      slow_read_(slow_read_size),
      window_(window_size) {}

Loader RomLoader::receive(std::uint8_t byte) {
    const auto frame = slip_.receive(byte);
    if (!frame || frame->size() < request_header) return Loader::running;
    chip_->time.idle_until(chip_->time.received());
    chip_->time.spend(chip_->time.timings().command);
    return handle(*frame);
}

Loader RomLoader::handle(ByteView frame) {
    // The length in the header is not looked at: what came between the delimiters counts.
    Request request{Op{frame[1]}, get_u32(frame, 4), frame.size() - request_header, {}};
    const ByteView data = frame.subspan(request_header);
    std::ranges::copy(data, buffer_.begin());
    if (data.size() > data_header) request.data = data.subspan(data_header);
    if (frame[0] != 0) {
        repeat_last_as_invalid();
        return Loader::running;
    }
    return dispatch(request);
}

std::uint32_t RomLoader::word(std::size_t i) const {
    return get_u32(buffer_, 4 * i);
}

bool RomLoader::permits(Op op) const {
    if (!chip_->fuses.secure_download) return true;
    constexpr std::array permitted{
        Op::sync,        Op::spi_attach, Op::spi_set_params, Op::change_baudrate,
        Op::flash_begin, Op::flash_data, Op::flash_end,      Op::get_security_info};
    return std::ranges::find(permitted, op) != permitted.end();
}

Loader RomLoader::dispatch(const Request& request) {
    const Op op = request.op;
    if (!permits(op)) {
        // With the last command's op like an unknown one, but nothing in front of the status, where
        // hosts look for it (esptool esptool/loader.py, command); an S2 was not recorded.
        reply_.resize(request_header);
        reply_[2] = 4;
        reply_[3] = 0;
        repeat_last_as_invalid();
        return Loader::running;
    }
    switch (op) {
        case Op::sync:
            sync();
            break;
        case Op::read_reg:
            value_ = chip_->memory.read(word(0));
            forget_error();
            succeed(op);
            break;
        case Op::write_reg:
            write_registers(request.size);
            break;
        case Op::mem_begin:
        case Op::flash_begin:
        case Op::flash_defl_begin:
            begin(op, request);
            break;
        case Op::mem_data:
            mem_data(request);
            break;
        case Op::mem_end:
            return mem_end();
        case Op::flash_data:
            flash_data(request);
            break;
        case Op::flash_defl_data:
            return flash_deflated(request);
        case Op::flash_end:
        case Op::flash_defl_end:
            return flash_end(request);
        case Op::spi_attach:
            chip_->spi.attached = true;
            forget_error();
            succeed(op);
            break;
        case Op::spi_set_params:
            set_flash_size(request.size);
            break;
        case Op::change_baudrate:
            change_baud();
            break;
        case Op::read_flash_slow:
            if (calls_stub()) return Loader::stub_started;
            read_slowly();
            break;
        case Op::spi_flash_md5:
            md5_of_flash();
            break;
        case Op::get_security_info:
            tell_security();
            break;
        default:
            repeat_last_as_invalid();
    }
    return Loader::running;
}

// --- replies -------------------------------------------------------------------------------------

void RomLoader::reply(Op op, std::uint8_t status, ByteView data) {
    reply_ = {1, static_cast<std::uint8_t>(op)};
    append_u16(reply_, static_cast<std::uint16_t>(data.size() + 4));
    append_u32(reply_, value_);
    append(reply_, data);
    copies_ = 1;
    send_reply(status);
}

void RomLoader::send_reply(std::uint8_t status) {
    Bytes frame = reply_;
    Bytes tail(chip_->model.status_size);
    tail[0] = status;
    tail[1] = error_;
    append(frame, tail);
    chip_->uart.send(slip_frame(frame));
}

void RomLoader::succeed(Op op, ByteView data) {
    reply(op, 0, data);
}

void RomLoader::refuse(Op op, std::uint8_t error, ByteView data) {
    error_ = error;
    reply(op, 1, data);
}

void RomLoader::repeat_last_as_invalid() {
    error_ = invalid_message;
    for (unsigned i = 0; i < copies_; ++i)
        send_reply(1);
}

// --- registers and RAM ---------------------------------------------------------------------------

void RomLoader::sync() {
    synced_ = true;
    value_ = word(0);
    forget_error();
    for (unsigned i = 0; i < sync_replies; ++i)
        succeed(Op::sync);
    copies_ = sync_replies;
}

void RomLoader::write_registers(std::size_t size) {
    const std::size_t count = std::max<std::size_t>(size / 16, 1);
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t address = word(4 * i);
        const std::uint32_t mask = word(4 * i + 2);
        const std::uint32_t kept = mask == 0xFFFFFFFF ? 0 : chip_->memory.read(address) & ~mask;
        chip_->memory.write(address, (word(4 * i + 1) & mask) | kept);
    }
    forget_error();
    succeed(Op::write_reg);
}

// A fifth word asks for encrypted writing; it never comes with MEM_BEGIN.
bool RomLoader::begins_well(Op op, std::size_t size) const {
    if (op == Op::mem_begin) return size == 16;
    const ChipModel& model = chip_->model;
    if (size < 4 * model.least_begin_words || size > 4 * model.most_begin_words) return false;
    return size % 4 == 0 && (size < 20 || word(4) <= (chip_->can_encrypt() ? 1U : 0U));
}

void RomLoader::begin(Op op, const Request& request) {
    const std::uint32_t size = word(0);
    const std::uint32_t block_size = word(2);
    const std::uint32_t address = word(3);
    if (!begins_well(op, request.size) || block_size > largest_block) {
        refuse(op, invalid_message);
        return;
    }
    Transfer& transfer = op == Op::mem_begin ? ram_ : flash_;
    transfer = {true, size, word(1), block_size, 0, address, 0, false};
    transfer.encrypted = op != Op::mem_begin && request.size >= 20 && word(4) == 1;
    if (op == Op::mem_begin) {
        upload_.begin(address, size);
        succeed(op);
        return;
    }
    if (op == Op::flash_defl_begin) {
        inflater_.restart();
        window_used_ = 0;
        stream_done_ = false;
    }
    // The transfer stays begun when the erase fails: blocks are accepted then, and mostly lost.
    if (erase(address, size))
        succeed(op);
    else
        refuse(op, failed_to_act);
}

bool RomLoader::admit_block(const Request& request, Transfer& transfer) {
    const bool fits = request.size <= data_header + largest_block;
    if (!transfer.begun || !fits || transfer.block_size == 0 || word(1) != transfer.next_sequence) {
        refuse(request.op, invalid_message);
        return false;
    }
    ++transfer.next_sequence;
    if (request.checksum != data_checksum(request.data)) {
        refuse(request.op, invalid_checksum);
        return false;
    }
    return true;
}

void RomLoader::mem_data(const Request& request) {
    if (!admit_block(request, ram_)) return;
    chip_->memory.load(ram_.address, request.data);
    const auto size = static_cast<std::uint32_t>(request.data.size());
    ram_.address += size;
    upload_.received(size);
    succeed(Op::mem_data);
}

Loader RomLoader::mem_end() {
    const bool stay = word(0) != 0;
    const std::uint32_t entry = word(1);
    ram_.begun = false;
    succeed(Op::mem_end);
    if (stay || (chip_->fuses.secure_boot && chip_->model.secure_boot_hook != 0))
        return Loader::running;
    return upload_.is_stub(chip_->memory, entry) ? Loader::stub_started : Loader::hangs;
}

// --- flash ---------------------------------------------------------------------------------------

bool RomLoader::erase(std::uint32_t at, std::uint32_t size) {
    const std::uint64_t end = round_up(static_cast<std::uint64_t>(at) + size, Flash::sector);
    if (size == 0) return true;
    if (!chip_->spi.attached || at % Flash::sector != 0 || end > chip_->spi.limit) return false;
    chip_->flash.status().unlock();
    for (std::uint64_t i = at; i < end; i += Flash::sector) {
        chip_->flash.erase_sector(static_cast<std::uint32_t>(i));
        chip_->time.erase(chip_->time.timings().sector_erase);
    }
    chip_->time.await_flash();
    return true;
}

bool RomLoader::readable(std::uint32_t at, std::uint32_t size) const {
    return chip_->spi.attached && static_cast<std::uint64_t>(at) + size <= chip_->spi.limit;
}

// Behind the limit nothing is written, and nobody says so.
bool RomLoader::program(std::uint32_t at, ByteView data) {
    if (!readable(at, static_cast<std::uint32_t>(data.size()))) return true;
    const bool taken = chip_->program(at, data, flash_.encrypted);
    chip_->time.program(data.size());
    return taken;
}

void RomLoader::flash_data(const Request& request) {
    if (!admit_block(request, flash_)) return;
    const bool taken = program(flash_.address, request.data);
    const auto size = static_cast<std::uint32_t>(request.data.size());
    flash_.address += size;
    flash_.received += size;
    if (taken)
        succeed(Op::flash_data);
    else
        refuse(Op::flash_data, flash_write_failed);
}

Loader RomLoader::flash_deflated(const Request& request) {
    if (!admit_block(request, flash_)) return Loader::running;
    if (stream_done_) return Loader::hangs;  // its loop waits for progress that cannot come
    const bool last = flash_.next_sequence >= flash_.blocks;
    ByteView input = request.data;
    for (;;) {
        const auto room = std::span(window_).subspan(window_used_);
        const Inflater::Step step = inflater_.step(input, room);
        input = input.subspan(step.consumed);
        chip_->time.spend_for(chip_->time.timings().inflate_kb, step.produced);
        window_used_ += step.produced;
        flash_.received += static_cast<std::uint32_t>(step.produced);
        const auto status = step.status;
        if (status == Inflater::Status::bad_header || status == Inflater::Status::bad_data) {
            refuse(request.op, deflate_failed);
            return Loader::running;
        }
        stream_done_ = status == Inflater::Status::done;
        const bool short_of_input =
            status == Inflater::Status::more_input || status == Inflater::Status::data_done;
        if (status == Inflater::Status::bad_adler || (short_of_input && last)) {
            refuse(request.op, request.data.empty() ? deflate_failed : adler_failed);
            return Loader::running;
        }
        bool taken = window_used_ != window_.size() || write_window();
        // Also an empty window is written again; a stream that ends before its last announced
        // block stays unwritten.
        if (stream_done_ && last) taken = write_window() && taken;
        if (!taken) {
            refuse(request.op, flash_write_failed);
            return Loader::running;
        }
        if (stream_done_ || short_of_input) break;
    }
    succeed(request.op);
    return Loader::running;
}

bool RomLoader::write_window() {
    const bool taken = program(flash_.address, window_);
    flash_.address += static_cast<std::uint32_t>(window_.size());
    window_used_ = 0;
    return taken;
}

Loader RomLoader::flash_end(const Request& request) {
    const bool deflated = request.op == Op::flash_defl_end;
    const bool complete = request.size >= 4 && flash_.received >= flash_.size;
    const bool stay = word(0) != 0;
    flash_.begun = false;
    if (complete || deflated)
        succeed(request.op);
    else
        refuse(request.op, failed_to_act);
    if (!stay) {
        chip_->uart.send(Bytes{0xC0, 0xC0});
        return Loader::resets;
    }
    return deflated ? Loader::running : Loader::boots_flash;
}

void RomLoader::set_flash_size(std::size_t size) {
    if (size < 24) {
        refuse(Op::spi_set_params, invalid_message);
        return;
    }
    chip_->spi.limit = word(1);
    succeed(Op::spi_set_params);
}

// Under secure boot the ROM does not jump into RAM, but the table of functions that it reads flash
// through lies there (esptool esptool/loader.py, run_stub).
bool RomLoader::calls_stub() const {
    const std::uint32_t hook = chip_->model.secure_boot_hook;
    return chip_->fuses.secure_boot && hook != 0 &&
           upload_.is_stub(chip_->memory, chip_->memory.read(hook));
}

void RomLoader::read_slowly() {
    const std::uint32_t at = word(0);
    const std::uint32_t size = std::min<std::uint32_t>(word(1), slow_read_size);
    if (!readable(at, size)) {
        refuse(Op::read_flash_slow, flash_read_failed, slow_read_);
        return;
    }
    // The reply is 64 bytes long whatever was asked for.
    chip_->time.read(size);
    std::ranges::copy(chip_->flash.read(at, size), slow_read_.begin());
    forget_error();
    succeed(Op::read_flash_slow, slow_read_);
}

void RomLoader::md5_of_flash() {
    const std::uint32_t at = word(0);
    const std::uint32_t size = word(1);
    if (!readable(at, size)) {
        refuse(Op::spi_flash_md5, flash_read_failed, Bytes(32));
        return;
    }
    forget_error();
    chip_->time.hash(size);
    succeed(Op::spi_flash_md5, as_bytes(to_hex(md5(chip_->flash.read(at, size)))));
}

// Flags, flash encryption count, key purposes, and where there is room the chip's id and the
// version of its ROM's interface: serial-protocol.rst, "Commands". Nothing is secured.
void RomLoader::tell_security() {
    const Bytes info = chip_->security_info();
    if (info.empty()) {
        repeat_last_as_invalid();
        return;
    }
    forget_error();
    succeed(Op::get_security_info, info);
}

// --- the line ------------------------------------------------------------------------------------

void RomLoader::change_baud() {
    const std::uint32_t wanted = word(0);
    forget_error();
    succeed(Op::change_baudrate);
    // The divider comes from what the ROM takes for the crystal, the rate from what it is.
    const std::uint64_t rate =
        static_cast<std::uint64_t>(wanted) * chip_->model.crystal_hz / chip_->model.rom_crystal_hz;
    chip_->uart.set_baud(static_cast<std::uint32_t>(rate));
    chip_->uart.send(Bytes{0xC0, 0xC0});
}

}  // namespace imprint::simulator
