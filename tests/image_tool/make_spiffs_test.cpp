#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "base/error_code.h"
#include "image_tool/commands.h"
#include "image_tool/scratch.h"

namespace imprint::image_tool {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class MakeSpiffs : public testing::Scratch {
  protected:
    MakeSpiffs() {
        fs::create_directory(at("in"));
        command_.image_size = 0x10000;
        command_.base_dir = at("in");
        command_.output_file = at("out.bin");
    }

    void expect_refused(ErrorKind kind, const std::string& code, const std::string& words) const {
        const auto report = make_spiffs(command_);
        ASSERT_FALSE(report) << words;
        EXPECT_EQ(report.error().kind, kind);
        EXPECT_EQ(code_of(report), code);
        EXPECT_THAT(report.error().message, HasSubstr(words));
        EXPECT_FALSE(fs::exists(at("out.bin")));
    }

    [[nodiscard]] std::vector<std::string> names() const {
        image::spiffs::Geometry geometry;
        geometry.image_size = command_.image_size;
        std::vector<std::string> names;
        const auto contents =
            image::spiffs::read(read_file(at("out.bin")).value(), geometry).value();
        for (const auto& file : contents.files)
            names.push_back(file.path);
        return names;
    }

    SpiffsCommand command_;
};

TEST_F(MakeSpiffs, a_folder_becomes_the_references_image) {
    const fs::path data = IMPRINT_TEST_DATA "/image/spiffs";
    for (const auto& item : nlohmann::json::parse(read_text(data / "cases.json").value())) {
        const auto& options = item.at("options");
        const std::string name = item.at("name");
        fs::create_directory(at("none"));
        SpiffsCommand command;
        command.image_size = item.at("image_size");
        command.base_dir = fs::exists(data / name) ? data / name : at("none");
        command.output_file = at(name + ".bin");
        command.page_size = options.at("page_size");
        command.block_size = options.at("block_size");
        command.obj_name_len = options.at("obj_name_len");
        command.meta_len = options.at("meta_len");
        command.use_magic = options.at("use_magic");
        command.use_magic_len = options.at("use_magic_len");
        command.big_endian = options.at("endianness") == "big";
        command.aligned_obj_ix_tables = options.at("aligned_obj_ix_tables");
        command.read_only = true;
        const auto report = make_spiffs(command);
        ASSERT_TRUE(report) << report.error().describe();
        EXPECT_EQ(report->files, item.at("files").size());
        EXPECT_EQ(to_hex(sha256(read_file(command.output_file).value())),
                  item.at("sha256").get<std::string>())
            << name;
    }
}

TEST_F(MakeSpiffs, folders_below_are_part_of_the_name_and_hidden_files_count) {
    put("in/www/img/a.png", "png");
    put("in/www/index.html", "html");
    put("in/.hidden", "h");
    const auto report = make_spiffs(command_);
    ASSERT_TRUE(report) << report.error().describe();
    EXPECT_EQ(report->files, 3U);
    EXPECT_EQ(report->bytes, 8U);
    EXPECT_THAT(report->warnings, IsEmpty());
    EXPECT_THAT(names(), ElementsAre("/.hidden", "/www/img/a.png", "/www/index.html"));
}

TEST_F(MakeSpiffs, an_empty_folder_is_told) {
    fs::create_directories(at("in/logs/old"));
    put("in/a", "1");
    const auto report = make_spiffs(command_);
    ASSERT_TRUE(report);
    EXPECT_THAT(report->warnings, ElementsAre(HasSubstr("empty folder \"/logs/old\"")));
}

TEST_F(MakeSpiffs, an_empty_base_is_an_empty_image_without_a_word) {
    const auto report = make_spiffs(command_);
    ASSERT_TRUE(report);
    EXPECT_EQ(report->files, 0U);
    EXPECT_THAT(report->warnings, IsEmpty());
}

TEST_F(MakeSpiffs, a_link_to_a_file_is_the_file) {
    put("elsewhere", "content");
    fs::create_symlink(at("elsewhere"), at("in/link"));
    ASSERT_TRUE(make_spiffs(command_));
    EXPECT_THAT(names(), ElementsAre("/link"));
}

TEST_F(MakeSpiffs, a_link_to_a_folder_is_followed_only_on_request) {
    put("elsewhere/a", "1");
    put("in/b", "2");
    fs::create_directory_symlink(at("elsewhere"), at("in/link"));
    const auto left_out = make_spiffs(command_);
    ASSERT_TRUE(left_out);
    EXPECT_THAT(left_out->warnings,
                ElementsAre(HasSubstr("behind the link \"/link\" is left out")));
    EXPECT_THAT(names(), ElementsAre("/b"));
    command_.follow_symlinks = true;
    const auto followed = make_spiffs(command_);
    ASSERT_TRUE(followed);
    EXPECT_THAT(followed->warnings, IsEmpty());
    EXPECT_THAT(names(), ElementsAre("/b", "/link/a"));
}

TEST_F(MakeSpiffs, a_link_that_leads_nowhere_is_an_error_and_leaves_no_image) {
    put("in/a", "1");
    fs::create_symlink(at("gone"), at("in/link"));
    expect_refused(ErrorKind::config, "symlink_dangling", "in/link leads nowhere");
    fs::remove(at("in/link"));
    fs::create_symlink(at("in/link"), at("in/link"));
    expect_refused(ErrorKind::config, "symlink_dangling", "in/link leads nowhere");
}

TEST_F(MakeSpiffs, a_link_back_up_is_an_error_where_links_are_followed) {
    fs::create_directory(at("in/sub"));
    fs::create_directory_symlink(at("in"), at("in/sub/up"));
    command_.follow_symlinks = true;
    expect_refused(ErrorKind::config, "symlink_loop", "in/sub/up leads back");
}

TEST_F(MakeSpiffs, a_pipe_is_an_error_and_not_waited_for) {
    ASSERT_EQ(::mkfifo(at("in/pipe").c_str(), 0600), 0);
    expect_refused(ErrorKind::config, "file_not_regular", "in/pipe is neither a file nor a folder");
}

TEST_F(MakeSpiffs, a_missing_base_is_an_error) {
    command_.base_dir = at("nowhere");
    expect_refused(ErrorKind::config, "directory_unreadable", "nowhere");
    put("file", "x");
    command_.base_dir = at("file");
    expect_refused(ErrorKind::config, "directory_unreadable", "file is no folder");
}

TEST_F(MakeSpiffs, a_file_larger_than_the_image_is_not_even_read) {
    put("in/a", "1");
    fs::resize_file(at("in/a"), std::uintmax_t{1} << 40);  // a hole: takes no room
    expect_refused(ErrorKind::config, "spiffs_full",
                   "1099511627776 bytes and the whole image has "
                   "65536");
}

TEST_F(MakeSpiffs, files_that_are_too_large_together_are_not_all_read) {
    for (const char* name : {"in/a", "in/b", "in/c"})
        put(name, std::string(30'000, 'x'));
    expect_refused(ErrorKind::config, "spiffs_full",
                   "in/c have 90000 bytes together and the whole image has 65536");
}

TEST_F(MakeSpiffs, what_a_desktop_leaves_behind_is_packed_as_the_reference_does_and_told) {
    put("in/.DS_Store", "x");
    put("in/a", "1");
    const auto report = make_spiffs(command_);
    ASSERT_TRUE(report) << report.error().describe();
    EXPECT_THAT(report->warnings, ElementsAre(HasSubstr("\"/.DS_Store\"")));
    EXPECT_THAT(names(), ElementsAre("/.DS_Store", "/a"));
}

TEST_F(MakeSpiffs, what_does_not_fit_leaves_the_former_image_alone) {
    put("out.bin", "former");
    put("in/a", std::string(60000, 'a'));
    const auto report = make_spiffs(command_);
    ASSERT_FALSE(report);
    EXPECT_EQ(code_of(report), "spiffs_full");
    EXPECT_EQ(read_text(at("out.bin")).value(), "former");
    EXPECT_EQ(entries(), 3U);
}

TEST_F(MakeSpiffs, a_wrong_geometry_is_told_before_anything_is_read) {
    command_.base_dir = at("nowhere");
    command_.image_size = 1000;
    expect_refused(ErrorKind::config, "spiffs_geometry", "1000");
}

TEST_F(MakeSpiffs, an_image_does_not_pack_itself) {
    command_.output_file = at("in/out.bin");
    expect_refused(ErrorKind::usage, "output_inside_input", "in/out.bin");
    command_.output_file = at("in/../in/sub/out.bin");
    expect_refused(ErrorKind::usage, "output_inside_input", "out.bin");
    command_.output_file = at("in-another");
    EXPECT_TRUE(make_spiffs(command_));
}

TEST_F(MakeSpiffs, an_image_with_a_private_key_is_for_its_owner_alone) {
    put("in/a", "1");
    ASSERT_FALSE(make_spiffs(command_).value().holds_private_key);
    EXPECT_EQ(mode_of(at("out.bin")) & 0400, 0400U);
    put("in/device.pem", "-----BEGIN PRIVATE KEY-----\n");
    ASSERT_TRUE(make_spiffs(command_).value().holds_private_key);
    EXPECT_EQ(mode_of(at("out.bin")), 0600U);
}

TEST_F(MakeSpiffs, head_room_is_asked_for_unless_the_device_only_reads) {
    put("in/a", std::string(std::size_t{14} * 15 * 251, 'a'));
    expect_refused(ErrorKind::config, "spiffs_full", "of 240 pages for writing");
    command_.read_only = true;
    EXPECT_TRUE(make_spiffs(command_));
}

}  // namespace
}  // namespace imprint::image_tool
