#include "prepare/credential_format.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "base/terminal_text.h"
#include "image/secure_cert.h"
#include "image/text.h"
#include "prepare/credential_formats.h"
#include "prepare/spiffs_settings.h"

namespace imprint::prepare {

namespace {

using image::Partition;

// NVS_DEFAULT_PART_NAME: where Wi-Fi, calibration and most firmware keep what is theirs.
constexpr std::string_view ordinary_nvs = "nvs";

Result<FormatNotes> make_spiffs(const Partition& partition, const FirmwareSettings& firmware,
                                const CredentialSettings& settings) {
    IMPRINT_TRY(const auto built, read_built_spiffs(firmware));
    IMPRINT_TRY(auto chosen, choose_spiffs(settings.spiffs, built));
    chosen.geometry.image_size = partition.size;
    if (auto sound = image::spiffs::check(chosen.geometry); !sound)
        return with_context(std::move(sound).error(),
                            fmt::format("partition \"{}\"", partition.name));
    return FormatNotes{spiffs_format(partition, chosen.geometry), std::move(chosen.notes)};
}

// Keys that only SPIFFS heeds: somebody has expected something of them.
std::vector<std::string> unheeded(const CredentialSettings& settings) {
    const CredentialSettings usual;
    std::vector<std::string> notes;
    const auto note = [&](std::string_view key, bool is_set) {
        if (is_set)
            notes.push_back(
                fmt::format("credentials.{} has no effect with credentials.format = "
                            "\"{}\"",
                            key, row_of(settings.format).key));
    };
    note("certificate_name", settings.certificate_name != usual.certificate_name);
    note("private_key_name", settings.private_key_name != usual.private_key_name);
    note("root_ca_name", settings.root_ca_name != usual.root_ca_name);
    note("spiffs", settings.spiffs != usual.spiffs);
    return notes;
}

Result<FormatNotes> make_nvs(const Partition& partition, const FirmwareSettings&,
                             const CredentialSettings& settings) {
    if (partition.size == 0 || partition.size % image::nvs::page_size != 0)
        return fail(ErrorKind::config, "nvs_size",
                    fmt::format("partition \"{}\" has {} bytes, which are no whole pages of {}",
                                partition.name, partition.size, image::nvs::page_size),
                    "correct its size in the partition table");
    FormatNotes made{nvs_format(partition), unheeded(settings)};
    if (partition.name == ordinary_nvs)
        made.notes.push_back(
            fmt::format("the credentials go into \"{}\", the firmware's ordinary partition: what a "
                        "board keeps there, such as its Wi-Fi, is gone once it is prepared",
                        partition.name));
    return made;
}

Result<FormatNotes> make_secure_cert(const Partition& partition, const FirmwareSettings&,
                                     const CredentialSettings& settings) {
    FormatNotes made{secure_cert_format(partition), unheeded(settings)};
    if (partition.name != image::secure_cert::partition_name)
        made.notes.push_back(
            fmt::format("esp_secure_cert_mgr looks for the partition \"{}\" by itself; \"{}\" has "
                        "to be named to it",
                        image::secure_cert::partition_name, partition.name));
    return made;
}

constexpr std::array format_table{
    FormatRow{Format::spiffs, "spiffs", "SPIFFS", "storage, data, spiffs, , 0xF0000", "data/spiffs",
              [](const Partition& one) { return one.is_spiffs(); },
              [](const Partition& one) { return one.is_spiffs(); }, false, make_spiffs},
    FormatRow{Format::nvs, "nvs", "NVS", "credentials, data, nvs, , 0x6000", "data/nvs",
              [](const Partition& one) { return one.is_nvs(); },
              [](const Partition& one) { return one.is_nvs() && one.name != ordinary_nvs; }, false,
              make_nvs},
    FormatRow{Format::esp_secure_cert, "esp-secure-cert", "esp_secure_cert",
              "esp_secure_cert, 0x3F, , , 0x2000, encrypted", "of type 0x3F",
              [](const Partition& one) { return one.type == image::secure_cert::partition_type; },
              [](const Partition& one) {
                  return one.type == image::secure_cert::partition_type &&
                         one.name == image::secure_cert::partition_name;
              },
              true, make_secure_cert},
};

}  // namespace

const FormatRow& row_of(Format format) {
    return *std::ranges::find(format_table, format, &FormatRow::format);
}

std::unexpected<Error> own_image_unreadable(const OwnImage& own, const Partition& partition,
                                            const std::string& why) {
    return fail(ErrorKind::config, "project_files_unreadable",
                fmt::format("{} for partition \"{}\" holds nothing that the firmware could read: "
                            "{}",
                            own.path.string(), partition.name, why),
                "build the firmware again, or take that image out of flasher_args.json; the "
                "partition is for the credentials, and what else is in it is packed with them");
}

Result<void> check_own_image(const OwnImage& own, const Partition& partition) {
    if (own.offset == partition.offset) return {};
    return own_image_unreadable(own, partition,
                                fmt::format("it begins at {:#x}, and the partition at {:#x}",
                                            own.offset, partition.offset));
}

bool is_erased(ByteView content) {
    return std::ranges::all_of(content, [](std::uint8_t byte) { return byte == 0xFF; });
}

std::string packed_with(std::size_t count, std::string_view what, const OwnImage& own,
                        const Partition& partition) {
    return fmt::format("{} {} of {} are packed with each board's credentials, in partition \"{}\"",
                       count, what, own.path.string(), partition.name);
}

std::string name_parts_fault(std::string_view name) {
    if (has_steering(name)) return "it has a control character";
    if (name.starts_with('/')) name.remove_prefix(1);
    for (;;) {
        const std::size_t slash = name.find('/');
        const std::string_view part = name.substr(0, slash);
        if (part.empty()) return "a part of it is empty";
        if (part == "." || part == "..")
            return fmt::format("its part \"{}\" leads elsewhere", part);
        if (slash == std::string_view::npos) return {};
        name.remove_prefix(slash + 1);
    }
}

std::unexpected<Error> bad_extra(std::string_view name, const std::string& why, std::string hint) {
    return fail(ErrorKind::config, "credential_extra",
                fmt::format("{} cannot be beside the credentials: {}", image::in_quotes(name), why),
                std::move(hint));
}

}  // namespace imprint::prepare
