// Images that SPIFFS itself has written, with power that failed: what it reads of them, we read.
#include <algorithm>
#include <gtest/gtest.h>

#include "base/digest.h"
#include "image/spiffs.h"
#include "image/support.h"

namespace imprint::image::spiffs {
namespace {

class SpiffsLived : public ::testing::TestWithParam<image::testing::LivedImage> {
  protected:
    // Every file that SPIFFS lists, with as much of it as SPIFFS reads, and no other.
    static void expect_same(const Contents& contents) {
        const auto& files = GetParam().files;
        EXPECT_EQ(contents.files.size() + contents.partial.size(), files.size());
        for (const auto& file : files) {
            SCOPED_TRACE(file.path);
            const auto whole = std::ranges::find(contents.files, file.path, &File::path);
            const auto partial =
                std::ranges::find(contents.partial, file.path,
                                  [](const PartialFile& each) { return each.file.path; });
            if (file.whole) {
                ASSERT_NE(whole, contents.files.end());
                EXPECT_EQ(to_hex(imprint::sha256(whole->content)), file.sha256);
            } else {
                ASSERT_NE(partial, contents.partial.end());
                EXPECT_EQ(partial->size, file.size);
                EXPECT_EQ(partial->file.content.size(), file.read);
                EXPECT_EQ(to_hex(imprint::sha256(partial->file.content)), file.sha256);
                EXPECT_FALSE(partial->problem.empty());
            }
        }
    }
};

std::string lived_name(const ::testing::TestParamInfo<image::testing::LivedImage>& info) {
    std::string name = info.param.name;
    std::ranges::replace(name, '-', '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(Device, SpiffsLived, ::testing::ValuesIn(image::testing::lived_images()),
                         lived_name);

TEST_P(SpiffsLived, is_read_as_the_device_reads_it) {
    const auto contents = read(GetParam().image, GetParam().geometry);
    ASSERT_TRUE(contents) << contents.error().describe();
    expect_same(*contents);
}

TEST_P(SpiffsLived, is_recognised_and_read_by_what_was_recognised) {
    const auto found = detect(GetParam().image);
    ASSERT_TRUE(found) << found.error().describe();
    EXPECT_EQ(found->page_size, GetParam().geometry.page_size);
    EXPECT_EQ(found->block_size, GetParam().geometry.block_size);
    const auto contents = read(GetParam().image, *found);
    ASSERT_TRUE(contents) << contents.error().describe();
    expect_same(*contents);
}

}  // namespace
}  // namespace imprint::image::spiffs
