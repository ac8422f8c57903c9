// What READ_REG, WRITE_REG and MEM_DATA reach on an ESP32: eFuses, the UART's divider, the SPI
// flash controller, and RAM. Everything else reads as what was written last, or zero.
// Source: ESP32 Technical Reference Manual (eFuse controller, SPI controller, UART);
// esptool esptool/targets/esp32.py for which bits a host looks at.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/mac.h"
#include "simulator/flash.h"
#include "simulator/uart.h"

namespace imprint::simulator {

// The flash as the loader's software sees it.
struct SpiPort {
    Flash& chip;
    bool attached = false;           // the controller's pins are connected
    std::uint32_t limit = 2U << 20;  // bytes: what the ROM takes for the chip's size
};

class Memory {
  public:
    static constexpr std::uint32_t crystal_hz = 40'000'000;
    // What the ROM takes for the crystal's frequency: it measures it against an RC oscillator whose
    // own frequency is in an eFuse, and is 1 % off here, as a chip may be.
    static constexpr std::uint32_t rom_crystal_hz = 39'609'375;

    // revision: major × 100 + minor.
    Memory(const MacAddress& mac, std::uint16_t revision, SpiPort& spi, Uart& uart);

    void reset();

    // The word at any address, little-endian.
    [[nodiscard]] std::uint32_t read(std::uint32_t address) const;
    void write(std::uint32_t address, std::uint32_t value);

    // RAM only; what lies elsewhere is lost. Gives how many bytes had a place.
    std::size_t load(std::uint32_t address, ByteView bytes);
    [[nodiscard]] ByteView ram(std::uint32_t address, std::size_t size) const;  // empty: not RAM

    // The UART's source clock: the crystal in the ROM, 80 MHz once a stub has raised it.
    void set_uart_clock(std::uint32_t hertz) { uart_clock_ = hertz; }

  private:
    struct Region {
        std::uint32_t start = 0;
        Bytes bytes;
    };

    [[nodiscard]] std::uint32_t read_word(std::uint32_t address) const;
    [[nodiscard]] const Region* region(std::uint32_t address, std::size_t size) const;
    void run_spi_command();

    std::unordered_map<std::uint32_t, std::uint32_t> fixed_;  // eFuses and the like: read only
    std::unordered_map<std::uint32_t, std::uint32_t> written_;
    std::vector<Region> ram_;
    SpiPort* spi_;
    Uart* uart_;
    std::uint32_t uart_clock_ = crystal_hz;
    bool write_enabled_ = false;
};

// The CRC-8 that eFuse keeps beside the MAC: polynomial 0x8C (reflected 0x31), start 0.
[[nodiscard]] std::uint8_t mac_crc(const MacAddress& mac);

}  // namespace imprint::simulator
