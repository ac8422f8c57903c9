// The UART bootloader in a chip's ROM.
//
// Its answers were recorded from the ESP32's ROM itself, run in an emulator (the recording is in
// tests/data/simulator/rom.json), oddities included. The ROMs of the other chips are assumed to be
// the same, except for what ChipModel says:
//   - a reply repeats parts of the last one where it sets nothing new: the value of the last
//     READ_REG, an error number after a success, the op and the number of the last command's
//     replies if a command is unknown (eight after a SYNC);
//   - most sizes are not checked: missing words are what an earlier request left in the buffer;
//   - the sequence number is incremented before the checksum is checked: no block can be resent;
//   - a deflated region is written in whole units of 32 KB, including older data of the buffer.
// The recording does not cover SPI_ATTACH, for the emulator's flash is always attached: that flash
// commands fail before it is documented by esptool (docs/en/advanced-topics/serial-protocol.rst).
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "simulator/chip.h"
#include "simulator/inflate.h"
#include "simulator/upload.h"
#include "simulator/wire.h"

namespace imprint::simulator {

class RomLoader {
  public:
    explicit RomLoader(Chip& chip);

    [[nodiscard]] Loader receive(std::uint8_t byte);

    // Until the first SYNC the ROM measures the host's rate and adopts it.
    [[nodiscard]] bool measures_baud() const { return !synced_; }

  private:
    struct Request {
        Op op = Op::sync;
        std::uint32_t checksum = 0;
        std::size_t size = 0;  // of the received data
        ByteView data;         // of a *_DATA command, after its header
    };

    // A series of *_DATA blocks that a *_BEGIN announced.
    struct Transfer {
        bool begun = false;
        std::uint32_t size = 0;
        std::uint32_t blocks = 0;
        std::uint32_t block_size = 0;
        std::uint32_t next_sequence = 0;
        std::uint32_t address = 0;  // of the next byte
        std::uint32_t received = 0;
        bool encrypted = false;
    };

    [[nodiscard]] Loader handle(ByteView frame);
    [[nodiscard]] Loader dispatch(const Request& request);
    // The error number of an earlier failure stays in the reply, unless forget_error was called.
    void succeed(Op op, ByteView data = {});
    void refuse(Op op, std::uint8_t error, ByteView data = {});
    void repeat_last_as_invalid();
    void reply(Op op, std::uint8_t status, ByteView data);
    void send_reply(std::uint8_t status);

    void forget_error() { error_ = 0; }

    void sync();
    void write_registers(std::size_t size);
    void begin(Op op, const Request& request);
    [[nodiscard]] bool admit_block(const Request& request, Transfer& transfer);
    void mem_data(const Request& request);
    [[nodiscard]] Loader mem_end();
    void flash_data(const Request& request);
    [[nodiscard]] Loader flash_deflated(const Request& request);
    [[nodiscard]] bool write_window();
    [[nodiscard]] Loader flash_end(const Request& request);
    void set_flash_size(std::size_t size);
    void change_baud();
    void read_slowly();
    void md5_of_flash();
    void tell_security();
    [[nodiscard]] bool permits(Op op) const;
    [[nodiscard]] bool calls_stub() const;
    [[nodiscard]] bool begins_well(Op op, std::size_t size) const;

    [[nodiscard]] bool erase(std::uint32_t at, std::uint32_t size);
    [[nodiscard]] bool program(std::uint32_t at, ByteView data);
    [[nodiscard]] bool readable(std::uint32_t at, std::uint32_t size) const;
    [[nodiscard]] std::uint32_t word(std::size_t i) const;

    Chip* chip_;
    SlipReceiver slip_;
    Bytes buffer_;  // the last request's data; a shorter one leaves the rest of it
    bool synced_ = false;
    std::uint32_t value_ = 0;
    std::uint8_t error_ = 0;
    Bytes reply_;  // of the last command, up to its status
    unsigned copies_ = 1;
    Transfer ram_;
    Transfer flash_;
    Upload upload_;
    Bytes slow_read_;  // the result of the last READ_FLASH_SLOW
    Inflater inflater_;
    Bytes window_;  // 32 KB window for inflated data
    std::size_t window_used_ = 0;
    bool stream_done_ = false;
};

}  // namespace imprint::simulator
