#include "loader/reset.h"

#include <span>

namespace imprint::loader {

namespace {

struct Step {
    transport::Lines lines;
    Milliseconds hold;
};

constexpr transport::Lines both_off{false, false};
constexpr transport::Lines both_on{true, true};
constexpr transport::Lines held_in_reset{false, true};
constexpr transport::Lines boot_pin_low{true, false};

constexpr Milliseconds none{0};
constexpr Milliseconds in_reset{100};
constexpr Milliseconds at_boot_pin{50};
constexpr Milliseconds at_boot_pin_slow{550};

Result<void> play(Link& link, std::span<const Step> steps) {
    for (const Step& step : steps) {
        IMPRINT_CHECK(link.port().set_lines(step.lines));
        if (step.hold > none) IMPRINT_CHECK(link.sleep(step.hold));
    }
    return {};
}

Result<void> tight(Link& link, Milliseconds at_pin) {
    const Step steps[] = {{both_off, none},
                          {both_on, none},
                          {held_in_reset, in_reset},
                          {boot_pin_low, at_pin},
                          {both_off, none}};
    return play(link, steps);
}

Result<void> classic(Link& link, Milliseconds at_pin) {
    const Step steps[] = {{held_in_reset, in_reset}, {boot_pin_low, at_pin}, {both_off, none}};
    return play(link, steps);
}

}  // namespace

Result<void> reset_into_loader(Link& link, ResetKind kind) {
    switch (kind) {
        case ResetKind::tight:
            return tight(link, at_boot_pin);
        case ResetKind::tight_slow:
            return tight(link, at_boot_pin_slow);
        case ResetKind::classic:
            return classic(link, at_boot_pin);
        case ResetKind::classic_slow:
            return classic(link, at_boot_pin_slow);
        case ResetKind::usb_jtag: {
            const Step steps[] = {{both_off, in_reset},
                                  {boot_pin_low, in_reset},
                                  {both_on, none},
                                  {held_in_reset, in_reset},
                                  {both_off, none}};
            return play(link, steps);
        }
    }
    return {};
}

Result<void> hard_reset(Link& link) {
    const Step steps[] = {{held_in_reset, in_reset}, {both_off, none}};
    return play(link, steps);
}

}  // namespace imprint::loader
