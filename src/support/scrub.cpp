#include "support/scrub.h"

#include <algorithm>
#include <array>
#include <cctype>

#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "base/text.h"

namespace imprint::support {

namespace {

constexpr std::size_t shortest_secret = 8;

std::string hex_of(std::string_view bytes, const char* digits) {
    std::string hex;
    for (const char c : bytes) {
        const auto value = static_cast<unsigned char>(c);
        hex += digits[value >> 4];
        hex += digits[value & 15];
    }
    return hex;
}

std::string base64_of(std::string_view bytes) {
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t at = 0; at + 2 < bytes.size(); at += 3) {
        unsigned group = 0;
        for (std::size_t i = 0; i < 3; ++i)
            group = group << 8 | static_cast<unsigned char>(bytes[at + i]);
        for (int shift = 18; shift >= 0; shift -= 6)
            text += digits[(group >> shift) & 63];
    }
    return text;
}

bool is_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
}

bool is_base64(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '/' || c == '=';
}

// RFC 7468. Without its end, all that follows may be the key.
std::string without_private_keys(const std::string& text) {
    constexpr std::string_view begin = "-----BEGIN ";
    constexpr std::string_view kind = "PRIVATE KEY-----";
    std::string shown;
    std::size_t at = 0;
    for (;;) {
        std::size_t from = text.find(begin, at);
        if (from == std::string::npos) break;
        const std::size_t name = text.find(kind, from);
        // A certificate's frame comes first: its own end is not a key's.
        if (name == std::string::npos) break;
        from = text.rfind(begin, name);
        const std::size_t end = text.find(kind, name + kind.size());
        shown += text.substr(at, from - at);
        shown += removed;
        if (end == std::string::npos) return shown;
        at = end + kind.size();
    }
    return shown + text.substr(at);
}

bool names_a_secret(const std::string& word) {
    constexpr std::array names{"secret",        "password",   "passwd",       "passphrase",
                               "session_token", "auth_token", "api_key",      "apikey",
                               "private_key",   "pin-value",  "authorization"};
    // Where a secret lies, or what it is called, is none.
    constexpr std::array places{"_name", "_file", "_path", "-source", "_id"};
    const std::string lower = lower_case(word);
    return std::ranges::any_of(names, [&](const char* name) { return lower.contains(name); }) &&
           std::ranges::none_of(places, [&](const char* end) { return lower.ends_with(end); });
}

// NAME=value, NAME: value, "NAME": "value", --NAME value.
std::string without_named(const std::string& text) {
    std::string shown;
    std::size_t at = 0;
    while (at < text.size()) {
        if (!is_word(text[at])) {
            shown += text[at++];
            continue;
        }
        std::size_t end = at;
        while (end < text.size() && is_word(text[end]))
            ++end;
        const std::string word = text.substr(at, end - at);
        shown += word;
        at = end;
        if (!names_a_secret(word)) continue;
        std::size_t mark = text.find_first_not_of(" \t\"'", at);
        if (mark == std::string::npos) continue;
        const bool is_option = word.starts_with("--");
        if (text[mark] == '=' || text[mark] == ':')
            mark = text.find_first_not_of(" \t\"'", mark + 1);
        else if (!is_option)
            continue;
        if (mark == std::string::npos) continue;
        // A header's value goes to the end of its line.
        const bool is_header = lower_case(word).contains("authorization");
        end =
            std::min(text.find_first_of(is_header ? "\r\n\"" : " \t\r\n\"',;&", mark), text.size());
        shown += text.substr(at, mark - at);
        shown += removed;
        at = end;
    }
    return shown;
}

// scheme://user:password@host, RFC 3986, 3.2.1.
std::string without_user_names_in_addresses(const std::string& text) {
    std::string shown;
    std::size_t at = 0;
    for (;;) {
        const std::size_t mark = text.find("://", at);
        if (mark == std::string::npos) break;
        const std::size_t begin = mark + 3;
        const std::size_t end = std::min(text.find_first_of("/?# \t\r\n\"'<>", begin), text.size());
        const std::size_t sign = text.substr(begin, end - begin).rfind('@');
        shown += text.substr(at, begin - at);
        if (sign != std::string::npos) {
            shown += removed;
            at = begin + sign;
        } else {
            at = begin;
        }
    }
    return shown + text.substr(at);
}

// Of an AWS secret access key (40), a line of PEM (64), a session token (hundreds); or a key's
// numbers in hex. SHA-1, SHA-256 and SHA-512 in hex stay: certificate ids, commits, digests.
bool looks_like_a_key(std::string_view run) {
    const auto has = [run](auto is) {
        return std::ranges::any_of(run,
                                   [is](char c) { return is(static_cast<unsigned char>(c)) != 0; });
    };
    const bool is_hex = std::ranges::all_of(
        run, [](char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; });
    if (is_hex) return run.size() > 128 || (run.size() > 64 && run.size() != 128);
    return (run.size() == 40 || run.size() >= 56) && has([](int c) { return std::isupper(c); }) &&
           has([](int c) { return std::islower(c); }) && has([](int c) { return std::isdigit(c); });
}

std::string without_key_like(const std::string& text) {
    std::string shown;
    std::size_t at = 0;
    while (at < text.size()) {
        std::size_t end = at;
        while (end < text.size() && is_base64(text[end]))
            ++end;
        if (end == at) {
            shown += text[at++];
            continue;
        }
        const std::string_view run = std::string_view(text).substr(at, end - at);
        // "NAME=" before it is no part of it.
        const std::size_t equals = run.find('=');
        const bool is_named =
            equals != std::string_view::npos && equals + 2 < run.size() && run[equals + 1] != '=';
        const std::string_view value = is_named ? run.substr(equals + 1) : run;
        if (is_named) shown += run.substr(0, equals + 1);
        shown += looks_like_a_key(value) ? removed : value;
        at = end;
    }
    return shown;
}

}  // namespace

Scrubber::Scrubber(const std::vector<std::string>& secrets) {
    for (const auto& secret : secrets) {
        if (secret.size() < shortest_secret) continue;
        forms_.push_back(secret);
        forms_.push_back(hex_of(secret, "0123456789abcdef"));
        forms_.push_back(hex_of(secret, "0123456789ABCDEF"));
        // In base64 a text has three forms, by what stands before it; whole groups of each.
        for (std::size_t shift = 0; shift < 3; ++shift)
            if (auto form = base64_of(std::string_view(secret).substr(shift));
                form.size() >= shortest_secret)
                forms_.push_back(std::move(form));
    }
    std::ranges::sort(forms_, [](const auto& a, const auto& b) { return a.size() > b.size(); });
}

std::string Scrubber::clean(std::string text) const {
    for (const auto& form : forms_)
        if (text.contains(form)) text = replace_all(std::move(text), form, removed);
    return without_key_like(
        without_named(without_user_names_in_addresses(without_private_keys(text))));
}

void Scrubber::clean(nlohmann::ordered_json& json) const {
    if (json.is_string()) {
        json = clean(json.get<std::string>());
    } else if (json.is_structured()) {
        for (auto& one : json)
            clean(one);
    }
}

}  // namespace imprint::support
