#include "config/file.h"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <utility>

#include "base/nearest.h"
#include "base/toml_text.h"
#include "config/mistakes.h"

// What goes wrong in a file is a value, not an exception.
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

namespace imprint::config {

namespace {

unsigned line_of(const toml::node& node) {
    return node.source().begin.line;
}

std::string_view type_of(const toml::node& node) {
    switch (node.type()) {
        case toml::node_type::string:
            return "a text";
        case toml::node_type::integer:
            return "an integer";
        case toml::node_type::floating_point:
            return "a number with a point";
        case toml::node_type::boolean:
            return "true or false";
        case toml::node_type::array:
            return "a list";
        case toml::node_type::table:
            return "a table";
        default:
            return "a date or time";
    }
}

// None where the node is of another type than the row.
std::optional<KeyValue> value_of(const toml::node& node, const Key& key) {
    switch (key.type) {
        case KeyType::text:
        case KeyType::path:
            if (const auto* text = node.as_string()) return text->get();
            return std::nullopt;
        case KeyType::integer:
            if (const auto* number = node.as_integer()) return number->get();
            if (const auto* word = node.as_string();
                word != nullptr && !key.zero_word.empty() && word->get() == key.zero_word)
                return std::int64_t{0};
            return std::nullopt;
        case KeyType::boolean:
            if (const auto* flag = node.as_boolean()) return flag->get();
            return std::nullopt;
        case KeyType::list: {
            if (node.as_array() == nullptr) return std::nullopt;
            TextList list;
            for (const auto& item : *node.as_array()) {
                if (item.as_string() == nullptr) return std::nullopt;
                list.push_back(item.as_string()->get());
            }
            return list;
        }
        case KeyType::map: {
            if (node.as_table() == nullptr) return std::nullopt;
            TextMap map;
            for (const auto& [name, item] : *node.as_table()) {
                if (item.as_string() == nullptr) return std::nullopt;
                map[std::string(name.str())] = item.as_string()->get();
            }
            return map;
        }
    }
    return std::nullopt;
}

// [[firmware.files]] with offset and path in each, as the map that the key holds. Nothing if that
// is not what it is.
std::optional<KeyValue> files_of(const toml::node& node) {
    if (node.as_array() == nullptr) return std::nullopt;
    TextMap map;
    for (const auto& item : *node.as_array()) {
        const toml::table* table = item.as_table();
        if (table == nullptr || table->size() != 2) return std::nullopt;
        const toml::node* offset = table->get("offset");
        const toml::node* path = table->get("path");
        if (offset == nullptr || path == nullptr || path->as_string() == nullptr)
            return std::nullopt;
        std::string place;
        if (const auto* number = offset->as_integer())
            place = fmt::format("{:#x}", number->get());
        else if (const auto* text = offset->as_string())
            place = text->get();
        else
            return std::nullopt;
        if (!map.emplace(std::move(place), path->as_string()->get()).second) return std::nullopt;
    }
    return map;
}

bool is_section(std::string_view name) {
    return std::ranges::any_of(config_keys(), [name](const Key& key) {
        return key.name.size() > name.size() && key.name.starts_with(name) &&
               key.name[name.size()] == '.';
    });
}

// All keys, and the sections on the way to them.
std::vector<std::string> known_names() {
    std::vector<std::string> names;
    for (const auto& key : config_keys()) {
        names.emplace_back(key.name);
        for (auto dot = key.name.find('.'); dot != std::string::npos;
             dot = key.name.find('.', dot + 1)) {
            std::string section(key.name.substr(0, dot));
            if (std::ranges::find(names, section) == names.end())
                names.push_back(std::move(section));
        }
    }
    return names;
}

class Walk {
  public:
    explicit Walk(const std::filesystem::path& file) : file_(file.string()) {}

    [[nodiscard]] Result<void> table(const toml::table& table, const std::string& prefix) {
        for (const auto& [part, node] : table)
            IMPRINT_CHECK(entry(prefix + std::string(part.str()), node));
        return {};
    }

    [[nodiscard]] std::vector<FileValue> values() && { return std::move(values_); }

  private:
    [[nodiscard]] std::string place(const toml::node& node) const {
        return fmt::format("{} line {}", file_, line_of(node));
    }

