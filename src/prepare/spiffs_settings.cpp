#include "prepare/spiffs_settings.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <optional>
#include <system_error>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/files.h"

namespace imprint::prepare {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// Kconfig has numbers and switches; a switch is a number of 0 or 1 here.
using Value = std::optional<std::uint32_t>;

struct Row {
    std::string_view kconfig;  // behind CONFIG_
    std::string_view key;      // behind credentials.spiffs.
    bool is_switch;
    std::uint32_t usual;  // ESP-IDF's default
    Value (*get)(const SpiffsSettings&);
    void (*set)(SpiffsSettings&, std::uint32_t);
};

template <auto Member>
constexpr Row number(std::string_view kconfig, std::string_view key, std::uint32_t usual) {
    return {kconfig,
            key,
            false,
            usual,
            [](const SpiffsSettings& settings) -> Value { return settings.*Member; },
            [](SpiffsSettings& settings, std::uint32_t value) { settings.*Member = value; }};
}

template <auto Member>
constexpr Row on_or_off(std::string_view kconfig, std::string_view key) {
    return {kconfig,
            key,
            true,
            1,
            [](const SpiffsSettings& settings) -> Value {
                const auto& member = settings.*Member;
                return member ? Value(*member ? 1 : 0) : std::nullopt;
            },
            [](SpiffsSettings& settings, std::uint32_t value) { settings.*Member = value != 0; }};
}

constexpr std::array table{
    number<&SpiffsSettings::page_size>("SPIFFS_PAGE_SIZE", "page_size", 256),
    number<&SpiffsSettings::obj_name_len>("SPIFFS_OBJ_NAME_LEN", "obj_name_len", 32),
    number<&SpiffsSettings::meta_length>("SPIFFS_META_LENGTH", "meta_length", 4),
    on_or_off<&SpiffsSettings::use_magic>("SPIFFS_USE_MAGIC", "use_magic"),
    on_or_off<&SpiffsSettings::use_magic_length>("SPIFFS_USE_MAGIC_LENGTH", "use_magic_length"),
};

std::string written(const Row& row, std::uint32_t value) {
    if (row.is_switch) return value != 0 ? "true" : "false";
    return fmt::format("{}", value);
}

std::unexpected<Error> damaged(std::string message) {
    return fail(ErrorKind::config, "sdkconfig_damaged", std::move(message),
                "build the firmware again");
}

std::optional<std::uint32_t> parse_number(std::string_view text) {
    const bool hex = text.starts_with("0x") || text.starts_with("0X");
    std::uint32_t value = 0;
    const char* last = text.data() + text.size();
    const auto [end, error] =
        std::from_chars(text.data() + (hex ? 2 : 0), last, value, hex ? 16 : 10);
    if (error != std::errc() || end != last) return std::nullopt;
    return value;
}

// Kconfig does not write a switch whose condition is not met: without a magic there is none with a
// length.
SpiffsSettings completed(SpiffsSettings settings) {
    if (settings.use_magic == false && !settings.use_magic_length)
        settings.use_magic_length = false;
    return settings;
}

}  // namespace

Result<SpiffsSettings> parse_sdkconfig(std::string_view text) {
    SpiffsSettings settings;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        for (const Row& row : table) {
            const std::string name = fmt::format("CONFIG_{}", row.kconfig);
            if (row.is_switch && line == fmt::format("# {} is not set", name)) row.set(settings, 0);
            if (!line.starts_with(name) || !line.substr(name.size()).starts_with('=')) continue;
            const std::string_view value = line.substr(name.size() + 1);
            if (row.is_switch) {
                if (value != "y" && value != "n")
                    return damaged(fmt::format("{} is {}, and has to be y or n", name, value));
                row.set(settings, value == "y" ? 1 : 0);
                continue;
            }
            const auto number = parse_number(value);
            if (!number) return damaged(fmt::format("{} is {}, which is no number", name, value));
            row.set(settings, *number);
        }
    }
    return completed(settings);
}

