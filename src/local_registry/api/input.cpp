#include "local_registry/api/input.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "base/text.h"

namespace imprint::local_registry {

using nlohmann::json;

namespace {

constexpr std::string_view alphanumeric =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

struct Alphabet {
    Pattern pattern;
    std::string_view expression;  // as the service model writes it
    bool letters_and_digits;
    std::string_view others;
};

constexpr std::array alphabets{
    Alphabet{Pattern::name, "[a-zA-Z0-9:_-]+", true, ":_-"},
    Alphabet{Pattern::attribute_name, "[a-zA-Z0-9_.,@/:#-]+", true, "_.,@/:#-"},
    Alphabet{Pattern::attribute_value, "[a-zA-Z0-9_.,@/:#=\\[\\]-]*", true, "_.,@/:#=[]-"},
    Alphabet{Pattern::policy_name, "[\\w+=,.@-]+", true, "_+=,.@-"},
    Alphabet{Pattern::certificate_id, "(0x)?[a-fA-F0-9]+", false, "abcdefABCDEF0123456789"},
    Alphabet{Pattern::digits, "[0-9]+", false, "0123456789"},
    Alphabet{Pattern::template_name, "^[0-9A-Za-z_-]+$", true, "_-"},
    Alphabet{Pattern::date, "^[0-9-]+$", false, "0123456789-"},
    Alphabet{Pattern::shadow_name, "[$a-zA-Z0-9:_-]+", true, "$:_-"},
    Alphabet{Pattern::job_id, "[a-zA-Z0-9_-]+", true, "_-"},
    Alphabet{Pattern::job_id_or_next, "[a-zA-Z0-9_-]+|^\\$next", true, "$_-"},
    Alphabet{Pattern::reason_code, "[\\p{Upper}\\p{Digit}_]+", false,
             "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"},
    Alphabet{Pattern::base64, "[A-Za-z0-9+/]+={0,2}", true, "+/="},
};

// Code points: the bytes that do not continue one.
std::size_t characters(std::string_view text) {
    std::size_t count = 0;
    for (const char c : text)
        if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) ++count;
    return count;
}

std::unexpected<ApiError> violation(const Member& member, std::string_view value,
                                    std::string_view rule) {
    // Long texts are CSRs and documents; a key file sent by mistake might be among them.
    constexpr std::size_t most_shown = 200;
    return invalid_request(fmt::format(
        "1 validation error detected: Value '{}' at '{}' failed to satisfy constraint: {}",
        value.size() <= most_shown ? value : "…", member.name, rule));
}

std::optional<bool> parse_boolean(std::string_view text) {
    if (text == "true") return true;
    if (text == "false") return false;
    return std::nullopt;
}

std::optional<std::int64_t> parse_number(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace

Outcome<void> check(const Member& member, std::string_view value) {
    const std::size_t length = characters(value);
    if (length < member.min)
        return violation(
            member, value,
            fmt::format("Member must have length greater than or equal to {}", member.min));
    if (length > member.max)
        return violation(
            member, value,
            fmt::format("Member must have length less than or equal to {}", member.max));
    if (member.pattern == Pattern::description && has_control_character(value))
        return violation(member, value,
                         "Member must satisfy regular expression pattern: [\\p{Graph}\\x20]*");
    for (const auto& alphabet : alphabets) {
        if (alphabet.pattern != member.pattern) continue;
        for (const char c : value)
            if (!(alphabet.letters_and_digits && alphanumeric.contains(c)) &&
                !alphabet.others.contains(c))
                return violation(member, value,
                                 fmt::format("Member must satisfy regular expression pattern: {}",
                                             alphabet.expression));
    }
    return {};
}

struct Input::Parts {
    enum class Kind : std::uint8_t { text, boolean, number };

    http::Fields path;
    http::Fields query;
    http::Fields headers;
    json body;
    std::string payload = {};

    // The member as text, unchecked; out of the body only when it has the right JSON type.
    [[nodiscard]] Outcome<std::optional<std::string>> find(const Member& member, Kind kind) const {
        switch (member.place) {
            case Place::path:
                return http::find_field(path, member.wire);
            case Place::query:
                return http::find_field(query, member.wire);
            case Place::header:
                return http::find_field(headers, member.wire);
            case Place::body:
                break;
        }
        const auto found = body.find(member.name);
        if (found == body.end() || found->is_null()) return std::nullopt;
        if (kind == Kind::text && found->is_string()) return found->get<std::string>();
        if (kind == Kind::boolean && found->is_boolean()) return found->dump();
        if (kind == Kind::number && found->is_number_integer()) return found->dump();
        return refuse(
            400, "SerializationException",
            fmt::format("'{}' is a JSON {}, which it cannot be", member.name, found->type_name()));
    }
};

Input::Input(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Input::Input(Input&&) noexcept = default;
Input& Input::operator=(Input&&) noexcept = default;
Input::~Input() = default;

Outcome<Input> Input::read(const http::Request& request, http::Fields path, BodyForm form) {
    json body = json::object();
    if (form == BodyForm::json && !request.body.empty()) {
        body = json::parse(request.body, nullptr, false);
        if (!body.is_object())
            return refuse(400, "SerializationException", "the request's body is not a JSON object");
    }
    return Input(std::make_unique<Parts>(
        Parts{.path = std::move(path),
              .query = request.query(),
              .headers = request.headers,
              .body = std::move(body),
              .payload = form == BodyForm::payload ? request.body : std::string()}));
}

Outcome<std::optional<std::string>> Input::optional(const Member& member) const {
    IMPRINT_TRY(auto value, parts_->find(member, Parts::Kind::text));
    if (value) IMPRINT_CHECK(check(member, *value));
    return value;
}

Outcome<std::string> Input::required(const Member& member) const {
    IMPRINT_TRY(auto value, optional(member));
    if (!value)
        return invalid_request(
            fmt::format("1 validation error detected: Value null at '{}' failed to satisfy "
                        "constraint: Member must not be null",
                        member.name));
    return *std::move(value);
}

Outcome<std::optional<std::string>> Input::choice(const Member& member,
                                                  std::span<const std::string_view> words) const {
    IMPRINT_TRY(auto value, parts_->find(member, Parts::Kind::text));
    if (value && std::ranges::find(words, *value) == words.end())
        return violation(
            member, *value,
            fmt::format("Member must satisfy enum value set: [{}]", fmt::join(words, ", ")));
    return value;
}

Outcome<bool> Input::flag(const Member& member) const {
    IMPRINT_TRY(const auto value, parts_->find(member, Parts::Kind::boolean));
    if (!value) return false;
    const auto parsed = parse_boolean(*value);
    if (!parsed) return violation(member, *value, "Member must be true or false");
    return *parsed;
}

Outcome<std::optional<std::int64_t>> Input::number(const Member& member) const {
    IMPRINT_TRY(const auto value, parts_->find(member, Parts::Kind::number));
    if (!value) return std::nullopt;
    const auto parsed = parse_number(*value);
    if (!parsed) return violation(member, *value, "Member must be a whole number");
    return parsed;
}

const json& Input::body() const {
    return parts_->body;
}

const std::string& Input::payload() const {
    return parts_->payload;
}

Outcome<std::optional<Input>> Input::structure(std::string_view name) const {
    const auto found = parts_->body.find(name);
    if (found == parts_->body.end() || found->is_null()) return std::nullopt;
    if (!found->is_object())
        return refuse(
            400, "SerializationException",
            fmt::format("'{}' is a JSON {} and must be an object", name, found->type_name()));
    return Input(
        std::make_unique<Parts>(Parts{.path = {}, .query = {}, .headers = {}, .body = *found}));
}

}  // namespace imprint::local_registry
