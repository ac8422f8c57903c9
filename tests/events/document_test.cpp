// docs/events.md says what the events say.
#include "events/document.h"

#include <gmock/gmock.h>
#include <set>

#include "base/error_code.h"
#include "base/files.h"

namespace imprint::events {
namespace {

using ::testing::HasSubstr;

TEST(DocumentTest, in_the_tree_is_what_the_events_say) {
    const auto text = read_text(IMPRINT_SOURCE_DIR "/docs/events.md");
    ASSERT_TRUE(text) << text.error().describe();
    const auto written = with_tables(*text);
    ASSERT_TRUE(written) << written.error().describe();
    EXPECT_TRUE(*text == *written) << "write it anew: ninja -C build events_document";
}

TEST(DocumentTest, has_a_section_for_each_link) {
    const std::string tables = document_tables();
    for (std::size_t at = tables.find("](#"); at != std::string::npos;
         at = tables.find("](#", at + 1)) {
        const std::size_t begin = tables.rfind('[', at) + 1;
        std::string heading = tables.substr(begin, at - begin);
        heading[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(heading[0])));
        EXPECT_THAT(tables, HasSubstr("\n### " + heading + "\n"));
    }
}

TEST(DocumentTest, shows_what_is_inside_a_member) {
    const std::string tables = document_tables();
    EXPECT_THAT(tables, HasSubstr("| `file_list[].size` | integer, bytes | of the file |\n"));
    EXPECT_THAT(tables, HasSubstr("| `facts` | object of strings |"));
    EXPECT_THAT(tables, HasSubstr("| `retired` | integer |"));
    EXPECT_THAT(tables, HasSubstr("| `done` | time, or empty |"));
    EXPECT_THAT(tables, HasSubstr("| `status` | [status of a certificate](#status-of-a-certificate)"
                                  ", optional |"));
}

TEST(DocumentTest, keeps_what_stands_around_the_tables) {
    const std::string text = read_text(IMPRINT_SOURCE_DIR "/docs/events.md").value();
    const std::size_t first = text.find("<!--");
    const std::size_t last = text.rfind("-->");
    const auto written = with_tables(text.substr(0, first) + "mine\n" + text.substr(first, 100) +
                                     text.substr(last - 30) + "and mine\n");
    ASSERT_TRUE(written) << written.error().describe();
    EXPECT_THAT(*written, HasSubstr("mine\n<!--"));
    EXPECT_TRUE(written->ends_with("and mine\n"));
    EXPECT_EQ(code_of(with_tables("no marks")), "document_marks");
}

}  // namespace
}  // namespace imprint::events
