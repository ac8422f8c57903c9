#include "local_registry/http/message.h"

#include <algorithm>

#include "base/bytes.h"

namespace imprint::local_registry {

namespace {

std::string decode_or_keep(std::string_view text) {
    return percent_decode(text).value_or(std::string(text));
}

}  // namespace

std::optional<std::string> find_field(const Fields& fields, std::string_view name) {
    for (const auto& [key, value] : fields)
        if (key == name) return value;
    return std::nullopt;
}

std::optional<std::string> Request::header(std::string_view lower_case_name) const {
    return find_field(headers, lower_case_name);
}

std::string_view Request::raw_path() const {
    return std::string_view(target).substr(0, target.find('?'));
}

Fields Request::query() const {
    const auto mark = target.find('?');
    return mark == std::string::npos ? Fields() : parse_query(target.substr(mark + 1));
}

std::optional<std::string> percent_decode(std::string_view text) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i];
            continue;
        }
        const auto byte = i + 2 < text.size() ? from_hex(text.substr(i + 1, 2)) : std::nullopt;
        if (!byte) return std::nullopt;
        decoded += static_cast<char>(byte->front());
        i += 2;
    }
    return decoded;
}

Fields parse_query(std::string_view text) {
    Fields fields;
    while (!text.empty()) {
        const std::string_view part = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(text.size(), part.size() + 1));
        if (part.empty()) continue;
        const auto equals = part.find('=');
        fields.emplace_back(decode_or_keep(part.substr(0, equals)),
                            equals == std::string_view::npos
                                ? std::string()
                                : decode_or_keep(part.substr(equals + 1)));
    }
    return fields;
}

Fields parse_form(std::string_view body) {
    std::string spaced(body);
    std::ranges::replace(spaced, '+', ' ');
    return parse_query(spaced);
}

}  // namespace imprint::local_registry
