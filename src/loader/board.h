// One board in its loader: identify it, read and write its flash, start it.
// Protocol: espressif/esptool docs/en/advanced-topics/serial-protocol.rst.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/log.h"
#include "base/mac.h"
#include "loader/chip.h"
#include "loader/flash_data.h"
#include "loader/plan.h"
#include "transport/port.h"

namespace imprint::loader {

struct SecurityState {
    bool known = false;  // false: this ROM cannot tell, or it was not asked
    bool secure_boot = false;
    bool flash_encryption = false;
    bool flash_encryption_release = false;
    // The loader cannot be told to encrypt what it writes.
    bool encrypted_writes_disabled = false;
    bool secure_download_mode = false;
    // What the chip's six or seven key blocks are for, in its own numbers (key_purpose_name). The
    // ESP32 does not tell.
    std::vector<std::uint8_t> key_purposes;
};

// "XTS_AES_128_KEY"; empty for a block that is not used. Source: esptool esptool/targets/,
// KEY_PURPOSES.
[[nodiscard]] std::string key_purpose_name(std::uint8_t purpose);

struct BoardInfo {
    const Chip* chip = nullptr;  // a row of the chip table; never null after connect
    MacAddress mac;              // base MAC from eFuse
    std::uint16_t revision = 0;  // major × 100 + minor
    std::uint32_t crystal_mhz = 0;
    std::uint32_t flash_id = 0;    // JEDEC: manufacturer, type, capacity in the low three bytes
    std::uint32_t flash_size = 0;  // bytes; 0 when the id is not understood and none was found out
    // By the id alone. Where the chip's addresses were seen to wrap before that, flash_size is
    // less.
    std::uint32_t flash_size_told = 0;
    SecurityState security;
};

// What whoever writes to a secured board says of it.
struct FlashConsent {
    // What is written without encryption to a chip that encrypts its flash is meant so: a partition
    // that is not encrypted, or an image that was encrypted for this chip before.
    bool plain_on_encrypted = false;
    // What is written below the partition table is signed for this chip's secure boot.
    bool signed_bootloader = false;
};

struct ConnectOptions {
    std::uint32_t baud = 921600;           // after the handshake; 115200 for that
    std::filesystem::path stub_directory;  // of esptool-js's stub_flasher; empty: ROM loader alone
    bool reset = true;                     // through DTR/RTS, where the port has them
    unsigned attempts = 7;
    // A chip in secure download mode is no error, but known by its chip and security state alone:
    // it has no MAC and no flash id then, and nothing can be done with it.
    bool look_only = false;
    FlashConsent consent;
};

// What happened, for a progress bar: bytes of the region as the chip sees it. After a failure that
// is mended inside, done starts again.
using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

struct WriteOutcome {
    std::uint32_t written = 0;  // bytes of the region that were written
    std::uint32_t kept = 0;     // bytes that were there already
};

// What could be seen of a chip that was to leave its loader.
enum class StartSeen : std::uint8_t {
    started,    // it prints what its ROM, its bootloader or its program print
    silent,     // no loader answers, and nothing is printed
    in_loader,  // it is there still, or again
};

// Errors (all of kind board): no_board (nothing answers), board_lost (it stopped answering),
// port_gone, chip_unknown, chip_secured (and why), stub_failed (handled inside: falls back to ROM),
// flash_write_failed, verify_failed, line_damaged, board_swapped, interrupted (kind interrupted);
// also loader_refused (it answers, and says no), mac_damaged, flash_missing, flash_too_small,
// port_baud; flash_alignment (kind config or usage).
class Board {
  public:
    // Reset into the loader, sync, detect, stub (or ROM), baud rate.
    [[nodiscard]] static Result<Board> connect(transport::Port& port, const ConnectOptions& options,
                                               Clock& clock, Log log = {},
                                               std::stop_token stop = {});
    Board(Board&&) noexcept;
    Board& operator=(Board&&) noexcept;
    ~Board();

    [[nodiscard]] const BoardInfo& info() const;
    [[nodiscard]] bool stub_runs() const;
    [[nodiscard]] std::uint32_t baud() const;

    // Asks the chip again: the one way to know that the cable still ends at the same board.
    [[nodiscard]] Result<MacAddress> read_mac();

    // Would it be refused? To be asked for all that a run writes before it writes anything. Errors:
    // see FlashGuard.
    [[nodiscard]] Result<void> check_write(const FlashData& region, bool encrypted = false) const;
    [[nodiscard]] Result<void> check_range(std::uint32_t offset, std::uint32_t size) const;

    // Erases what is under the region, writes it compressed, and proves it by the chip's MD5.
    [[nodiscard]] Result<void> write(const FlashData& region, const Progress& progress = {});
    // Written encrypted by the chip itself; not proven, for nothing can ask. Errors: chip_secured
    // (it does not encrypt its flash, or its loader does not, and why).
    [[nodiscard]] Result<void> write_encrypted(const FlashData& region,
                                               const Progress& progress = {});
    // The same end with less to do: writes what differs, by a few of the chip's own MD5s (plan.h).
    // Nothing is proven by it: what follows may undo it. prove() has the last word.
    [[nodiscard]] Result<WriteOutcome> write_difference(const FlashData& region,
                                                        const Progress& progress = {});
    // Ends a run: every region that was written by write() and write_difference() is proven by the
    // chip's MD5 of all of it, after the last write. What turns out to differ is written anew, and
    // then everything is proven again. Gives how many bytes that were. Errors: as write(); also
    // flash_too_small, where what was written shows that the flash is smaller than its id tells.
    [[nodiscard]] Result<std::uint64_t> prove();
    // What would have to be written, found without writing: every range by the chip's own MD5s.
    [[nodiscard]] Result<RegionPlan> plan(const FlashData& region);
    [[nodiscard]] Result<Md5> flash_md5(std::uint32_t offset, std::uint32_t size);
    [[nodiscard]] Result<Bytes> read(std::uint32_t offset, std::uint32_t size,
                                     const Progress& progress = {});
    [[nodiscard]] Result<void> erase(std::uint32_t offset, std::uint32_t size);

    // Leaves the loader and starts what is in flash; the port then carries the console at 115200.
    // Over the chip's own USB the watchdog does it where a boot button was held, but on C6 and H2.
    [[nodiscard]] Result<void> run();
    // After run(): reads the console for half a second at the most, until it shows what the chip
    // does, and where it does not, asks whether a loader is there.
    [[nodiscard]] Result<StartSeen> look_started();

  private:
    class Session;
    explicit Board(std::unique_ptr<Session> session);
    std::unique_ptr<Session> session_;
};

}  // namespace imprint::loader
