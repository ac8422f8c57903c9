// Requests and replies of the ROM loader and the stub, as bytes: no I/O here.
// Source: espressif/esptool docs/en/advanced-topics/serial-protocol.rst.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>

#include "base/bytes.h"

namespace imprint::loader {

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
    erase_region = 0xD1,  // stub
    read_flash = 0xD2,    // stub
};
[[nodiscard]] std::string_view to_string(Op op);

// 0xEF XOR every byte: of a *_DATA command's data behind its 16-byte header.
[[nodiscard]] std::uint8_t checksum(ByteView data);

[[nodiscard]] Bytes words(std::initializer_list<std::uint32_t> values);
// Unframed: 00 op size16 checksum32 data.
[[nodiscard]] Bytes make_request(Op op, ByteView data, std::uint32_t check = 0);
[[nodiscard]] Bytes sync_data();
// The 16-byte header of a *_DATA command and its data.
[[nodiscard]] Bytes block_data(ByteView block, std::uint32_t sequence);

struct Reply {
    Op op = Op::sync;
    std::uint32_t value = 0;
    Bytes data;  // with the status bytes behind it
};

// Nothing where the frame is no reply, or shorter than its header says.
[[nodiscard]] std::optional<Reply> parse_reply(ByteView frame);

struct Status {
    bool failed = false;
    std::uint8_t code = 0;
};

// The status stands right behind the data that the command gives; ROM replies pad it to 4 bytes.
[[nodiscard]] std::optional<Status> status_of(const Reply& reply, std::size_t expected_data);

// "checksum error", with the loader that knows the code named.
[[nodiscard]] std::string describe_status(std::uint8_t code);
// The block came damaged and was not taken: the one failure after which a block may be sent again.
[[nodiscard]] bool is_checksum_failure(std::uint8_t code);

}  // namespace imprint::loader