    [[nodiscard]] Result<void> entry(const std::string& name, const toml::node& node) {
        if (const Key* key = find_config_key(name)) {
            auto value = value_of(node, *key);
            if (!value && name == "firmware.files") {
                value = files_of(node);
                if (!value)
                    return fail(ErrorKind::config, "config_value",
                                fmt::format("{}: each of [[firmware.files]] has an offset of its "
                                            "own and a path, and nothing else",
                                            place(node)),
                                "for example offset = 0x10000 and path = \"build/app.bin\"");
            }
            if (const auto* map = node.as_table(); !value && map != nullptr)
                return no_text_in(name, *map);
            if (!value)
                return fail(ErrorKind::config, "config_value",
                            fmt::format("{}: {} has to be {}{}, and is {}", place(node), name,
                                        key->type == KeyType::integer ? "an " : "", allowed(*key),
                                        type_of(node)),
                            hint_for_value(*key));
            if (auto sound = check_value(*key, *value); !sound) {
                if (sound.error().hint.empty()) sound.error().hint = hint_for_value(*key);
                return with_context(std::move(sound).error(), place(node));
            }
            values_.push_back({key, std::move(*value), line_of(node)});
            return {};
        }
        for (const auto& later : keys_to_come())
            if (later.name == name)
                return fail(ErrorKind::config, "config_value",
                            fmt::format("{}: {} is not built yet", place(node), name),
                            std::string(later.instead));
        if (is_section(name)) {
            if (const auto* inner = node.as_table()) return table(*inner, name + '.');
            return fail(
                ErrorKind::config, "config_value",
                fmt::format("{}: {} is a section, and here {}", place(node), name, type_of(node)),
                fmt::format("write [{}] and its keys below it", name));
        }
        return fail(
            ErrorKind::config, "config_unknown_key",
            fmt::format("{}: there is no {} {}", place(node), node.is_table() ? "section" : "key",
                        name),
            fmt::format("did you mean {}?", nearest(name, known_names()).value_or("[identity]")));
    }

    // A table of texts with a value that is none.
    [[nodiscard]] std::unexpected<Error> no_text_in(const std::string& name,
                                                    const toml::table& map) const {
        for (const auto& [part, item] : map)
            if (item.as_string() == nullptr)
                return fail(
                    ErrorKind::config, "config_value",
                    fmt::format("{}: {}.{} has to be a text, and is {}", place(item), name,
                                std::string_view(part.str()), type_of(item)),
                    fmt::format("put it between quotes: {} = \"…\"", std::string_view(part.str())));
        return fail(ErrorKind::config, "config_value",
                    fmt::format("{}: {} has to be a table of texts", place(map), name),
                    hint_for_value(*find_config_key(name)));
    }

    std::string file_;
    std::vector<FileValue> values_;
};

}  // namespace

Result<std::vector<FileValue>> parse_config_file(std::string_view text,
                                                 const std::filesystem::path& file) {
    IMPRINT_CHECK(check_encoding(text, file));
    const auto wrong = [&](const toml::parse_error& error) {
        const auto& at = error.source().begin;
        return fail(
            ErrorKind::config, "config_syntax",
            fmt::format("{} line {} column {}: {}", file.string(), static_cast<unsigned>(at.line),
                        static_cast<unsigned>(at.column), error.description()),
            hint_for_syntax(text, {at.line, at.column, error.description()}));
    };
    if (const auto line = line_of_deep_key(text))
        return fail(ErrorKind::config, "config_syntax",
                    fmt::format("{} line {}: a key of too many parts", file.string(), *line),
                    "see docs/configuration.md for the keys that there are");
    if (const auto image = toml::parse(ascii_image(text)); !image) return wrong(image.error());
    if (const auto line = line_of_bare_non_ascii(text))
        return fail(ErrorKind::config, "config_syntax",
                    fmt::format("{} line {}: a character beyond ASCII outside of a text",
                                file.string(), *line),
                    "put it between quotes");
    const toml::parse_result parsed = toml::parse(text);
    if (!parsed) return wrong(parsed.error());
    Walk walk(file);
    IMPRINT_CHECK(walk.table(parsed.table(), ""));
    return std::move(walk).values();
}

}  // namespace imprint::config
