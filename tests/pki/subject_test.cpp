#include "pki/subject.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/error_code.h"

namespace imprint::pki {
namespace {

using ::testing::HasSubstr;

TEST(Subject, is_read_in_its_order_with_escapes) {
    const auto subject = parse_subject("O=Example\\, Sons \\\\ Co , CN=246f28a1b2c3,C=DE");
    ASSERT_TRUE(subject) << subject.error().describe();
    EXPECT_EQ(*subject,
              (Subject{{"O", "Example, Sons \\ Co"}, {"CN", "246f28a1b2c3"}, {"C", "DE"}}));
}

TEST(Subject, says_what_is_wrong_with_it) {
    const auto why = [](const char* text) {
        const auto subject = parse_subject(text);
        EXPECT_FALSE(subject) << text;
        if (subject) return std::string();
        EXPECT_EQ(code_of(subject), "subject_invalid");
        return subject.error().message;
    };
    EXPECT_THAT(why(""), HasSubstr("needs one CN"));
    EXPECT_THAT(why("O=x"), HasSubstr("needs one CN"));
    EXPECT_THAT(why("CN=a, CN=b"), HasSubstr("needs one CN"));
    EXPECT_THAT(why("CN"), HasSubstr("has no \"=\""));
    EXPECT_THAT(why("CN="), HasSubstr("CN is empty"));
    EXPECT_THAT(why("CN=a, NN=b"), HasSubstr("\"NN\" is no type"));
    EXPECT_THAT(why("CN=a\xA9"), HasSubstr("CN is not UTF-8"));
    EXPECT_THAT(why("CN=a, C=DEU"), HasSubstr("C has 3 characters, 2 are allowed"));
    EXPECT_THAT(why(("CN=" + std::string(65, 'x')).c_str()), HasSubstr("64 are allowed"));
}

RC_GTEST_PROP(Subject, no_text_breaks_it, (const std::string& text)) {
    const auto subject = parse_subject(text);
    if (subject) RC_ASSERT(!subject->empty());
}

RC_GTEST_PROP(Subject, any_value_that_is_escaped_comes_back, ()) {
    const auto value =
        *rc::gen::container<std::string>(rc::gen::elementOf(std::string("aZ,\\=+ \"")));
    const auto first = value.find_first_not_of(' ');
    RC_PRE(first != std::string::npos && value.size() <= 64);
    std::string escaped;
    for (const char c : value)
        escaped += (c == ',' || c == '\\') ? std::string{'\\', c} : std::string{c};
    const auto subject = parse_subject("CN=" + escaped);
    RC_ASSERT(subject.has_value());
    RC_ASSERT(subject->front().value ==
              value.substr(first, value.find_last_not_of(' ') - first + 1));
}

}  // namespace
}  // namespace imprint::pki
