#include <gtest/gtest.h>

#include "base/error_code.h"
#include "image/spiffs.h"
#include "image/support.h"

namespace imprint::image::spiffs {
namespace {

using image::testing::pattern;

TEST(SpiffsDetect, other_bytes_are_no_spiffs) {
    for (const Bytes& bytes : {Bytes{}, Bytes(100, 0xFF), Bytes(0x10000, 0xFF), Bytes(0x10000, 0),
                               Bytes(0x10000, 0x22), pattern(0x10000)}) {
        const auto found = detect(bytes);
        ASSERT_FALSE(found);
        EXPECT_EQ(code_of(found), "spiffs_unrecognised");
    }
}

TEST(SpiffsDetect, an_empty_file_system_is_known_by_its_magic) {
    Geometry geometry;
    geometry.image_size = 0xF0000;
    const auto found = detect(build(geometry, {}).value().image);
    ASSERT_TRUE(found);
    EXPECT_EQ(*found, geometry);
}

TEST(SpiffsDetect, lengths_are_found_whatever_they_are) {
    for (const std::uint32_t name : {16U, 24U, 32U, 64U, 100U, 150U})
        for (const std::uint32_t metadata : {0U, 4U, 8U, 17U}) {
            Geometry geometry;
            geometry.image_size = 0x20000;
            geometry.name_length = name;
            geometry.metadata_length = metadata;
            const std::vector<File> files{
                {"/a", pattern(1)}, {"/bb.pem", pattern(1700)}, {"/c", pattern(30000)}};
            const Bytes image = build(geometry, files).value().image;
            const auto found = detect(image);
            ASSERT_TRUE(found);
            const auto contents = read(image, *found);
            ASSERT_TRUE(contents) << contents.error().describe();
            ASSERT_EQ(contents->files.size(), 3U);
            for (std::size_t i = 0; i < files.size(); ++i) {
                EXPECT_EQ(contents->files[i].path, files[i].path);
                EXPECT_TRUE(contents->files[i].content == files[i].content);
            }
        }
}

TEST(SpiffsDetect, a_dump_of_a_device_with_one_block_being_erased_is_known) {
    Geometry geometry;
    geometry.image_size = 0x10000;
    Bytes image = build(geometry, {{"/a", pattern(300)}}).value().image;
    put_u16(image, 0x7000 + 252, 0xFFFF);
    const auto found = detect(image);
    ASSERT_TRUE(found);
    EXPECT_EQ(*found, geometry);
}

TEST(SpiffsDetect, larger_pages_and_blocks_are_known) {
    for (const std::uint32_t page : {256U, 512U, 1024U})
        for (const std::uint32_t block : {4096U, 8192U, 65536U})
            for (const bool length : {true, false}) {
                Geometry geometry;
                geometry.image_size = 0x80000;
                geometry.page_size = page;
                geometry.block_size = block;
                geometry.use_magic_length = length;
                const Bytes image =
                    build(geometry, {{"/a", pattern(3000)}, {"/b", pattern(1)}}).value().image;
                const auto found = detect(image);
                ASSERT_TRUE(found);
                EXPECT_EQ(*found, geometry) << page << " " << block << " " << length;
            }
}

}  // namespace
}  // namespace imprint::image::spiffs
