// Espressif's flasher stub, as in npm's esptool-js: lib/targets/stub_flasher/<chip>.json.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"

namespace imprint::loader {

// A program for the chip's RAM. The RAM that it clears for itself (bss_start in the file) is not
// needed here.
struct StubImage {
    std::uint32_t entry = 0;
    std::uint32_t text_start = 0;
    Bytes text;
    std::uint32_t data_start = 0;
    Bytes data;
};

// {"entry": n, "text": base64, "text_start": n, "data": base64, "data_start": n}; "data" is
// optional. Error: stub_damaged (kind config).
[[nodiscard]] Result<StubImage> parse_stub(std::string_view json);

// directory/<chip key>.json. Errors (kind config): stub_missing, stub_damaged.
[[nodiscard]] Result<StubImage> load_stub(const std::filesystem::path& directory,
                                          std::string_view chip_key);

}  // namespace imprint::loader
