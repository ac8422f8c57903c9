// What the doctor says of the build line, without running any of it.
#include <filesystem>
#include <gtest/gtest.h>

#include "base/files.h"
#include "station/doctor/run_checks.h"

namespace imprint::station::doctor {
namespace {

class BuildLine : public ::testing::Test {
  protected:
    BuildLine() {
        EXPECT_TRUE(write_file(folder_.path() / "export.sh", "true\n"));
        EXPECT_TRUE(write_file(folder_.path() / "an export.sh", "true\n"));
    }

    [[nodiscard]] bool is_well(const std::string& line) const {
        Checks checks;
        check_build_line(line, folder_.path(), checks);
        EXPECT_EQ(checks.all().size(), 1U) << line;
        return checks.all().front().health == Health::ok;
    }

    TemporaryDirectory folder_ = TemporaryDirectory::create().value();
};

TEST_F(BuildLine, nothing_of_it_is_run) {
    for (const char* line :
         {". ./export.sh$(touch made)", ". ./export.sh | touch made", ". `touch made`",
          ". \"$(touch made)\"", ". ./export.sh & touch made", "$(touch made)", "\"`touch made`\"",
          ". ./x | touch made", ". ./export.sh\ntouch made", ". ${A:=$(touch made)}",
          "X=$(touch made) make", "export.sh>made", ". ./export.sh || touch made"})
        static_cast<void>(is_well(line));
    EXPECT_FALSE(std::filesystem::exists(folder_.path() / "made"));
}

TEST_F(BuildLine, what_is_missing_is_told_and_what_only_a_shell_knows_is_not) {
    for (const char* line :
         {"sh -c true", ". ./export.sh && idf.py build", "source ./export.sh; no-such-tool",
          ". './an export.sh' && idf.py build", ". $(pwd)/missing.sh && idf.py build",
          "X=1 no-such-tool", "(cd x; make)", "cd . && sh"})
        EXPECT_TRUE(is_well(line)) << line;
    for (const char* line :
         {"no-such-tool build", "sh -c true && no-such-tool", ". ./missing.sh && idf.py build",
          ". ./export.sh && . ./missing.sh", ". \"./missing.sh\"", "$NO_SUCH_VARIABLE/tool build",
          ". $NO_SUCH_VARIABLE/export.sh", ". ${NO_SUCH_VARIABLE}/export.sh"})
        EXPECT_FALSE(is_well(line)) << line;
}

TEST_F(BuildLine, a_variable_and_the_home_folder_have_their_values) {
    ASSERT_EQ(::setenv("IMPRINT_TEST_PLACE", folder_.path().c_str(), 1), 0);
    for (const char* line : {". $IMPRINT_TEST_PLACE/export.sh", ". ${IMPRINT_TEST_PLACE}/export.sh",
                             ". \"$IMPRINT_TEST_PLACE/an export.sh\""})
        EXPECT_TRUE(is_well(line)) << line;
    EXPECT_FALSE(is_well(". '$IMPRINT_TEST_PLACE/export.sh'"));
    EXPECT_FALSE(is_well(". ~/no-such-folder-here/export.sh"));
    ::unsetenv("IMPRINT_TEST_PLACE");
}

}  // namespace
}  // namespace imprint::station::doctor
