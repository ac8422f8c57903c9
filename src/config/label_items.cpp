#include "config/label_items.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>
#include <utility>

#include "base/nearest.h"
#include "config/keys.h"

namespace imprint::config {

namespace {

using label::Align;
using label::Fit;
using label::Item;
using label::ItemKind;

constexpr std::array kinds{ItemKind::text, ItemKind::qr, ItemKind::data_matrix, ItemKind::code128};
constexpr std::array aligns{Align::left, Align::centre, Align::right};
constexpr std::array fits{Fit::shrink, Fit::wrap, Fit::cut};

std::unexpected<Error> wrong(std::string_view name, const std::string& allowed) {
    return fail(ErrorKind::config, "config_value", fmt::format("{} has to be {}", name, allowed));
}

// A member of an item: its name, and how it is read from TOML and written.
struct Member {
    std::string_view name;
    Result<void> (*read)(std::string_view name, const toml::node& node, Item& item);
    // Empty: it has its default, and is left out.
    std::string (*write)(const Item& item);
};

template <auto Where>
constexpr Member length(std::string_view name) {
    return {name,
            [](std::string_view given, const toml::node& node, Item& item) -> Result<void> {
                const auto number = node.is_number() ? node.value<double>() : std::nullopt;
                if (!number) return wrong(given, "a number");
                item.*Where = *number;
                return {};
            },
            [](const Item& item) {
                return item.*Where == Item().*Where ? std::string()
                                                    : fmt::format("{}", item.*Where);
            }};
}

template <auto Where, const auto& Choices>
constexpr Member choice(std::string_view name) {
    return {name,
            [](std::string_view given, const toml::node& node, Item& item) -> Result<void> {
                std::string allowed;
                for (const auto one : Choices) {
                    if (node.is_string() && node.as_string()->get() == to_string(one)) {
                        item.*Where = one;
                        return {};
                    }
                    allowed +=
                        fmt::format("{}\"{}\"", allowed.empty() ? "" : " or ", to_string(one));
                }
                return wrong(given, allowed);
            },
            [](const Item& item) {
                return item.*Where == Item().*Where ? std::string()
                                                    : fmt::format("\"{}\"", to_string(item.*Where));
            }};
}

constexpr std::array members{
    choice<&Item::kind, kinds>("type"),
    length<&Item::x>("x"),
    length<&Item::y>("y"),
    length<&Item::width>("width"),
    length<&Item::height>("height"),
    Member{"content",
           [](std::string_view given, const toml::node& node, Item& item) -> Result<void> {
               if (!node.is_string()) return wrong(given, "a text");
               item.content = node.as_string()->get();
               return {};
           },
           [](const Item& item) { return to_toml(KeyValue(item.content)); }},
    choice<&Item::align, aligns>("align"),
    length<&Item::font_size>("font_size"),
    choice<&Item::fit, fits>("fit"),
    Member{"bold",
           [](std::string_view given, const toml::node& node, Item& item) -> Result<void> {
               if (!node.is_boolean()) return wrong(given, "true or false");
               item.bold = node.as_boolean()->get();
               return {};
           },
           [](const Item& item) { return std::string(item.bold ? "true" : ""); }},
    // Last: a code is a square more often than not.
    Member{"size",
           [](std::string_view given, const toml::node& node, Item& item) -> Result<void> {
               const auto number = node.is_number() ? node.value<double>() : std::nullopt;
               if (!number) return wrong(given, "a number");
               item.width = item.height = *number;
               return {};
           },
           [](const Item&) { return std::string(); }},
};

std::vector<std::string> member_names() {
    std::vector<std::string> names;
    for (const auto& member : members)
        names.emplace_back(member.name);
    return names;
}

Result<Item> item_of(const toml::table& table) {
    Item item;
    if (!table.contains("type"))
        return fail(ErrorKind::config, "config_value", "it has no type",
                    "type = \"text\", \"qr\", \"datamatrix\" or \"code128\"");
    for (const auto& [key, node] : table) {
        const auto found = std::ranges::find(members, key.str(), &Member::name);
        if (found == members.end())
            return fail(ErrorKind::config, "config_unknown_key",
                        fmt::format("an item has no {}", key.str()),
                        fmt::format("did you mean {}?",
                                    nearest(key.str(), member_names()).value_or("content")));
        IMPRINT_CHECK(found->read(found->name, node, item));
    }
    return item;
}

}  // namespace

Result<std::vector<Item>> label_items_of(const toml::array& list) {
    std::vector<Item> items;
    for (const auto& node : list) {
        const std::string where = fmt::format("label.item {}", items.size() + 1);
        if (!node.is_table())
            return with_context(
                make_error(ErrorKind::config, "config_value", "it has to be a table",
                           "write [[label.item]] and its members below it"),
                where);
        auto item = item_of(*node.as_table());
        if (!item) return with_context(std::move(item).error(), where);
        items.push_back(std::move(*item));
    }
    return items;
}

std::string to_toml(const LabelItems& items) {
    std::string text;
    for (const auto& item : items) {
        std::string one = fmt::format("type = \"{}\"", to_string(item.kind));
        for (const auto& member : members)
            if (const std::string value = member.write(item);
                !value.empty() && member.name != "type")
                one += fmt::format(", {} = {}", member.name, value);
        text += fmt::format("{}{{ {} }}", text.empty() ? "" : ", ", one);
    }
    return fmt::format("[{}]", text);
}

std::optional<KeyValue> parse_label_items(std::string_view text) {
    const toml::parse_result parsed = toml::parse(fmt::format("item = {}", text));
    if (!parsed || parsed.table().size() != 1 || !parsed.table()["item"].is_array())
        return std::nullopt;
    auto items = label_items_of(*parsed.table()["item"].as_array());
    if (!items) return std::nullopt;
    return std::move(*items);
}

}  // namespace imprint::config
