#include <algorithm>
#include <gtest/gtest.h>

#include "base/digest.h"
#include "image/spiffs.h"
#include "image/support.h"

namespace imprint::image::spiffs {
namespace {

class SpiffsVectors : public ::testing::TestWithParam<image::testing::SpiffsVector> {};

std::string vector_name(const ::testing::TestParamInfo<image::testing::SpiffsVector>& info) {
    std::string name = info.param.name;
    std::ranges::replace(name, '-', '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(Reference, SpiffsVectors,
                         ::testing::ValuesIn(image::testing::spiffs_vectors()), vector_name);

TEST_P(SpiffsVectors, ours_is_the_references_byte_for_byte) {
    const auto& vector = GetParam();
    ASSERT_EQ(to_hex(imprint::sha256(vector.image)), vector.sha256);
    const auto built = build(vector.geometry, vector.files, Use::read_only);
    ASSERT_TRUE(built) << built.error().describe();
    EXPECT_EQ(to_hex(imprint::sha256(built->image)), vector.sha256);
    const auto differs = std::ranges::mismatch(built->image, vector.image);
    EXPECT_EQ(differs.in1, built->image.end())
        << "first difference at byte " << differs.in1 - built->image.begin();
}

TEST_P(SpiffsVectors, its_files_were_laid_down_in_byte_order) {
    const auto& files = GetParam().files;
    EXPECT_TRUE(std::ranges::is_sorted(files, [](const File& a, const File& b) {
        return std::ranges::lexicographical_compare(as_bytes(a.path), as_bytes(b.path));
    }));
}

TEST_P(SpiffsVectors, the_order_in_which_files_are_given_does_not_matter) {
    const auto& vector = GetParam();
    const std::vector<File> backwards(vector.files.rbegin(), vector.files.rend());
    const auto built = build(vector.geometry, backwards, Use::read_only);
    ASSERT_TRUE(built) << built.error().describe();
    EXPECT_TRUE(built->image == vector.image);
}

TEST_P(SpiffsVectors, reads_back_as_the_same_files) {
    const auto& vector = GetParam();
    const auto contents = read(vector.image, vector.geometry);
    ASSERT_TRUE(contents) << contents.error().describe();
    EXPECT_TRUE(contents->warnings.empty()) << contents->warnings.front();
    ASSERT_EQ(contents->files.size(), vector.files.size());
    for (std::size_t i = 0; i < vector.files.size(); ++i) {
        EXPECT_EQ(contents->files[i].path, vector.files[i].path);
        EXPECT_TRUE(contents->files[i].content == vector.files[i].content);
    }
}

TEST_P(SpiffsVectors, its_geometry_is_found_out_of_the_image) {
    const auto& vector = GetParam();
    const auto found = detect(vector.image);
    if (vector.files.empty() && !vector.geometry.use_magic) {
        EXPECT_FALSE(found);
        return;
    }
    ASSERT_TRUE(found) << found.error().describe();
    EXPECT_EQ(found->page_size, vector.geometry.page_size);
    EXPECT_EQ(found->block_size, vector.geometry.block_size);
    EXPECT_EQ(found->use_magic, vector.geometry.use_magic);
    EXPECT_EQ(found->big_endian, vector.geometry.big_endian);
    if (vector.geometry.use_magic) {
        EXPECT_EQ(found->use_magic_length, vector.geometry.use_magic_length);
    }
    const auto contents = read(vector.image, *found);
    ASSERT_TRUE(contents) << contents.error().describe();
    EXPECT_TRUE(contents->warnings.empty()) << contents->warnings.front();
    ASSERT_EQ(contents->files.size(), vector.files.size());
    for (std::size_t i = 0; i < vector.files.size(); ++i) {
        EXPECT_EQ(contents->files[i].path, vector.files[i].path);
        EXPECT_TRUE(contents->files[i].content == vector.files[i].content);
    }
}

}  // namespace
}  // namespace imprint::image::spiffs
