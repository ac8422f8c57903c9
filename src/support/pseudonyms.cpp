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
#include "base/text.h"

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

bool has_letter(std::string_view digits) {
    return std::ranges::any_of(
        digits, [](char c) { return std::isdigit(static_cast<unsigned char>(c)) == 0; });
}

// A run of hex digits, or groups of as many with one separator between.
struct Digits {
    std::size_t length = 0;  // as it is written
    std::size_t group = 0;   // digits in each; 0: a run
    std::string separator;
    std::string all;  // in small letters
};

std::size_t run_length(std::string_view text, std::size_t at) {
    std::size_t end = at;
    while (end < text.size() && is_hex(text[end]))
        ++end;
    return end - at;
}

// All of them, however many: a digest in pairs is longer than any address.
Digits digits_at(std::string_view text, std::size_t at) {
    const std::size_t group = run_length(text, at);
    Digits found{group, 0, {}, lower_case(text.substr(at, group))};
    if (group != 2 && group != 4) return found;
    constexpr std::array<std::string_view, 8> separators{":", "-",   ".",   "_",
                                                         " ", "%3A", "%3a", "%2D"};
    for (const auto separator : separators) {
        std::size_t end = at + group;
        std::string all(text.substr(at, group));
        while (text.substr(end).starts_with(separator) &&
               run_length(text, end + separator.size()) == group) {
            all += text.substr(end + separator.size(), group);
            end += separator.size() + group;
        }
        if (end == at + group || (group == 4 && separator != ".")) continue;
        return {end - at, group, std::string(separator), lower_case(all)};
    }
    return found;
}

// Whether the groups go on before this: "00 11 " before "22 33".
bool is_continued(std::string_view text, std::size_t at, const Digits& digits) {
    if (digits.group == 0 || !text.substr(0, at).ends_with(digits.separator)) return false;
    const std::size_t end = at - digits.separator.size();
    std::size_t begin = end;
    while (begin > 0 && is_hex(text[begin - 1]))
        --begin;
    return end - begin == digits.group && (begin == 0 || !is_part_of_word(text[begin - 1]));
}

// 12 digits; or 16 that have them with ff:fe in their middle (EUI-64, IEEE's "Guidelines for Use of
// Extended Unique Identifier").
std::string mac_of(const Digits& digits) {
    if (digits.all.size() == 12) return digits.all;
    if (digits.all.size() == 16 && digits.all.substr(6, 4) == "fffe")
        return digits.all.substr(0, 6) + digits.all.substr(10);
    return {};
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

// The longest run of an address's characters, without the full stops or colon after it.
std::optional<IpAddress> ip_at(const std::string& text, std::size_t at) {
    for (const auto& [family, allowed] :
         {std::pair(AF_INET, std::string_view("0123456789.")),
          std::pair(AF_INET6, std::string_view("0123456789abcdefABCDEF:."))}) {
        std::size_t end = std::min(text.find_first_not_of(allowed, at), text.size());
        if (end < text.size() && is_part_of_word(text[end])) continue;
        while (end > at && text[end - 1] == '.')
            --end;
        if (end > at + 2 && text[end - 1] == ':' && text[end - 2] != ':') --end;
        if (auto canonical = canonical_ip(family, text.substr(at, end - at)))
            return IpAddress{end - at, *std::move(canonical)};
    }
    return std::nullopt;
}

// Words of the program's own texts, and names that every computer has.
bool is_anybodys(const std::string& name) {
    constexpr std::array names{"imprint", "root", "localhost", "default"};
    return std::ranges::any_of(names, [&](const char* one) { return name == one; });
}

// What is called so is found in each text: git.example.com.
bool is_service(const std::string& label) {
    constexpr std::array names{"git",      "www",    "iot",     "api",    "proxy",
                               "registry", "mqtt",   "github",  "gitlab", "server",
                               "station",  "broker", "printer", "bench",  "host",
                               "port",     "ports",  "test",    "local"};
    return std::ranges::any_of(names, [&](const char* one) { return label == one; });
}

// udev's ID_SERIAL behind the maker and the product. A device without a number has only those two.
std::string serial_in(std::string_view name) {
    const auto interface = name.rfind("-if");
    name = name.substr(0, interface);
    const auto mark = name.rfind('_');
    if (mark == std::string_view::npos) return {};
    const std::string_view serial = name.substr(mark + 1);
    const bool has_digit = std::ranges::any_of(
        serial, [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; });
    constexpr std::size_t shortest = 4;
    if (!has_digit || serial.size() < shortest || serial.starts_with("USB")) return {};
    return std::string(serial);
}

}  // namespace

std::string Pseudonyms::name_of(const std::string& kind, const std::string& value) {
    auto [place, is_new] = names_.try_emplace(lower_case(value));
    if (is_new) place->second = fmt::format("{}-{}", kind, ++count_[kind]);
    return place->second;
}

// value: in small letters, and named.
void Pseudonyms::add_word(const std::string& value) {
    auto& values = known_[value.front()];
    const auto shorter = std::ranges::find_if(
        values, [&](const auto& other) { return other.size() < value.size(); });
    values.insert(shorter, value);
}

