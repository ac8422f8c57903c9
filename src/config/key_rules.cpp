#include "config/key_rules.h"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <initializer_list>
#include <string_view>
#include <variant>

#include "base/text.h"
#include "image/number.h"
#include "label/printer.h"
#include "logins/access.h"
#include "pki/subject.h"
#include "prepare/cloud.h"
#include "prepare/credential_format.h"
#include "prepare/shared_values.h"

namespace imprint::config {

bool made_of(std::string_view text, std::string_view also) {
    return std::ranges::all_of(text, [also](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || also.contains(c);
    });
}

namespace {

std::string filled_in(std::string text) {
    text = replace_all(replace_all(std::move(text), "{mac}", "246f28a1b2c3"), "{lot}", "lot");
    return replace_all(std::move(text), "{serial}", "serial");
}

using Words = std::initializer_list<std::string_view>;

// The first "{word}" that is none of these; empty: there is none.
std::string unknown_placeholder(std::string_view text, Words known) {
    for (std::size_t at = text.find('{'); at != std::string_view::npos;
         at = text.find('{', at + 1)) {
        const std::size_t end = text.find('}', at);
        if (end == std::string_view::npos) break;
        const std::string_view word = text.substr(at + 1, end - at - 1);
        const bool is_word = !word.empty() && std::ranges::all_of(word, [](char c) {
            return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_';
        });
        if (is_word && std::ranges::find(known, word) == known.end())
            return fmt::format("{{{}}}", word);
    }
    return {};
}

// A "{word}" that nobody fills in would be sent, or waited for, as it stands.
// also: what is filled in beside {mac} and {lot}.
std::string placeholder_fault(std::string_view text, std::string_view also = "mac") {
    const std::string unknown = unknown_placeholder(text, {"mac", "lot", also});
    if (unknown.empty()) return {};
    return fmt::format("{} is not known; {}{{mac}} and {{lot}} are filled in", unknown,
                       also == "mac" ? "" : fmt::format("{{{}}}, ", also));
}

std::string name_fault(std::string_view text, std::string_view also) {
    if (text.size() > 128)
        return fmt::format("it has {} characters, AWS IoT takes 128", text.size());
    if (!made_of(text, also)) return fmt::format("AWS IoT takes letters, digits and {} here", also);
    return {};
}

}  // namespace

std::string filled_text_fault(const KeyValue& value) {
    return placeholder_fault(std::get<std::string>(value));
}

std::string thing_name_fault(const KeyValue& value) {
    const auto& text = std::get<std::string>(value);
    if (auto fault = placeholder_fault(text); !fault.empty()) return fault;
    if (!text.contains("{mac}"))
        return "without {mac} in it, every board would become the same thing";
    if (auto fault = prepare::record_name_fault(text); !fault.empty()) return fault;
    return name_fault(filled_in(text), ":_-");
}

std::string thing_type_fault(const KeyValue& value) {
    return name_fault(std::get<std::string>(value), ":_-");
}

std::string groups_fault(const KeyValue& value) {
    for (const auto& group : std::get<TextList>(value)) {
        if (group.empty()) return "a group without a name";
        if (auto fault = name_fault(group, ":_-"); !fault.empty()) return fault;
    }
    return {};
}

std::string policy_name_fault(const KeyValue& value) {
    const auto& text = std::get<std::string>(value);
    if (text.empty()) return "a certificate without a policy may do nothing";
    return name_fault(text, "_+=,.@-");
}

std::string attributes_fault(const KeyValue& value) {
    const auto& attributes = std::get<TextMap>(value);
    if (attributes.size() > 50) return "AWS IoT takes 50 attributes at the most";
    for (const auto& [name, text] : attributes) {
        if (name.empty() || name.size() > 128 || !made_of(name, "_.,@/:#-"))
            return fmt::format(
                "\"{}\" cannot be an attribute's name: 1 to 128 letters, digits "
                "and _.,@/:#-",
                name);
        if (auto fault = placeholder_fault(text, "serial"); !fault.empty())
            return fmt::format("attribute {}: {}", name, fault);
        if (text.size() > 800 || !made_of(filled_in(text), "_.,@/:#=[]-"))
            return fmt::format(
                "attribute {} cannot be \"{}\": at most 800 letters, digits and "
                "_.,@/:#=[]-, no spaces",
                name, text);
    }
    return {};
}

std::string values_fault(const KeyValue& value) {
    for (const auto& [name, text] : std::get<TextMap>(value)) {
        if (name.empty()) return "a value without a name";
        // The texts themselves are not told: they may be passwords.
        const std::string unknown =
            unknown_placeholder(text, {"mac", "thing", "lot", "serial", "scan"});
        if (!unknown.empty())
            return fmt::format(
                "{} in \"{}\" is not known; {{mac}}, {{thing}}, {{lot}}, {{serial}} and {{scan}} "
                "are filled in",
                unknown, name);
    }
    return {};
}

std::string subject_fault(const KeyValue& value) {
    const auto& form = std::get<std::string>(value);
    if (auto fault = placeholder_fault(form, "thing"); !fault.empty()) return fault;
    const std::string text = replace_all(filled_in(form), "{thing}", "thing");
    const auto subject = pki::parse_subject(text);
    return subject ? std::string() : subject.error().message;
}

std::string endpoint_fault(const KeyValue& value) {
    const auto& text = std::get<std::string>(value);
    if (text.empty() || prepare::parse_endpoint(text)) return {};
    return "it has to be a host name, or host:port";
}

std::string file_name_fault(const KeyValue& value) {
    const auto& name = std::get<std::string>(value);
    if (name.empty()) return "a file in the image needs a name";
    // A device opens it below its mount point, and its path begins with a slash as it is.
    if (name.starts_with('/') || name.ends_with('/'))
        return "a slash at its start or end is too much";
    return prepare::name_parts_fault(name);
}

std::string flash_file_fault(const KeyValue& value) {
    for (const auto& [place, path] : std::get<TextMap>(value)) {
        const auto offset = image::parse_integer(place);
        if (!offset || *offset < 0 || *offset > 0xFFFFFFFF)
            return fmt::format("{} is no address in flash", place);
        if (path.empty()) return fmt::format("no file is named for {}", place);
    }
    return {};
}

std::string url_fault(const KeyValue& value) {
    const auto& text = std::get<std::string>(value);
    if (text.empty() || text.starts_with("https://") || text.starts_with("http://")) return {};
    return "it has to start with https:// (or http://)";
}

// What goes into a record and onto a screen as one word or a few.
std::string record_text_fault(const KeyValue& value) {
    const auto& text = std::get<std::string>(value);
    constexpr std::size_t longest = 100;
    if (text.size() > longest) return fmt::format("it has more than {} bytes", longest);
    return prepare::record_name_fault(text);
}

std::string ports_fault(const KeyValue& value) {
    const auto& ports = std::get<TextList>(value);
    for (const auto& port : ports) {
        if (port.empty()) return "a port without a name";
        if (std::ranges::count(ports, port) > 1) return fmt::format("{} is listed twice", port);
    }
    return {};
}

std::string bays_fault(const KeyValue& value) {
    TextMap bay_at;
    for (const auto& [bay, place] : std::get<TextMap>(value)) {
        if (place.empty()) return fmt::format("bay {} has no port or USB path", bay);
        if (auto fault = prepare::record_name_fault(bay); !fault.empty())
            return fmt::format("bay {}: {}", bay, fault);
        const auto [other, is_new] = bay_at.try_emplace(place, bay);
        if (!is_new) return fmt::format("{} and {} are both at {}", other->second, bay, place);
    }
    return {};
}

std::string printer_fault(const KeyValue& value) {
    const auto& text = std::get<std::string>(value);
    if (text.empty()) return {};
    const auto address = label::parse_printer(text);
    return address ? std::string() : address.error().message;
}

std::string listen_fault(const KeyValue& value) {
    return logins::parse_listen(std::get<std::string>(value))
               ? std::string()
               : "an IP address and a port are needed: 127.0.0.1:7625, [::1]:7625, 0.0.0.0:443";
}

}  // namespace imprint::config
