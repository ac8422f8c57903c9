#include "simulator/board.h"

#include <algorithm>
#include <fmt/format.h>

namespace imprint::simulator {

namespace {

// EN's capacitor: it is up this long after the transistor lets go. Long enough for a host that
// sets DTR and RTS one after the other, short enough for one that waits 50 ms.
constexpr Milliseconds en_rise{10};
// How long the ROM goes on trying before the RTC watchdog resets the chip.
constexpr Milliseconds watchdog_period{1000};

constexpr std::uint32_t console_baud = 115200;

// The auto-reset circuit: each transistor conducts only if its line is asserted and the other not.
bool en_low(transport::Lines lines) {
    return lines.rts && !lines.dtr;
}

bool io0_low(transport::Lines lines) {
    return lines.dtr && !lines.rts;
}

ChipModel with_crystal(ChipModel model, const BoardOptions& options) {
    if (options.crystal_hz != 0) model.crystal_hz = options.crystal_hz;
    if (options.rom_crystal_hz != 0) model.rom_crystal_hz = options.rom_crystal_hz;
    return model;
}

}  // namespace

Result<std::unique_ptr<Board>> Board::create(const BoardOptions& options,
                                             std::function<void()> wake, Log log) {
    IMPRINT_TRY(const ChipModel* const model, find_chip_model(options.chip));
    if (options.revision && !model->can_be(*options.revision))
        return fail(
            ErrorKind::config, "chip_not_simulated",
            fmt::format("there is no {} of revision {}.{}", model->name, *options.revision / 100,
                        *options.revision % 100),
            fmt::format("leave it out for {}.{}", model->revision / 100, model->revision % 100));
    if ((options.usb == UsbKind::serial_jtag && !model->has_serial_jtag) ||
        (options.usb == UsbKind::own && !model->has_own_usb))
        return fail(ErrorKind::config, "chip_not_simulated",
                    fmt::format("the {} has no such USB", model->name),
                    "USB-Serial/JTAG: S3 and the chips after it; a USB of their own: S2 and S3");
    if (options.fuses.secure_download && model->security_info_size == 0)
        return fail(ErrorKind::config, "chip_not_simulated",
                    fmt::format("the {} has no secure download mode", model->name),
                    "every other chip has");
    auto flash = options.flash_file.empty()
                     ? Flash::blank(options.flash_size)
                     : Flash::in_file(options.flash_file, options.flash_size);
    if (!flash) return std::unexpected(std::move(flash).error());
    if (options.flash_told != 0) flash->claim(options.flash_told);
    if (options.flash_missing) flash->take_away();
    flash->take_id(options.flash_id);
    if (options.flash_locked) flash->status().lock();
    return std::unique_ptr<Board>(
        new Board(options, *model, std::move(*flash), std::move(wake), std::move(log)));
}

Board::Board(const BoardOptions& options, const ChipModel& model, Flash flash,
             std::function<void()> wake, Log log)
    : options_(options),
      model_(with_crystal(model, options)),
      chip_(options.mac, options.revision.value_or(model.revision), std::move(flash), model_,
            options.timings, options.fuses),
      wake_(std::move(wake)),
      log_(std::move(log)) {
    for (const auto& [address, value] : options.words)
        chip_.memory.fix(address, value);
}

Board::~Board() {
    leave_application();
}

void Board::power_on(Instant now) {
    chip_.time.reset(now);
    lines_ = {};
    start(ResetCause::power_on, options_.boot_button_held, now);
}

void Board::power_off() {
    leave_application();
    bites_.reset();
    chip_.reset();
    (void)chip_.uart.take();
    state_ = Off{};
}

void Board::set_lines(transport::Lines lines, Instant now) {
    const transport::Lines former = std::exchange(lines_, lines);
    if (std::holds_alternative<Off>(state_)) return;
    chip_.time.idle_until(now);
    if (options_.usb != UsbKind::bridge) {
        follow_usb_lines(former, now);
    } else if (en_low(lines)) {
        if (!std::holds_alternative<InReset>(state_)) {
            log_.debug("EN low");
            leave_application();
            bites_.reset();
            chip_.reset();
            chip_.time.reset(now);
            (void)chip_.uart.take();  // what was not on the wire yet
        }
        state_ = InReset{};
    } else if (std::holds_alternative<InReset>(state_)) {
        state_ = Releasing{now + en_rise};
    }
}

// USB-Serial/JTAG: ESP32-C3 Technical Reference Manual, "USB Serial/JTAG Controller", "CDC-ACM
// control". A USB of its own: ESP-IDF components/esp_usb_cdc_rom_console/usb_console.c, where the
// end of RTS resets, into the loader if DTR is set.
void Board::follow_usb_lines(transport::Lines former, Instant now) {
    if (options_.usb == UsbKind::own) {
        if (former.rts && !lines_.rts) reset_through_usb(lines_.dtr, now);
        return;
    }
    if (lines_ == transport::Lines{}) usb_download_ = false;
    if (lines_ == transport::Lines{.dtr = true, .rts = false}) usb_download_ = true;
    if (en_low(lines_) && !en_low(former)) reset_through_usb(usb_download_, now);
}

// Not of the whole system: IO0 is not looked at, and a mark that was set stays.
void Board::reset_through_usb(bool download, Instant now) {
    log_.debug("reset through USB");
    leave_application();
    if (download) chip_.memory.force_download();
    chip_.reset(false);
    chip_.time.reset(now);
    (void)chip_.uart.take();
    const bool stays = download || download_strap_ || chip_.memory.download_forced();
    const bool strap = download_strap_;
    start(options_.usb == UsbKind::own ? ResetCause::software : ResetCause::usb, stays, now, false);
    download_strap_ = strap;
    chip_.memory.set_io0(!strap);
    left_bus_ = options_.usb == UsbKind::own;
}

// The loader goes on until then.
void Board::set_watchdog(std::uint32_t cycles, Instant now) {
    // Of the slow clock: ESP32-C3 Technical Reference Manual, "Reset and Clock", RTC_SLOW_CLK.
    constexpr std::uint64_t cycles_a_ms = 150;
    bites_.reset();
    if (cycles != 0)
        bites_ = now + Milliseconds(static_cast<std::int64_t>(cycles / cycles_a_ms + 1));
}

// A bench's watchdog resets what EN resets, and IO0 is sampled again; the button is not held any
// more.
void Board::bite(Instant now) {
    bites_.reset();
    leave_application();
    (void)chip_.uart.take();
    left_bus_ = options_.usb != UsbKind::bridge;
    start(ResetCause::watchdog, options_.usb == UsbKind::bridge && io0_low(lines_), now);
}

void Board::tick(Instant now) {
    chip_.time.idle_until(now);
    std::erase_if(leaving_, [](const auto& application) { return application->ended(); });
    if (bites_ && now >= *bites_) return bite(now);
    if (const auto* releasing = std::get_if<Releasing>(&state_)) {
        if (now >= releasing->at) start(ResetCause::power_on, io0_low(lines_), now);
    } else if (const auto* waiting = std::get_if<WatchdogWait>(&state_)) {
        if (now >= waiting->at) start(ResetCause::watchdog, download_strap_, now);
    } else if (auto* application = std::get_if<std::unique_ptr<Application>>(&state_)) {
        print((*application)->take_console());
    } else if (auto* stub = std::get_if<StubLoader>(&state_)) {
        follow(stub->tick(now), now);
    }
}

std::optional<Instant> Board::wakes() const {
    const auto own = state_wakes();
    return bites_ && (!own || *bites_ < *own) ? bites_ : own;
}

std::optional<Instant> Board::state_wakes() const {
    if (const auto* releasing = std::get_if<Releasing>(&state_)) return releasing->at;
    if (const auto* waiting = std::get_if<WatchdogWait>(&state_)) return waiting->at;
    if (const auto* stub = std::get_if<StubLoader>(&state_)) return stub->wakes();
    return std::nullopt;
}

void Board::receive(ByteView bytes, std::uint32_t baud, Instant begin, Nanoseconds byte_time) {
    if (auto* rom = std::get_if<RomLoader>(&state_); rom != nullptr && rom->measures_baud())
        chip_.uart.set_baud(baud);
    // USB carries bytes, whatever rate its ends have set.
    if (options_.usb != UsbKind::bridge) baud = chip_.uart.baud();
    Bytes noise;
    if (!same_baud(baud, chip_.uart.baud())) {
        noise = garbled(bytes);
        bytes = noise;
    }
    if (auto* stub = std::get_if<StubLoader>(&state_)) stub->begin_burst();
    Nanoseconds passed{0};
    for (const std::uint8_t byte : bytes) {
        passed += byte_time;
        const Instant now = begin + std::chrono::duration_cast<Instant::duration>(passed);
        chip_.time.byte_at(now);
        if (auto* rom = std::get_if<RomLoader>(&state_))
            follow(rom->receive(byte), now);
        else if (auto* stub = std::get_if<StubLoader>(&state_))
            follow(stub->receive(byte), now);
        else
            return;  // an application that reads no console
        if (const auto cycles = chip_.memory.take_watchdog()) set_watchdog(*cycles, now);
    }
    // Without a wire's time, what came in one burst is all that comes.
    if (auto* stub = std::get_if<StubLoader>(&state_); stub != nullptr && !chip_.time.counts())
        follow(stub->tick(begin), begin);
}

void Board::follow(Loader outcome, Instant now) {
    switch (outcome) {
        case Loader::running:
            return;
        case Loader::stub_started:
            if (options_.damaged_stub_ram) {
                state_ = Hung{};
                return;
            }
            state_.emplace<StubLoader>(chip_, options_.former_stub);
            std::get<StubLoader>(state_).start();
            return;
        case Loader::boots_flash:
            boot_flash(now);
            return;
        case Loader::resets:
            start(ResetCause::software, download_strap_, now);
            return;
        case Loader::hangs:
            state_ = Hung{};
            return;
    }
}

void Board::start(ResetCause cause, bool download, Instant now, bool all) {
    bites_.reset();
    download_strap_ = download;
    chip_.reset(all);
    chip_.memory.set_io0(!download);
    chip_.uart.set_baud(chip_.model.banner_baud());
    print(rom_banner(chip_.model, chip_.revision, cause, download));
    if (download)
        state_.emplace<RomLoader>(chip_);
    else
        boot_flash(now);
}

void Board::boot_flash(Instant now) {
    Bytes decrypted;
    if (chip_.fuses.flash_encryption != FlashEncryption::off)
        decrypted =
            decrypted_view(chip_.cipher, chip_.flash.content(), chip_.model.bootloader_offset);
    const ByteView seen = decrypted.empty() ? chip_.flash.content() : ByteView(decrypted);
    BootReport report = boot(chip_.model, seen, chip_.revision, chip_.fuses.secure_boot);
    chip_.uart.set_baud(console_baud);
    print(report.console);
    if (!report.started) {
        state_ = WatchdogWait{now + watchdog_period};
        return;
    }
    const ApplicationOptions application{options_.mac, options_.network, options_.network_time};
    auto flash = decrypted.empty() ? std::make_shared<AppFlash>(chip_.flash)
                                   : std::make_shared<AppFlash>(decrypted);
    state_ =
        std::make_unique<Application>(application, std::move(flash), seen, *report.started, wake_);
}

void Board::hang() {
    leave_application();
    state_ = Hung{};
}

void Board::leave_application() {
    auto* application = std::get_if<std::unique_ptr<Application>>(&state_);
    if (application == nullptr) return;
    (*application)->request_stop();
    // Its thread may be waiting for a name server: the chip does not wait for it.
    leaving_.push_back(std::move(*application));
    state_ = Hung{};
}

}  // namespace imprint::simulator
