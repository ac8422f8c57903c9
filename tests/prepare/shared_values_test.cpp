#include "prepare/shared_values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_code.h"

namespace imprint::prepare {
namespace {

using ::testing::HasSubstr;

class SharedValues : public testing::Test {
  protected:
    void expect_refused(const std::string& lot, const char* code, ErrorKind kind,
                        const char* words) {
        const auto checked = check_shared_values(settings_, lot);
        ASSERT_FALSE(checked) << lot;
        EXPECT_EQ(code_of(checked), code);
        EXPECT_EQ(checked.error().kind, kind);
        EXPECT_THAT(checked.error().describe(), HasSubstr(words));
    }

    IdentitySettings settings_;
};

TEST_F(SharedValues, what_aws_iot_takes_is_taken) {
    settings_.attributes = {{"lot", "{lot}"}, {"board", "{mac}"}, {"line", "7"}};
    for (const char* lot : {"", "order-17", "a_b.c,d@e/f:g#h=i[j]-k"})
        EXPECT_TRUE(check_shared_values(settings_, lot)) << lot;
    settings_.attributes.clear();
    EXPECT_TRUE(check_shared_values(settings_, "Auftrag 17, Größe M")) << "the ledger takes any";
    EXPECT_TRUE(check_shared_values(settings_, std::string(255, 'x')));
}

TEST_F(SharedValues, a_thing_is_in_ten_groups_at_most) {
    settings_.thing_groups = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "a"};
    EXPECT_TRUE(check_shared_values(settings_, "")) << "one of them is there twice";
    settings_.thing_groups.emplace_back("k");
    expect_refused("", "config_value", ErrorKind::config, "at most 10 groups");
}

TEST_F(SharedValues, a_lot_that_an_attribute_cannot_have_is_refused_with_one_that_it_can) {
    settings_.attributes = {{"lot", "{lot}"}};
    expect_refused("order 17", "lot", ErrorKind::usage, "try --lot order-17");
    expect_refused("Größe", "lot", ErrorKind::usage, "the attribute lot takes letters");
    expect_refused("Größe", "lot", ErrorKind::usage, "try --lot Gr--e");
}

TEST_F(SharedValues, a_lot_that_boards_could_not_read_is_refused) {
    expect_refused(std::string(256, 'x'), "lot", ErrorKind::usage, "256 bytes");
    expect_refused("a\nb", "lot", ErrorKind::usage, "control character");
    for (const char* formula : {"=1+1", "+1", "-order", "@order"})
        expect_refused(formula, "lot", ErrorKind::usage, "takes for a formula");
    expect_refused("order\xFC", "lot", ErrorKind::usage, "no UTF-8");
    expect_refused("L\xE2\x82", "lot", ErrorKind::usage, "no UTF-8");
}

TEST_F(SharedValues, a_name_or_value_that_the_lot_makes_too_long_is_refused) {
    settings_.thing_name = "{lot}-{mac}";
    EXPECT_TRUE(check_shared_values(settings_, std::string(115, 'x')));
    expect_refused(std::string(116, 'x'), "lot", ErrorKind::usage, "129 characters");
    expect_refused("a.b", "lot", ErrorKind::usage, "a thing's name takes");
    settings_.thing_name = "{mac}";
    settings_.attributes = {{"lot", "{lot}{lot}{lot}{lot}"}};
    EXPECT_TRUE(check_shared_values(settings_, std::string(200, 'x')));
    expect_refused(std::string(201, 'x'), "lot", ErrorKind::usage, "804 characters");
}

TEST_F(SharedValues, attributes_are_counted_as_they_are_sent) {
    settings_.attributes = {{"a", "1"}, {"b", "2"}, {"c", "3"}, {"d", "{lot}"}};
    EXPECT_TRUE(check_shared_values(settings_, "")) << "an empty one is not sent";
    expect_refused("x", "config_value", ErrorKind::config, "at most 3 attributes, not 4");
    settings_.thing_type = "lamp";
    EXPECT_TRUE(check_shared_values(settings_, "x"));
}

TEST_F(SharedValues, a_serial_number_is_looked_at_when_it_is_known) {
    settings_.attributes = {{"serial", "SN-{serial}"}, {"board", "{mac}"}};
    EXPECT_TRUE(check_shared_values(settings_, "lot-7"));
    EXPECT_TRUE(check_serial_value(settings_, "T-202648-00007"));
    EXPECT_EQ(code_of(check_serial_value(settings_, "T 7")), "serial_bad");
    settings_.attributes = {{"board", "{mac}"}};
    EXPECT_TRUE(check_serial_value(settings_, "T 7")) << "it goes nowhere";
}

}  // namespace
}  // namespace imprint::prepare
