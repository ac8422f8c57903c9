#include "image/partition_names.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "image/number.h"
#include "image/text.h"

namespace imprint::image {

namespace {

struct TypeRow {
    std::string_view name;
    std::uint8_t type;
};

constexpr std::array<TypeRow, 4> types{{{"bootloader", type_bootloader},
                                        {"partition_table", type_partition_table},
                                        {"app", type_app},
                                        {"data", type_data}}};

struct SubtypeRow {
    std::uint8_t type;
    std::string_view name;
    std::uint8_t subtype;
};

// ota_0 to ota_15 and tee_0, tee_1 are numbered below.
constexpr std::array<SubtypeRow, 19> subtypes{{{type_bootloader, "primary", subtype_primary},
                                               {type_bootloader, "ota", 0x01},
                                               {type_bootloader, "recovery", subtype_recovery},
                                               {type_partition_table, "primary", subtype_primary},
                                               {type_partition_table, "ota", 0x01},
                                               {type_app, "factory", 0x00},
                                               {type_app, "test", 0x20},
                                               {type_data, "ota", subtype_ota_data},
                                               {type_data, "phy", 0x01},
                                               {type_data, "nvs", subtype_nvs},
                                               {type_data, "coredump", subtype_coredump},
                                               {type_data, "nvs_keys", 0x04},
                                               {type_data, "efuse", 0x05},
                                               {type_data, "undefined", subtype_undefined},
                                               {type_data, "esphttpd", 0x80},
                                               {type_data, "fat", 0x81},
                                               {type_data, "spiffs", 0x82},
                                               {type_data, "littlefs", 0x83},
                                               {type_data, "tee_ota", subtype_tee_ota_data}}};

struct Slots {
    std::string_view prefix;
    std::uint8_t first;
    std::uint8_t count;
};

constexpr std::array<Slots, 2> app_slots{{{"ota_", 0x10, 16}, {"tee_", 0x30, 2}}};

std::vector<ExtraSubtype> subtypes_of(std::uint8_t type, const std::vector<ExtraSubtype>& extra) {
    std::vector<ExtraSubtype> all;
    for (const SubtypeRow& row : subtypes)
        if (row.type == type) all.push_back({row.type, std::string(row.name), row.subtype});
    if (type == type_app)
        for (const Slots& slots : app_slots)
            for (std::uint8_t i = 0; i < slots.count; ++i)
                all.push_back({type, fmt::format("{}{}", slots.prefix, i),
                               static_cast<std::uint8_t>(slots.first + i)});
    for (const ExtraSubtype& more : extra)
        if (more.type == type) all.push_back(more);
    return all;
}

}  // namespace

std::optional<std::uint8_t> type_by_name(std::string_view name) {
    const std::string wanted = lower_case(name);
    for (const TypeRow& row : types)
        if (row.name == wanted) return row.type;
    return std::nullopt;
}

std::string type_name(std::uint8_t type) {
    for (const TypeRow& row : types)
        if (row.type == type) return std::string(row.name);
    return fmt::format("{}", type);
}

std::optional<std::uint8_t> subtype_by_name(std::uint8_t type, std::string_view name,
                                            const std::vector<ExtraSubtype>& extra) {
    const std::string wanted = lower_case(name);
    for (const ExtraSubtype& row : subtypes_of(type, extra))
        if (lower_case(row.name) == wanted) return row.subtype;
    return std::nullopt;
}

std::string subtype_name(std::uint8_t type, std::uint8_t subtype,
                         const std::vector<ExtraSubtype>& extra) {
    for (const ExtraSubtype& row : subtypes_of(type, extra))
        if (row.subtype == subtype) return row.name;
    return fmt::format("{}", subtype);
}

std::string subtype_name(std::uint8_t type, std::uint8_t subtype) {
    return subtype_name(type, subtype, {});
}

std::string known_types() {
    std::vector<std::string_view> names;
    for (const TypeRow& row : types)
        names.push_back(row.name);
    return fmt::format("{}", fmt::join(names, ", "));
}

std::string known_subtypes(std::uint8_t type, const std::vector<ExtraSubtype>& extra) {
    std::vector<std::string> names;
    for (const ExtraSubtype& row : subtypes_of(type, extra))
        names.push_back(row.name);
    return fmt::format("{}", fmt::join(names, ", "));
}

bool is_subtype_name(std::string_view name) {
    for (const TypeRow& row : types)
        if (std::ranges::any_of(subtypes_of(row.type, {}),
                                [&](const ExtraSubtype& known) { return known.name == name; }))
            return true;
    return false;
}

Result<ExtraSubtype> parse_extra_subtype(std::string_view text) {
    const auto refuse = [&](std::string_view why) {
        return fail(ErrorKind::usage, "partition_subtype",
                    fmt::format("the extra partition subtype {} {}", in_quotes(text), why),
                    "give type, name and number: \"data, my_log, 0x99\"");
    };
    std::vector<std::string_view> fields;
    for (std::string_view rest = text;;) {
        const std::size_t comma = rest.find(',');
        fields.push_back(trimmed(rest.substr(0, comma)));
        if (comma == std::string_view::npos) break;
        rest.remove_prefix(comma + 1);
    }
    if (fields.size() != 3) return refuse("is not of three fields");
    const auto type = type_by_name(fields[0]);
    if (!type) return refuse(fmt::format("is of no type out of {}", known_types()));
    if (fields[1].empty()) return refuse("has no name");
    // gen_esp32part.py reads the number as hex, with or without 0x.
    const bool prefixed = fields[2].starts_with("0x") || fields[2].starts_with("0X");
    const auto number = parse_integer((prefixed ? "" : "0x") + std::string(fields[2]));
    if (!number || *number < 0 || *number > 0xFE)
        return refuse("has no number from 0x00 to 0xFE (read as hex)");
    ExtraSubtype extra{*type, std::string(fields[1]), static_cast<std::uint8_t>(*number)};
    for (const ExtraSubtype& known : subtypes_of(*type, {}))
        if (known.subtype == extra.subtype || known.name == lower_case(extra.name))
            return refuse(fmt::format("clashes with {} (0x{:02X}) of type {}", known.name,
                                      known.subtype, type_name(*type)));
    return extra;
}

std::string kind_of(const Partition& partition) {
    return type_name(partition.type) + " " + subtype_name(partition.type, partition.subtype);
}

}  // namespace imprint::image
