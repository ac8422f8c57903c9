// A simulated board behind a pseudo-terminal, or behind an RFC 2217 network port, for Imprint,
// esptool-js or a terminal program.
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

// The connection between a host's port and the chip.
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
    std::uint32_t flash_told = 0;      // fault: size reported by its id, in bytes; 0: the real one
    std::filesystem::path flash_file;  // kept over power cycles; empty: in memory, blank at first
    bool network = true;               // the booted firmware connects to its broker
    std::optional<WallTime> network_time = {};  // what it is told for the time; the right one
    // If set, an RFC 2217 port on the loopback instead of a terminal; 0: any free port.
    std::optional<std::uint16_t> rfc2217_port;
    std::uint32_t cable_carries = 0;  // fault: above this rate everything is noise; 0: no limit
    Fuses fuses = {};
    UsbKind usb = UsbKind::bridge;
    bool boot_button_held = false;  // only while the power came on
    // A link that always points to the terminal, whose name changes with each plugging in.
    std::filesystem::path link = {};
    Timings timings = {};           // by default everything is as fast as the host
    bool damaged_stub_ram = false;  // fault: a stub upload is never answered, the ROM loader works
    bool flash_missing = false;     // fault: there is no flash chip
    bool flash_locked = false;      // fault: it is write-protected, and stays so
    // Another vendor's id: manufacturer, type, capacity, the first one lowest; 0: a Winbond W25Q's.
    std::uint32_t flash_id = 0;
    // What is uploaded as a stub is esptool's of up to 4.x, not esp-flasher-stub (stub_loader.h).
    bool former_stub = false;
    // The crystal, and the frequency that the ROM assumes for it. 0: as on most boards.
    std::uint32_t crystal_hz = 0;
    std::uint32_t rom_crystal_hz = 0;
    // Read-only words that differ from other chips of this model: eFuses, ROM.
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

    // "/dev/pts/7", "rfc2217://127.0.0.1:4000"; may change with each return to the bus.
    [[nodiscard]] std::string port() const;

    [[nodiscard]] std::filesystem::path path() const { return port(); }

    void pull_cable();  // the terminal hangs up; the board keeps its flash
    // Plugs it in again: a new pseudo-terminal, or the same network port.
    [[nodiscard]] Result<void> plug_in();
    // A cable that is broken inside: the port and the board's supply stay, and nothing gets through
    // in either direction until it carries again.
    void set_cable_carries(bool carries);

  private:
    class Parts;
    explicit PtyBoard(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace imprint::simulator