void Pseudonyms::add(const std::string& kind, const std::string& value) {
    const std::string known = lower_case(value);
    // An account of AWS has 12 digits, too.
    if (const auto mac = parse_mac(known); mac && kind != "account") {
        macs_.insert(mac->id());
        static_cast<void>(name_of("mac", mac->id()));
        return;
    }
    if (known.size() < shortest_name || names_.contains(known) || is_anybodys(known)) return;
    for (const int family : {AF_INET, AF_INET6})
        if (canonical_ip(family, known)) return;
    const std::string name = name_of(kind, known);
    add_word(known);
    if (kind == "certificate" && known.size() > 12)
        beginnings_.try_emplace(known.substr(0, 12), known);
    if (kind != "host") return;
    const std::string label = known.substr(0, known.find('.'));
    if (label.size() < shortest_name || label == known || is_service(label)) return;
    if (names_.try_emplace(label, name).second) add_word(label);
}

void Pseudonyms::learn_of(const std::string& text) {
    constexpr std::string_view folder = "/by-id/usb-";
    for (std::size_t at = text.find(folder); at != std::string::npos; at = text.find(folder, at)) {
        at += folder.size();
        const std::size_t end = std::min(text.find_first_of(" \t\r\n\"',;:)]}", at), text.size());
        add("usb-serial", serial_in(std::string_view(text).substr(at, end - at)));
    }
}

void Pseudonyms::learn(const nlohmann::ordered_json& json) {
    if (json.is_string()) {
        learn_of(json.get_ref<const std::string&>());
    } else if (json.is_structured()) {
        for (const auto& one : json)
            learn(one);
    }
}

std::string Pseudonyms::without_known(const std::string& text) {
    const std::string compared = lower_case(text);
    std::string shown;
    std::size_t at = 0;
    while (at < text.size()) {
        const bool begins = at == 0 || !is_part_of_word(text[at - 1]) || !is_part_of_word(text[at]);
        const auto values = begins ? known_.find(compared[at]) : known_.end();
        const std::string* found = nullptr;
        if (values != known_.end())
            for (const auto& value : values->second) {
                const std::size_t end = at + value.size();
                if (compared.compare(at, value.size(), value) != 0) continue;
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

// Of the run of digits that begins here, with what separates them. Nothing: it is no address.
std::string Pseudonyms::without_mac(const std::string& text, std::size_t& at) {
    const Digits digits = digits_at(text, at);
    const std::size_t end = at + digits.length;
    const std::string mac = mac_of(digits);
    const bool is_run = digits.group == 0;
    const bool is_usual = digits.separator == ":" || digits.separator == "-";
    const bool is_known = !mac.empty() && macs_.contains(mac);
    const bool is_beside = (end < text.size() && is_part_of_word(text[end])) ||
                           (!is_run && at > 0 && is_part_of_word(text[at - 1]));
    if (!mac.empty() && !is_known && digits.all.size() == 12 && is_run)
        if (const auto known = beginnings_.find(mac); known != beginnings_.end()) {
            at = end;
            return names_.at(known->second);
        }
    if (is_known || (!mac.empty() && !is_beside && !is_continued(text, at, digits) &&
                     (is_usual || has_letter(mac)))) {
        at = end;
        return name_of("mac", mac);
    }
    if (!is_run || digits.all.size() < 12) return {};
    // A word may end in digits before it: "node246f28a1b2c3".
    std::string shown;
    std::size_t from = 0;
    for (std::size_t i = 0; i + 12 <= digits.all.size();) {
        const std::string piece = digits.all.substr(i, 12);
        if (!macs_.contains(piece)) {
            ++i;
            continue;
        }
        shown += text.substr(at + from, i - from) + name_of("mac", piece);
        i += 12;
        from = i;
    }
    if (!shown.empty()) shown += text.substr(at + from, digits.length - from);
    if (!shown.empty()) at = end;
    return shown;
}

std::string Pseudonyms::without_addresses(const std::string& text) {
    std::string shown;
    std::size_t at = 0;
    const auto before = [&text](std::size_t here, std::size_t back) {
        return here < back ? '\0' : text[here - back];
    };
    while (at < text.size()) {
        const bool begins = at == 0 || !is_part_of_word(text[at - 1]);
        const bool begins_digits = is_hex(text[at]) && (at == 0 || !is_hex(text[at - 1]));
        if (begins_digits)
            if (const std::string name = without_mac(text, at); !name.empty()) {
                shown += name;
                continue;
            }
        // "from:10.1.2.3" and "...10.1.2.3", but not from the middle of one.
        const char last = before(at, 1);
        const char last_but_one = before(at, 2);
        const bool is_within = (last == '.' && is_part_of_word(last_but_one)) ||
                               (last == ':' && (is_hex(last_but_one) || last_but_one == ':') &&
                                text.substr(at, run_length(text, at) + 1).back() != '.');
        const bool may_be_ip = begins && !is_within && (is_hex(text[at]) || text[at] == ':');
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
