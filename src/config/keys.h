// Every key of imprint.toml as a row of one table: the parser, the names of the environment
// variables, the flags, the sample file and the table in docs/configuration.md are made from it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "label/template.h"
#include "prepare/settings.h"

namespace imprint::config {

using TextList = std::vector<std::string>;
using TextMap = std::map<std::string, std::string>;
using LabelItems = std::vector<label::Item>;
// A value after parsing, wherever it came from. monostate: the key is not set, and its default is
// decided elsewhere.
using KeyValue = std::variant<std::string, std::int64_t, double, bool, TextList, TextMap,
                              LabelItems, std::monostate>;

enum class KeyType {
    text,
    path,  // text; relative ones are relative to the file's folder
    integer,
    number,  // with or without a decimal point
    boolean,
    list,         // of texts; separated by commas in the environment and in flags
    map,          // of texts; NAME=VALUE separated by commas in the environment and in flags
    label_items,  // tables; as TOML in the environment and in flags
};
[[nodiscard]] std::string_view to_string(KeyType type);  // "text"

struct Key {
    std::string_view name;     // "identity.policy.name"
    KeyType type;              //
    std::string_view flag;     // "--baud"; empty: only `--set`
    std::string_view meaning;  // one sentence without its full stop
    // Reads and writes the setting, for its default and its values; both use the row's type.
    KeyValue (*get)(const prepare::Settings&);
    void (*set)(prepare::Settings&, const KeyValue&);

    // What is allowed, in addition to the type.
    std::int64_t least = 0;
    std::int64_t most = 0;                            // integer and number only
    std::string_view zero_word = {};                  // integer only: the text that stands for 0
    std::span<const std::string_view> choices;        // text only; empty: any
    std::string (*fault)(const KeyValue&) = nullptr;  // what is wrong with it; empty: nothing

    bool is_shown = true;  // map only: false where nobody is shown its texts, which may be secrets
    bool beside_file = true;       // path only: false if it is relative to something else
    std::string_view sample = {};  // an active line of the sample file (not a comment), as TOML
    std::string_view usual = {};   // for a key that is not set: what the sample file shows, as TOML
};

[[nodiscard]] std::span<const Key> config_keys();
[[nodiscard]] const Key* find_config_key(std::string_view name);

// Keys and sections that are planned but not implemented: rejected, with advice what to do instead.
struct KeyToCome {
    std::string_view name;
    std::string_view instead;
};

[[nodiscard]] std::span<const KeyToCome> keys_to_come();

// "identity.thing_type" → "IMPRINT_IDENTITY_THING_TYPE"
[[nodiscard]] std::string variable_of(const Key& key);
// "an integer from 9600 to 5000000", for errors and the documentation.
[[nodiscard]] std::string allowed(const Key& key);
// As TOML would write it.
[[nodiscard]] std::string to_toml(const KeyValue& value);
[[nodiscard]] std::string to_toml(const Key& key, const KeyValue& value);
// The same to be shown: without passwords and PINs, and of a key that is not shown its names alone.
[[nodiscard]] std::string shown_toml(const Key& key, const KeyValue& value);

[[nodiscard]] std::string to_toml(const LabelItems& items);
// None: it is no TOML list of items.
[[nodiscard]] std::optional<KeyValue> parse_label_items(std::string_view text);

// The text of a variable or a flag as a value of the row's type; none: not such a value.
[[nodiscard]] std::optional<KeyValue> parse_value(const Key& key, std::string_view text);
// Checks type, range, choices and the row's own rule. Error: config_value, without the place.
[[nodiscard]] Result<void> check_value(const Key& key, const KeyValue& value);

// The table of docs/configuration.md, in Markdown.
[[nodiscard]] std::string config_table();

}  // namespace imprint::config
