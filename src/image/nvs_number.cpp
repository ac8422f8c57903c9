// The numbers of an NVS partition as text, in both directions.
#include <algorithm>
#include <array>
#include <bit>
#include <fmt/format.h>

#include "base/text.h"
#include "image/nvs.h"
#include "image/nvs_layout.h"
#include "image/text.h"

namespace imprint::image::nvs {

namespace {

struct Name {
    Type type;
    std::string_view name;
};

constexpr std::array<Name, 12> names{{{Type::u8, "u8"},
                                      {Type::i8, "i8"},
                                      {Type::u16, "u16"},
                                      {Type::i16, "i16"},
                                      {Type::u32, "u32"},
                                      {Type::i32, "i32"},
                                      {Type::u64, "u64"},
                                      {Type::i64, "i64"},
                                      {Type::f32, "float"},
                                      {Type::f64, "double"},
                                      {Type::string, "string"},
                                      {Type::blob, "blob"}}};

// The low half of a number's type is its size in bytes.
unsigned width_of(Type type) {
    return (static_cast<unsigned>(type) & 0x0F) * 8;
}

bool is_signed(Type type) {
    return (static_cast<unsigned>(type) & 0xF0) == 0x10;
}

std::uint64_t all_ones(unsigned width) {
    return ~std::uint64_t{0} >> (64 - width);
}

struct Magnitude {
    std::uint64_t value = 0;
    bool too_large = false;
};

std::optional<Magnitude> magnitude_of(std::string_view digits) {
    unsigned base = 10;
    if (digits.starts_with("0x") || digits.starts_with("0X")) {
        base = 16;
        digits.remove_prefix(2);
    }
    if (digits.empty() || digits.back() == '_' || digits.front() == '_') return std::nullopt;
    Magnitude found;
    bool after_underscore = false;
    for (const char c : digits) {
        if (c == '_') {
            if (after_underscore) return std::nullopt;
            after_underscore = true;
            continue;
        }
        after_underscore = false;
        unsigned digit = 99;
        if (c >= '0' && c <= '9') digit = static_cast<unsigned>(c - '0');
        if (c >= 'a' && c <= 'f') digit = static_cast<unsigned>(c - 'a') + 10;
        if (c >= 'A' && c <= 'F') digit = static_cast<unsigned>(c - 'A') + 10;
        if (digit >= base) return std::nullopt;
        if (found.value > (~std::uint64_t{0} - digit) / base) found.too_large = true;
        found.value = found.value * base + digit;
    }
    return found;
}

// A value is not repeated in an error: it may be a password in the wrong row or column.
std::unexpected<Error> out_of_range(Type type) {
    const unsigned width = width_of(type);
    const std::string range =
        is_signed(type)
            ? fmt::format("-{} to {}", std::uint64_t{1} << (width - 1), all_ones(width - 1))
            : fmt::format("0 to {}", all_ones(width));
    return bad_value(
        fmt::format("the value does not fit into {}, which holds {}", type_name(type), range),
        "correct the value, or take a wider type in the firmware and here alike");
}

}  // namespace

std::string_view type_name(Type type) {
    const auto* found = std::ranges::find(names, type, &Name::type);
    return found == names.end() ? "unknown" : found->name;
}

std::optional<Type> number_type(std::string_view name) {
    const auto* found = std::ranges::find(names, name, &Name::name);
    if (found == names.end() || found->type == Type::string || found->type == Type::blob ||
        found->type == Type::f32 || found->type == Type::f64)
        return std::nullopt;
    return found->type;
}

std::string number_text(const Entry& entry) {
    if (entry.type == Type::string || entry.type == Type::blob) return {};
    if (entry.type == Type::f64) return fmt::format("{}", std::bit_cast<double>(entry.bits));
    if (entry.type == Type::f32)
        return fmt::format("{}", std::bit_cast<float>(static_cast<std::uint32_t>(entry.bits)));
    const unsigned width = width_of(entry.type);
    const std::uint64_t bits = entry.bits & all_ones(width);
    if (!is_signed(entry.type) || (bits >> (width - 1) & 1) == 0) return fmt::format("{}", bits);
    return fmt::format("-{}", (~bits & all_ones(width)) + 1);
}

Result<std::uint64_t> parse_number(Type type, std::string_view text) {
    std::string_view digits = without_blanks(text);
    const bool negative = digits.starts_with('-');
    if (negative || digits.starts_with('+')) digits.remove_prefix(1);
    const auto magnitude = magnitude_of(digits);
    if (!magnitude)
        return bad_value("the value is no whole number", "write it in decimal or as 0x…");
    const unsigned width = width_of(type);
    const std::uint64_t most = is_signed(type) ? all_ones(width - 1) + (negative ? 1 : 0)
                               : negative      ? 0
                                               : all_ones(width);
    if (magnitude->too_large || magnitude->value > most) return out_of_range(type);
    return (negative ? ~magnitude->value + 1 : magnitude->value) & all_ones(width);
}

}  // namespace imprint::image::nvs
