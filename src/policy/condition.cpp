#include "policy/condition.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <optional>

#include "base/text.h"
#include "policy/pattern.h"

namespace imprint::policy {

namespace {

enum class Kind : std::uint8_t { equal, equal_in_letters, like, boolean, address, null };
enum class Quantifier : std::uint8_t { none, all, any };

struct Base {
    std::string_view name;
    Kind kind;
    bool negated;
};

constexpr std::array bases{
    Base{"StringEquals", Kind::equal, false},
    Base{"StringNotEquals", Kind::equal, true},
    Base{"StringEqualsIgnoreCase", Kind::equal_in_letters, false},
    Base{"StringNotEqualsIgnoreCase", Kind::equal_in_letters, true},
    Base{"StringLike", Kind::like, false},
    Base{"StringNotLike", Kind::like, true},
    Base{"Bool", Kind::boolean, false},
    Base{"IpAddress", Kind::address, false},
    Base{"NotIpAddress", Kind::address, true},
    Base{"Null", Kind::null, false},
};

struct Operator {
    Base base{};
    Quantifier quantifier = Quantifier::none;
    bool if_exists = false;
};

bool take_prefix(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

std::optional<Operator> read_operator(std::string_view name) {
    Operator read;
    if (take_prefix(name, "ForAllValues:"))
        read.quantifier = Quantifier::all;
    else if (take_prefix(name, "ForAnyValue:"))
        read.quantifier = Quantifier::any;
    constexpr std::string_view if_exists = "IfExists";
    if (name.ends_with(if_exists)) {
        read.if_exists = true;
        name.remove_suffix(if_exists.size());
    }
    const auto found = std::ranges::find(bases, name, &Base::name);
    if (found == bases.end()) return std::nullopt;
    read.base = *found;
    // Null is about whether there is a value: neither word goes with it (IAM user guide).
    if (read.base.kind == Kind::null && (read.if_exists || read.quantifier != Quantifier::none))
        return std::nullopt;
    return read;
}

bool is_boolean(std::string_view text) {
    return same_but_for_case(text, "true") || same_but_for_case(text, "false");
}

struct Range {
    int family = 0;
    std::array<std::uint8_t, 16> bytes{};
    unsigned bits = 0;  // that count
};

// "192.0.2.0/24", "2001:db8::/32", or an address alone.
std::optional<Range> read_range(std::string_view text) {
    const auto slash = text.find('/');
    const std::string address(text.substr(0, slash));
    Range range;
    for (const int family : {AF_INET, AF_INET6})
        if (::inet_pton(family, address.c_str(), range.bytes.data()) == 1) range.family = family;
    if (range.family == 0) return std::nullopt;
    const unsigned most = range.family == AF_INET ? 32 : 128;
    range.bits = most;
    if (slash == std::string_view::npos) return range;
    const std::string digits(text.substr(slash + 1));
    const char* last = digits.data() + digits.size();
    const auto [end, error] = std::from_chars(digits.data(), last, range.bits);
    if (error != std::errc() || end != last || range.bits > most) return std::nullopt;
    return range;
}

bool is_within(std::string_view address, const Range& range) {
    const auto asked = read_range(address);
    if (!asked || asked->family != range.family) return false;
    for (unsigned bit = 0; bit < range.bits; ++bit) {
        const unsigned mask = 0x80U >> (bit % 8U);
        if (((asked->bytes[bit / 8U] ^ range.bytes[bit / 8U]) & mask) != 0) return false;
    }
    return true;
}

bool meets(Kind kind, const Pattern& wanted, const std::string& value) {
    switch (kind) {
        case Kind::equal:
            return wanted.text == value;
        case Kind::equal_in_letters:
        case Kind::boolean:
            return same_but_for_case(wanted.text, value);
        case Kind::like:
            return matches(wanted, value);
        case Kind::address: {
            const auto range = read_range(wanted.text);
            return range && is_within(value, *range);
        }
        case Kind::null:
            return false;
    }
    return false;
}

std::string bad_value(const Condition& condition, Kind kind, std::string_view value) {
    const bool boolean = kind == Kind::boolean || kind == Kind::null;
    if (boolean && !is_boolean(value))
        return fmt::format("{} wants true or false, not \"{}\"", condition.operation, value);
    if (kind == Kind::address && !read_range(value))
        return fmt::format("{} wants an address or a range of them, not \"{}\"",
                           condition.operation, value);
    return {};
}

bool holds(const Operator& read, const std::vector<Pattern>& wanted,
           const std::vector<std::string>& values) {
    const auto one = [&](const std::string& value) {
        const bool met = std::ranges::any_of(
            wanted, [&](const Pattern& pattern) { return meets(read.base.kind, pattern, value); });
        return met != read.base.negated;
    };
    if (values.empty())
        return read.if_exists || read.quantifier == Quantifier::all ||
               (read.base.negated && read.quantifier == Quantifier::none);
    const bool all = read.quantifier == Quantifier::all ||
                     (read.quantifier == Quantifier::none && read.base.negated);
    return all ? std::ranges::all_of(values, one) : std::ranges::any_of(values, one);
}

}  // namespace

std::string unweighable_part(const Condition& condition) {
    const auto read = read_operator(condition.operation);
    if (!read) return fmt::format("the operator {} is not known here", condition.operation);
    if (!is_known_key(condition.key))
        return fmt::format("the key {} is none that AWS IoT documents", condition.key);
    for (const auto& value : condition.values)
        if (variables_in(value).empty())
            if (auto bad = bad_value(condition, read->base.kind, value); !bad.empty()) return bad;
    return {};
}

Weighed weigh(const Condition& condition, bool variables, const Context& context) {
    if (auto part = unweighable_part(condition); !part.empty())
        return {.held = Held::cannot_evaluate, .why = std::move(part)};
    const Operator read = *read_operator(condition.operation);
    std::vector<Pattern> wanted;
    for (const auto& value : condition.values) {
        auto pattern = expand(
            value, variables,
            read.base.kind == Kind::like ? Wildcards::of_policies : Wildcards::none, context);
        if (!pattern)
            return {.held = Held::no_value,
                    .why = fmt::format("its condition names {}, which has no value here",
                                       pattern.error())};
        if (auto bad = bad_value(condition, read.base.kind, pattern->text); !bad.empty())
            return {.held = Held::cannot_evaluate, .why = std::move(bad)};
        wanted.push_back(*std::move(pattern));
    }
    const auto values = values_of(context, condition.key);
    const bool held =
        read.base.kind == Kind::null
            ? std::ranges::any_of(wanted,
                                  [&](const Pattern& pattern) {
                                      return same_but_for_case(pattern.text, "true") ==
                                             values.empty();
                                  })
            : holds(read, wanted, values);
    if (held) return {.held = Held::yes, .why = {}};
    std::vector<std::string> texts;
    for (const auto& pattern : wanted)
        texts.push_back(pattern.text);
    return {.held = Held::no,
            .why = fmt::format("{} {} [{}] does not hold: {}", condition.operation, condition.key,
                               fmt::join(texts, ", "),
                               values.empty() ? std::string("it has no value here")
                                              : fmt::format("it is {}", fmt::join(values, ", ")))};
}

}  // namespace imprint::policy
