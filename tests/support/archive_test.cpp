// What is packed is what Debian's tar unpacks.
#include "support/archive.h"

#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "base/process.h"

namespace imprint::support {
namespace {

using ::testing::HasSubstr;

TEST(Archive, tar_unpacks_what_was_packed) {
    const auto folder = TemporaryDirectory::create().value();
    const auto file = folder.path() / "report.tar.gz";
    std::string long_text;
    for (int line = 0; line < 20'000; ++line)
        long_text += std::to_string(line) + "\n";
    const std::vector<PackedFile> files{{"empty.txt", "", ""},
                                        {"block.txt", std::string(512, 'x'), ""},
                                        {"long.txt", long_text, ""},
                                        {"zeros.bin", std::string("a\0b", 3), ""}};
    const WallTime then = parse_iso8601("2026-11-30T12:00:00Z").value();
    ASSERT_TRUE(write_file(file, pack("a-report", files, then), FileMode::secret));
    const auto listed = run_command({{"tar", "-tvzf", file.string()}, {}, {{"TZ", "UTC"}}, {}});
    ASSERT_TRUE(listed);
    EXPECT_THAT(listed->text, HasSubstr("-rw-------"));
    EXPECT_THAT(listed->text, HasSubstr("2026-11-30 12:00 a-report/empty.txt"));
    const auto unpacked =
        run_command({{"tar", "-xzf", file.string(), "-C", folder.path().string()}, {}, {}, {}});
    ASSERT_TRUE(unpacked);
    ASSERT_EQ(unpacked->status, 0) << unpacked->text;
    EXPECT_EQ(unpacked->text, "");
    for (const auto& one : files)
        EXPECT_EQ(read_text(folder.path() / "a-report" / one.name).value(), one.text) << one.name;
}

}  // namespace
}  // namespace imprint::support
