#include "prepare/shared_values.h"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <set>
#include <string_view>

#include "base/mac.h"
#include "base/text.h"
#include "image/text.h"
#include "ledger/serial_template.h"
#include "prepare/identity.h"
#include "prepare/registration.h"

namespace imprint::prepare {

namespace {

// As long as any.
constexpr MacAddress any_board{{0x24, 0x6f, 0x28, 0xa1, 0xb2, 0xc3}};

// firmware/components/imprint_identity reads a value of device.json of at most this many bytes.
constexpr std::size_t longest_lot = 255;

// AWS IoT API Reference, CreateThing and AttributePayload; AWS General Reference, "AWS IoT Core
// thing resource limits and quotas".
constexpr std::size_t longest_name = 128;
constexpr std::size_t longest_value = 800;
constexpr std::size_t most_attributes_untyped = 3;
// Developer guide, "Static thing groups": groups that a thing can be in.
constexpr std::size_t most_groups = 10;
constexpr std::string_view in_names = ":_-";
constexpr std::string_view in_values = "_.,@/:#=[]-";

bool is_of(char c, std::string_view also) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || also.contains(c);
}

// What the lot would be called if it were to fit.
std::string fitting(std::string lot, std::string_view also) {
    // A letter of several bytes is one letter.
    std::erase_if(lot, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; });
    std::ranges::replace_if(lot, [also](char c) { return !is_of(c, also); }, '-');
    return lot;
}

std::unexpected<Error> bad_lot(const std::string& lot, const std::string& why, std::string hint) {
    return fail(ErrorKind::usage, "lot", fmt::format("--lot {}: {}", image::in_quotes(lot), why),
                std::move(hint));
}

Result<void> check_lot(const std::string& lot) {
    if (!image::is_utf8(lot))
        return bad_lot(lot, "it is no UTF-8 text", "use a UTF-8 terminal, or plain letters");
    if (const std::string fault = record_name_fault(lot); !fault.empty())
        return bad_lot(lot, fault, "leave that character out");
    if (lot.size() > longest_lot)
        return bad_lot(lot.substr(0, 40) + "…",
                       fmt::format("it has {} bytes, and a board's firmware reads {}", lot.size(),
                                   longest_lot),
                       "shorten it");
    return {};
}

// A value with the lot in it: whether it is what it was for.
Result<void> check_value(const std::string& what, const std::string& form, const std::string& lot,
                         std::string_view also, std::size_t longest) {
    // Which characters a serial number has is looked at once it is known (check_serial_value).
    const std::string value = replace_all(fill_in(form, any_board, lot), "{serial}",
                                          std::string(ledger::longest_serial, '0'));
    const bool fits = std::ranges::all_of(value, [also](char c) { return is_of(c, also); });
    if (fits && value.size() <= longest) return {};
    const std::string why = fits ? fmt::format("{} would have {} characters, AWS IoT takes {}",
                                               what, value.size(), longest)
                                 : fmt::format("{} takes letters, digits and {}", what, also);
    if (form.contains("{lot}") && lot != "lot")
        return bad_lot(lot, why, fits ? "shorten it" : "try --lot " + fitting(lot, also));
    return fail(ErrorKind::config, "config_value", why, "correct it in the configuration");
}

}  // namespace

std::string record_name_fault(std::string_view name) {
    if (std::ranges::any_of(name, is_control)) return "it has a control character";
    if (!name.empty() && std::string_view("=+-@").contains(name.front()))
        return fmt::format("it begins with \"{}\", which a spreadsheet takes for a formula",
                           name.front());
    return {};
}

Result<void> check_shared_values(const IdentitySettings& settings, const std::string& lot) {
    IMPRINT_CHECK(check_lot(lot));
    IMPRINT_CHECK(check_value("a thing's name", settings.thing_name, lot, in_names, longest_name));
    for (const auto& [name, value] : settings.attributes)
        IMPRINT_CHECK(check_value(fmt::format("the attribute {}", name), value, lot, in_values,
                                  longest_value));
    const std::string thing = fill_in(settings.thing_name, any_board, lot);
    const auto sent = thing_facts(settings, any_board, thing, lot, "serial").attributes.size();
    if (settings.thing_type.empty() && sent > most_attributes_untyped)
        return fail(ErrorKind::config, "config_value",
                    fmt::format("a thing without a type has at most {} attributes, not {}",
                                most_attributes_untyped, sent),
                    "set identity.thing_type, with which it may have 50");
    const std::set<std::string> groups(settings.thing_groups.begin(), settings.thing_groups.end());
    if (groups.size() > most_groups)
        return fail(ErrorKind::config, "config_value",
                    fmt::format("a thing is in at most {} groups, and identity.thing_groups has {}",
                                most_groups, groups.size()),
                    "shorten identity.thing_groups");
    if (settings.is_of_own_authority())
        if (auto subject = subject_of(settings.ca.subject, any_board, thing, lot); !subject)
            return with_context(std::move(subject).error(), "identity.ca.subject");
    return {};
}

Result<void> check_serial_value(const IdentitySettings& settings, const std::string& serial) {
    for (const auto& [name, form] : settings.attributes) {
        if (!form.contains("{serial}")) continue;
        const bool fits = std::ranges::all_of(serial, [](char c) { return is_of(c, in_values); });
        if (fits) continue;
        return fail(ErrorKind::board, "serial_bad",
                    fmt::format("serial number {} cannot be in the attribute {}, which takes "
                                "letters, digits and {}",
                                image::in_quotes(serial), name, in_values),
                    "change the lot's template, or take {serial} out of identity.attributes");
    }
    return {};
}

}  // namespace imprint::prepare
