// The line's rate: raised, climbed, stepped down from.
#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "loader/flash_size.h"
#include "loader/identify.h"
#include "loader/rate_trial.h"
#include "loader/session.h"
#include "loader/timing.h"

namespace imprint::loader {

// Everything that follows is quicker then, the stub's upload most of all.
Result<void> Board::Session::raise_rom_baud() {
    constexpr std::uint32_t fastest_for_rom = 921'600;
    const std::uint32_t rate = std::min(rate_, fastest_for_rom);
    if (!early_rate_ || link_.kind() != LoaderKind::rom || link_.baud() == rate ||
        !link_.port().traits().has_baud)
        return {};
    IMPRINT_TRY(const std::uint32_t asked, rom_baud(link_, *info_.chip, info_.crystal_mhz, rate));
    // A stub that raises the clocks takes the rate that the ROM was asked for, not the one that
    // came of it (esp-flasher-stub src/main.c): too far off, its greeting would not be understood.
    const std::uint32_t off = asked > rate ? asked - rate : rate - asked;
    if (off > rate / 50) return {};
    exact_rate_ = off <= rate / 100;
    return change_baud(rate, asked);
}

Result<void> Board::Session::change_baud(std::uint32_t rate,
                                         std::optional<std::uint32_t> corrected) {
    const std::uint32_t former = link_.baud();
    if (!link_.port().traits().has_baud) return {};
    rate_failed_ = true;
    // Before the chip changes over: can the port?
    IMPRINT_CHECK(link_.set_port_baud(rate));
    IMPRINT_CHECK(link_.set_port_baud(former));

    const bool stub = link_.kind() == LoaderKind::stub;
    std::uint32_t asked = corrected.value_or(rate);
    if (!stub && !corrected) {
        IMPRINT_TRY(asked, rom_baud(link_, *info_.chip, info_.crystal_mhz, rate));
    }
    IMPRINT_CHECK(
        link_.command(request(Op::change_baudrate, {asked, stub ? former : 0U}), timing::usual));
    IMPRINT_CHECK(link_.set_port_baud(rate));
    IMPRINT_CHECK(stub ? link_.drain(timing::stub_baud_change)
                       : link_.await_noise(timing::rom_baud_change));
    IMPRINT_TRY(const auto found, link_.resync(syncs_a_round));
    if (found != link_.kind())
        return fail(
            ErrorKind::board, "board_lost",
            fmt::format("the board on {} does not answer at {} baud", link_.port().name(), rate),
            "choose a lower rate, or a shorter cable");
    rate_failed_ = false;
    if (stub) exact_rate_ = true;
    return {};
}

Result<void> Board::Session::climb() {
    constexpr std::array steps{1'500'000U, 2'000'000U, 3'000'000U};
    const transport::PortTraits& traits = link_.port().traits();
    // Over a chip's own USB no rate counts. The former stub clears the flash's status register when
    // a write begins, were it of no bytes (rate_trial.h): not for a command that may only read.
    if (link_.kind() != LoaderKind::stub || !link_.takes_ahead() || !traits.has_baud ||
        traits.espressif_product != 0)
        return {};
    for (const std::uint32_t rate : steps) {
        if (rate <= rate_ || rate > options_.climb_to) continue;
        IMPRINT_TRY(const bool possible, port_can(rate));
        if (!possible) continue;
        auto carried = change_baud(rate, {});
        if (carried)
            carried = try_rate(link_, is_no_flash_id(info_.flash_id) ? 0 : info_.flash_size);
        if (!carried) {
            options_.climb_to = 0;
            rate_failed_ = false;
            climb_failed_ = true;
            return carried;
        }
        rate_ = rate;
    }
    return {};
}

Result<bool> Board::Session::port_can(std::uint32_t rate) {
    const std::uint32_t former = link_.baud();
    const auto set = link_.set_port_baud(rate);
    if (!set && !set.error().is("port_baud")) return std::unexpected(set.error());
    IMPRINT_CHECK(link_.set_port_baud(former));
    return set.has_value();
}

bool Board::Session::step_down() {
    constexpr std::array ladder{2'000'000U, 1'500'000U, 921'600U,
                                460'800U,   230'400U,   rom_baud_rate};
    options_.climb_to = 0;
    const auto* lower =
        std::ranges::find_if(ladder, [this](std::uint32_t rate) { return rate < rate_; });
    if (lower == ladder.end()) return false;
    rate_ = *lower;
    return true;
}

}  // namespace imprint::loader
