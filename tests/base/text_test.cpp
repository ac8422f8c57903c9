#include "base/text.h"

#include <gtest/gtest.h>

namespace imprint {
namespace {

TEST(ReplaceAll, replaces_every_one_and_looks_at_nothing_twice) {
    EXPECT_EQ(replace_all("a-b-a", "a", "aa"), "aa-b-aa");
    EXPECT_EQ(replace_all("xxx", "x", ""), "");
    EXPECT_EQ(replace_all("none", "{mac}", "m"), "none");
    EXPECT_EQ(replace_all("", "a", "b"), "");
    EXPECT_EQ(replace_all("aaa", "aa", "a"), "aa");
}

}  // namespace
}  // namespace imprint
