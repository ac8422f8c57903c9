#include <filesystem>
#include <fmt/format.h>
#include <utility>

#include "base/bytes.h"
#include "bays/stub.h"
#include "loader/stub.h"
#include "station/doctor/run_checks.h"

namespace imprint::station::doctor {

namespace {

namespace fs = std::filesystem;

std::optional<FoundFirmware> load_it(const prepare::Settings& settings, Checks& checks) {
    auto loaded = prepare::load_firmware(settings.firmware, settings.credentials);
    if (!loaded) {
        checks.failed("firmware", loaded.error());
        return std::nullopt;
    }
    const std::string revisions = loader::to_string(loader::common_revisions(loaded->images));
    checks.ok(
        "firmware",
        fmt::format("{} files for {} (revision {}, {} MB of flash), credentials into \"{}\" ({} "
                    "bytes at {:#x})",
                    loaded->files.size(), loaded->chip->name, revisions,
                    round_up(loaded->flash_size, 1U << 20) >> 20, loaded->credentials.name,
                    loaded->credentials.size, loaded->credentials.offset),
        {{"chip", std::string(loaded->chip->name)},
         {"revisions", revisions},
         {"files", std::to_string(loaded->files.size())},
         {"flash_size", std::to_string(loaded->flash_size)},
         {"credentials_partition", loaded->credentials.name},
         {"credentials_offset", std::to_string(loaded->credentials.offset)},
         {"credentials_size", std::to_string(loaded->credentials.size)},
         {"commit", loaded->commit},
         {"sha256", loaded->digest}});
    auto place = prepare::find_credential_place(*loaded, settings.firmware, settings.credentials);
    if (!place) {
        checks.failed("image", place.error());
        return FoundFirmware{*std::move(loaded), std::nullopt};
    }
    for (const auto* notes : {&loaded->notes, &place->notes})
        for (const auto& note : *notes)
            checks.warn("firmware", note, "see docs/images.md and docs/flashing.md");
    return FoundFirmware{*std::move(loaded), *std::move(place)};
}

void check_stub(const prepare::Settings& settings, const prepare::Firmware& firmware,
                Checks& checks) {
    if (!settings.station.use_stub) return;
    const fs::path folder = bays::stub_directory(settings.station);
    const auto loaded = loader::load_stub(folder, firmware.chip->key);
    if (loaded)
        checks.ok("stub", folder.string(), {{"path", folder.string()}});
    else
        checks.warn("stub", loaded.error().message + "; the ROM loader will do the work, slower",
                    loaded.error().shown_hint());
}

}  // namespace

std::optional<FoundFirmware> check_firmware(const prepare::Settings& settings, Checks& checks) {
    auto found = load_it(settings, checks);
    if (found) check_stub(settings, found->firmware, checks);
    return found;
}

}  // namespace imprint::station::doctor
