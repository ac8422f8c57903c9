// From the loader into the program, and whether that came about.
#include <array>
#include <string_view>

#include "loader/chip_setup.h"
#include "loader/diagnosis.h"
#include "loader/session.h"
#include "loader/timing.h"

namespace imprint::loader {

namespace {

bool holds_any(std::string_view text, std::span<const std::string_view> words) {
    return std::ranges::any_of(
        words, [text](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

// What ROM, bootloader and program print: esptool docs/en/advanced-topics/boot-mode-selection.rst,
// and ESP-IDF's log lines ("I (27) boot: …").
constexpr std::array<std::string_view, 5> of_the_program{"FLASH_BOOT", "entry 0x", "I (", "E (",
                                                         "W ("};

}  // namespace

Result<void> Board::Session::run() {
    link_.forget_console();
    if (!link_.port().traits().has_lines) {
        IMPRINT_CHECK(leave_without_lines());
        return link_.set_port_baud(rom_baud_rate);
    }
    const bool own_usb = is_own_usb(link_, *info_.chip);
    // In secure download mode no register is to be had.
    const bool registers = !info_.security.secure_download_mode;
    if (registers) IMPRINT_CHECK(let_leave_loader(link_, *info_.chip));
    if ((own_usb || link_.port().traits().usb_serial_jtag) && registers &&
        info_.chip->watchdog.enable != 0) {
        IMPRINT_TRY(const bool held, io0_was_held(link_, *info_.chip));
        if (held) {
            IMPRINT_CHECK(reset_by_watchdog(link_, *info_.chip));
            IMPRINT_CHECK(link_.follow_over_reset());
            return link_.set_port_baud(rom_baud_rate);
        }
    }
    IMPRINT_CHECK(link_.set_port_baud(rom_baud_rate));
    IMPRINT_CHECK(link_.port().discard_input());
    IMPRINT_TRY(const bool done, link_.reset(run_reset(link_.port().traits())));
    if (!done) IMPRINT_CHECK(link_.reset(run_reset(link_.port().traits())));
    return own_usb ? link_.follow_over_reset() : Result<void>{};
}

Result<void> Board::Session::stay() {
    if (link_.baud() == rom_baud_rate) return {};
    return change_baud(rom_baud_rate, {});
}

// Nobody can pull EN. The ROM is told to run what is in flash. The stub knows no such thing, but
// the RTC watchdog resets the whole chip, which then looks at IO0 anew.
Result<void> Board::Session::leave_without_lines() {
    if (link_.kind() == LoaderKind::stub && info_.chip->watchdog.enable != 0) {
        IMPRINT_CHECK(reset_by_watchdog(link_, *info_.chip));
        return link_.drain(timing::unsupported_drain);
    }
    constexpr std::uint32_t reboot = 0;
    constexpr std::uint32_t run_user_code = 1;
    const bool stub = link_.kind() == LoaderKind::stub;
    const EncryptedWord word =
        !stub && info_.chip->rom_encrypted_word ? EncryptedWord::plain : EncryptedWord::none;
    IMPRINT_CHECK(
        link_.command(begin_request(Op::flash_begin, {0, 0, 0x400, 0}, word), timing::usual));
    // It leaves before or after it answers.
    IMPRINT_CHECK(link_.send(request(Op::flash_end, {stub ? reboot : run_user_code}).encode()));
    return link_.drain(timing::unsupported_drain);
}

Result<StartSeen> Board::Session::look_started() {
    constexpr Milliseconds slice{50};
    constexpr int slices = 10;
    constexpr unsigned syncs = 2;
    for (int i = 0; i < slices; ++i) {
        const auto heard = link_.drain(slice);
        if (!heard && !link_.comes_back(heard.error())) return std::unexpected(heard.error());
        if (!heard) IMPRINT_CHECK(link_.await_port());
        if (is_log_of_loader(link_.console())) return StartSeen::in_loader;
        if (holds_any(link_.console(), of_the_program)) return StartSeen::started;
    }
    // Nothing, or nothing that tells: a loader would answer.
    IMPRINT_TRY(const auto loader, link_.resync(syncs));
    if (loader) return StartSeen::in_loader;
    return link_.console().empty() ? StartSeen::silent : StartSeen::started;
}

}  // namespace imprint::loader
