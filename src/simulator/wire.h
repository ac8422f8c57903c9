// Frames and headers of the serial protocol, from the chip's side.
// Source: esptool docs/en/advanced-topics/serial-protocol.rst; RFC 1055 (SLIP); esp-flasher-stub
// src/slip.c for the handling of malformed frames.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace imprint::simulator {

enum class Op : std::uint8_t {
    flash_begin = 0x02,
    flash_data = 0x03,
    flash_end = 0x04,
    mem_begin = 0x05,
    mem_end = 0x06,
    mem_data = 0x07,
    sync = 0x08,
    write_reg = 0x09,
    read_reg = 0x0A,
    spi_set_params = 0x0B,
    spi_attach = 0x0D,
    read_flash_slow = 0x0E,
    change_baudrate = 0x0F,
    flash_defl_begin = 0x10,
    flash_defl_data = 0x11,
    flash_defl_end = 0x12,
    spi_flash_md5 = 0x13,
    get_security_info = 0x14,
    erase_flash = 0xD0,
    erase_region = 0xD1,
    read_flash = 0xD2,
    run_user_code = 0xD3,
};

inline constexpr std::size_t request_header = 8;  // direction, op, length u16, checksum u32
inline constexpr std::size_t data_header = 16;    // of the *_DATA commands: length, sequence, 0, 0

// One byte at a time; a frame that is too long or has an invalid escape is dropped.
class SlipReceiver {
  public:
    // What two delimiters in a row are.
    enum class Empty : std::uint8_t {
        opens,    // the end of one frame and the start of the next
        ends,     // a frame, of which nobody hears: esp-flasher-stub
        repeats,  // a frame, which holds what the buffer held before: esptool's former stub
    };

    explicit SlipReceiver(std::size_t capacity, Empty empty = Empty::opens)
        : capacity_(capacity), empty_(empty) {}

    // The frame that this byte completes.
    [[nodiscard]] std::optional<Bytes> receive(std::uint8_t byte);

    // Not inside a frame.
    [[nodiscard]] bool idle() const { return state_ == State::idle || frame_.empty(); }

  private:
    enum class State { idle, inside, escaped };
    std::size_t capacity_;
    Empty empty_;
    Bytes former_;  // where it is repeated
    State state_ = State::idle;
    Bytes frame_;
};

[[nodiscard]] Bytes slip_frame(ByteView content);

// The XOR of all bytes, starting with EF.
[[nodiscard]] std::uint8_t data_checksum(ByteView data);

}  // namespace imprint::simulator
