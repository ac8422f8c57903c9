#include "aws/providers/keys.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <utility>

#include <nlohmann/json.hpp>

#include "http/url.h"

namespace imprint::aws {

namespace {

using nlohmann::json;

std::unexpected<Error> incomplete(const std::string& where, std::string_view has,
                                  std::string_view lacks) {
    return fail(ErrorKind::registry, "no_credentials",
                fmt::format("{} has {}, but no {}", where, has, lacks), "set both, or neither");
}

Secret take_secret(json& object, const char* name) {
    const auto found = object.find(name);
    if (found == object.end() || !found->is_string()) return {};
    auto& text = found->get_ref<std::string&>();
    Secret secret{std::string_view(text)};
    wipe(text);
    return secret;
}

void replace_all(std::string& text, std::string_view part) {
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at))
        text.replace(at, part.size(), "…");
}

}  // namespace

Result<std::optional<Credentials>> keys_of_section(const IniSection* section, std::string source) {
    const std::string_view id = value_of(section, "aws_access_key_id");
    const std::string_view secret = value_of(section, "aws_secret_access_key");
    if (id.empty() && secret.empty()) return std::nullopt;
    if (id.empty()) return incomplete(source, "aws_secret_access_key", "aws_access_key_id");
    if (secret.empty()) return incomplete(source, "aws_access_key_id", "aws_secret_access_key");
    std::string_view token = value_of(section, "aws_security_token");
    if (token.empty()) token = value_of(section, "aws_session_token");
    Credentials credentials;
    credentials.access_key_id = id;
    credentials.secret_access_key = Secret(secret);
    credentials.session_token = Secret(token);
    credentials.source = std::move(source);
    return credentials;
}

Result<Credentials> keys_of_json(std::string& text, const KeyNames& names, std::string source) {
    json answer = json::parse(text, nullptr, false);
    wipe(text);
    const auto damaged = [&source](const std::string& what) {
        return fail(ErrorKind::registry, "credentials_answer_damaged",
                    fmt::format("{}: {}", source, what));
    };
    if (!answer.is_object()) return damaged("the answer is not a JSON object");
    json& object = names.inside == nullptr ? answer : answer[names.inside];
    if (!object.is_object()) return damaged(fmt::format("the answer lacks {}", names.inside));
    Credentials credentials;
    // Taken first, all of them, so that none is left behind by an early return.
    credentials.secret_access_key = take_secret(object, names.secret);
    credentials.session_token = take_secret(object, names.token);
    if (const auto version = object.find("Version");
        names.versioned && (version == object.end() || *version != 1))
        return damaged("the answer is not of Version 1, the only one that is known");
    if (const auto id = object.find(names.id); id != object.end() && id->is_string())
        credentials.access_key_id = id->get<std::string>();
    if (credentials.access_key_id.empty())
        return damaged(fmt::format("the answer lacks {}", names.id));
    if (credentials.secret_access_key.empty())
        return damaged(fmt::format("the answer lacks {}", names.secret));
    if (names.session && credentials.session_token.empty())
        return damaged(fmt::format("the answer lacks {}", names.token));
    const auto end = object.find(names.expires);
    if (end != object.end() && end->is_string()) {
        credentials.expires = parse_iso8601(end->get_ref<const std::string&>());
    } else if (end != object.end() && end->is_number_integer()) {
        // Milliseconds since 1970.
        const auto since = end->get<std::int64_t>();
        constexpr std::int64_t most = 7'258'118'400'000;  // the year 2200
        if (since >= 0) credentials.expires = WallTime(Milliseconds(std::min(since, most)));
    }
    const bool has_end = end != object.end() && !end->is_null();
    if (!credentials.expires && (has_end || names.session))
        return damaged(fmt::format("the answer has no proper {}", names.expires));
    credentials.source = std::move(source);
    return credentials;
}

std::string without_secrets(std::string message, std::initializer_list<std::string_view> secrets) {
    message.resize(std::min(message.find("The Canonical String"), message.size()));
    while (message.ends_with('\n') || message.ends_with(' '))
        message.pop_back();
    for (const std::string_view secret : secrets) {
        if (secret.empty()) continue;
        replace_all(message, secret);
        std::string encoded = http::percent_encode(secret);
        replace_all(message, encoded);
        wipe(encoded);
    }
    return message;
}

}  // namespace imprint::aws
