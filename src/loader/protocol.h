// Encoding and decoding of the serial protocol: requests to bytes, bytes to replies, no I/O.
// Source: esptool docs/en/advanced-topics/serial-protocol.rst ("Commands", "Status Bytes", "ROM
// Loader Errors"); esp-flasher-stub src/commands.h and src/command_handler.c for the stub.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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
    read_flash_slow = 0x0E,  // ROM only
    change_baudrate = 0x0F,
    flash_defl_begin = 0x10,
    flash_defl_data = 0x11,
    flash_defl_end = 0x12,
    spi_flash_md5 = 0x13,
    get_security_info = 0x14,
    erase_flash = 0xD0,  // stub only, like those that follow
    erase_region = 0xD1,
    read_flash = 0xD2,
};

// "FLASH_BEGIN"
[[nodiscard]] std::string_view to_string(Op op);

enum class LoaderKind : std::uint8_t { rom, stub };

// --- requests ------------------------------------------------------------------------------------

struct Request {
    Op op = Op::sync;
    Bytes data;
    std::uint32_t checksum = 0;  // only checked for *_DATA

    // Direction, op, length, checksum, data: a frame's content.
    [[nodiscard]] Bytes encode() const;
};

// EF XORed with every byte.
[[nodiscard]] std::uint8_t checksum(ByteView data);

// A command whose arguments are 32-bit words.
[[nodiscard]] Request request(Op op, std::initializer_list<std::uint32_t> words = {});
[[nodiscard]] Request sync_request();
// One of the *_DATA commands.
[[nodiscard]] Request data_request(Op op, std::uint32_t sequence, ByteView block);

// The arguments of the *_BEGIN commands.
struct Transfer {
    std::uint32_t size = 0;    // bytes: to erase and fill in flash, or to load into RAM
    std::uint32_t blocks = 0;  // how many *_DATA the loader expects
    std::uint32_t block_size = 0;
    std::uint32_t offset = 0;
};

// A fifth word: whether the chip encrypts what it writes. Every ROM except the ESP32's requires it;
// a stub does not need it (and an old one refuses it) unless it is to encrypt.
enum class EncryptedWord : std::uint8_t { none, plain, encrypted };

[[nodiscard]] Request begin_request(Op op, const Transfer& transfer, EncryptedWord word);

// --- replies -------------------------------------------------------------------------------------

struct Reply {
    Op op = Op::sync;
    std::uint32_t value = 0;
    Bytes data;              // without the status bytes
    std::uint8_t error = 0;  // 0: done; else the ROM's number, or the stub's (C0 and above)
};

// A frame as a reply, with everything after its header still in data; empty if it is not a reply.
[[nodiscard]] std::optional<Reply> decode_reply(ByteView frame);

// The number of data bytes before the status in a command's reply; some chips send fewer.
struct ReplySize {
    std::size_t usual = 0;
    std::size_t shorter = 0;
};

// Splits the status bytes off a decoded reply. They follow the data that the command promises; a
// refusal may come without data. The ROM sends four status bytes and the stub two; the first two
// count.
void split_status(Reply& reply, ReplySize promised = {});

// The loader received a damaged message, and reports it for each repetition.
inline constexpr std::uint8_t rom_invalid_message = 0x05;

// A block that arrived with a wrong checksum or length and has changed nothing.
[[nodiscard]] bool arrived_damaged(std::uint8_t error);

// "07, the checksum did not fit"
[[nodiscard]] std::string describe_error(std::uint8_t error);

struct SecurityInfo {
    std::uint32_t flags = 0;
    std::uint8_t flash_crypt_count = 0;
    std::array<std::uint8_t, 7> key_purposes{};
    std::optional<std::uint32_t> chip_id;  // the ESP32-S2 reports none

    static constexpr std::uint32_t secure_boot = 1U << 0;
    static constexpr std::uint32_t secure_download = 1U << 2;
};

inline constexpr ReplySize security_info_size{20, 12};

// Parses the data of GET_SECURITY_INFO.
[[nodiscard]] std::optional<SecurityInfo> parse_security_info(ByteView data);

}  // namespace imprint::loader
