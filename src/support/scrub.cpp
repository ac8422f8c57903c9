#include "support/scrub.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "base/text.h"

namespace imprint::support {

namespace {

constexpr std::size_t shortest_secret = 8;
constexpr std::size_t shortest_pin = 4;

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

bool is_pin(std::string_view secret) {
    return secret.size() >= shortest_pin && secret.size() < shortest_secret &&
           std::ranges::all_of(
               secret, [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; });
}

// Only with nothing of a word beside it: so short a number is part of others.
std::string without_number(const std::string& text, const std::string& number) {
    const auto is_beside = [&text](std::size_t at) {
        return at < text.size() && std::isalnum(static_cast<unsigned char>(text[at])) != 0;
    };
    std::string shown;
    std::size_t at = 0;
    for (std::size_t found = text.find(number); found != std::string::npos;
         found = text.find(number, at)) {
        const std::size_t end = found + number.size();
        const bool is_whole = (found == 0 || !is_beside(found - 1)) && !is_beside(end);
        shown += text.substr(at, found - at);
        shown += is_whole ? std::string(removed) : number;
        at = end;
    }
    return shown + text.substr(at);
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

// "WIFIPass_word-2" → wifi, pass, word.
std::vector<std::string> parts_of(std::string_view word) {
    const auto is_upper = [](char c) { return std::isupper(static_cast<unsigned char>(c)) != 0; };
    const auto is_lower = [](char c) { return std::islower(static_cast<unsigned char>(c)) != 0; };
    std::vector<std::string> parts(1);
    for (std::size_t at = 0; at < word.size(); ++at) {
        const char c = word[at];
        const bool is_mark = !std::isalpha(static_cast<unsigned char>(c));
        const bool begins =
            at > 0 && is_upper(c) &&
            (is_lower(word[at - 1]) || (at + 1 < word.size() && is_lower(word[at + 1])));
        if ((is_mark || begins) && !parts.back().empty()) parts.emplace_back();
        if (!is_mark) parts.back() += c;
    }
    if (parts.back().empty()) parts.pop_back();
    for (auto& part : parts)
        part = lower_case(part);
    return parts;
}

std::string_view line_before(std::string_view text, std::size_t at) {
    text = text.substr(0, at);
    return text.substr(text.rfind('\n') + 1);
}

// PKCS #11 calls the name of a device a token (RFC 7512).
bool is_token_of_pkcs11(std::string_view text, std::size_t at, std::string_view word) {
    if (word != "token") return false;
    const std::string_view line = line_before(text, at);
    const auto begin = line.find_last_of(" \t\"'");
    return line.substr(begin == std::string_view::npos ? 0 : begin + 1).starts_with("pkcs11:");
}

// A quotation mark with the backslashes before it: each level of quoting has more of them.
struct Quote {
    char mark = '\0';
    std::size_t backslashes = 0;

    [[nodiscard]] std::size_t length() const { return backslashes + 1; }
};

std::optional<Quote> quote_at(std::string_view text, std::size_t at) {
    std::size_t end = at;
    while (end < text.size() && text[end] == '\\')
        ++end;
    if (end == text.size() || (text[end] != '"' && text[end] != '\'')) return std::nullopt;
    return Quote{text[end], end - at};
}

// Where a quoted text ends that begins here: at its closing mark with the backslashes of that.
// Without one, at the end of the line.
std::size_t end_of_quoted(std::string_view text, std::size_t at, const Quote& quote) {
    const std::string three(3, quote.mark);
    if (quote.backslashes == 0 && text.substr(at - 1).starts_with(three)) {  // TOML, Python
        const auto end = text.find(three, at + 2);
        return std::min(end, text.size());
    }
    const std::size_t level = quote.backslashes + 1;
    std::size_t last = std::string_view::npos;
    for (std::size_t mark = text.find(quote.mark, at); mark != std::string_view::npos;
         mark = text.find(quote.mark, mark + 1)) {
        std::size_t begin = mark;
        while (begin > at && text[begin - 1] == '\\')
            --begin;
        const std::size_t count = mark - begin;
        if (count < quote.backslashes) return begin;  // of the text around
        const bool is_escaped = (count - quote.backslashes) / level % 2 == 1;
        if (!is_escaped) return mark - quote.backslashes;
        // A shell knows no escape within ' '.
        last = mark;
        if (quote.mark == '\'' && text.substr(at, mark - at).contains('\n')) break;
    }
    if (quote.mark == '\'' && last != std::string_view::npos) return last;
    return std::min(text.find_first_of("\r\n", at), text.size());
}

// A list or a table: up to its bracket, quoted texts passed over.
std::size_t end_of_brackets(std::string_view text, std::size_t at) {
    std::size_t depth = 0;
    while (at < text.size()) {
        if (const auto quote = quote_at(text, at)) {
            at += quote->length();
            at = std::min(end_of_quoted(text, at, *quote) + quote->length(), text.size());
            continue;
        }
        const char c = text[at++];
        if (c == '{' || c == '[') ++depth;
        if ((c == '}' || c == ']') && --depth == 0) break;
    }
    return at;
}

struct Naming {
    bool is_quoted = false;     // "NAME": value
    bool is_parameter = false;  // ?NAME=value, &NAME=value
    bool is_tight = false;      // NAME=value with nothing between
    bool is_inside = false;     // of a text in double quotes
};

std::size_t end_of_unquoted(std::string_view text, std::size_t at, const Naming& naming) {
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '\r' || c == '\n') break;
        if (c == '"' && naming.is_inside) break;
        const bool is_blank = c == ' ' || c == '\t';
        if (naming.is_parameter) {
            if (is_blank || c == '&' || c == '#' || c == '"' || c == '\'') break;
        } else if (naming.is_quoted) {
            if (c == ',' || c == '}' || c == ']') break;
        } else if (naming.is_tight) {
            if (c == '\\' && at + 1 < text.size() && text[at + 1] != '"') ++at;
            if (is_blank || text.substr(at).starts_with("&&")) break;
        }
    }
    return std::min(at, text.size());
}

// "pin: 9" is a board's, "pass: 4" a count: neither is as short when it is a secret.
bool is_short_number(std::string_view value) {
    return value.size() <= 3 && std::ranges::all_of(value, [](char c) {
               return std::isdigit(static_cast<unsigned char>(c)) != 0;
           });
}

// After the name that ends here, what stands between it and its value. Nothing: it has none.
std::optional<std::size_t> value_after(std::string_view text, std::size_t at, bool is_option,
                                       Naming& naming) {
    const auto past_blanks = [&text](std::size_t from, std::string_view blanks) {
        return std::min(text.find_first_not_of(blanks, from), text.size());
    };
    if (const auto quote = quote_at(text, at)) {
        naming.is_quoted = true;
        at += quote->length();
    }
    const std::size_t mark = past_blanks(at, " \t");
    if (mark == text.size()) return std::nullopt;
    const bool is_colon = text[mark] == ':';
    if (!is_colon && text[mark] != '=') {
        if (!is_option || mark == at) return std::nullopt;
        naming.is_tight = true;
        return mark;
    }
    if (text.substr(mark).starts_with("::")) return std::nullopt;  // a name of C++
    std::size_t value = mark + 1;
    while (value < text.size() && (text[value] == '=' || text[value] == '>'))
        ++value;
    const std::size_t begin = past_blanks(value, " \t");
    naming.is_tight = !is_colon && begin == value && mark == at;
    if (begin < text.size() && text[begin] != '\r' && text[begin] != '\n') return begin;
    // On the next line; a tight one is empty.
    if (naming.is_tight) return std::nullopt;
    const std::size_t next = past_blanks(begin, " \t\r\n");
    if (next == text.size()) return std::nullopt;
    return next;
}

// NAME=value, NAME: value, NAME => value, "NAME": "value", --NAME value.
std::string without_named(const std::string& text) {
    std::string shown;
    std::size_t at = 0;
    const std::string_view whole = text;
    while (at < text.size()) {
        if (!is_word(text[at])) {
            shown += text[at++];
            continue;
        }
        const std::size_t from = at;
        while (at < text.size() && is_word(text[at]))
            ++at;
        const std::string_view word = whole.substr(from, at - from);
        shown += word;
        if (!names_a_secret(word) || is_token_of_pkcs11(whole, from, word)) continue;
        Naming naming;
        naming.is_parameter = from > 0 && (text[from - 1] == '?' || text[from - 1] == '&');
        naming.is_inside = std::ranges::count(line_before(whole, from), '"') % 2 == 1;
        const auto value = value_after(whole, at, word.starts_with("--"), naming);
        if (!value) continue;
        // What the name's own quotes have opened is closed.
        if (naming.is_quoted) naming.is_inside = false;
        std::size_t begin = *value;
        const auto quote = quote_at(whole, begin);
        const bool is_quoted =
            quote && !(naming.is_inside && quote->mark == '"' && quote->backslashes == 0);
        const bool is_bracketed = !is_quoted && (text[begin] == '{' || text[begin] == '[');
        if (is_quoted) begin += quote->length();
        const std::size_t end = is_quoted      ? end_of_quoted(whole, begin, *quote)
                                : is_bracketed ? end_of_brackets(whole, begin)
                                               : end_of_unquoted(whole, begin, naming);
        if (!is_quoted && !is_bracketed &&
            is_short_number(trimmed(whole.substr(begin, end - begin))))
            continue;
        shown += whole.substr(at, begin - at);
        if (end > begin) shown += removed;
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

bool names_a_secret(std::string_view word) {
    if (word == "PWD" || word == "OLDPWD") return false;  // a shell's folder
    constexpr std::array names{"secret",   "password",      "passwd",       "passphrase",
                               "api_key",  "apikey",        "private_key",  "privatekey",
                               "passcode", "authorization", "amz_signature"};
    constexpr std::array alone{"psk", "pass", "pwd", "token", "pin"};
    // Where a secret lies, what it is called, or how many there are, is none.
    constexpr std::array others{"name", "file",  "path",    "source", "id",
                                "type", "count", "through", "rate"};
    const auto parts = parts_of(word);
    if (parts.empty()) return false;
    if (parts.size() > 1 &&
        std::ranges::any_of(others, [&](const char* end) { return parts.back() == end; }))
        return false;
    std::string joined;
    for (const auto& part : parts)
        joined += (joined.empty() ? "" : "_") + part;
    return std::ranges::any_of(names,
                               [&](const char* name) {
                                   return joined.contains(name) || lower_case(word).contains(name);
                               }) ||
           std::ranges::any_of(alone, [&](const char* name) {
               return std::ranges::find(parts, name) != parts.end();
           });
}

Scrubber::Scrubber(const std::vector<std::string>& secrets) {
    for (const auto& secret : secrets) {
        if (is_pin(secret)) pins_.push_back(secret);
        if (secret.size() < shortest_secret) continue;
        forms_.push_back(secret);
        // As a text in JSON has it.
        if (const std::string quoted = nlohmann::json(secret).dump(
                -1, ' ', false, nlohmann::json::error_handler_t::replace);
            quoted.size() != secret.size() + 2)
            forms_.push_back(quoted.substr(1, quoted.size() - 2));
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
    for (const auto& pin : pins_)
        text = without_number(text, pin);
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
