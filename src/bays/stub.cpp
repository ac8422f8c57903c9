#include "bays/stub.h"

#include "base/resources.h"

namespace imprint::bays {

std::filesystem::path stub_directory(const prepare::StationSettings& settings) {
    if (!settings.use_stub) return {};
    if (!settings.stub_directory.empty()) return settings.stub_directory;
    return find_resource("stub_flasher").value_or("");
}

}  // namespace imprint::bays
