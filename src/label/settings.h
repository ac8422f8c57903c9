// [label] of imprint.toml, as plain values.
#pragma once

#include <cstdint>
#include <string>

#include "label/template.h"

namespace imprint::label {

// What a printer gets. automatic: ZPL over TCP, else PDF.
enum class PrintFormat : std::uint8_t { automatic, pdf, zpl, png, svg };

struct Settings {
    Template sheet;
    std::string printer;  // address (printer.h); empty: nothing is printed
    PrintFormat format = PrintFormat::automatic;
};

}  // namespace imprint::label
