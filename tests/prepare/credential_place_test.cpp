// Credentials as the firmware reads them, with the project's own files beside them.
#include "prepare/credential_place.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/error_code.h"
#include "base/files.h"
#include "base/text_bytes.h"
#include "image/spiffs.h"
#include "prepare/credential_image.h"

namespace imprint::prepare {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;
namespace spiffs = image::spiffs;

constexpr std::uint32_t partition_size = 0x20000;

class CredentialPlaceTest : public testing::Test {
  protected:
    CredentialPlaceTest() {
        firmware_.credentials.name = "storage";
        firmware_.credentials.type = 1;
        firmware_.credentials.subtype = 0x82;
        firmware_.credentials.offset = 0x110000;
        firmware_.credentials.size = partition_size;
        project_.directory = folder_.path() / "project";
        settings_.extra_directory = folder_.path() / "extra";
        fs::create_directories(project_.directory);
        fs::create_directories(settings_.extra_directory);
        settings_.spiffs = {256, 32, 4, true, true};
        settings_.copies = 1;
    }

    void put_own_image(const std::vector<spiffs::File>& files, spiffs::Geometry geometry = {}) {
        geometry.image_size = partition_size;
        auto built = spiffs::build(geometry, files);
        ASSERT_TRUE(built) << built.error().describe();
        firmware_.own_images = {{"build/storage.bin", 0x110000, std::move(built->image)}};
    }

    [[nodiscard]] Result<CredentialPlace> place() const {
        return find_credential_place(firmware_, project_, settings_);
    }

    [[nodiscard]] Result<CredentialTemplate> form() const {
        IMPRINT_TRY(const auto found, place());
        return make_credential_template(found, settings_, "ROOT");
    }

    [[nodiscard]] std::string form_error() const {
        const auto made = form();
        return made ? "none" : made.error().code + ": " + made.error().describe();
    }

    // Names of the files in a board's image, as a firmware of this geometry finds them.
    [[nodiscard]] std::vector<std::string> files_in_image(spiffs::Geometry geometry = {}) const {
        const auto made = form();
        EXPECT_TRUE(made) << (made ? "" : made.error().describe());
        if (!made) return {};
        const auto bytes = credential_image_bytes(*made, "CERT", Secret(std::string_view("KEY")),
                                                  {"thing", "mac", "broker", 8883, ""});
        EXPECT_TRUE(bytes) << (bytes ? "" : bytes.error().describe());
        geometry.image_size = partition_size;
        const auto contents = spiffs::read(bytes.value_or(Bytes()), geometry);
        std::vector<std::string> names;
        if (!contents) return {"unreadable"};
        for (const auto& file : contents->files)
            if (!file.content.empty()) names.push_back(file.path);
        return names;
    }

