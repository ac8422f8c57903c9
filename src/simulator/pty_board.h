// A simulated board behind a pseudo-terminal, or behind a network port with RFC 2217: what Imprint,
// esptool-js or a terminal program opens.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/mac.h"
#include "simulator/fuses.h"
#include "simulator/timings.h"

namespace imprint::simulator {

// What lies between a host's port and the chip.
enum class UsbKind {
    bridge,       // a USB-UART bridge, DTR and RTS to two transistors
    serial_jtag,  // the chip's USB-Serial/JTAG unit, which understands DTR and RTS itself
    own,          // the chip's own USB (OTG): it leaves the bus with every reset
};

struct BoardOptions {
    MacAddress mac;
    std::string chip = "esp32";  // a row of chip_model.h
    // major × 100 + minor; empty: a common one of the chip
    std::optional<std::uint16_t> revision;
    std::uint32_t flash_size = 4U << 20;
    std::uint32_t flash_told = 0;      // fault: what its id tells instead, in bytes; 0: the truth
    std::filesystem::path flash_file;  // kept over power cycles; empty: memory only, blank at first
    bool network = true;               // the booted firmware connects to its broker
    // Reached there on the loopback instead of at a terminal; 0: at any free port.
    std::optional<std::uint16_t> rfc2217_port;
    std::uint32_t cable_carries = 0;  // fault: above this rate all is noise; 0: it carries any
    Fuses fuses = {};
    UsbKind usb = UsbKind::bridge;
    bool boot_button_held = false;  // while the power came on, and no longer
    // A link that is kept pointing at the terminal, which has another name after each plugging in.
    std::filesystem::path link = {};
    Timings timings = {};           // by default everything is as fast as the host
    bool damaged_stub_ram = false;  // fault: a stub upload never answers, the ROM loader works
    bool flash_missing = false;     // fault: no flash chip is at its pins, and nobody answers there
    // esptool's stub before esp-flasher-stub: an empty frame is what its buffer held before, again.
    bool former_stub = false;
    // The crystal, and what the ROM takes it for, where they are not those of most boards. 0: they
    // are.
    std::uint32_t crystal_hz = 0;
    std::uint32_t rom_crystal_hz = 0;
    // Words that cannot be written and are not as in others of its kind: eFuses, ROM.
    std::map<std::uint32_t, std::uint32_t> words = {};
};

class PtyBoard {
  public:
    // Errors: kind board; simulator_port_busy, bay_directory (config). The board runs on its own
    // threads until it is destroyed.
    [[nodiscard]] static Result<PtyBoard> start(const BoardOptions& options, Log log = {});
    PtyBoard(PtyBoard&&) noexcept;
    PtyBoard& operator=(PtyBoard&&) noexcept;
    ~PtyBoard();

    // "/dev/pts/7", "rfc2217://127.0.0.1:4000"; another after each return to the bus.
    [[nodiscard]] std::string port() const;

    [[nodiscard]] std::filesystem::path path() const { return port(); }

    void pull_cable();  // the terminal hangs up; the board keeps its flash
    // The next plugging in: a new pseudo-terminal, or the same network port.
    [[nodiscard]] Result<void> plug_in();

  private:
    class Parts;
    explicit PtyBoard(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace imprint::simulator
