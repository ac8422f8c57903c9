#include "config/bays_file.h"

#include <fmt/format.h>
#include <utility>

#include "base/files.h"
#include "config/file.h"
#include "config/keys.h"

namespace imprint::config {

namespace {

constexpr std::string_view only_key = "station.bays";

}  // namespace

Result<BayPlaces> read_bays_file(const std::filesystem::path& file) {
    if (file.empty()) return BayPlaces{};
    auto text = read_text(file);
    if (!text && text.error().is("file_missing")) return BayPlaces{};
    if (!text) return with_context(std::move(text).error(), "the file of bays");
    IMPRINT_TRY(auto values, parse_config_file(*text, file));
    BayPlaces bays;
    for (auto& [key, value, line] : values) {
        if (key->name != only_key)
            return fail(
                ErrorKind::config, "config_unknown_key",
                fmt::format("{} line {}: {} has no place here", file.string(), line, key->name),
                "the file of bays has [station.bays] alone");
        bays = std::get<TextMap>(std::move(value));
    }
    return bays;
}

Result<void> write_bays_file(const std::filesystem::path& file, const BayPlaces& bays) {
    const Key& key = *find_config_key(only_key);
    if (auto sound = check_value(key, KeyValue(bays)); !sound)
        return with_context(std::move(sound).error(), file.string());
    std::string text =
        "# The bays of this station: name = USB path or port.\n"
        "# Written by `imprint station setup`, and read beside imprint.toml.\n"
        "[station.bays]\n";
    for (const auto& [name, place] : bays)
        text += fmt::format("{} = {}\n", to_toml(KeyValue(name)), to_toml(KeyValue(place)));
    return write_file(file, text);
}

Result<BayPlaces> join_bays(const BayPlaces& of_file, const std::filesystem::path& file,
                            const BayPlaces& configured, const std::string& origin) {
    const auto twice = [](std::string sentence) {
        return fail(ErrorKind::config, "bay_twice", std::move(sentence),
                    "take one of them away; `imprint station setup` writes its file anew");
    };
    BayPlaces all = configured;
    for (const auto& [name, place] : of_file) {
        const auto [there, is_new] = all.emplace(name, place);
        if (there->second != place)
            return twice(fmt::format("bay {} is at {} ({}) and at {} ({})", name, there->second,
                                     origin, place, file.string()));
        if (!is_new) continue;
        for (const auto& [other, taken] : configured)
            if (taken == place)
                return twice(fmt::format("{} is bay {} ({}) and bay {} ({})", place, other, origin,
                                         name, file.string()));
    }
    return all;
}

}  // namespace imprint::config
