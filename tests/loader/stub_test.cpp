#include "loader/stub.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_code.h"
#include "base/files.h"
#include "loader/chip.h"
#include "loader/shipped_stubs.h"

namespace imprint::loader {
namespace {

using ::testing::HasSubstr;

constexpr const char* whole =
    R"({"entry": 1074521580, "text": "AQIDBAUGBwg=", "text_start": 1074521576,
        "data": "/wA=", "data_start": 1073605544, "bss_start": 1073528832})";

TEST(Stub, is_read_from_esptool_js_json) {
    const auto stub = parse_stub(whole);
    ASSERT_TRUE(stub) << stub.error().describe();
    EXPECT_EQ(stub->entry, 0x400BE5ECU);
    EXPECT_EQ(stub->text_start, 0x400BE5E8U);
    EXPECT_EQ(stub->text, (Bytes{1, 2, 3, 4, 5, 6, 7, 8}));
    EXPECT_EQ(stub->data_start, 1073605544U);
    EXPECT_EQ(stub->data, (Bytes{0xFF, 0x00}));
}

TEST(Stub, may_have_no_data) {
    const auto stub = parse_stub(R"({"entry": 16, "text": "AQIDBA==", "text_start": 16})");
    ASSERT_TRUE(stub);
    EXPECT_TRUE(stub->data.empty());
}

TEST(Stub, that_lacks_something_is_refused) {
    for (const char* json :
         {"", "[]", "{}", "{\"entry\": 1}", R"({"entry": 16, "text": "", "text_start": 16})",
          R"({"entry": 16, "text": "?", "text_start": 16})",
          R"({"entry": -1, "text": "AQIDBA==", "text_start": 16})",
          R"({"entry": 4294967312, "text": "AQIDBA==", "text_start": 16})",
          R"({"entry": 20, "text": "AQIDBA==", "text_start": 16})",
          R"({"entry": 15, "text": "AQIDBA==", "text_start": 16})",
          R"({"entry": 16, "text": "AQIDBA==", "text_start": 16, "data": "AQ=="})",
          R"({"entry": 16, "text": 5, "text_start": 16})"}) {
        const auto stub = parse_stub(json);
        ASSERT_FALSE(stub) << json;
        EXPECT_EQ(code_of(stub), "stub_damaged");
        EXPECT_EQ(stub.error().kind, ErrorKind::config);
    }
}

TEST(Stub, a_missing_file_is_named) {
    const auto folder = TemporaryDirectory::create().value();
    const auto stub = load_stub(folder.path(), "esp32");
    ASSERT_FALSE(stub);
    EXPECT_EQ(code_of(stub), "stub_missing");
    EXPECT_THAT(stub.error().message, HasSubstr("esp32.json"));
}

TEST(Stub, the_one_that_ships_is_there_for_every_chip) {
    const auto& folder = shipped_stubs();
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << "npm ci was not run";
    for (const Chip& chip : chips()) {
        const auto stub = load_stub(folder, chip.key);
        ASSERT_TRUE(stub) << stub.error().describe();
        EXPECT_GT(stub->text.size(), 1000U) << chip.name;
        EXPECT_FALSE(stub->data.empty()) << chip.name;
    }
}

}  // namespace
}  // namespace imprint::loader
