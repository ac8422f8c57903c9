// The stub flasher: a program that the ROM loader takes into RAM and that then speaks the same
// protocol faster. Its files come from npm's esptool-js, lib/targets/stub_flasher/<chip>.json.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/bytes.h"
#include "base/error.h"
#include "loader/chip.h"

namespace imprint::loader {

struct Stub {
    std::uint32_t entry = 0;
    std::uint32_t text_start = 0;
    Bytes text;
    std::uint32_t data_start = 0;
    Bytes data;
};

// Errors (kind config): stub_missing, stub_damaged.
[[nodiscard]] Result<Stub> load_stub(const std::filesystem::path& directory, const Chip& chip);

}  // namespace imprint::loader
