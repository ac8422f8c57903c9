// Files that ship beside the program: the stub flashers, the Mosquitto plug-in.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

namespace imprint {

// Looks for `relative` in $IMPRINT_RESOURCES, then beside the running program ("resources/"), then
// in ../lib/imprint from there, then in /usr/lib/imprint.
//   "stub_flasher"          esptool-js's folder of stubs
//   "imprint_mosquitto.so"  the broker plug-in
[[nodiscard]] std::optional<std::filesystem::path> find_resource(std::string_view relative);

// The path of the running program, to start it again as a child.
[[nodiscard]] std::filesystem::path this_program();

}  // namespace imprint
