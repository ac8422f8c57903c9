// The JSON form of what was found. Members and version are an interface: docs/images.md.
#include <nlohmann/json.hpp>

#include "image_tool/recognise.h"

namespace imprint::image_tool {

namespace {

using Json = nlohmann::ordered_json;

constexpr int version = 1;

Json table_json(const TableFound& found) {
    Json partitions = Json::array();
    for (const image::Partition& partition : found.table.partitions())
        partitions.push_back(
            {{"name", partition.name},
             {"type", partition.type},
             {"subtype", partition.subtype},
             {"type_name", image::type_name(partition.type)},
             {"subtype_name", image::subtype_name(partition.type, partition.subtype)},
             {"offset", partition.offset},
             {"size", partition.size},
             {"encrypted", partition.encrypted},
             {"readonly", partition.readonly}});
    Json json{{"kind", "partition-table"},
              {"form", found.csv ? "csv" : "binary"},
              {"flash_needed", found.table.flash_size_needed()},
              {"partitions", std::move(partitions)},
              {"warnings", found.table.warnings()}};
    if (!found.problem.empty()) json["problem"] = found.problem;
    return json;
}

Json app_json(const image::AppImage& image) {
    Json segments = Json::array();
    for (const image::AppSegment& segment : image.segments)
        segments.push_back({{"load_address", segment.load_address},
                            {"file_offset", segment.file_offset},
                            {"size", segment.size}});
    Json json{{"kind", image.bootloader ? "bootloader" : "app"},
              {"image_size", image.image_size},
              {"chip_id", image.chip_id},
              {"chip", chip_name(image.chip_id)},
              {"flash_mode", flash_mode_name(image.flash_mode)},
              {"flash_frequency", flash_frequency_name(image.chip_id, image.flash_frequency_code)},
              {"flash_size", flash_size_name(image.flash_size_code)},
              {"entry", image.entry},
              {"min_revision", image.min_revision},
              {"min_revision_older", image.min_revision_byte},
              {"max_revision", image.max_revision},
              {"segments", std::move(segments)}};
    if (image.hash_appended) json["sha256"] = to_hex(image.sha256);
    if (image.description)
        json["description"] = {{"project", image.description->project},
                               {"version", image.description->version},
                               {"idf_version", image.description->idf_version},
                               {"build_date", image.description->build_date},
                               {"build_time", image.description->build_time},
                               {"secure_version", image.description->secure_version},
                               {"elf_sha256", to_hex(image.description->elf_sha256)}};
    if (image.bootloader)
        json["description"] = {{"version", image.bootloader->version},
                               {"idf_version", image.bootloader->idf_version},
                               {"build_time", image.bootloader->build_time}};
    return json;
}

Json spiffs_json(const image::spiffs::Contents& contents) {
    const image::spiffs::Geometry& geometry = contents.geometry;
    Json files = Json::array();
    for (const auto& file : contents.files)
        files.push_back({{"path", file.path}, {"size", file.content.size()}});
    Json partial = Json::array();
    for (const auto& each : contents.partial)
        partial.push_back({{"path", each.file.path},
                           {"size", each.size},
                           {"readable", each.file.content.size()},
                           {"problem", each.problem}});
    return {{"kind", "spiffs"},
            {"geometry",
             {{"image_size", geometry.image_size},
              {"page_size", geometry.page_size},
              {"block_size", geometry.block_size},
              {"obj_name_len", geometry.name_length},
              {"meta_len", geometry.metadata_length},
              {"use_magic", geometry.use_magic},
              {"use_magic_len", geometry.use_magic_length},
              {"big_endian", geometry.big_endian},
              {"aligned_obj_ix_tables", geometry.aligned_index_tables}}},
            {"usage",
             {{"pages_used", contents.usage.pages_used},
              {"pages_total", contents.usage.pages_total},
              {"blocks_free", contents.usage.blocks_free},
              {"blocks_total", contents.usage.blocks_total}}},
            {"files", std::move(files)},
            {"partial", std::move(partial)},
            {"warnings", contents.warnings}};
}

// Not what strings and blobs hold: they may be passwords and keys.
Json nvs_json(const NvsFound& found) {
    const image::nvs::Contents& contents = found.contents;
    Json namespaces = Json::array();
    for (const auto& space : contents.namespaces) {
        Json entries = Json::array();
        for (const auto& entry : space.entries) {
            Json json{{"key", entry.key}, {"type", image::nvs::type_name(entry.type)}};
            if (const std::string number = image::nvs::number_text(entry); !number.empty())
                json["value"] = number;
            else
                json["size"] = entry.data.size();
            entries.push_back(std::move(json));
        }
        namespaces.push_back(
            {{"name", space.name}, {"index", space.index}, {"entries", std::move(entries)}});
    }
    Json problems = Json::array();
    for (const auto& fault : contents.faults) {
        Json json{{"page", fault.page}, {"problem", fault.problem}};
        if (fault.entry) json["entry"] = *fault.entry;
        problems.push_back(std::move(json));
    }
    return {{"kind", "nvs"},
            {"size", contents.size},
            {"encrypted", contents.encrypted || found.decrypted},
            {"decrypted", found.decrypted},
            {"usage",
             {{"pages_used", contents.usage.pages_used},
              {"pages_total", contents.usage.pages_total},
              {"entries_used", contents.usage.entries_used},
              {"entries_erased", contents.entries_erased}}},
            {"namespaces", std::move(namespaces)},
            {"problems", std::move(problems)},
            {"more_problems", contents.more_faults}};
}

// Not what the entries hold: one of them is a key.
Json secure_cert_json(const image::secure_cert::Contents& contents) {
    using image::secure_cert::Integrity;
    Json entries = Json::array();
    for (const auto& entry : contents.entries)
        entries.push_back({{"name", image::secure_cert::entry_name(entry.type, entry.subtype)},
                           {"type", entry.type},
                           {"subtype", entry.subtype},
                           {"flags", entry.flags},
                           {"offset", entry.offset},
                           {"size", entry.data.size()}});
    Json problems = Json::array();
    for (const auto& fault : contents.faults)
        problems.push_back({{"offset", fault.offset}, {"problem", fault.problem}});
    return {{"kind", "esp-secure-cert"},
            {"size", contents.size},
            {"used", contents.used},
            {"sha256", contents.integrity == Integrity::none    ? "none"
                       : contents.integrity == Integrity::right ? "right"
                                                                : "wrong"},
            {"entries", std::move(entries)},
            {"problems", std::move(problems)}};
}

Json finding_json(const Finding& finding) {
    return std::visit(
        Overloaded{
            [](const Erased&) { return Json::object({{"kind", "erased"}}); },
            [](const OtherData& data) { return Json{{"kind", "data"}, {"used", data.used}}; },
            [](const Damaged& damaged) {
                return Json{{"kind", "damaged"},
                            {"code", damaged.error.code},
                            {"message", damaged.error.message}};
            },
            [](const NotThere& beyond) {
                return Json{{"kind", "missing"}, {"missing", beyond.missing}};
            },
            [](const Named& named) {
                Json json{{"kind", named.kind}, {"text", named.text}};
                if (named.unit != 0) {
                    json["unit"] = named.unit;
                    json["length"] = named.length;
                }
                return json;
            },
            [](const TableFound& table) { return table_json(table); },
            [](const AppFound& app) { return app_json(app.image); },
            [](const SpiffsFound& found) { return spiffs_json(found.contents); },
            [](const NvsFound& found) { return nvs_json(found); },
            [](const SecureCertFound& found) { return secure_cert_json(found.contents); }},
        finding.what);
}

Json flash_json(const FlashFound& flash) {
    Json parts = Json::array();
    for (const FlashPart& part : flash.parts) {
        Json json{{"name", part.name},
                  {"offset", part.offset},
                  {"size", part.size},
                  {"content", finding_json(part.finding)}};
        if (!part.kind.empty()) json["type"] = part.kind;
        parts.push_back(std::move(json));
    }
    return {{"kind", "flash"},
            {"size", flash.size},
            {"begins_at", flash.begins_at},
            {"table_offset", flash.table_offset},
            {"table", table_json(flash.table)},
            {"parts", std::move(parts)},
            {"warnings", flash.warnings}};
}

}  // namespace

std::string inspect_json(const std::variant<Finding, FlashFound>& found) {
    Json json = Json::object();
    json["v"] = version;
    json.update(std::visit(Overloaded{[](const Finding& finding) { return finding_json(finding); },
                                      [](const FlashFound& flash) { return flash_json(flash); }},
                           found));
    // Names are bytes of a stranger's: what is no UTF-8 becomes U+FFFD.
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace imprint::image_tool
