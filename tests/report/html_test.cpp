#include "report/html.h"

#include <gmock/gmock.h>

namespace imprint::report {
namespace {

TEST(HtmlTest, nothing_of_a_text_is_markup) {
    EXPECT_EQ(escaped("<script>alert('a & \"b\"')</script>"),
              "&lt;script&gt;alert(&#39;a &amp; &quot;b&quot;&#39;)&lt;/script&gt;");
    EXPECT_EQ(escaped("Größe 5 µ, 木, 🙂"), "Größe 5 µ, 木, 🙂");
}

TEST(HtmlTest, what_is_no_text_becomes_question_marks) {
    EXPECT_EQ(escaped(std::string_view("a\0b\x1b[1m\x7f", 8)), "a?b?[1m?");
    EXPECT_EQ(escaped("\xff|\xc0\xaf|\xed\xa0\x80|\xf4\x90\x80\x80|\xe2\x82"), "?|??|???|????|??");
    EXPECT_EQ(escaped("two\nlines\t"), "two\nlines\t");
}

}  // namespace
}  // namespace imprint::report
