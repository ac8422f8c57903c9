#include "http/url.h"

#include <algorithm>
#include <cctype>

#include "base/bytes.h"

namespace imprint::http {

namespace {

bool is_unreserved(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.' ||
           c == '~';
}

std::string decode_or_keep(std::string_view text) {
    return percent_decode(text).value_or(std::string(text));
}

}  // namespace

std::string percent_encode(std::string_view text, bool keep_slash) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string result;
    for (const char c : text) {
        if (is_unreserved(c) || (keep_slash && c == '/')) {
            result += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        result += '%';
        result += digits[byte >> 4];
        result += digits[byte & 15];
    }
    return result;
}

std::optional<std::string> percent_decode(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            result += text[i];
            continue;
        }
        if (i + 2 >= text.size()) return std::nullopt;
        const auto byte = from_hex(text.substr(i + 1, 2));
        if (!byte) return std::nullopt;
        result += static_cast<char>(byte->front());
        i += 2;
    }
    return result;
}

std::string host_header(const Url& url) {
    const std::string_view usual = url.scheme == "https" ? ":443" : ":80";
    std::string host = url.authority;
    if (host.ends_with(usual)) host.resize(host.size() - usual.size());
    return host;
}

Fields parse_query(std::string_view query) {
    Fields fields;
    while (!query.empty()) {
        const std::string_view part = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), part.size() + 1));
        if (part.empty()) continue;
        const std::size_t equals = std::min(part.find('='), part.size());
        fields.emplace_back(decode_or_keep(part.substr(0, equals)),
                            decode_or_keep(part.substr(std::min(equals + 1, part.size()))));
    }
    return fields;
}

Fields parse_form(std::string_view body) {
    std::string spaced(body);
    std::ranges::replace(spaced, '+', ' ');
    return parse_query(spaced);
}

}  // namespace imprint::http
