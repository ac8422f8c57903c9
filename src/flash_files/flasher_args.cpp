#include "flash_files/flasher_args.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/files.h"
#include "flash_files/build_files.h"

namespace imprint::flash_files {

namespace {

using nlohmann::json;

std::unexpected<Error> damaged(const std::filesystem::path& path, std::string what) {
    return fail(ErrorKind::config, "flasher_args_damaged",
                fmt::format("{} {}", path.string(), what), "build the firmware again");
}

std::optional<std::uint32_t> parse_offset(const std::string& text) {
    const bool hex = text.starts_with("0x") || text.starts_with("0X");
    const char* first = text.data() + (hex ? 2 : 0);
    const char* last = text.data() + text.size();
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(first, last, value, hex ? 16 : 10);
    if (error != std::errc() || end != last || first == last) return std::nullopt;
    return value;
}

// A string in a section of it; empty: there is none.
std::string string_at(const json& root, const char* section, const char* key) {
    const auto found = root.find(section);
    if (found == root.end() || !found->is_object()) return {};
    const auto value = found->find(key);
    return value != found->end() && value->is_string() ? value->get<std::string>() : "";
}

// "app": {"offset": "0x10000", "file": "app.bin", "encrypted": "true"}
void mark_encrypted(const json& root, std::vector<FlasherFile>& files) {
    for (const auto& [key, entry] : root.items()) {
        if (!entry.is_object() || string_at(root, key.c_str(), "encrypted") != "true") continue;
        const auto offset = parse_offset(string_at(root, key.c_str(), "offset"));
        for (FlasherFile& file : files)
            file.encrypted = file.encrypted || (offset && file.offset == *offset);
    }
}

}  // namespace

std::optional<HeaderFlashSize> parse_header_flash_size(const std::string& text) {
    using Kind = HeaderFlashSize::Kind;
    if (text == "detect") return HeaderFlashSize{Kind::detect, 0};
    if (text == "keep") return HeaderFlashSize{Kind::keep, 0};
    std::uint32_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
    if (error != std::errc() || count == 0 || count > 2048) return std::nullopt;
    if (unit == "MB") return HeaderFlashSize{Kind::given, count << 20};
    if (unit == "KB") return HeaderFlashSize{Kind::given, count << 10};
    return std::nullopt;
}

Result<FlasherArgs> read_flasher_args(const std::filesystem::path& path) {
    IMPRINT_TRY(const std::string text, read_text(path));
    const json root = json::parse(text, nullptr, false);
    if (!root.is_object()) return damaged(path, "is not a JSON object");
    if (const auto key = key_named_twice(text))
        return damaged(path, fmt::format("names \"{}\" twice", *key));
    FlasherArgs args;
    const json files = root.value("flash_files", json::object());
    if (!files.is_object() || files.empty()) return damaged(path, "names no flash_files");
    for (const auto& [key, value] : files.items()) {
        const auto offset = parse_offset(key);
        if (!offset || !value.is_string())
            return damaged(path, fmt::format("has an odd entry \"{}\" in flash_files", key));
        args.files.push_back({*offset, value.get<std::string>(), false});
    }
    std::ranges::sort(args.files, {}, &FlasherFile::offset);
    // In hex and in decimal: to a JSON parser two keys.
    const auto twice = std::ranges::adjacent_find(args.files, {}, &FlasherFile::offset);
    if (twice != args.files.end())
        return damaged(path, fmt::format("names {:#x} twice in flash_files", twice->offset));
    mark_encrypted(root, args.files);
    args.chip = string_at(root, "extra_esptool_args", "chip");
    // Up to ESP-IDF 4.2 the section had an underscore.
    for (const char* section : {"partition-table", "partition_table"}) {
        const std::string offset = string_at(root, section, "offset");
        if (offset.empty()) continue;
        args.table_offset = parse_offset(offset);
        if (!args.table_offset) return damaged(path, "has an odd partition-table offset");
        break;
    }
    if (const std::string size = string_at(root, "flash_settings", "flash_size"); !size.empty()) {
        const auto parsed = parse_header_flash_size(size);
        if (!parsed) return damaged(path, fmt::format("has an odd flash_size \"{}\"", size));
        args.flash_size = *parsed;
    }
    return args;
}

}  // namespace imprint::flash_files
