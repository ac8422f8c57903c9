#include "loader/reset_sequence.h"

namespace imprint::loader {

namespace {

using transport::Lines;
using namespace std::chrono_literals;

// DTR asserted pulls IO0 low, RTS asserted EN, and both together neither: the two transistors of
// Espressif's circuit hold each other off.
constexpr Lines none{false, false};
constexpr Lines io0_low{true, false};
constexpr Lines en_low{false, true};
constexpr Lines both{true, true};

// Both lines at once throughout: EN never rises while IO0 is still high.
ResetSequence tight(Milliseconds io0_hold, Milliseconds en_hold = 100ms) {
    return {{none, 0ms}, {both, 0ms}, {en_low, en_hold}, {io0_low, io0_hold}, {none, 0ms}};
}

// One line after the other, for circuits and drivers that want it so: EN's capacitor bridges the
// moment between.
ResetSequence classic(Milliseconds io0_hold) {
    return {{none, 0ms}, {en_low, 100ms}, {both, 0ms}, {io0_low, io0_hold}, {none, 0ms}};
}

// The USB-Serial/JTAG unit looks at the order of the changes, and must pass (1,1) on the way.
ResetSequence usb_serial_jtag(Milliseconds hold) {
    return {{none, hold}, {io0_low, hold}, {both, 0ms}, {en_low, 0ms}, {en_low, hold}, {none, 0ms}};
}

// For a server that plays the reset itself (esptool esp_rfc2217_server/esp_port_manager.py): into
// the loader as DTR is asserted, into the program as RTS is released without DTR. So RTS stays
// asserted while DTR is taken back, and nothing is released behind it: either would start something
// else.
ResetSequence played(Milliseconds hold) {
    return {{en_low, 0ms}, {io0_low, hold}};
}

}  // namespace

std::vector<ResetSequence> loader_resets(const transport::PortTraits& traits) {
    if (!traits.has_lines) return {};
    // The others are for a server that passes the lines on and only does not confirm them.
    if (traits.plays_resets) return {played(300ms), tight(50ms), played(900ms), classic(550ms)};
    // The last one is for lines that are looked at late: by a server at the other end of a network,
    // or by a simulator on a computer that is busy.
    if (traits.usb_serial_jtag)
        return {usb_serial_jtag(100ms), usb_serial_jtag(100ms), usb_serial_jtag(1000ms)};
    // The long hold is for boards whose EN has a large capacitor.
    return {tight(50ms), tight(550ms), classic(50ms), classic(550ms), tight(1500ms, 1000ms)};
}

ResetSequence run_reset(const transport::PortTraits& traits) {
    // Over USB-Serial/JTAG the chip leaves the bus for a moment.
    if (traits.usb_serial_jtag) return {{en_low, 200ms}, {none, 200ms}};
    // The server takes its time after the last change; who hangs up at once would cut it short.
    if (traits.plays_resets) return {{en_low, 100ms}, {none, 200ms}};
    return {{en_low, 100ms}, {none, 0ms}};
}

}  // namespace imprint::loader
