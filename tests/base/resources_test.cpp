#include "base/resources.h"

#include <cstdlib>
#include <gtest/gtest.h>

#include "base/files.h"

namespace imprint {
namespace {

namespace fs = std::filesystem;

TEST(ThisProgram, is_the_one_that_runs) {
    EXPECT_TRUE(fs::exists(this_program()));
    EXPECT_EQ(this_program().filename(), "base_tests");
}

TEST(FindResource, looks_where_the_environment_says_first) {
    const auto folder = TemporaryDirectory::create().value();
    ASSERT_TRUE(write_file(folder.path() / "thing", "x"));
    ASSERT_EQ(::setenv("IMPRINT_RESOURCES", folder.path().c_str(), 1), 0);
    EXPECT_EQ(find_resource("thing"), folder.path() / "thing");
    EXPECT_EQ(find_resource("imprint-no-such-thing"), std::nullopt);
    ASSERT_EQ(::setenv("IMPRINT_RESOURCES", "", 1), 0);
    EXPECT_EQ(find_resource("thing"), std::nullopt);
    ::unsetenv("IMPRINT_RESOURCES");
}

TEST(FindResource, looks_beside_the_program) {
    const fs::path beside = this_program().parent_path() / "resources";
    const bool made = fs::create_directory(beside);
    ASSERT_TRUE(write_file(beside / "imprint-test-thing", "x"));
    EXPECT_EQ(find_resource("imprint-test-thing"), beside / "imprint-test-thing");
    fs::remove(beside / "imprint-test-thing");
    if (made) fs::remove(beside);
}

}  // namespace
}  // namespace imprint
