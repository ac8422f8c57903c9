#include "policy/condition.h"

#include <gmock/gmock.h>

namespace imprint::policy {
namespace {

using ::testing::HasSubstr;

Context context() {
    return {.client_id = "lamp-7",
            .thing = Thing{.name = "lamp-7", .type = "lamp", .attributes = {{"line", "7"}}},
            .certificate_id = "c0ffee",
            .source_ip = "192.0.2.77",
            .domain_name = {},
            .certificate = {{"Subject.Organization", {"One", "Two"}}}};
}

struct Row {
    const char* operation;
    const char* key;
    std::vector<std::string> values;
    Held held;
};

TEST(PolicyCondition, operators_hold_as_iam_says) {
    constexpr const char* type = "iot:Connection.Thing.ThingTypeName";
    constexpr const char* list = "iot:Certificate.Subject.Organization.List";
    constexpr const char* missing = "iot:DomainName";
    for (const Row& row : {
             Row{"StringEquals", type, {"x", "lamp"}, Held::yes},
             Row{"StringEquals", type, {"Lamp"}, Held::no},
             Row{"StringEquals", type, {"l*"}, Held::no},
             Row{"StringEquals", type, {"${iot:Connection.Thing.ThingTypeName}"}, Held::yes},
             Row{"StringEqualsIgnoreCase", type, {"LAMP"}, Held::yes},
             Row{"StringNotEquals", type, {"x", "lamp"}, Held::no},
             Row{"StringNotEquals", type, {"x", "y"}, Held::yes},
             Row{"StringNotEqualsIgnoreCase", type, {"LAMP"}, Held::no},
             Row{"StringLike", type, {"l?m*"}, Held::yes},
             Row{"StringLike", type, {"l${*}"}, Held::no},
             Row{"StringNotLike", type, {"l*"}, Held::no},
             Row{"Bool", "iot:Connection.Thing.IsAttached", {"true"}, Held::yes},
             Row{"Bool", "iot:Connection.Thing.IsAttached", {"False"}, Held::no},
             Row{"IpAddress", "aws:SourceIp", {"192.0.2.0/24"}, Held::yes},
             Row{"IpAddress", "aws:SourceIp", {"192.0.2.64/29", "192.0.2.77"}, Held::yes},
             Row{"IpAddress", "aws:SourceIp", {"192.0.2.64/29", "2001:db8::/32"}, Held::no},
             Row{"NotIpAddress", "aws:SourceIp", {"192.0.2.0/24"}, Held::no},
             Row{"IpAddress", "aws:SourceIp", {"0.0.0.0/0"}, Held::yes},
             Row{"Null", missing, {"true"}, Held::yes},
             Row{"Null", missing, {"false"}, Held::no},
             Row{"Null", type, {"false"}, Held::yes},
             // A key without a value.
             Row{"StringEquals", missing, {"x"}, Held::no},
             Row{"StringEqualsIfExists", missing, {"x"}, Held::yes},
             Row{"StringNotEquals", missing, {"x"}, Held::yes},
             Row{"ForAllValues:StringEquals", missing, {"x"}, Held::yes},
             Row{"ForAnyValue:StringEquals", missing, {"x"}, Held::no},
             Row{"ForAnyValue:StringNotEquals", missing, {"x"}, Held::no},
             Row{"StringEqualsIfExists", type, {"x"}, Held::no},
             // A key with several.
             Row{"ForAllValues:StringEquals", list, {"One", "Two", "Three"}, Held::yes},
             Row{"ForAllValues:StringEquals", list, {"One"}, Held::no},
             Row{"ForAnyValue:StringEquals", list, {"One"}, Held::yes},
             Row{"ForAnyValue:StringNotEquals", list, {"One"}, Held::yes},
             Row{"ForAllValues:StringNotEquals", list, {"One"}, Held::no},
             Row{"StringEquals", list, {"Two"}, Held::yes},
             Row{"StringNotEquals", list, {"Two"}, Held::no},
         }) {
        const Weighed weighed = weigh(
            {.operation = row.operation, .key = row.key, .values = row.values}, true, context());
        EXPECT_EQ(weighed.held, row.held)
            << row.operation << ' ' << row.key << ' ' << row.values[0] << ": " << weighed.why;
        EXPECT_EQ(weighed.why.empty(), row.held == Held::yes);
    }
}

TEST(PolicyCondition, what_is_not_known_is_said_and_never_weighed) {
    for (const Row& row : {
             Row{"NumericEquals", "iot:ClientId", {"1"}, Held::cannot_evaluate},
             Row{"stringequals", "iot:ClientId", {"lamp-7"}, Held::cannot_evaluate},
             Row{"ForSomeValues:StringEquals", "iot:ClientId", {"lamp-7"}, Held::cannot_evaluate},
             Row{"NullIfExists", "iot:ClientId", {"true"}, Held::cannot_evaluate},
             Row{"StringEquals", "aws:username", {"x"}, Held::cannot_evaluate},
             Row{"Bool", "iot:Connection.Thing.IsAttached", {"yes"}, Held::cannot_evaluate},
             Row{"NotIpAddress", "aws:SourceIp", {"192.0.2.0/33"}, Held::cannot_evaluate},
             Row{"NotIpAddress", "aws:SourceIp", {"here"}, Held::cannot_evaluate},
         }) {
        const Condition condition{.operation = row.operation, .key = row.key, .values = row.values};
        EXPECT_EQ(weigh(condition, true, context()).held, row.held) << row.operation;
        EXPECT_NE(unweighable_part(condition), "") << row.operation;
    }
}

TEST(PolicyCondition, a_variable_without_value_is_named) {
    const Weighed weighed = weigh(
        {.operation = "StringNotEquals", .key = "iot:ClientId", .values = {"${iot:DomainName}"}},
        true, context());
    EXPECT_EQ(weighed.held, Held::no_value);
    EXPECT_THAT(weighed.why, HasSubstr("iot:DomainName"));
}

}  // namespace
}  // namespace imprint::policy
