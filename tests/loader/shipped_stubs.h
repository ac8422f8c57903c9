// Espressif's stub flashers, as npm has installed them.
#pragma once

#include <filesystem>

namespace imprint::loader {

inline const std::filesystem::path& shipped_stubs() {
    static const std::filesystem::path folder(IMPRINT_SOURCE_DIR
                                              "/node_modules/esptool-js/lib/targets/stub_flasher");
    return folder;
}

}  // namespace imprint::loader