Result<SpiffsSettings> parse_sdkconfig_json(std::string_view text) {
    const json root = json::parse(text, nullptr, false);
    if (!root.is_object()) return damaged("it is not a JSON object");
    SpiffsSettings settings;
    for (const Row& row : table) {
        const auto found = root.find(row.kconfig);
        if (found == root.end()) continue;
        if (row.is_switch && found->is_boolean()) {
            row.set(settings, found->get<bool>() ? 1 : 0);
        } else if (!row.is_switch && found->is_number_unsigned() &&
                   found->get<std::uint64_t>() <= 0xFFFFFFFF) {
            row.set(settings, found->get<std::uint32_t>());
        } else {
            return damaged(fmt::format("{} is {}, and has to be a {}", row.kconfig, found->dump(),
                                       row.is_switch ? "switch" : "number"));
        }
    }
    return completed(settings);
}

Result<BuiltSpiffs> read_built_spiffs(const FirmwareSettings& firmware) {
    const fs::path made = firmware.directory / firmware.artifacts / "config" / "sdkconfig.json";
    const fs::path lines = firmware.directory / "sdkconfig";
    // PlatformIO has one for each environment, which the build's folder is named for.
    const fs::path own =
        firmware.directory / ("sdkconfig." + firmware.artifacts.filename().string());
    for (const auto& [path, parse] :
         {std::pair(&made, &parse_sdkconfig_json), std::pair(&own, &parse_sdkconfig),
          std::pair(&lines, &parse_sdkconfig)}) {
        std::error_code none;
        if (!fs::exists(*path, none)) continue;
        IMPRINT_TRY(const std::string text, read_text(*path));
        auto settings = parse(text);
        if (!settings) return with_context(std::move(settings).error(), path->string());
        return BuiltSpiffs{*settings, path->string()};
    }
    return BuiltSpiffs{};
}

Result<ChosenSpiffs> choose_spiffs(const SpiffsSettings& keys, const BuiltSpiffs& built) {
    ChosenSpiffs chosen;
    SpiffsSettings settings = built.settings;
    std::vector<std::string> missing;
    std::vector<std::string> asked_for;
    const SpiffsSettings wanted = completed(keys);
    for (const Row& row : table) {
        const Value own = row.get(wanted);
        const Value theirs = row.get(built.settings);
        if (own) row.set(settings, *own);
        if (own && theirs && *own != *theirs)
            chosen.notes.push_back(fmt::format(
                "credentials.spiffs.{} is {}, and {} says {}: the firmware of that build cannot "
                "read what is packed so",
                row.key, written(row, *own), built.where, written(row, *theirs)));
        if (!own && !theirs) {
            missing.push_back(fmt::format("CONFIG_{}", row.kconfig));
            asked_for.push_back(fmt::format("{} = {}", row.key, written(row, row.usual)));
        }
    }
    if (!missing.empty())
        return fail(
            ErrorKind::config, "spiffs_settings_unknown",
            fmt::format("how the firmware's SPIFFS is set is not to be found: {} {}",
                        built.where.empty()
                            ? std::string("neither config/sdkconfig.json among the artifacts nor "
                                          "sdkconfig in the project is there, for")
                            : built.where + " does not say",
                        fmt::join(missing, ", ")),
            fmt::format("keep the build's config/sdkconfig.json beside flasher_args.json, or say "
                        "it in imprint.toml under [credentials]; with ESP-IDF's defaults: "
                        "spiffs = {{ {} }}",
                        fmt::join(asked_for, ", ")));
    chosen.geometry.page_size = *settings.page_size;
    chosen.geometry.name_length = *settings.obj_name_len;
    chosen.geometry.metadata_length = *settings.meta_length;
    chosen.geometry.use_magic = *settings.use_magic;
    chosen.geometry.use_magic_length = *settings.use_magic_length;
    return chosen;
}

}  // namespace imprint::prepare
