#include "prepare/credential_image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "base/error_code.h"
#include "base/files.h"
#include "image/spiffs.h"
#include "prepare/credential_formats.h"

namespace imprint::prepare {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class CredentialImageTest : public testing::Test {
  protected:
    CredentialImageTest() {
        partition_.name = "storage";
        partition_.type = 1;
        partition_.subtype = 0x82;
        partition_.offset = 0x110000;
        partition_.size = 0xF0000;
    }

    [[nodiscard]] CredentialPlace place() const {
        return {partition_, spiffs_format(partition_), {}, {}};
    }

    image::Partition partition_;
    CredentialSettings settings_;
    const DeviceFacts facts_{"thing-1", "246f28aabbcc", "broker.example", 8883, "lot-1"};
};

TEST_F(CredentialImageTest, a_device_finds_the_four_files_in_it) {
    const auto form = make_credential_template(place(), settings_, "ROOT");
    ASSERT_TRUE(form);
    const auto data =
        build_credential_image(*form, "CERT", Secret(std::string_view("KEY")), facts_);
    ASSERT_TRUE(data) << data.error().describe();
    EXPECT_EQ(data->offset(), 0x110000U);
    EXPECT_EQ(data->size(), 0xF0000U);
    image::spiffs::Geometry geometry;
    geometry.image_size = partition_.size;
    const auto contents = image::spiffs::read(data->content(), geometry);
    ASSERT_TRUE(contents);
    std::vector<std::string> names;
    for (const auto& file : contents->files) {
        names.push_back(file.path);
        EXPECT_TRUE(file.path != "/private.pem.key" || as_text(file.content) == "KEY");
        if (file.path == "/device.json") {
            const auto device = nlohmann::json::parse(as_text(file.content));
            EXPECT_EQ(device["client_id"], "246f28aabbcc");
            EXPECT_EQ(device["thing_name"], "thing-1");
            EXPECT_EQ(device["endpoint"], "broker.example");
            EXPECT_EQ(device["port"], 8883);
            EXPECT_EQ(device["lot"], "lot-1");
            EXPECT_FALSE(device.contains("serial"));
        }
    }
    EXPECT_THAT(names,
                ElementsAre("/aws-root-ca.pem", "/certificate.pem.crt", "/copy/aws-root-ca.pem",
                            "/copy/certificate.pem.crt", "/copy/device.json",
                            "/copy/private.pem.key", "/device.json", "/private.pem.key"));
}

TEST_F(CredentialImageTest, the_second_copy_lies_in_other_blocks) {
    const auto form = make_credential_template(place(), settings_, std::string(1200, 'r'));
    ASSERT_TRUE(form);
    const auto image = credential_image_bytes(*form, std::string(1300, 'c'),
                                              Secret(std::string(230, 'k')), facts_);
    ASSERT_TRUE(image) << image.error().describe();
    image::spiffs::Geometry geometry;
    geometry.image_size = partition_.size;
    for (std::size_t block = 0; block < 5; ++block) {
        Bytes erased = *image;
        std::fill_n(erased.begin() + static_cast<std::ptrdiff_t>(block * 4096), 4096, 0xFF);
        const auto contents =
            image::spiffs::read(erased, geometry, image::spiffs::Reading::as_it_lies);
        ASSERT_TRUE(contents);
        for (const char* name :
             {"certificate.pem.crt", "private.pem.key", "aws-root-ca.pem", "device.json"})
            EXPECT_TRUE(std::ranges::any_of(
                contents->files, [&](const auto& file) { return file.path.ends_with(name); }))
                << "block " << block << " had both of " << name;
    }
}

TEST_F(CredentialImageTest, where_there_is_no_room_they_are_there_once_and_that_is_told) {
    partition_.size = 0x5000;
    const auto form = make_credential_template(place(), settings_, std::string(1200, 'r'));
    ASSERT_TRUE(form);
    const auto notes = check_credentials_fit(*form, {1300, 230}, facts_);
    ASSERT_TRUE(notes) << notes.error().describe();
    EXPECT_THAT(*notes, Contains(HasSubstr("no room for a second copy")));
    settings_.copies = 1;
    const auto once = make_credential_template(place(), settings_, std::string(1200, 'r'));
    EXPECT_THAT(*check_credentials_fit(*once, {1300, 230}, facts_),
                Not(Contains(HasSubstr("second copy"))));
}

// As a board checks it: firmware/components/imprint_identity.
TEST_F(CredentialImageTest, device_json_knows_the_files_beside_it_and_itself) {
    const std::string text = device_json(facts_, {"c", "k", "r", "p"});
    const auto device = nlohmann::json::parse(text);
    EXPECT_EQ(
        device["sha256"],
        nlohmann::json(
            {{"certificate", "c"}, {"private_key", "k"}, {"root_ca", "r"}, {"public_key", "p"}}));
    const auto before = text.substr(0, text.find("\"checksum\""));
    EXPECT_EQ(device["checksum"], to_hex(sha256(as_bytes(before))));
    EXPECT_FALSE(nlohmann::json::parse(device_json(facts_, {"c", "k", "r", ""}))["sha256"].contains(
        "public_key"));
}

TEST_F(CredentialImageTest, extra_files_come_along_with_their_folders) {
    const auto folder = TemporaryDirectory::create();
    std::filesystem::create_directory(folder->path() / "sub");
    ASSERT_TRUE(write_file(folder->path() / "sub" / "a.txt", "hello"));
    settings_.extra_directory = folder->path();
    const auto form = make_credential_template(place(), settings_, "ROOT");
    ASSERT_TRUE(form);
    ASSERT_EQ(form->extra.size(), 1U);
    EXPECT_EQ(form->extra[0].path, "/sub/a.txt");
}

TEST_F(CredentialImageTest, two_files_of_one_name_are_refused) {
    settings_.certificate_name = settings_.root_ca_name;
    EXPECT_EQ(code_of(make_credential_template(place(), settings_, "R")), "credential_names");
    settings_ = {};
    const auto folder = TemporaryDirectory::create();
    ASSERT_TRUE(write_file(folder->path() / "device.json", "{}"));
    settings_.extra_directory = folder->path();
    EXPECT_EQ(code_of(make_credential_template(place(), settings_, "R")), "credential_names");
}

TEST_F(CredentialImageTest, what_does_not_fit_is_known_before_any_board) {
    const auto form = make_credential_template(place(), settings_, std::string(960'000, 'r'));
    ASSERT_TRUE(form);
    const auto fits = check_credentials_fit(*form, {1536, 256}, facts_);
    ASSERT_FALSE(fits);
    EXPECT_EQ(code_of(fits), "spiffs_full");
    EXPECT_THAT(fits.error().describe(), HasSubstr("storage"));
}

TEST_F(CredentialImageTest, a_partition_that_is_only_read_may_be_filled_to_its_last_block) {
    partition_.size = 0x10000;
    const std::string root(57'000, 'r');
    const Secret key(std::string_view("KEY"));
    const auto writable = make_credential_template(place(), settings_, root);
    EXPECT_EQ(code_of(build_credential_image(*writable, "CERT", key, facts_)), "spiffs_full");
    partition_.readonly = true;
    const auto only_read = make_credential_template(place(), settings_, root);
    const auto data = build_credential_image(*only_read, "CERT", key, facts_);
    ASSERT_TRUE(data) << data.error().describe();
    image::spiffs::Geometry geometry;
    geometry.image_size = partition_.size;
    const auto contents = image::spiffs::read(data->content(), geometry);
    ASSERT_TRUE(contents);
    const auto found = std::ranges::find(contents->files, "/" + settings_.root_ca_name,
                                         &image::spiffs::File::path);
    ASSERT_NE(found, contents->files.end());
    EXPECT_EQ(as_text(found->content), root);
}

}  // namespace
}  // namespace imprint::prepare
