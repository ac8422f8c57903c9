// What READ_REG, WRITE_REG and MEM_DATA access on a chip: eFuses, the UART's divider, the SPI flash
// controller, and RAM. Everything else reads as what was last written, or zero.
// Source: ESP32 Technical Reference Manual (eFuse controller, SPI controller, UART); esptool
// esptool/targets/ for which bits a host checks; chip_model.h for their addresses.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/mac.h"
#include "simulator/chip_model.h"
#include "simulator/flash.h"
#include "simulator/fuses.h"
#include "simulator/uart.h"

namespace imprint::simulator {

// The flash as the loader's software sees it.
struct SpiPort {
    Flash& chip;
    bool attached = false;           // the controller's pins are connected
    std::uint32_t limit = 2U << 20;  // bytes: the chip size that the ROM assumes
};

class Memory {
  public:
    // revision: major × 100 + minor.
    Memory(const ChipModel& model, const MacAddress& mac, std::uint16_t revision, SpiPort& spi,
           Uart& uart, const Fuses& fuses = {});

    // Sets a read-only word, in the eFuses or the ROM, that differs from other chips of this model.
    void fix(std::uint32_t address, std::uint32_t value) { fixed_[address] = value; }

    // A reset of the whole system, as at power-on, also clears what the chip's own reset keeps.
    void reset(bool all = true);
    // The mark that keeps the ROM in its loader, and the level of IO0 when EN rose.
    [[nodiscard]] bool download_forced() const;
    void force_download();

    void set_io0(bool high) { io0_high_ = high; }

    // Whether the RTC watchdog was started or stopped since the last call: after how many cycles of
    // the slow clock its first stage ends, or 0.
    [[nodiscard]] std::optional<std::uint32_t> take_watchdog() {
        return std::exchange(watchdog_, std::nullopt);
    }

    // The word at any address, little-endian.
    [[nodiscard]] std::uint32_t read(std::uint32_t address) const;
    void write(std::uint32_t address, std::uint32_t value);

    // RAM only; other data is lost. Returns how many bytes were stored.
    std::size_t load(std::uint32_t address, ByteView bytes);
    [[nodiscard]] ByteView ram(std::uint32_t address, std::size_t size) const;  // empty: not RAM

    // The UART's source clock: the crystal in the ROM; a stub may raise it.
    void set_uart_clock(std::uint32_t hertz) { uart_clock_ = hertz; }

    [[nodiscard]] const ChipModel& model() const { return *model_; }

  private:
    struct Region {
        std::uint32_t start = 0;
        Bytes bytes;
    };

    [[nodiscard]] std::uint32_t read_word(std::uint32_t address) const;
    [[nodiscard]] const Region* region(std::uint32_t address, std::size_t size) const;
    void run_spi_command();
    [[nodiscard]] std::uint32_t answer_of(std::uint8_t command) const;
    [[nodiscard]] std::uint32_t spi_address() const;
    void obey(std::uint8_t command);
    void burn(const EfuseField& field, std::uint32_t value);
    void burn_esp32(const MacAddress& mac, std::uint32_t major);
    void burn_security(const Fuses& fuses);

    const ChipModel* model_;
    std::unordered_map<std::uint32_t, std::uint32_t> fixed_;  // read-only: eFuses etc.
    std::unordered_map<std::uint32_t, std::uint32_t> written_;
    std::vector<Region> ram_;
    SpiPort* spi_;
    Uart* uart_;
    std::uint32_t uart_clock_;
    bool write_enabled_ = false;
    bool io0_high_ = true;
    std::optional<std::uint32_t> watchdog_;
};

// The CRC-8 that eFuse stores with the MAC: polynomial 0x8C (reflected 0x31), start 0.
[[nodiscard]] std::uint8_t mac_crc(const MacAddress& mac);

}  // namespace imprint::simulator
