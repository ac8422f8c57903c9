// imprint.toml, the environment (IMPRINT_<SECTION>_<KEY>) and the command line, in one place:
// flags override environment overrides file overrides default.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "prepare/settings.h"

namespace imprint::config {

struct Sources {
    std::filesystem::path file;  // empty: imprint.toml in the working directory, if there is one
    std::function<std::optional<std::string>(const std::string&)> variable;  // getenv
    std::vector<std::pair<std::string, std::string>> flags;  // "station.baud" → "115200"
};

struct Value {
    std::string key;     // "identity.thing_type"
    std::string value;   // as TOML would write it, to be shown: without passwords and PINs
    std::string origin;  // "default", "imprint.toml line 12", "IMPRINT_STATION_BAUD", "--baud"
};

struct Config {
    prepare::Settings settings;  // relative paths of the file are made relative to its folder
    std::vector<Value> values;   // every key, in the order of the documentation
};

// Errors (kind config; usage if a flag is wrong): config_missing (a named file), config_syntax
// (line and column), config_unknown_key (with the nearest known key), config_value (with what is
// allowed).
[[nodiscard]] Result<Config> load_config(const Sources& sources);

// "there is no imprint.toml in /home/me: …", for a run without a file (settings.config is empty).
[[nodiscard]] std::string no_file_sentence();
inline constexpr std::string_view no_file_hint =
    "`imprint init` writes one here; another is named with --config";

// What `imprint init` writes for identity.thing_type, which a project is to change.
inline constexpr std::string_view sample_thing_type = "my-product";

// The commented imprint.toml that `imprint init` writes.
[[nodiscard]] std::string sample_config();

// The policy document that `imprint init` writes beside it: a thing may connect as itself and use
// its own shadow and its own topics. region: in whose partition its ARNs are; empty: "aws".
[[nodiscard]] std::string sample_policy(const std::string& region = {});

}  // namespace imprint::config
