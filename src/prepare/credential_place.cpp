#include "prepare/credential_place.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "prepare/spiffs_settings.h"

namespace imprint::prepare {

namespace {

namespace spiffs = image::spiffs;

std::unexpected<Error> unreadable(const OwnImage& own, const image::Partition& partition,
                                  const std::string& why) {
    return fail(ErrorKind::config, "project_files_unreadable",
                fmt::format("{} for partition \"{}\" holds no files that the firmware could read: "
                            "{}",
                            own.path.string(), partition.name, why),
                "build the firmware again, or take that image out of flasher_args.json; the "
                "partition is for the credentials, and its other files are packed with them");
}

bool is_erased(ByteView content) {
    return std::ranges::all_of(content, [](std::uint8_t byte) { return byte == 0xFF; });
}

// An image that was packed otherwise is best explained by how.
std::string packed_otherwise(ByteView content, const spiffs::Geometry& wanted) {
    const auto found = spiffs::detect(content);
    if (!found || *found == wanted) return {};
    const auto told = [](const spiffs::Geometry& geometry) {
        return fmt::format("pages of {} bytes, names and metadata of {}, {}", geometry.page_size,
                           geometry.name_length + geometry.metadata_length,
                           !geometry.use_magic         ? "no magic"
                           : geometry.use_magic_length ? "a magic with the length"
                                                       : "a magic without the length");
    };
    return fmt::format("; it looks packed with {}, and the firmware has {}", told(*found),
                       told(wanted));
}

Result<void> take_files(const OwnImage& own, CredentialPlace& place) {
    const image::Partition& partition = place.partition;
    if (own.offset != partition.offset)
        return unreadable(own, partition,
                          fmt::format("it begins at {:#x}, and the partition at {:#x}", own.offset,
                                      partition.offset));
    if (is_erased(own.content)) return {};
    spiffs::Geometry geometry = place.geometry;
    geometry.image_size = static_cast<std::uint32_t>(own.content.size());
    auto contents = spiffs::read(own.content, geometry);
    if (!contents)
        return unreadable(own, partition,
                          contents.error().message + packed_otherwise(own.content, geometry));
    for (const auto& warning : contents->warnings)
        place.notes.push_back(fmt::format("{}: {}", own.path.string(), warning));
    if (contents->files.empty()) return {};
    for (auto& file : contents->files)
        place.files.push_back({std::move(file), own.path.string()});
    place.notes.push_back(
        fmt::format("{} files of {} are packed with each board's credentials, in partition \"{}\"",
                    contents->files.size(), own.path.string(), partition.name));
    return {};
}

}  // namespace

Result<CredentialPlace> find_credential_place(const Firmware& firmware,
                                              const FirmwareSettings& settings,
                                              const SpiffsSettings& keys) {
    IMPRINT_TRY(const auto built, read_built_spiffs(settings));
    IMPRINT_TRY(auto chosen, choose_spiffs(keys, built));
    CredentialPlace place{firmware.credentials, chosen.geometry, {}, std::move(chosen.notes)};
    place.geometry.image_size = place.partition.size;
    if (auto sound = image::spiffs::check(place.geometry); !sound)
        return with_context(std::move(sound).error(),
                            fmt::format("partition \"{}\"", place.partition.name));
    for (const OwnImage& own : firmware.own_images)
        IMPRINT_CHECK(take_files(own, place));
    return place;
}

}  // namespace imprint::prepare
