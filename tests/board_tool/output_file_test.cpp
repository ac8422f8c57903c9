#include "board_tool/output_file.h"

#include <gtest/gtest.h>

#include "base/error_code.h"
#include "base/files.h"

namespace imprint::board_tool {
namespace {

namespace fs = std::filesystem;

class OutputFile : public ::testing::Test {
  protected:
    [[nodiscard]] std::size_t files() const {
        return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_.path()), {}));
    }

    void expect_refused(const fs::path& path, std::uint64_t size = 1) {
        const auto checked = check_output(path, size);
        ASSERT_FALSE(checked) << path;
        EXPECT_EQ(code_of(checked), "file_unwritable");
        EXPECT_EQ(checked.error().kind, ErrorKind::config);
        EXPECT_NE(checked.error().message.find(path.string()), std::string::npos);
    }

    TemporaryDirectory folder_ = TemporaryDirectory::create().value();
};

TEST_F(OutputFile, what_can_be_written_is_tried_and_nothing_is_left) {
    EXPECT_TRUE(check_output(folder_.path() / "flash.bin", 1U << 20));
    EXPECT_EQ(files(), 0U);
    const fs::path there = folder_.path() / "there.bin";
    ASSERT_TRUE(write_file(there, std::string_view("kept")));
    EXPECT_TRUE(check_output(there, 1U << 20));
    EXPECT_EQ(read_text(there).value(), "kept");
    EXPECT_EQ(files(), 1U);
    EXPECT_TRUE(check_output("/dev/null", 1U << 20));
}

TEST_F(OutputFile, what_cannot_be_written_is_refused) {
    expect_refused(folder_.path() / "missing" / "flash.bin");
    expect_refused(folder_.path());
    expect_refused("/proc/flash.bin");
    // More than any disk has.
    expect_refused(folder_.path() / "flash.bin", 1ULL << 60);
    EXPECT_EQ(files(), 0U);
}

}  // namespace
}  // namespace imprint::board_tool
