#include "support/pseudonyms.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cctype>
#include <fmt/format.h>
#include <netinet/in.h>
#include <optional>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/mac.h"

namespace imprint::support {

namespace {

// A station called "1" would be found in each number.
constexpr std::size_t shortest_name = 3;

bool is_part_of_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

bool is_hex(char c) {
    return std::isxdigit(static_cast<unsigned char>(c)) != 0;
}

// The characters of the MAC address that begins here; 0: none does. 12 digits with nothing of a
// word beside them, or pairs with one separator: a digest is longer.
std::size_t mac_length(const std::string& text, std::size_t at) {
    for (const std::size_t length : {std::size_t(17), std::size_t(12)}) {
        if (at + length > text.size()) continue;
        const std::string piece = text.substr(at, length);
        const bool is_pairs = length == 17;
        if (is_pairs && (piece[2] != ':' && piece[2] != '-')) continue;
        bool fits = true;
        for (std::size_t i = 0; i < length && fits; ++i)
            fits = is_pairs && i % 3 == 2 ? piece[i] == piece[2] : is_hex(piece[i]);
        if (!fits || !parse_mac(piece)) continue;
        const std::size_t end = at + length;
        if (end < text.size() && is_part_of_word(text[end])) continue;
        return length;
    }
    return 0;
}

// An IP address where it begins: as it is written, and the one way to write it.
struct IpAddress {
    std::size_t length = 0;
    std::string canonical;
};

std::optional<std::string> canonical_ip(int family, const std::string& text) {
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    std::array<char, INET6_ADDRSTRLEN> canonical{};
    if (inet_pton(family, text.c_str(), bytes.data()) != 1 ||
        inet_ntop(family, bytes.data(), canonical.data(), canonical.size()) == nullptr)
        return std::nullopt;
    return canonical.data();
}

bool is_nobodys(const std::string& ip) {
    return ip.starts_with("127.") || ip == "0.0.0.0" || ip == "255.255.255.255" || ip == "::" ||
           ip == "::1";
}

// The longest run of an address's characters, without the full stop or colon after it.
std::optional<IpAddress> ip_at(const std::string& text, std::size_t at) {
    for (const auto& [family, allowed] :
         {std::pair(AF_INET, std::string_view("0123456789.")),
          std::pair(AF_INET6, std::string_view("0123456789abcdefABCDEF:."))}) {
        std::size_t end = std::min(text.find_first_not_of(allowed, at), text.size());
        if (end < text.size() && is_part_of_word(text[end])) continue;
        if (end > at && text[end - 1] == '.') --end;
        if (end > at + 2 && text[end - 1] == ':' && text[end - 2] != ':') --end;
        if (auto canonical = canonical_ip(family, text.substr(at, end - at)))
            return IpAddress{end - at, *std::move(canonical)};
    }
    return std::nullopt;
}

}  // namespace

std::string Pseudonyms::name_of(const std::string& kind, const std::string& value) {
    auto [place, is_new] = names_.try_emplace(value);
    if (is_new) place->second = fmt::format("{}-{}", kind, ++count_[kind]);
    return place->second;
}

void Pseudonyms::add(const std::string& kind, const std::string& value) {
    if (value.size() < shortest_name || names_.contains(value)) return;
    if (const auto mac = parse_mac(value)) {
        static_cast<void>(name_of("mac", mac->id()));
        return;
    }
    for (const int family : {AF_INET, AF_INET6})
        if (canonical_ip(family, value)) return;
    static_cast<void>(name_of(kind, value));
    auto& values = known_[value.front()];
    values.push_back(value);
    std::ranges::sort(values, [](const auto& a, const auto& b) { return a.size() > b.size(); });
}

std::string Pseudonyms::without_known(const std::string& text) {
    std::string shown;
    std::size_t at = 0;
    while (at < text.size()) {
        const bool begins = at == 0 || !is_part_of_word(text[at - 1]) || !is_part_of_word(text[at]);
        const auto values = begins ? known_.find(text[at]) : known_.end();
        const std::string* found = nullptr;
        if (values != known_.end())
            for (const auto& value : values->second) {
                const std::size_t end = at + value.size();
                if (text.compare(at, value.size(), value) != 0) continue;
                if (end < text.size() && is_part_of_word(text[end]) &&
                    is_part_of_word(value.back()))
                    continue;
                found = &value;
                break;
            }
        if (found == nullptr) {
            shown += text[at++];
            continue;
        }
        shown += names_.at(*found);
        at += found->size();
    }
    return shown;
}

std::string Pseudonyms::without_addresses(const std::string& text) {
    std::string shown;
    std::size_t at = 0;
    while (at < text.size()) {
        const bool begins = at == 0 || !is_part_of_word(text[at - 1]);
        if (const std::size_t length = begins && is_hex(text[at]) ? mac_length(text, at) : 0;
            length != 0) {
            shown += name_of("mac", parse_mac(text.substr(at, length))->id());
            at += length;
            continue;
        }
        const bool may_be_ip = begins && (is_hex(text[at]) || text[at] == ':') &&
                               (at == 0 || (text[at - 1] != '.' && text[at - 1] != ':'));
        const auto ip = may_be_ip ? ip_at(text, at) : std::nullopt;
        if (!ip) {
            shown += text[at++];
            continue;
        }
        shown +=
            is_nobodys(ip->canonical) ? text.substr(at, ip->length) : name_of("ip", ip->canonical);
        at += ip->length;
    }
    return shown;
}

std::string Pseudonyms::replace(const std::string& text) {
    return without_addresses(without_known(text));
}

void Pseudonyms::replace(nlohmann::ordered_json& json) {
    if (json.is_string()) {
        json = replace(json.get<std::string>());
    } else if (json.is_structured()) {
        for (auto& one : json)
            replace(one);
    }
}

}  // namespace imprint::support
