#include "loader/protocol.h"

#include <array>
#include <fmt/format.h>

namespace imprint::loader {

namespace {

struct OpName {
    Op op;
    std::string_view name;
};

constexpr std::array<OpName, 20> op_names = {{
    {Op::flash_begin, "FLASH_BEGIN"},
    {Op::flash_data, "FLASH_DATA"},
    {Op::flash_end, "FLASH_END"},
    {Op::mem_begin, "MEM_BEGIN"},
    {Op::mem_end, "MEM_END"},
    {Op::mem_data, "MEM_DATA"},
    {Op::sync, "SYNC"},
    {Op::write_reg, "WRITE_REG"},
    {Op::read_reg, "READ_REG"},
    {Op::spi_set_params, "SPI_SET_PARAMS"},
    {Op::spi_attach, "SPI_ATTACH"},
    {Op::read_flash_slow, "READ_FLASH_SLOW"},
    {Op::change_baudrate, "CHANGE_BAUDRATE"},
    {Op::flash_defl_begin, "FLASH_DEFL_BEGIN"},
    {Op::flash_defl_data, "FLASH_DEFL_DATA"},
    {Op::flash_defl_end, "FLASH_DEFL_END"},
    {Op::spi_flash_md5, "SPI_FLASH_MD5"},
    {Op::get_security_info, "GET_SECURITY_INFO"},
    {Op::erase_region, "ERASE_REGION"},
    {Op::read_flash, "READ_FLASH"},
}};

struct StatusName {
    std::uint8_t code;
    std::string_view name;
};

// serial-protocol.rst, "ROM Loader Errors"; espressif/esp-flasher-stub, include/protocol.h.
constexpr std::array<StatusName, 19> status_names = {{
    {0x05, "the ROM does not take this message"},
    {0x06, "the ROM failed to act on it"},
    {0x07, "checksum error"},
    {0x08, "flash write error"},
    {0x09, "flash read error"},
    {0x0A, "flash read length error"},
    {0x0B, "deflate error"},
    {0x0C, "deflate Adler-32 error"},
    {0x0D, "deflate parameter error"},
    {0x0E, "invalid RAM binary size"},
    {0x0F, "invalid RAM binary address"},
    {0xC0, "the stub got a wrong length"},
    {0xC1, "checksum error"},
    {0xC3, "the stub got an invalid command"},
    {0xC4, "flash operation failed"},
    {0xC5, "flash unlock failed"},
    {0xC6, "the stub is not writing flash"},
    {0xC7, "deflate error"},
    {0xFF, "the stub does not know this command"},
}};

}  // namespace

std::string_view to_string(Op op) {
    for (const auto& entry : op_names)
        if (entry.op == op) return entry.name;
    return "unknown command";
}

std::uint8_t checksum(ByteView data) {
    std::uint8_t sum = 0xEF;
    for (const std::uint8_t byte : data)
        sum ^= byte;
    return sum;
}

Bytes words(std::initializer_list<std::uint32_t> values) {
    Bytes bytes;
    bytes.reserve(values.size() * 4);
    for (const std::uint32_t value : values)
        append_u32(bytes, value);
    return bytes;
}

Bytes make_request(Op op, ByteView data, std::uint32_t check) {
    Bytes request;
    request.reserve(8 + data.size());
    request.push_back(0x00);
    request.push_back(static_cast<std::uint8_t>(op));
    append_u16(request, static_cast<std::uint16_t>(data.size()));
    append_u32(request, check);
    append(request, data);
    return request;
}

Bytes sync_data() {
    Bytes data(36, 0x55);
    data[0] = 0x07;
    data[1] = 0x07;
    data[2] = 0x12;
    data[3] = 0x20;
    return data;
}

Bytes block_data(ByteView block, std::uint32_t sequence) {
    Bytes data = words({static_cast<std::uint32_t>(block.size()), sequence, 0, 0});
    append(data, block);
    return data;
}

std::optional<Reply> parse_reply(ByteView frame) {
    if (frame.size() < 8 || frame[0] != 0x01) return std::nullopt;
    const std::size_t size = get_u16(frame, 2);
    if (frame.size() < 8 + size) return std::nullopt;
    return Reply{static_cast<Op>(frame[1]), get_u32(frame, 4),
                 Bytes(frame.begin() + 8, frame.begin() + 8 + static_cast<std::ptrdiff_t>(size))};
}

std::optional<Status> status_of(const Reply& reply, std::size_t expected_data) {
    // A refusal carries its status without the data.
    const std::size_t at = reply.data.size() < expected_data + 2 ? 0 : expected_data;
    if (reply.data.size() < at + 2) return std::nullopt;
    const std::uint8_t first = reply.data[at];
    // The ROM says 1 and then why; some stubs say why at once.
    return Status{first != 0, first > 1 ? first : reply.data[at + 1]};
}

std::string describe_status(std::uint8_t code) {
    for (const auto& entry : status_names)
        if (entry.code == code) return fmt::format("{} ({:#04x})", entry.name, code);
    return fmt::format("error {:#04x}", code);
}

bool is_checksum_failure(std::uint8_t code) {
    return code == 0x07 || code == 0xC1;
}

}  // namespace imprint::loader
