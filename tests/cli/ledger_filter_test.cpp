#include "cli/ledger_filter.h"

#include <gtest/gtest.h>

#include "base/error_code.h"
#include "base/files.h"

namespace imprint::cli {
namespace {

std::string read(const std::string& text, bool end_of_day = false) {
    const auto time = parse_time(text, end_of_day);
    return time ? to_iso8601(*time) : code_of(time);
}

TEST(FilterTime, a_date_with_or_without_a_time_is_utc) {
    EXPECT_EQ(read("2026-11-28"), "2026-11-28T00:00:00.000Z");
    EXPECT_EQ(read("2026-11-28", true), "2026-11-29T00:00:00.000Z") << "the whole of that day";
    EXPECT_EQ(read("2026-11-28T14:30"), "2026-11-28T14:30:00.000Z");
    EXPECT_EQ(read("2026-11-28T14:30", true), "2026-11-28T14:30:00.000Z");
    EXPECT_EQ(read(" 2026-11-28 14:30:15Z "), "2026-11-28T14:30:15.000Z");
    EXPECT_EQ(read("2024-02-29"), "2024-02-29T00:00:00.000Z");
}

TEST(FilterTime, what_is_no_time_is_told) {
    for (const char* text :
         {"", "yesterday", "2026-11", "2026-13-01", "2025-02-29", "2026-11-28T24:00",
          "2026-11-28T14:60", "28.11.2026", "2026-11-28T14:30+01:00", "2026-1-2"})
        EXPECT_EQ(read(text), "bad_time") << text;
}

TEST(FilterWords, each_says_which_attempts_are_wanted) {
    FilterWords words;
    words.lot = "A7";
    words.since = "2026-11-28";
    words.until = "2026-11-28";
    words.boards = {"24:6f:28:a1:b2:c3"};
    const auto filter = words.read().value();
    ledger::AttemptRecord one;
    one.mac = parse_mac("246f28a1b2c3");
    one.lot = "A7";
    one.started = parse_time("2026-11-28T23:59", false).value();
    EXPECT_TRUE(filter.wants(one));
    auto other = one;
    other.lot = "A8";
    EXPECT_FALSE(filter.wants(other));
    other = one;
    other.mac = parse_mac("246f28a1b2c4");
    EXPECT_FALSE(filter.wants(other));
    other.mac = std::nullopt;
    EXPECT_FALSE(filter.wants(other));
    other = one;
    other.started = parse_time("2026-11-29", false).value();
    EXPECT_FALSE(filter.wants(other));
    other.started = parse_time("2026-11-27T23:59:59", false).value();
    EXPECT_FALSE(filter.wants(other));
    EXPECT_TRUE(filter.ends_at(other)) << "all that follow are older";
    EXPECT_TRUE(FilterWords{}.read().value().wants({})) << "nothing is asked for: all";
}

TEST(FilterWords, boards_come_from_a_file_as_well) {
    const auto folder = *TemporaryDirectory::create();
    const auto path = folder.path() / "boards";
    ASSERT_TRUE(write_file(path, "246f28a1b2c3\n24:6F:28:A1:B2:C4\n\n"));
    FilterWords words;
    words.boards_file = path.string();
    EXPECT_EQ(words.read()->boards.size(), 2U);
    ASSERT_TRUE(write_file(path, "246f28a1b2c3\nnot a mac\n"));
    EXPECT_EQ(code_of(words.read()), "bad_mac");
    ASSERT_TRUE(write_file(path, "\n"));
    EXPECT_EQ(code_of(words.read()), "bad_mac") << "an empty list is not all boards";
    words.boards_file = (folder.path() / "none").string();
    EXPECT_EQ(code_of(words.read()), "file_missing");
}

}  // namespace
}  // namespace imprint::cli
