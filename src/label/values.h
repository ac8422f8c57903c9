// What a label says of a board, and the placeholders that stand for it in a template.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "base/mac.h"
#include "ledger/records.h"

namespace imprint::label {

// Empty: the board has none, or it is not known.
struct Values {
    MacAddress mac;
    std::string thing;
    std::string certificate_id;
    std::string serial;
    std::string lot;
    std::string chip;
    std::string firmware;  // SHA-256 over all of its files
    std::string firmware_version;
    std::string firmware_commit;
    std::string station;
    std::string host;
    std::string operator_name;
    std::string bay;
    std::string account;
    std::string region;
    std::string endpoint;
    std::optional<WallTime> passed;
};

[[nodiscard]] Values values_of(const ledger::BoardRecord& board);

// A board as there could be one, in which each value is as long as it usually gets.
[[nodiscard]] Values sample_values();

struct Placeholder {
    std::string_view name;
    std::string_view meaning;
    std::string (*value)(const Values&);
};

// {mac}, {thing}, …, in the order of the documentation. {name:12} is its first 12 characters,
// {mac:} has colons.
[[nodiscard]] std::span<const Placeholder> placeholders();

// As rows of the Markdown table in docs/labels.md.
[[nodiscard]] std::string placeholder_table();

struct Filled {
    std::string text;
    bool has_placeholders = false;
    std::string missing;       // the first placeholder that has no value; empty: none
    bool all_missing = false;  // there are placeholders, and none has a value
};

// Braces around anything but a name stay as they are, as those of JSON. Errors: label_template: a
// placeholder that there is not, with the nearest one; a length that is none.
[[nodiscard]] Result<Filled> fill(std::string_view content, const Values& values);

}  // namespace imprint::label
