#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_code.h"
#include "image_tool/commands.h"
#include "image_tool/samples.h"
#include "image_tool/scratch.h"

namespace imprint::image_tool {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Unpack : public testing::Scratch {
  protected:
    void expect_refused(ByteView bytes, const std::string& code, const std::string& words,
                        const UnpackOptions& options = {}) const {
        put("image.bin", bytes);
        const std::size_t before = entries();
        const auto report = unpack(at("image.bin"), at("out"), options);
        ASSERT_FALSE(report) << words;
        EXPECT_EQ(code_of(report), code);
        EXPECT_THAT(report.error().describe(), HasSubstr(words));
        EXPECT_EQ(entries(), before) << "something was left behind";
    }

    [[nodiscard]] static Bytes image_of(const std::vector<image::spiffs::File>& files) {
        image::spiffs::Geometry geometry;
        geometry.image_size = 0x10000;
        return image::spiffs::build(geometry, files).value().image;
    }
};

TEST_F(Unpack, writes_the_files_and_keeps_a_key_to_its_owner) {
    put("image.bin", testing::sample_spiffs());
    const auto report = unpack(at("image.bin"), at("deep/er/out"));
    ASSERT_TRUE(report) << report.error().describe();
    EXPECT_THAT(report->files, ElementsAre("/certificate.pem.crt", "/certs/device.pem", "/empty"));
    EXPECT_TRUE(report->holds_private_key);
    EXPECT_EQ(read_text(at("deep/er/out/certificate.pem.crt")).value(), std::string(1200, 'c'));
    EXPECT_EQ(read_text(at("deep/er/out/empty")).value(), "");
    EXPECT_EQ(mode_of(at("deep/er/out/certs/device.pem")), 0600U);
    EXPECT_EQ(mode_of(at("deep/er/out")), 0700U);
    EXPECT_EQ(entries(), 8U);
}

TEST_F(Unpack, makes_again_what_was_packed) {
    put("image.bin", testing::sample_spiffs());
    ASSERT_TRUE(unpack(at("image.bin"), at("out")));
    SpiffsCommand command;
    command.image_size = 0x10000;
    command.base_dir = at("out");
    command.output_file = at("again.bin");
    ASSERT_TRUE(make_spiffs(command));
    EXPECT_TRUE(read_file(at("again.bin")).value() == testing::sample_spiffs());
}

TEST_F(Unpack, a_name_cannot_lead_out_of_the_folder) {
    for (const char* name : {"/../evil", "/a/../../evil", "/..", "/./a", "//etc/passwd", "/a//b"})
        expect_refused(image_of({{"/fine", {}}, {name, Bytes(3, 'x')}}), "unpack_name", name);
    EXPECT_FALSE(fs::exists(at("evil")));
}

TEST_F(Unpack, a_name_cannot_be_file_and_folder_at_once) {
    expect_refused(image_of({{"/a", {}}, {"/a/b", {}}}), "unpack_name",
                   "\"/a\", which is also the folder of another");
}

TEST_F(Unpack, a_folder_with_something_in_it_is_left_alone) {
    put("out/mine", "mine");
    expect_refused(testing::sample_spiffs(), "directory_not_empty", "out");
    EXPECT_EQ(read_text(at("out/mine")).value(), "mine");
    fs::remove_all(at("out"));
    fs::create_directory(at("elsewhere"));
    fs::create_directory_symlink(at("elsewhere"), at("out"));
    expect_refused(testing::sample_spiffs(), "directory_not_empty", "out");
}

TEST_F(Unpack, an_empty_folder_is_filled) {
    fs::create_directory(at("out"));
    put("image.bin", testing::sample_spiffs());
    ASSERT_TRUE(unpack(at("image.bin"), at("out/")));
    EXPECT_TRUE(fs::exists(at("out/certificate.pem.crt")));
}

TEST_F(Unpack, what_holds_no_spiffs_writes_nothing) {
    expect_refused(testing::sample_app(), "image_unknown", "no SPIFFS image");
    expect_refused(Bytes(4096, 0xFF), "image_unknown", "no SPIFFS image");
}

TEST_F(Unpack, of_a_bad_file_what_a_device_reads_is_written_and_the_others_whole) {
    Bytes image = testing::sample_spiffs();
    put_u16(image, 256 + 49 + 4, 0x1234);
    put("image.bin", image);
    const auto report = unpack(at("image.bin"), at("out"));
    ASSERT_TRUE(report) << report.error().describe();
    EXPECT_THAT(report->files, ElementsAre("/certs/device.pem", "/empty", "/certificate.pem.crt"));
    EXPECT_EQ(read_text(at("out/certificate.pem.crt")).value(), std::string(502, 'c'));
    EXPECT_THAT(report->warnings, Contains(HasSubstr("cannot read a file to its end: object 1 "
                                                     "\"/certificate.pem.crt\": 502 of 1200")));

    // Nothing of it can be read: an empty file in its place would say that it was empty.
    put_u16(image, 256 + 49, 0x1234);
    put("image.bin", image);
    const auto without = unpack(at("image.bin"), at("without"));
    ASSERT_TRUE(without);
    EXPECT_THAT(without->files, ElementsAre("/certs/device.pem", "/empty"));
}

TEST_F(Unpack, takes_the_one_spiffs_partition_of_a_whole_flash) {
    put("image.bin", testing::sample_flash());
    const auto report = unpack(at("image.bin"), at("out"));
    ASSERT_TRUE(report) << report.error().describe();
    EXPECT_EQ(report->files.size(), 3U);
}

TEST_F(Unpack, takes_the_partition_that_is_named) {
    put("image.bin", testing::sample_flash());
    EXPECT_TRUE(unpack(at("image.bin"), at("named"), {.partition = "storage", .table_offset = {}}));
    expect_refused(testing::sample_flash(), "partition_choice", "no partition \"nothing\"",
                   {.partition = "nothing", .table_offset = {}});
    expect_refused(testing::sample_flash(), "partition_choice", "\"nvs\" holds no SPIFFS image",
                   {.partition = "nvs", .table_offset = {}});
    expect_refused(testing::sample_flash(), "spiffs_unrecognised", "broken",
                   {.partition = "broken", .table_offset = {}});
}

TEST_F(Unpack, two_spiffs_partitions_ask_for_a_choice) {
    Bytes flash = testing::sample_flash();
    std::ranges::copy(testing::sample_spiffs(), flash.begin() + 0x40000);
    expect_refused(flash, "partition_choice", "2 SPIFFS partitions");
    put("image.bin", flash);
    EXPECT_TRUE(unpack(at("image.bin"), at("out"), {.partition = "broken", .table_offset = {}}));
}

}  // namespace
}  // namespace imprint::image_tool
