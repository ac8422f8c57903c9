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
    bool known = false;  // false: this ROM does not report it, or it was not asked
    bool secure_boot = false;
    bool flash_encryption = false;
    bool flash_encryption_release = false;
    // The loader refuses to encrypt what it writes.
    bool encrypted_writes_disabled = false;
    bool secure_download_mode = false;
    // The purposes of the chip's key blocks, as its own numbers (key_purpose_name). Empty: its key
    // blocks have none, as on the ESP32 and the C2.
    std::vector<std::uint8_t> key_purposes;
};

// "XTS_AES_128_KEY"; empty for an unused block. Source: esptool esptool/targets/, KEY_PURPOSES.
[[nodiscard]] std::string key_purpose_name(std::uint8_t purpose);

struct BoardInfo {
    const Chip* chip = nullptr;  // a row of the chip table; never null after connect
    MacAddress mac;              // base MAC from eFuse
    std::uint16_t revision = 0;  // major × 100 + minor
    std::uint32_t crystal_mhz = 0;
    std::uint32_t flash_id = 0;    // JEDEC: manufacturer, type, capacity in the low three bytes
    std::uint32_t flash_size = 0;  // bytes; 0 if the id is unknown and no size was found
    // According to the id alone. flash_size is less if the flash's addresses were found to wrap
    // earlier.
    std::uint32_t flash_size_told = 0;
    SecurityState security;
};

// The user's statements for writing to a secured board.
struct FlashConsent {
    // Unencrypted writes to a chip with flash encryption are intended: to a partition that is not
    // encrypted, or of an image that was encrypted for this chip before.
    bool plain_on_encrypted = false;
    // What is written below the partition table is signed for this chip's secure boot.
    bool signed_bootloader = false;
};

struct ConnectOptions {
    std::uint32_t baud = 921600;  // after the handshake, which runs at 115200
    // The highest rate to try from there, with a stub, step by step and proven with data each; 0:
    // none. A higher one than `baud` is kept only if it carries them. Board::baud() tells.
    std::uint32_t climb_to = 0;
    std::filesystem::path stub_directory;  // of esptool-js's stub_flasher; empty: ROM loader only
    bool reset = true;                     // through DTR/RTS, if the port has them
    unsigned attempts = 7;
    // A chip in secure download mode is no error: only its chip type and security state are
    // returned. MAC and flash id are unknown then, and nothing can be done with the chip.
    bool look_only = false;
    FlashConsent consent;
};

// For a progress bar: bytes of the region as the chip sees it. After a failure that is retried
// internally, done starts again.
using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

inline void report(const Progress& progress, std::uint64_t done, std::uint64_t total) {
    if (progress) progress(done, total);
}

struct WriteOutcome {
    std::uint32_t written = 0;  // bytes of the region that were written
    std::uint32_t kept = 0;     // bytes that were there already
};

// What could be observed of a chip that should have left its loader.
enum class StartSeen : std::uint8_t {
    started,    // it prints output of its ROM, its bootloader or its program
    silent,     // no loader answers, and nothing is printed
    in_loader,  // it is still in the loader, or in it again
};

// Errors (all of kind board): no_board (nothing answers), board_lost (it stopped answering),
// port_gone, chip_unknown, chip_secured (and why), stub_failed (handled inside: falls back to ROM),
// flash_write_failed, verify_failed, line_damaged, board_swapped, interrupted (kind interrupted);
// also loader_refused (it answers with a refusal), mac_damaged, flash_missing, flash_too_small,
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

    // Reads it from the chip again: the only way to know that the same board is still connected.
    [[nodiscard]] Result<MacAddress> read_mac();

    // Whether a write would be refused. Checked for all that a run writes, before it writes
    // anything. Errors: see FlashGuard.
    [[nodiscard]] Result<void> check_write(const FlashData& region, bool encrypted = false) const;
    [[nodiscard]] Result<void> check_range(std::uint32_t offset, std::uint32_t size) const;

    // Erases the region, writes it compressed, and verifies it by the chip's MD5.
    [[nodiscard]] Result<void> write(const FlashData& region, const Progress& progress = {});
    // The chip encrypts while it writes. The result cannot be verified. Errors: chip_secured (the
    // chip or its loader does not encrypt, and why).
    [[nodiscard]] Result<void> write_encrypted(const FlashData& region,
                                               const Progress& progress = {});
    // Writes only what differs, found by a few of the chip's own MD5s (plan.h). This does not
    // verify: later writes may overwrite the region. prove() verifies in the end.
    [[nodiscard]] Result<WriteOutcome> write_difference(const FlashData& region,
                                                        const Progress& progress = {});
    // Ends a run: verifies every region that was written by write() and write_difference(), by the
    // chip's MD5 of the whole region, after the last write. What differs is written again, and then
    // everything is verified again. Returns the number of bytes rewritten. Errors: as write(); also
    // flash_too_small, if what was written shows that the flash is smaller than its id says.
    [[nodiscard]] Result<std::uint64_t> prove();
    // What would have to be written, found without writing: compares every range by the chip's
    // MD5s.
    [[nodiscard]] Result<RegionPlan> plan(const FlashData& region);
    [[nodiscard]] Result<Md5> flash_md5(std::uint32_t offset, std::uint32_t size);
    [[nodiscard]] Result<Bytes> read(std::uint32_t offset, std::uint32_t size,
                                     const Progress& progress = {});
    [[nodiscard]] Result<void> erase(std::uint32_t offset, std::uint32_t size);

    // Leaves the loader and starts what is in flash; the port then carries the console at 115200.
    // Over the chip's own USB, the watchdog resets it if a boot button was held, except on C6 and
    // H2.
    [[nodiscard]] Result<void> run();
    // Instead of run(): the loader stays, at the rate at which it is looked for.
    [[nodiscard]] Result<void> stay();
    // After run(): reads the console for at most half a second, until it shows what the chip does.
    // If it shows nothing, asks whether a loader answers.
    [[nodiscard]] Result<StartSeen> look_started();

  private:
    class Session;
    explicit Board(std::unique_ptr<Session> session);
    std::unique_ptr<Session> session_;
};

}  // namespace imprint::loader
