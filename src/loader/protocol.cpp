#include "loader/protocol.h"

#include <algorithm>
#include <fmt/format.h>

namespace imprint::loader {

namespace {

constexpr std::size_t header_size = 8;
constexpr std::uint8_t direction_reply = 1;
constexpr std::size_t status_size = 2;

struct ErrorName {
    std::uint8_t number;
    std::string_view meaning;
};

// serial-protocol.rst, "ROM Loader Errors"; esp-flasher-stub src/commands.h, esp_response_code.
constexpr std::array error_names{
    ErrorName{0x01, "a parameter is invalid"},
    ErrorName{0x02, "it has no memory left"},
    ErrorName{0x03, "it could not send"},
    ErrorName{0x04, "it could not receive"},
    ErrorName{0x05, "the message is invalid or not supported"},
    ErrorName{0x06, "it failed to do it"},
    ErrorName{0x07, "the checksum does not fit"},
    ErrorName{0x08, "the flash does not hold what was written"},
    ErrorName{0x09, "the flash cannot be read"},
    ErrorName{0x0A, "the length to read is wrong"},
    ErrorName{0x0B, "the compressed data is damaged"},
    ErrorName{0x0C, "the compressed data's Adler-32 does not fit"},
    ErrorName{0x0D, "a parameter of the compressed data is wrong"},
    ErrorName{0x0E, "the size for RAM is wrong"},
    ErrorName{0x0F, "the address in RAM is wrong"},
    ErrorName{0x64, "a parameter is invalid"},
    ErrorName{0x65, "the format is invalid"},
    ErrorName{0x66, "the description is too long"},
    ErrorName{0x67, "the encoding is wrong"},
    ErrorName{0x69, "there is not enough storage"},
    ErrorName{0xC0, "the length is wrong"},
    ErrorName{0xC1, "the checksum does not fit"},
    ErrorName{0xC2, "the block size is wrong"},
    ErrorName{0xC3, "the command is unknown"},
    ErrorName{0xC4, "the flash chip did not do it"},
    ErrorName{0xC5, "the flash chip stays locked"},
    ErrorName{0xC6, "no write was begun"},
    ErrorName{0xC7, "the compressed data is damaged"},
    ErrorName{0xC8, "there is not enough data"},
    ErrorName{0xC9, "there is too much data"},
    ErrorName{0xFF, "the command is not implemented"},
};

}  // namespace

std::string_view to_string(Op op) {
    switch (op) {
        case Op::flash_begin:
            return "FLASH_BEGIN";
        case Op::flash_data:
            return "FLASH_DATA";
        case Op::flash_end:
            return "FLASH_END";
        case Op::mem_begin:
            return "MEM_BEGIN";
        case Op::mem_end:
            return "MEM_END";
        case Op::mem_data:
            return "MEM_DATA";
        case Op::sync:
            return "SYNC";
        case Op::write_reg:
            return "WRITE_REG";
        case Op::read_reg:
            return "READ_REG";
        case Op::spi_set_params:
            return "SPI_SET_PARAMS";
        case Op::spi_attach:
            return "SPI_ATTACH";
        case Op::read_flash_slow:
            return "READ_FLASH_SLOW";
        case Op::change_baudrate:
            return "CHANGE_BAUDRATE";
        case Op::flash_defl_begin:
            return "FLASH_DEFL_BEGIN";
        case Op::flash_defl_data:
            return "FLASH_DEFL_DATA";
        case Op::flash_defl_end:
            return "FLASH_DEFL_END";
        case Op::spi_flash_md5:
            return "SPI_FLASH_MD5";
        case Op::get_security_info:
            return "GET_SECURITY_INFO";
        case Op::erase_flash:
            return "ERASE_FLASH";
        case Op::erase_region:
            return "ERASE_REGION";
        case Op::read_flash:
            return "READ_FLASH";
    }
    return "?";
}

Bytes Request::encode() const {
    Bytes bytes;
    bytes.reserve(header_size + data.size());
    bytes.push_back(0);
    bytes.push_back(static_cast<std::uint8_t>(op));
    append_u16(bytes, static_cast<std::uint16_t>(data.size()));
    append_u32(bytes, checksum);
    append(bytes, data);
    return bytes;
}

std::uint8_t checksum(ByteView data) {
    std::uint8_t sum = 0xEF;
    for (const std::uint8_t byte : data)
        sum ^= byte;
    return sum;
}

Request request(Op op, std::initializer_list<std::uint32_t> words) {
    Request made{op, {}, 0};
    made.data.reserve(words.size() * 4);
    for (const std::uint32_t word : words)
        append_u32(made.data, word);
    return made;
}

Request sync_request() {
    constexpr std::array<std::uint8_t, 4> greeting{0x07, 0x07, 0x12, 0x20};
    Request made{Op::sync, Bytes(36, 0x55), 0};
    std::ranges::copy(greeting, made.data.begin());
    return made;
}

Request data_request(Op op, std::uint32_t sequence, ByteView block) {
    Request made = request(op, {static_cast<std::uint32_t>(block.size()), sequence, 0, 0});
    append(made.data, block);
    made.checksum = checksum(block);
    return made;
}

Request begin_request(Op op, const Transfer& transfer, EncryptedWord word) {
    Request made =
        request(op, {transfer.size, transfer.blocks, transfer.block_size, transfer.offset});
    if (word != EncryptedWord::none)
        append_u32(made.data, word == EncryptedWord::encrypted ? 1 : 0);
    return made;
}

std::optional<Reply> decode_reply(ByteView frame) {
    if (frame.size() < header_size || frame[0] != direction_reply) return std::nullopt;
    // A byte lost on the way would shift the rest: nothing but the length tells.
    if (get_u16(frame, 2) != frame.size() - header_size) return std::nullopt;
    Reply reply;
    reply.op = static_cast<Op>(frame[1]);
    reply.value = get_u32(frame, 4);
    reply.data.assign(frame.begin() + header_size, frame.end());
    return reply;
}

void split_status(Reply& reply, ReplySize promised) {
    std::size_t at = 0;
    for (const std::size_t size : {promised.shorter, promised.usual})
        if (reply.data.size() >= size + status_size) at = size;
    if (reply.data.size() < at + status_size) {
        reply.error = rom_invalid_message;
        reply.data.clear();
        return;
    }
    const std::uint8_t status = reply.data[at];
    const std::uint8_t detail = reply.data[at + 1];
    // The ROM says 1 and its number, the stub its number and 0.
    if (status == 1)
        reply.error = std::max<std::uint8_t>(detail, 1);
    else
        reply.error = status;
    // Success without the data is none.
    if (reply.error == 0 && at == 0 && promised.usual > 0) reply.error = rom_invalid_message;
    reply.data.resize(at);
}

bool arrived_damaged(std::uint8_t error) {
    return error == 0x07 || error == 0xC0 || error == 0xC1;
}

std::string describe_error(std::uint8_t error) {
    const auto* found = std::ranges::find(error_names, error, &ErrorName::number);
    if (found == error_names.end()) return fmt::format("{:02X}", error);
    return fmt::format("{:02X}, {}", error, found->meaning);
}

std::optional<SecurityInfo> parse_security_info(ByteView data) {
    if (data.size() < security_info_size.shorter) return std::nullopt;
    SecurityInfo info;
    info.flags = get_u32(data, 0);
    info.flash_crypt_count = data[4];
    std::ranges::copy(data.subspan(5, info.key_purposes.size()), info.key_purposes.begin());
    if (data.size() >= security_info_size.usual) info.chip_id = get_u32(data, 12);
    return info;
}

}  // namespace imprint::loader
