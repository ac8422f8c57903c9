#include "prepare/event.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace imprint::prepare {
namespace {

TEST(Event, is_one_line_of_json_with_its_version_first) {
    const Event event{"board_passed",
                      WallTime(std::chrono::seconds(1'700'000'000)),
                      "bay0",
                      parse_mac("246f28aabbcc"),
                      {{"thing", std::string("246f28aabbcc")},
                       {"retired", std::int64_t{2}},
                       {"seconds", 1.5},
                       {"fast", true}}};
    EXPECT_EQ(
        to_json(event),
        R"({"v":1,"event":"board_passed","time":"2023-11-14T22:13:20.000Z","bay":"bay0",)"
        R"("mac":"246f28aabbcc","thing":"246f28aabbcc","retired":2,"seconds":1.5,"fast":true})");
}

TEST(Event, without_bay_and_board_leaves_them_out) {
    EXPECT_EQ(to_json(Event{"note", WallTime{}, {}, {}, {}}),
              R"({"v":1,"event":"note","time":"1970-01-01T00:00:00.000Z"})");
}

TEST(Event, stays_one_valid_line_whatever_a_board_prints) {
    std::string hostile;
    for (int byte = 0; byte < 256; ++byte)
        hostile += static_cast<char>(byte);
    const std::string line = to_json(Event{"board_console", {}, "b", {}, {{"line", hostile}}});
    EXPECT_EQ(line.find('\n'), std::string::npos);
    EXPECT_TRUE(nlohmann::json::accept(line));
}

TEST(Event, finds_its_details_by_name) {
    const Event event{"x", {}, {}, {}, {{"a", std::int64_t{1}}}};
    ASSERT_NE(event.detail("a"), nullptr);
    EXPECT_EQ(std::get<std::int64_t>(*event.detail("a")), 1);
    EXPECT_EQ(event.detail("b"), nullptr);
}

}  // namespace
}  // namespace imprint::prepare
