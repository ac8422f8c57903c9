#include "loader/session.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <functional>
#include <utility>

#include "base/text.h"
#include "loader/chip_setup.h"
#include "loader/diagnosis.h"
#include "loader/flash_probe.h"
#include "loader/flash_read.h"
#include "loader/flash_size.h"
#include "loader/flash_write.h"
#include "loader/identify.h"
#include "loader/spi_flash.h"
#include "loader/stub_start.h"
#include "loader/timing.h"

namespace imprint::loader {

// Neither another try nor another rate can help.
bool Board::Session::is_final(const Error& error) {
    return error.kind == ErrorKind::interrupted ||
           error.is_any({"port_gone", "port_io", "port_stuck", "board_swapped", "chip_secured",
                         "no_board", "board_silent"});
}

Board::Session::Session(transport::Port& port, ConnectOptions options, Clock& clock, Log log,
                        std::stop_token stop)
    : link_(port, clock, std::move(stop)),
      options_(std::move(options)),
      log_(std::move(log)),
      rate_(options_.baud) {}

// The port's name stands before it, and once.
std::string Board::Session::placed(std::string_view text) const {
    const std::string& name = link_.port().name();
    return fmt::format("{}: {}", name, replace_all(std::string(text), " on " + name, ""));
}

// --- connecting ----------------------------------------------------------------------------------

Result<void> Board::Session::connect() {
    std::string said;
    for (int attempt = 1;; ++attempt) {
        const std::uint32_t wanted = rate_;
        auto connected = hand_shake();
        if (connected) return connected;
        if (is_final(connected.error())) return std::unexpected(explained(connected.error()));
        // The rate that it came from is the right one.
        if (std::exchange(climb_failed_, false)) {
            log_.info("{}; back to {} baud", placed(connected.error().message), rate_);
            --attempt;
            continue;
        }
        if (rate_failed_ && std::exchange(early_rate_, false)) {
            // A cable or bridge that fails at full speed may carry a lower one; but first another
            // way to the same rate, which is nobody's trouble yet.
            log_.info("{}", placed(connected.error().message + "; raising the rate later"));
            continue;
        }
        if (rate_failed_ ? !step_down() : attempt >= tries)
            return std::unexpected(explained(connected.error()));
        const std::string how =
            rate_ == wanted ? "; trying again" : fmt::format("; trying again at {}", rate_);
        std::string text = placed(fmt::format("connecting at {} baud failed: {}{}", wanted,
                                              connected.error().message, how));
        if (text != said) log_.warning("{}", text);
        said = std::move(text);
    }
}

Error Board::Session::explained(Error error) const {
    if (!error.is_any({"no_board", "board_silent", "board_lost", "loader_refused", "line_damaged",
                       "verify_failed"}))
        return error;
    return with_other_user(std::move(error), link_.port().other_user());
}

Result<void> Board::Session::hand_shake() {
    rate_failed_ = false;
    IMPRINT_CHECK(link_.set_port_baud(rom_baud_rate));
    exact_rate_ = true;
    IMPRINT_CHECK(enter_loader());
    IMPRINT_CHECK(identify());
    if (info_.security.secure_download_mode) return {};
    IMPRINT_CHECK(settle_chip(link_, *info_.chip, info_.revision));
    IMPRINT_CHECK(bring_up_stub());
    if (link_.kind() == LoaderKind::stub) {
        IMPRINT_TRY(const bool former, is_former_stub(link_));
        link_.set_takes_ahead(!former);
    }
    if (link_.baud() != rate_ || !exact_rate_) IMPRINT_CHECK(change_baud(rate_, {}));
    IMPRINT_CHECK(set_up_flash());
    IMPRINT_CHECK(climb());
    log_.info("{}: {} revision {}.{}, MAC {}, {} KB of flash, {} at {} baud", link_.port().name(),
              info_.chip->name, info_.revision / 100, info_.revision % 100, info_.mac.id(),
              info_.flash_size / 1024,
              link_.kind() == LoaderKind::stub ? "stub flasher" : "ROM loader", link_.baud());
    return {};
}

Result<void> Board::Session::enter_loader() {
    const transport::PortTraits& traits = link_.port().traits();
    const bool resets = options_.reset && traits.has_lines;
    const unsigned attempts = std::max(options_.attempts, 1U);
    for (unsigned attempt = 0; attempt < attempts; ++attempt) {
        if (resets) {
            // What the board said before is no sign of what the reset did.
            IMPRINT_CHECK(link_.take_noise());
            link_.forget_console();
            IMPRINT_CHECK(reset(attempt));
        } else if (traits.has_baud) {
            // A loader that was left running may still be at the rate that it was raised to.
            IMPRINT_CHECK(link_.set_port_baud(attempt % 2 == 0 ? rom_baud_rate : rate_));
        }
        auto synced = link_.resync(syncs_a_round);
        if (!synced && link_.comes_back(synced.error())) {
            IMPRINT_CHECK(link_.await_port());
            synced = link_.resync(syncs_a_round);
        }
        if (!synced) return std::unexpected(std::move(synced).error());
        const std::optional<LoaderKind> found = *synced;
        if (!found) continue;
        link_.set_kind(*found);
        if (*found == LoaderKind::stub && resets)
            log_.warning(
                "{}: a stub flasher answers although the board was reset: DTR and RTS do "
                "not reach it",
                link_.port().name());
        return {};
    }
    return std::unexpected(no_board({.port = link_.port().name(),
                                     .heard = link_.console(),
                                     .attempts = attempts,
                                     .was_reset = resets,
                                     .was_late = link_.lateness().seen(),
                                     .lines_apart = traits.lines_apart}));
}

Result<void> Board::Session::reset(unsigned attempt) {
    // Which sequences there are may turn out with the first one.
    for (int round = 0; round < 2; ++round) {
        const auto sequences = loader_resets(link_.port().traits());
        IMPRINT_TRY(const bool done, link_.reset(sequences[attempt % sequences.size()]));
        if (done) break;
    }
    return {};
}

Result<void> Board::Session::identify() {
    IMPRINT_TRY(const DetectedChip detected, detect_chip(link_));
    const Chip& chip = *detected.chip;
    if (detected.secure_download()) {
        info_.chip = &chip;
        IMPRINT_TRY(info_.security, read_security(link_, detected, 0));
        if (options_.look_only) return {};
        return std::unexpected(secure_download_error(link_, chip));
    }
    if (!identified_) {
        info_.chip = &chip;
        // A stub has changed the clocks that it is told by.
        IMPRINT_TRY(info_.crystal_mhz, read_crystal(link_, chip));
    }
    IMPRINT_CHECK(raise_rom_baud());
    IMPRINT_TRY(const MacAddress mac, loader::read_mac(link_, chip));
    if (identified_) {
        if (mac == info_.mac) return {};
        return fail(ErrorKind::board, "board_swapped",
                    fmt::format("board {} was exchanged for {} on {}", info_.mac.id(), mac.id(),
                                link_.port().name()),
                    "leave a board in its bay until it is done");
    }
    info_.mac = mac;
    IMPRINT_TRY(info_.revision, read_revision(link_, chip));
    IMPRINT_TRY(info_.security, read_security(link_, detected, info_.revision));
    identified_ = true;
    return {};
}

Result<void> Board::Session::bring_up_stub() {
    if (link_.kind() == LoaderKind::stub || !stub_allowed_ || options_.stub_directory.empty())
        return {};
    const std::string_view name = stub_name(*info_.chip, info_.revision);
    if (name.empty()) return {};
    const auto stub = load_stub(options_.stub_directory, name);
    if (!stub) {
        log_.warning("{}; going on with the ROM loader, which is slower",
                     placed(stub.error().describe()));
        stub_allowed_ = false;
        return {};
    }
    const std::uint32_t hook = info_.security.secure_boot ? info_.chip->stub.secure_boot_hook : 0;
    auto started = start_stub(link_, *info_.chip, *stub, hook);
    if (started || is_final(started.error())) return started;
    // It may speak at another rate than the ROM did: once more from the start, and slowly.
    if (link_.baud() != rom_baud_rate) {
        rate_failed_ = true;
        return started;
    }
    log_.warning("{}; going on with the ROM loader, which is slower",
                 placed(started.error().message));
    stub_allowed_ = false;
    link_.set_kind(LoaderKind::rom);
    IMPRINT_CHECK(link_.set_port_baud(rom_baud_rate));
    IMPRINT_CHECK(enter_loader());
    IMPRINT_CHECK(identify());
    return settle_chip(link_, *info_.chip, info_.revision);
}

Result<void> Board::Session::set_up_flash() {
    IMPRINT_CHECK(attach_flash(link_, *info_.chip));
    IMPRINT_TRY(info_.flash_id, read_flash_id(link_, *info_.chip));
    info_.flash_size_told = flash_size_of(info_.flash_id);
    if (!size_settled_) info_.flash_size = info_.flash_size_told;
    if (info_.flash_size == 0)
        log_.warning("{}: the flash chip's id {:06x} is not understood", link_.port().name(),
                     info_.flash_id);
    else
        IMPRINT_CHECK(set_flash_size(link_, info_.flash_size));
    return settle_flash_size();
}

Result<void> Board::Session::settle_flash_size() {
    if (size_settled_ || is_no_flash_id(info_.flash_id)) return {};
    // What the loader does not reach cannot be asked for.
    const std::uint64_t reach = flash_reach(*info_.chip, link_.kind());
    const std::uint64_t told =
        info_.flash_size_told != 0 ? info_.flash_size_told : reach_of_24_bits;
    const std::array landmarks{info_.chip->bootloader_offset, 0x8000U, 0x10000U};
    const auto found = find_flash_size(
        static_cast<std::uint32_t>(std::min(told, reach)), landmarks,
        [this](std::uint32_t offset, std::uint32_t size) { return read_md5(link_, offset, size); });
    // A loader that does not hash there has a limit of its own.
    if (!found && found.error().is("loader_refused")) return {};
    if (!found) return std::unexpected(found.error());
    if (!*found) return {};
    size_settled_ = true;
    if (**found >= std::min(told, reach)) return {};
    info_.flash_size = **found;
    log_.warning(
        "{}: the flash's addresses wrap at {} KB, which is what it has; its id {:06x} tells "
        "{} KB",
        link_.port().name(), info_.flash_size / 1024, info_.flash_id, info_.flash_size_told / 1024);
    return set_flash_size(link_, info_.flash_size);
}

// --- going on after a failure --------------------------------------------------------------------

Result<void> Board::Session::recover() {
    IMPRINT_CHECK(link_.drain(timing::unsupported_drain));
    IMPRINT_TRY(const auto found, link_.resync(syncs_a_round));
    // Above the rate that every bridge and cable carries, damage is taken for the rate's doing.
    constexpr std::uint32_t everywhere = 921'600;
    if (found && *found == link_.kind() && link_.baud() <= everywhere) {
        // A ROM answers alike whether it was reset meanwhile or not; then it knows no flash.
        if (*found == LoaderKind::rom) IMPRINT_CHECK(set_up_flash());
        IMPRINT_TRY(const MacAddress mac, loader::read_mac(link_, *info_.chip));
        if (mac == info_.mac) return {};
    }
    static_cast<void>(step_down());
    log_.warning("{}: connecting again, at {} baud", link_.port().name(), rate_);
    return connect();
}

}  // namespace imprint::loader
