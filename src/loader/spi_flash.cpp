#include "loader/spi_flash.h"

#include <fmt/format.h>

#include "loader/timing.h"

namespace imprint::loader {

namespace {

// Bits of the controller's registers: esptool esptool/loader.py, run_spiflash_command.
constexpr std::uint32_t usr_command = 1U << 31;
constexpr std::uint32_t usr_miso = 1U << 28;
constexpr std::uint32_t eight_bit_command = 7U << 28;
constexpr std::uint32_t start_user_command = 1U << 18;
constexpr std::uint32_t read_id = 0x9F;
constexpr std::uint32_t read_status = 0x05;
constexpr int looks = 10;

// The ESP32's eFuse says on which pins a flash inside the package hangs: word 5 has CLK, Q, D and
// CS0, word 3 HD, five bits each; all zero stands for the usual pins. SPI_ATTACH takes the same
// numbers in six bits each (serial-protocol.rst, "SPI Attach Command").
Result<std::uint32_t> esp32_pads(Connection& link) {
    constexpr std::uint32_t efuse = 0x3FF5A000;
    IMPRINT_TRY(const std::uint32_t word5, link.read_register(efuse + 0x14));
    IMPRINT_TRY(const std::uint32_t word3, link.read_register(efuse + 0x0C));
    const std::uint32_t clk = word5 & 31;
    const std::uint32_t q = word5 >> 5 & 31;
    const std::uint32_t d = word5 >> 10 & 31;
    const std::uint32_t cs = word5 >> 15 & 31;
    const std::uint32_t hd = word3 >> 4 & 31;
    return hd << 24 | cs << 18 | d << 12 | q << 6 | clk;
}

// What the flash chip itself answers to a command of its own.
Result<std::uint32_t> ask_flash(Connection& link, const Chip& chip, std::uint32_t command,
                                std::uint32_t bits) {
    const SpiController& spi = chip.spi;
    const std::uint32_t usr = spi.base + spi.usr;
    const std::uint32_t usr2 = spi.base + spi.usr2;
    const std::uint32_t w0 = spi.base + spi.w0;
    // The loader's own settings of the controller, to be put back.
    IMPRINT_TRY(const std::uint32_t former_usr, link.read_register(usr));
    IMPRINT_TRY(const std::uint32_t former_usr2, link.read_register(usr2));

    IMPRINT_CHECK(link.write_register(spi.base + spi.miso_length, bits - 1));
    IMPRINT_CHECK(link.write_register(usr, usr_command | usr_miso));
    IMPRINT_CHECK(link.write_register(usr2, eight_bit_command | command));
    IMPRINT_CHECK(link.write_register(w0, 0));
    IMPRINT_CHECK(link.write_register(spi.base, start_user_command));
    bool done = false;
    for (int look = 0; look < looks && !done; ++look) {
        IMPRINT_TRY(const std::uint32_t state, link.read_register(spi.base));
        done = (state & start_user_command) == 0;
    }
    if (!done)
        return fail(ErrorKind::board, "loader_refused",
                    fmt::format("the flash controller of the {} on {} did not finish a command",
                                chip.name, link.port().name()));
    IMPRINT_TRY(const std::uint32_t answer, link.read_register(w0));

    IMPRINT_CHECK(link.write_register(usr, former_usr));
    IMPRINT_CHECK(link.write_register(usr2, former_usr2));
    return answer & ((1U << bits) - 1);
}

}  // namespace

Result<void> attach_flash(Connection& link, const Chip& chip) {
    if (link.kind() == LoaderKind::stub) return {};
    std::uint32_t pins = 0;
    if (chip.in_package_pads) {
        IMPRINT_TRY(pins, esp32_pads(link));
    }
    IMPRINT_CHECK(link.command(request(Op::spi_attach, {pins, 0}), timing::usual));
    return {};
}

Result<std::uint32_t> read_flash_id(Connection& link, const Chip& chip) {
    return ask_flash(link, chip, read_id, 24);
}

Result<std::uint8_t> read_flash_status(Connection& link, const Chip& chip) {
    IMPRINT_TRY(const std::uint32_t answer, ask_flash(link, chip, read_status, 8));
    return static_cast<std::uint8_t>(answer);
}

Result<void> set_flash_size(Connection& link, std::uint32_t size) {
    // Id, size, block, sector, page, status mask: all but the size are the same for every chip.
    IMPRINT_CHECK(link.command(
        request(Op::spi_set_params, {0, size, 0x10000, 0x1000, 0x100, 0xFFFF}), timing::usual));
    return {};
}

}  // namespace imprint::loader
