#include <fmt/format.h>

#include "base/text.h"
#include "image/text.h"
#include "image_tool/recognise.h"

namespace imprint::image_tool {

namespace {

std::string size_text(std::uint64_t bytes) {
    constexpr std::uint64_t kilo = 1024;
    constexpr std::uint64_t mega = kilo * kilo;
    if (bytes >= mega && bytes % mega == 0) return fmt::format("{} MB", bytes / mega);
    if (bytes >= kilo && bytes % kilo == 0) return fmt::format("{} KB", bytes / kilo);
    return fmt::format("{} B", bytes);
}

std::string hex_and_size(std::uint64_t bytes) {
    return fmt::format("0x{:X} ({})", bytes, size_text(bytes));
}

std::string warnings_text(const std::vector<std::string>& warnings) {
    std::string text;
    for (const std::string& warning : warnings)
        text += fmt::format("warning: {}\n", warning);
    return text;
}

std::string flags_text(const image::Partition& partition) {
    std::string text = partition.encrypted ? "encrypted" : "";
    if (partition.readonly) text += text.empty() ? "readonly" : ", readonly";
    return text;
}

std::string table_text(const TableFound& found) {
    std::string text = fmt::format("partition table ({}), {} partitions\n\n",
                                   found.csv ? "CSV" : "binary", found.table.partitions().size());
    text += fmt::format("{:<16}  {:<15}  {:<9}  {:>10}  {:>10}  {:>10}  flags\n", "name", "type",
                        "subtype", "offset", "end", "size");
    for (const image::Partition& partition : found.table.partitions()) {
        const std::string row =
            fmt::format("{:<16}  {:<15}  {:<9}  {:>#10x}  {:>#10x}  {:>10}  {}",
                        shown(partition.name), image::type_name(partition.type),
                        image::subtype_name(partition.type, partition.subtype), partition.offset,
                        std::uint64_t{partition.offset} + partition.size, size_text(partition.size),
                        flags_text(partition));
        text += row.substr(0, row.find_last_not_of(' ') + 1) + "\n";
    }
    text += fmt::format("\nflash needed: {}\n", hex_and_size(found.table.flash_size_needed()));
    if (!found.problem.empty()) text += fmt::format("problem: {}\n", found.problem);
    return text + warnings_text(found.table.warnings());
}

// "40 MHz" of "40m".
std::string frequency_text(const image::AppImage& image) {
    std::string name = flash_frequency_name(image.chip_id, image.flash_frequency_code);
    if (name.ends_with('m')) name.replace(name.size() - 1, 1, " MHz");
    return name;
}

std::string app_summary(const image::AppImage& image) {
    std::string text = fmt::format("{} for {}", image_kind(image), chip_name(image.chip_id));
    if (image.description)
        text +=
            fmt::format(", {} {}, ESP-IDF {}", shown(image.description->project),
                        shown(image.description->version), shown(image.description->idf_version));
    else if (image.bootloader)
        text += fmt::format(", ESP-IDF {}", shown(image.bootloader->idf_version));
    return text + fmt::format(", {} bytes", image.image_size);
}

std::string app_text(const image::AppImage& image) {
    std::string text = fmt::format("{} for {}, {} bytes\n", image_kind(image),
                                   chip_name(image.chip_id), image.image_size);
    if (image.description) {
        const image::AppDescription& about = *image.description;
        text += fmt::format("project {}, version {}, ESP-IDF {}, built {} {}\n",
                            shown(about.project), shown(about.version), shown(about.idf_version),
                            shown(about.build_date), shown(about.build_time));
        text += fmt::format("ELF SHA-256 {}\n", to_hex(about.elf_sha256));
    }
    if (image.bootloader)
        text += image.bootloader->build_time.empty()
                    ? fmt::format("ESP-IDF {}, a reproducible build\n",
                                  shown(image.bootloader->idf_version))
                    : fmt::format("ESP-IDF {}, built {}\n", shown(image.bootloader->idf_version),
                                  shown(image.bootloader->build_time));
    text += fmt::format("flash {}, {}, {}; entry 0x{:08X}\n", flash_mode_name(image.flash_mode),
                        frequency_text(image), flash_size_name(image.flash_size_code), image.entry);
    text += fmt::format("chip revision from {}", revision_text(image.min_revision));
    // What ESP-IDF up to 4.4 wrote, where later ones write both.
    if (image.min_revision_byte != 0)
        text += fmt::format(" ({} in the older field)", image.min_revision_byte);
    if (image.max_revision != 0 && image.max_revision != 0xFFFF)
        text += fmt::format(" to {}", revision_text(image.max_revision));
    text += "\n\nsegment  load address  file offset        size\n";
    for (std::size_t i = 0; i < image.segments.size(); ++i)
        text += fmt::format("{:>7}    0x{:08X}   {:>#10x}  {:>#10x}\n", i,
                            image.segments[i].load_address, image.segments[i].file_offset,
                            image.segments[i].size);
    text += image.hash_appended
                ? fmt::format("\nchecksum right, SHA-256 right: {}\n", to_hex(image.sha256))
                : std::string("\nchecksum right, no SHA-256 appended\n");
    return text;
}

std::uint64_t content_size(const image::spiffs::Contents& contents) {
    std::uint64_t bytes = 0;
    for (const auto& file : contents.files)
        bytes += file.content.size();
    return bytes;
}

std::string magic_text(const image::spiffs::Geometry& geometry) {
    if (!geometry.use_magic) return "no magic";
    return geometry.use_magic_length ? "magic with length" : "magic without length";
}

std::string files_text(const image::spiffs::Contents& contents, std::string_view indent) {
    std::string text;
    for (const auto& file : contents.files)
        text += fmt::format("{}{:>9}  {}\n", indent, file.content.size(), shown(file.path));
    for (const auto& partial : contents.partial)
        text += fmt::format("{}{:>9}  {}: readable are {} bytes: {}\n", indent, partial.size,
                            shown(partial.file.path), partial.file.content.size(), partial.problem);
    return text;
}

// "3 files", "3 files and 1 not to be read to its end".
std::string count_text(const image::spiffs::Contents& contents) {
    std::string text = fmt::format("{} files", contents.files.size());
    if (!contents.partial.empty())
        text += fmt::format(" and {} not to be read to the end", contents.partial.size());
    return text;
}

std::string spiffs_summary(const image::spiffs::Contents& contents) {
    return fmt::format("SPIFFS, {}, {} bytes, {} of {} blocks free", count_text(contents),
                       content_size(contents), contents.usage.blocks_free,
                       contents.usage.blocks_total);
}

std::string spiffs_text(const image::spiffs::Contents& contents) {
    const image::spiffs::Geometry& geometry = contents.geometry;
    std::string text = fmt::format("SPIFFS image, {}\n", hex_and_size(geometry.image_size));
    text += fmt::format("pages of {}, blocks of {}, names of {} and metadata of {} bytes, {}{}{}\n",
                        geometry.page_size, geometry.block_size, geometry.name_length,
                        geometry.metadata_length, magic_text(geometry),
                        geometry.big_endian ? ", big-endian" : "",
                        geometry.aligned_index_tables ? ", aligned index tables" : "");
    text += fmt::format("{}, {} bytes; {} of {} pages used, {} of {} blocks free\n",
                        count_text(contents), content_size(contents), contents.usage.pages_used,
                        contents.usage.pages_total, contents.usage.blocks_free,
                        contents.usage.blocks_total);
    if (const std::string files = files_text(contents, ""); !files.empty()) text += "\n" + files;
    return text + warnings_text(contents.warnings);
}

std::string summary(const Finding& finding) {
    return std::visit(
        Overloaded{
            [](const Erased&) { return std::string("erased"); },
            [](const OtherData& data) { return fmt::format("data up to byte 0x{:X}", data.used); },
            [](const Damaged& damaged) { return "damaged: " + damaged.error.describe(); },
            [](const NotThere& beyond) {
                return fmt::format("not in this file, which lacks 0x{:X} bytes of it",
                                   beyond.missing);
            },
            [](const Named& named) { return named.text; },
            [](const TableFound&) { return std::string("partition table"); },
            [](const AppFound& app) { return app_summary(app.image); },
            [](const SpiffsFound& found) { return spiffs_summary(found.contents); },
            [](const NvsFound& found) { return nvs_summary(found); },
            [](const SecureCertFound& found) { return secure_cert_summary(found); }},
        finding.what);
}

std::string finding_text(const Finding& finding) {
    return std::visit(
        Overloaded{[](const TableFound& table) { return table_text(table); },
                   [](const AppFound& app) { return app_text(app.image); },
                   [](const SpiffsFound& found) { return spiffs_text(found.contents); },
                   [](const NvsFound& found) { return nvs_text(found); },
                   [](const SecureCertFound& found) { return secure_cert_text(found); },
                   [&](const auto&) {
                       return fmt::format("{}, {}\n", hex_and_size(finding.size), summary(finding));
                   }},
        finding.what);
}

std::string flash_text(const FlashFound& flash) {
    std::string text =
        fmt::format("flash{}, {}; partition table at 0x{:X}\n\n",
                    flash.begins_at == 0 ? "" : fmt::format(" from 0x{:X} on", flash.begins_at),
                    hex_and_size(flash.size), flash.table_offset);
    for (const FlashPart& part : flash.parts) {
        text += fmt::format(
            "{:>#10x}  {:>8}  {}{}: {}\n", part.offset, size_text(part.size), shown(part.name),
            part.kind.empty() ? part.kind : fmt::format(" ({})", part.kind), summary(part.finding));
        if (const auto* found = std::get_if<SpiffsFound>(&part.finding.what)) {
            text += files_text(found->contents, "            ");
            text += warnings_text(found->contents.warnings);
        }
        if (const auto* found = std::get_if<NvsFound>(&part.finding.what))
            text += nvs_values_text(*found, "            ");
        if (const auto* found = std::get_if<SecureCertFound>(&part.finding.what))
            text += secure_cert_entries_text(*found, "            ");
    }
    text +=
        fmt::format("\nflash needed: {}\n", hex_and_size(flash.table.table.flash_size_needed()));
    if (!flash.table.problem.empty()) text += fmt::format("problem: {}\n", flash.table.problem);
    return text + warnings_text(flash.warnings) + warnings_text(flash.table.table.warnings());
}

}  // namespace

std::string inspect_text(const std::variant<Finding, FlashFound>& found) {
    return std::visit(Overloaded{[](const Finding& finding) { return finding_text(finding); },
                                 [](const FlashFound& flash) { return flash_text(flash); }},
                      found);
}

}  // namespace imprint::image_tool
