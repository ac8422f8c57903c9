// Evaluates the conditions of a statement.
// Source: IAM user guide, "IAM JSON policy elements: Condition operators" (operators, …IfExists,
// what a missing key does) and "Conditions with multiple keys or values" (ForAllValues,
// ForAnyValue; a negated operator wants none of its values). AWS IoT's guide uses them and lists
// none of its own. Known here: StringEquals, StringNotEquals, their IgnoreCase, StringLike,
// StringNotLike, Bool, IpAddress, NotIpAddress, Null. Numbers, dates, binaries and ARNs have no key
// of AWS IoT that they would fit.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "policy/context.h"
#include "policy/document.h"

namespace imprint::policy {

enum class Held : std::uint8_t {
    yes,
    no,
    no_value,         // it names a variable without a value here: the statement does not match
    cannot_evaluate,  // unknown operator or key, or an invalid value: see evaluate.h
};

struct Weighed {
    Held held = Held::no;
    std::string why;  // unless it held: "iot:Connection.Thing.IsAttached is false, not true"
};

[[nodiscard]] Weighed weigh(const Condition& condition, bool variables, const Context& context);

// The part that cannot be evaluated for anybody; empty: none.
[[nodiscard]] std::string unweighable_part(const Condition& condition);

}  // namespace imprint::policy