    TemporaryDirectory folder_ = TemporaryDirectory::create().value();
    Firmware firmware_;
    FirmwareSettings project_;
    CredentialSettings settings_;
};

TEST_F(CredentialPlaceTest, credentials_are_packed_as_the_firmware_reads_them) {
    for (const spiffs::Geometry& built :
         {spiffs::Geometry{.name_length = 64}, spiffs::Geometry{.name_length = 128},
          spiffs::Geometry{.metadata_length = 0}, spiffs::Geometry{.page_size = 512},
          spiffs::Geometry{.page_size = 1024}, spiffs::Geometry{.use_magic_length = false},
          spiffs::Geometry{.use_magic = false, .use_magic_length = false},
          spiffs::Geometry{.page_size = 512, .name_length = 256, .metadata_length = 64}}) {
        settings_.spiffs = {};
        fs::create_directories(project_.directory / "build" / "config");
        ASSERT_TRUE(
            write_file(project_.directory / "build" / "config" / "sdkconfig.json",
                       fmt::format(R"({{"SPIFFS_PAGE_SIZE":{},"SPIFFS_OBJ_NAME_LEN":{},)"
                                   R"("SPIFFS_META_LENGTH":{},"SPIFFS_USE_MAGIC":{},)"
                                   R"("SPIFFS_USE_MAGIC_LENGTH":{}}})",
                                   built.page_size, built.name_length, built.metadata_length,
                                   built.use_magic, built.use_magic_length)));
        EXPECT_THAT(files_in_image(built), ElementsAre("/aws-root-ca.pem", "/certificate.pem.crt",
                                                       "/device.json", "/private.pem.key"));
        // With ESP-IDF's defaults the same image is none, or another. Names and metadata of one
        // length together, and a magic that is not looked for, make no difference.
        if (built.use_magic) {
            EXPECT_THAT(files_in_image(), Not(Contains("/private.pem.key")));
        }
    }
}

TEST_F(CredentialPlaceTest, without_a_word_of_the_build_nothing_is_guessed) {
    settings_.spiffs = {};
    EXPECT_THAT(form_error(), testing::StartsWith("spiffs_settings_unknown"));
    settings_.spiffs = {256, 300, 4, true, true};
    EXPECT_THAT(form_error(), AllOf(testing::StartsWith("spiffs_geometry"), HasSubstr("storage")));
}

TEST_F(CredentialPlaceTest, the_projects_own_files_come_along) {
    put_own_image({{"/www/index.html", bytes_of("<html>")}, {"/sound.bin", Bytes(3000, 7)}});
    const auto found = place();
    ASSERT_TRUE(found) << found.error().describe();
    EXPECT_THAT(found->notes, ElementsAre(AllOf(HasSubstr("2 files of build/storage.bin"),
                                                HasSubstr("storage"))));
    EXPECT_THAT(files_in_image(),
                ElementsAre("/aws-root-ca.pem", "/certificate.pem.crt", "/device.json",
                            "/private.pem.key", "/sound.bin", "/www/index.html"));
    firmware_.own_images.front().content.assign(partition_size, 0xFF);
    EXPECT_THAT(files_in_image(), testing::SizeIs(4)) << "an erased partition holds nothing";
}

TEST_F(CredentialPlaceTest, a_clash_of_names_names_both) {
    put_own_image({{"/certificate.pem.crt", bytes_of("an example")}});
    EXPECT_THAT(form_error(),
                AllOf(testing::StartsWith("credential_names"), HasSubstr("build/storage.bin"),
                      HasSubstr("credentials.certificate_name")));
    put_own_image({{"/config.json", bytes_of("{}")}});
    ASSERT_TRUE(write_file(settings_.extra_directory / "config.json", "{}"));
    EXPECT_THAT(form_error(),
                AllOf(testing::StartsWith("credential_names"), HasSubstr("build/storage.bin"),
                      HasSubstr(settings_.extra_directory.string())));
}

TEST_F(CredentialPlaceTest, own_files_that_the_firmware_could_not_read_are_an_error) {
    put_own_image({{"/a", bytes_of("a")}}, {.page_size = 512});
    EXPECT_THAT(form_error(), AllOf(testing::StartsWith("project_files_unreadable"),
                                    HasSubstr("build/storage.bin"), HasSubstr("pages of 512")));
    put_own_image({{"/a", bytes_of("a")}});
    firmware_.own_images.front().offset += 0x1000;
    EXPECT_THAT(form_error(),
                AllOf(testing::StartsWith("project_files_unreadable"), HasSubstr("0x111000")));
    firmware_.own_images = {{"build/x.bin", 0x110000, Bytes(5000, 1)}};
    EXPECT_THAT(form_error(), testing::StartsWith("project_files_unreadable"));
}

TEST_F(CredentialPlaceTest, own_files_and_the_identity_have_to_fit_together) {
    put_own_image({{"/sound.bin", Bytes(95'000, 7)}});
    const auto made = form();
    ASSERT_TRUE(made) << made.error().describe();
    const DeviceFacts facts{"thing", "mac", "broker", 8883, ""};
    EXPECT_TRUE(check_credentials_fit(*made, {1000, 200}, facts));
    EXPECT_EQ(code_of(check_credentials_fit(*made, {20'000, 200}, facts)), "spiffs_full");
}

TEST_F(CredentialPlaceTest, the_extra_directory_is_walked_as_strictly_as_an_images) {
    const fs::path extra = settings_.extra_directory;
    const auto error_with = [&](const fs::path& name, const auto& make) {
        make(extra / name);
        const std::string error = form_error();
        EXPECT_THAT(error, HasSubstr(name.string()));
        EXPECT_THAT(error, HasSubstr("credentials.extra_directory"));
        fs::remove(extra / name);
        return error.substr(0, error.find(':'));
    };
    const auto link_to = [](const fs::path& target) {
        return [target](const fs::path& path) { fs::create_symlink(target, path); };
    };
    EXPECT_EQ(error_with("config.json", link_to("nowhere")), "symlink_dangling");
    EXPECT_EQ(error_with("shared", link_to(folder_.path())), "symlink_to_folder");
    EXPECT_EQ(error_with("pipe",
                         [](const fs::path& path) { ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0); }),
              "file_not_regular");
    EXPECT_EQ(error_with("zero", link_to("/dev/zero")), "file_not_regular");
    ASSERT_TRUE(write_file(extra / "real.txt", "x"));
    fs::create_symlink("real.txt", extra / "link.txt");
    for (const char* litter : {".DS_Store", "Thumbs.db", "._real.txt", "desktop.ini"})
        ASSERT_TRUE(write_file(extra / litter, "litter"));
    fs::create_directory(extra / "__MACOSX");
    ASSERT_TRUE(write_file(extra / "__MACOSX" / "x", "litter"));
    EXPECT_THAT(files_in_image(), testing::IsSupersetOf({"/real.txt", "/link.txt"}));
    EXPECT_THAT(files_in_image(), testing::SizeIs(6));
    EXPECT_THAT(form()->notes, testing::SizeIs(5));
    EXPECT_THAT(form()->notes, Contains(AllOf(HasSubstr(".DS_Store"), HasSubstr("left out"))));
    settings_.extra_directory = folder_.path() / "none";
    EXPECT_THAT(form_error(), testing::StartsWith("directory_unreadable"));
}

}  // namespace
}  // namespace imprint::prepare
