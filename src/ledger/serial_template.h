// Serial numbers from a template such as "T-{year}{week}-{number:5}".
//
//   {number}    counts the lot's boards; {number:5} has five digits at least
//   {year}      four digits; beside {week} the year that the week belongs to (ISO 8601)
//   {week}      of the year by ISO 8601, two digits
//   {lot} {mac} the lot's name; 12 lower-case hex digits
//   {scan}      what a label has there, which is scanned: the template is the form of the labels
//
// Dates are in UTC, of the moment when the number is given out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "base/mac.h"

namespace imprint::ledger {

constexpr std::size_t longest_serial = 64;

// Errors (usage): serial_template: none of {number}, {mac} and {scan}, {scan} beside another than
// {lot}, an unknown placeholder, a serial number that would be too long or no printable ASCII.
[[nodiscard]] Result<void> check_serial_template(std::string_view text, std::string_view lot);

[[nodiscard]] bool has_number(std::string_view text);

// The lot's numbers are on labels.
[[nodiscard]] bool is_scanned(std::string_view text);

// Whether a label (empty: none was scanned) gives a number in a lot with this template; always
// where that is not of scanned ones. Errors (board): serial_not_scanned, serial_bad.
[[nodiscard]] Result<void> check_scanned(std::string_view text, std::string_view lot,
                                         std::string_view scanned);

struct SerialValues {
    std::int64_t number = 0;
    WallTime time;
    std::string_view lot;
    MacAddress mac;
};

// Of a template that check_serial_template has let through.
[[nodiscard]] std::string fill_in_serial(std::string_view text, const SerialValues& values);

// Whether a scanned label can be a serial number. Error: serial_bad (board).
[[nodiscard]] Result<void> check_serial(std::string_view serial);

}  // namespace imprint::ledger
