#include "config/config.h"

#include <fmt/format.h>
#include <map>
#include <system_error>
#include <utility>

#include "base/files.h"
#include "base/nearest.h"
#include "base/url.h"
#include "config/bays_file.h"
#include "config/file.h"
#include "config/keys.h"
#include "config/mistakes.h"
#include "pki/token_uri.h"

namespace imprint::config {

namespace {

namespace fs = std::filesystem;

struct Layered {
    KeyValue value;
    std::string origin;
};

using Layers = std::map<std::string_view, Layered>;  // by key

constexpr const char* usual_file = "imprint.toml";

// Text of the file, none where there is none and none was asked for.
Result<std::optional<std::string>> read_config(const fs::path& named) {
    const fs::path file = named.empty() ? fs::path(usual_file) : named;
    std::error_code error;
    if (named.empty() && !fs::exists(file, error)) return std::nullopt;
    auto text = read_text(file);
    if (!text && !text.error().is("file_missing"))
        return with_context(std::move(text).error(), "the configuration");
    if (!text)
        return fail(ErrorKind::config, "config_missing",
                    fmt::format("cannot read the configuration: {}", text.error().message),
                    "`imprint init` writes one");
    return std::move(*text);
}

// A relative path means the same wherever the program is started.
KeyValue beside(const fs::path& folder, const Key& key, KeyValue value) {
    const auto in_folder = [&folder](const std::string& text) {
        if (text.empty() || folder.empty()) return text;
        const fs::path path = fs::path(text) == "." ? folder : folder / text;
        return path.lexically_normal().string();
    };
    // A path among other words.
    constexpr std::string_view file_printer = "file:";
    if (key.name == "label.printer" && std::get<std::string>(value).starts_with(file_printer))
        return std::string(file_printer) +
               in_folder(std::get<std::string>(value).substr(file_printer.size()));
    if (key.name == "station.watch" && std::get<std::string>(value) != "udev")
        return in_folder(std::get<std::string>(value));
    if (key.type != KeyType::path || !key.beside_file) return value;
    const auto& text = std::get<std::string>(value);
    return pki::is_token_uri(text) ? value : KeyValue(in_folder(text));
}

Result<void> take_file(const fs::path& named, Layers& layers) {
    const fs::path file = named.empty() ? fs::path(usual_file) : named;
    IMPRINT_TRY(const auto text, read_config(named));
    if (!text) return {};
    IMPRINT_TRY(auto values, parse_config_file(*text, file));
    // Defaults too: what the file leaves out means the same as what it would say.
    for (auto& [name, layered] : layers)
        layered.value =
            beside(file.parent_path(), *find_config_key(name), std::move(layered.value));
    for (auto& [key, value, line] : values)
        layers[key->name] = {beside(file.parent_path(), *key, std::move(value)),
                             fmt::format("{} line {}", file.string(), line)};
    return {};
}

// A file with the keys of [label] alone.
Result<void> take_label_template(const fs::path& file, Layers& layers) {
    auto text = read_text(file);
    if (!text) return with_context(std::move(text).error(), "the label's template");
    IMPRINT_TRY(auto values, parse_config_file(*text, file));
    for (auto& [key, value, line] : values) {
        const std::string origin = fmt::format("{} line {}", file.string(), line);
        if (!key->name.starts_with("label."))
            return fail(ErrorKind::config, "config_value",
                        fmt::format("{}: {} has nothing to do with a label", origin, key->name),
                        "a label's template has [label] and [[label.item]]");
        layers[key->name] = {beside(file.parent_path(), *key, std::move(value)), origin};
    }
    return {};
}

// A value that came as text: from the environment or a flag.
Result<void> take_text(const Key& key, const std::string& text, ErrorKind kind,
                       const std::string& origin, Layers& layers) {
    auto value = parse_value(key, text);
    if (!value)
        return fail(kind, "config_value",
                    fmt::format("{}: {} is no {}", origin,
                                key.is_shown ? fmt::format("\"{}\"", text)
                                             : fmt::format("what is given for {}", key.name),
                                allowed(key)),
                    hint_for_value(key));
    if (auto sound = check_value(key, *value); !sound) {
        sound.error().kind = kind;
        if (sound.error().hint.empty()) sound.error().hint = hint_for_value(key);
        return with_context(std::move(sound).error(), origin);
    }
    Layered& layered = layers[key.name];
    layered.value.swap(*value);
    layered.origin = origin;
    return {};
}

Result<void> take_environment(const Sources& sources, Layers& layers) {
    if (!sources.variable) return {};
    for (const auto& key : config_keys()) {
        const std::string name = variable_of(key);
        if (const auto text = sources.variable(name))
            IMPRINT_CHECK(take_text(key, *text, ErrorKind::config, name, layers));
    }
    return {};
}

Result<void> take_flags(const Sources& sources, Layers& layers) {
    for (const auto& [name, text] : sources.flags) {
        const Key* key = find_config_key(name);
        if (key == nullptr) {
            std::vector<std::string> names;
            for (const auto& known : config_keys())
                names.emplace_back(known.name);
            return fail(ErrorKind::usage, "config_unknown_key",
                        fmt::format("--set: there is no key {}", name),
                        fmt::format("did you mean {}?", nearest(name, names).value_or("")));
        }
        const std::string origin(key->flag.empty() ? "--set" : key->flag);
        IMPRINT_CHECK(take_text(*key, text, ErrorKind::usage, origin, layers));
    }
    return {};
}

// The bays that `imprint station setup` has learnt, beside those that are configured.
// Gives those that were configured before.
Result<TextMap> take_bays_file(Layers& layers) {
    const fs::path file = std::get<std::string>(layers["station.bays_file"].value);
    IMPRINT_TRY(const auto learnt, read_bays_file(file));
    Layered& bays = layers["station.bays"];
    auto& names = std::get<TextMap>(bays.value);
    TextMap configured = names;
    if (learnt.empty()) return configured;
    const bool is_alone = names.empty();
    IMPRINT_TRY(names, join_bays(learnt, file, names, bays.origin));
    bays.origin = is_alone ? file.string() : fmt::format("{}, {}", bays.origin, file.string());
    return configured;
}

// XDG Base Directory Specification: what is kept between runs, and is no loss.
std::filesystem::path rates_file(const Sources& sources) {
    if (!sources.variable) return {};
    std::filesystem::path folder = sources.variable("XDG_STATE_HOME").value_or("");
    if (!folder.is_absolute()) {
        const std::filesystem::path home = sources.variable("HOME").value_or("");
        if (!home.is_absolute()) return {};
        folder = home / ".local" / "state";
    }
    return folder / "imprint" / "rates.json";
}

}  // namespace

std::string no_file_sentence() {
    std::error_code error;
    const fs::path folder = fs::current_path(error);
    return fmt::format(
        "there is no {} in {}: the defaults count, with what the environment and the options say",
        usual_file, error ? "this folder" : folder.string());
}

Result<Config> load_config(const Sources& sources) {
    Config config;
    Layers layers;
    for (const auto& key : config_keys())
        layers[key.name] = {key.get(config.settings), "default"};
    IMPRINT_CHECK(take_file(sources.file, layers));
    if (!sources.label_template.empty())
        IMPRINT_CHECK(take_label_template(sources.label_template, layers));
    IMPRINT_CHECK(take_environment(sources, layers));
    IMPRINT_CHECK(take_flags(sources, layers));
    IMPRINT_TRY(config.settings.station.configured_bays, take_bays_file(layers));
    for (const auto& key : config_keys()) {
        const Layered& layered = layers[key.name];
        key.set(config.settings, layered.value);
        config.values.push_back(
            {std::string(key.name), shown_toml(key, layered.value), layered.origin});
    }
    std::error_code error;
    const fs::path file = sources.file.empty() ? fs::path(usual_file) : sources.file;
    if (fs::exists(file, error)) config.settings.config = file;
    if (config.settings.station.remember_rates) config.settings.station.rates = rates_file(sources);
    return config;
}

}  // namespace imprint::config
