// What each format of the credentials' partition is, as far as preparing sees it.
#include "prepare/credential_formats.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_code.h"
#include "base/files.h"
#include "base/text_bytes.h"
#include "image/nvs.h"
#include "image/secure_cert.h"
#include "prepare/credential_image.h"

namespace imprint::prepare {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
namespace nvs = image::nvs;
namespace secure_cert = image::secure_cert;

image::PartitionTable table_of(const std::string& rows) {
    return image::PartitionTable::parse_csv(
               "nvs, data, nvs, 0x9000, 0x6000,\n"
               "factory, app, factory, 0x10000, 1M,\n" +
               rows)
        .value();
}

std::string chosen(Format format, const std::string& rows, const std::string& name = {}) {
    CredentialSettings settings;
    settings.format = format;
    settings.partition = name;
    const auto found = find_credential_partition(table_of(rows), settings);
    return found ? found->name
                 : found.error().code + ": " + found.error().describe() + " (" +
                       found.error().hint + ")";
}

TEST(CredentialPartition, the_firmwares_ordinary_nvs_is_not_taken_unless_it_is_named) {
    EXPECT_EQ(chosen(Format::nvs, "creds, data, nvs, , 0x6000,\n"), "creds");
    EXPECT_THAT(chosen(Format::nvs, ""), AllOf(HasSubstr("credential_partition"),
                                               HasSubstr("no NVS partition beside \"nvs\""),
                                               HasSubstr("credentials, data, nvs, , 0x6000")));
    EXPECT_EQ(chosen(Format::nvs, "", "nvs"), "nvs");
    CredentialSettings settings;
    settings.format = Format::nvs;
    const image::Partition ordinary{"nvs", 1, 2, 0x9000, 0x6000};
    EXPECT_THAT(row_of(Format::nvs).make(ordinary, {}, settings)->notes,
                ElementsAre(HasSubstr("is gone once it is prepared")));
    EXPECT_THAT(chosen(Format::nvs, "a, data, nvs, , 0x6000,\nb, data, nvs, , 0x6000,\n"),
                HasSubstr("more than one NVS partition"));
}

TEST(CredentialPartition, is_of_the_kind_that_its_format_has) {
    const std::string all =
        "storage, data, spiffs, , 0x20000,\nkept, data, nvs, , 0x6000,\n"
        "esp_secure_cert, 0x3F, , , 0x2000, encrypted\n";
    EXPECT_EQ(chosen(Format::spiffs, all), "storage");
    EXPECT_EQ(chosen(Format::nvs, all), "kept");
    EXPECT_EQ(chosen(Format::esp_secure_cert, all), "esp_secure_cert");
    EXPECT_THAT(chosen(Format::nvs, all, "storage"),
                AllOf(HasSubstr("partition \"storage\" is data/spiffs, not data/nvs"),
                      HasSubstr("credentials.format, which is \"nvs\"")));
    EXPECT_THAT(chosen(Format::esp_secure_cert, all, "kept"), HasSubstr("not of type 0x3F"));
    EXPECT_THAT(chosen(Format::esp_secure_cert, ""),
                HasSubstr("the partition table has no esp_secure_cert partition; it has"));
    EXPECT_THAT(chosen(Format::nvs, "kept, data, nvs, , 0x6000, encrypted\n"),
                HasSubstr("is marked encrypted, which NVS cannot be"));
    // The bootloader encrypts it, and the chip reads it through its cache.
    EXPECT_EQ(chosen(Format::esp_secure_cert, "esp_secure_cert, 0x3F, , , 0x2000, encrypted\n"),
              "esp_secure_cert");
}

TEST(CredentialPartition, keys_that_only_spiffs_heeds_are_told) {
    CredentialSettings settings;
    settings.format = Format::esp_secure_cert;
    settings.certificate_name = "own.crt";
    settings.spiffs.page_size = 512;
    const image::Partition partition{"certs", secure_cert::partition_type, 0, 0x9000, 0x2000};
    const auto made = row_of(settings.format).make(partition, {}, settings);
    ASSERT_TRUE(made);
    EXPECT_THAT(made->notes, ElementsAre(HasSubstr("credentials.certificate_name has no effect"),
                                         HasSubstr("credentials.spiffs has no effect"),
                                         HasSubstr("looks for the partition \"esp_secure_cert\"")));
    settings = {};
    settings.format = Format::nvs;
    EXPECT_EQ(code_of(row_of(Format::nvs).make({"kept", 1, 2, 0x9000, 0x6100}, {}, settings)),
              "nvs_size");
}

class FormatTest : public testing::Test {
  protected:
    void use(Format format, std::uint32_t size) {
        settings_.format = format;
        partition_.size = size;
        format_ = format == Format::nvs ? nvs_format(partition_) : secure_cert_format(partition_);
    }

    [[nodiscard]] Result<CredentialTemplate> form() const {
        CredentialPlace place{partition_, format_, {}, {}};
        for (const OwnImage& own : own_) {
            IMPRINT_TRY(auto extras, format_->read(own, place.notes));
            std::ranges::move(extras, std::back_inserter(place.project));
        }
        return make_credential_template(place, settings_, "ROOT");
    }

    [[nodiscard]] std::string form_error() const {
        const auto made = form();
        return made ? "none" : made.error().code + ": " + made.error().describe();
    }

    [[nodiscard]] Bytes image() const {
        const auto made = form();
        EXPECT_TRUE(made) << (made ? "" : made.error().describe());
        const auto bytes = credential_image_bytes(*made, "CERT", Secret(std::string_view("KEY")),
                                                  {"thing", "mac", "broker", 8883, ""});
        EXPECT_TRUE(bytes) << (bytes ? "" : bytes.error().describe());
        return bytes.value_or(Bytes());
    }

    // "imprint/certificate=CERT\0"
    [[nodiscard]] std::vector<std::string> values() const {
        std::vector<std::string> all;
        const auto contents = nvs::read(image());
        EXPECT_TRUE(contents && contents->faults.empty());
        for (const auto& space : contents->namespaces)
            for (const auto& entry : space.entries)
                all.push_back(space.name + "/" + entry.key + "=" + nvs::number_text(entry) +
                              std::string(as_text(entry.data)));
        return all;
    }

    [[nodiscard]] std::vector<std::string> entries() const {
        std::vector<std::string> all;
        const auto contents = secure_cert::read(image());
        EXPECT_TRUE(contents.faults.empty());
        EXPECT_EQ(contents.integrity, secure_cert::Integrity::right);
        for (const auto& entry : contents.entries)
            if (entry.type != secure_cert::Type::integrity)
                all.push_back(secure_cert::entry_name(entry.type, entry.subtype) + "=" +
                              std::string(as_text(entry.data)));
        return all;
    }

    void put(const std::string& path, std::string_view text) {
        settings_.extra_directory = folder_.path() / "extra";
        const auto file = settings_.extra_directory / path;
        std::filesystem::create_directories(file.parent_path());
        ASSERT_TRUE(write_file(file, text));
    }

    TemporaryDirectory folder_ = TemporaryDirectory::create().value();
    image::Partition partition_{"kept", 1, 2, 0x110000, 0};
    CredentialSettings settings_;
    std::shared_ptr<const CredentialFormat> format_;
    std::vector<OwnImage> own_;
};

std::string with_nul(const std::string& text) {
    return text + std::string(1, '\0');
}

TEST_F(FormatTest, nvs_has_four_texts_in_a_namespace_and_again_on_other_pages) {
    use(Format::nvs, 0x6000);
    EXPECT_THAT(
        values(),
        IsSupersetOf({with_nul("imprint/certificate=CERT"), with_nul("imprint/private_key=KEY"),
                      with_nul("imprint/root_ca=ROOT"), with_nul("imprint_copy/private_key=KEY")}));
    EXPECT_THAT(values(), testing::SizeIs(8));
    Bytes without_first = image();
    std::fill_n(without_first.begin(), nvs::page_size, 0xFF);
    const auto contents = nvs::read(without_first);
    ASSERT_EQ(contents->namespaces.size(), 1U);
    EXPECT_EQ(contents->namespaces[0].name, "imprint_copy");
    EXPECT_EQ(contents->namespaces[0].entries.size(), 4U);
    settings_.copies = 1;
    EXPECT_THAT(values(), testing::SizeIs(4));
}

TEST_F(FormatTest, esp_secure_cert_has_four_entries_and_their_copies) {
    use(Format::esp_secure_cert, 0x2000);
    EXPECT_THAT(entries(),
                ElementsAre(with_nul("ca_cert=ROOT"), with_nul("dev_cert=CERT"),
                            with_nul("priv_key=KEY"), testing::StartsWith("user_data_1={"),
                            with_nul("ca_cert.1=ROOT"), with_nul("dev_cert.1=CERT"),
                            with_nul("priv_key.1=KEY"), testing::StartsWith("user_data_1.1={")));
    settings_.copies = 1;
    EXPECT_THAT(entries(), testing::SizeIs(4));
}

TEST_F(FormatTest, where_there_is_no_room_for_a_copy_that_is_told) {
    for (const auto& [format, size] :
         {std::pair(Format::nvs, 0x2000U), std::pair(Format::esp_secure_cert, 0x1000U)}) {
        use(format, size);
        const DeviceFacts facts{"thing", "mac", "broker", 8883, ""};
        const auto notes = check_credentials_fit(*form(), {1300, 230}, facts);
        ASSERT_TRUE(notes) << notes.error().describe();
        EXPECT_THAT(*notes, Contains(HasSubstr("no room for a second copy")));
        const auto full = check_credentials_fit(*form(), {9000, 230}, facts);
        EXPECT_EQ(code_of(full), format == Format::nvs ? "nvs_full" : "secure_cert_full");
        EXPECT_THAT(full.error().describe(), HasSubstr("credentials for partition \"kept\""));
    }
}

TEST_F(FormatTest, an_nvs_too_small_to_be_written_is_told_unless_it_is_only_read) {
    use(Format::nvs, 0x2000);
    settings_.copies = 1;
    const DeviceFacts facts{"thing", "mac", "broker", 8883, ""};
    EXPECT_THAT(*check_credentials_fit(*form(), {1300, 230}, facts),
                ElementsAre(HasSubstr("marks it as readonly")));
    partition_.readonly = true;
    use(Format::nvs, 0x2000);
    EXPECT_THAT(*check_credentials_fit(*form(), {1300, 230}, facts), IsEmpty());
}

TEST_F(FormatTest, extra_files_are_values_by_namespace_and_key) {
    use(Format::nvs, 0x6000);
    put("wifi/ssid", "line-1");
    put("tag", "42");
    EXPECT_THAT(values(),
                IsSupersetOf({std::string("wifi/ssid=line-1"), std::string("imprint/tag=42")}));
    put("private_key", "mine");
    EXPECT_THAT(form_error(),
                AllOf(testing::StartsWith("credential_names"), HasSubstr("the identity itself")));
}

TEST_F(FormatTest, a_file_that_nvs_has_no_name_for_is_refused) {
    use(Format::nvs, 0x6000);
    put("a-name-of-sixteen", "x");
    EXPECT_THAT(form_error(),
                AllOf(testing::StartsWith("credential_extra"),
                      HasSubstr("credentials.extra_directory"), HasSubstr("1 to 15")));
    std::filesystem::remove_all(settings_.extra_directory);
    put("a/b/c", "x");
    EXPECT_THAT(form_error(),
                AllOf(testing::StartsWith("credential_extra"), HasSubstr("no folders")));
}

TEST_F(FormatTest, extra_files_are_entries_by_their_types_names) {
    use(Format::esp_secure_cert, 0x2000);
    put("user_data_2", "tag 42");
    put("type_60.3", "x");
    EXPECT_THAT(entries(),
                IsSupersetOf({std::string("user_data_2=tag 42"), std::string("type_60.3=x")}));
    put("user_data_1", "mine");
    EXPECT_THAT(form_error(), testing::StartsWith("credential_names"));
    std::filesystem::remove(settings_.extra_directory / "user_data_1");
    for (const char* name : {"wifi.txt", "signature", "ds_data", "integrity"}) {
        put(name, "x");
        EXPECT_THAT(form_error(), AllOf(testing::StartsWith("credential_extra"), HasSubstr(name)));
        std::filesystem::remove(settings_.extra_directory / name);
    }
}

TEST_F(FormatTest, the_projects_own_values_come_along_with_their_types) {
    use(Format::nvs, 0x6000);
    auto builder = *nvs::Builder::create(0x6000);
    ASSERT_TRUE(builder.enter("factory"));
    ASSERT_TRUE(builder.add({"channel", nvs::Type::u8, 6, {}}));
    ASSERT_TRUE(builder.add({"name", nvs::Type::string, 0, bytes_of("lamp")}));
    const Bytes own = std::move(builder).finish().image;
    own_ = {{"build/kept.bin", 0x110000, own}};
    EXPECT_THAT(values(),
                IsSupersetOf({std::string("factory/channel=6"), std::string("factory/name=lamp")}));
    const auto contents = nvs::read(image());
    EXPECT_EQ(contents->namespaces.back().entries.front().type, nvs::Type::u8);
    own_[0].offset += 0x1000;
    EXPECT_THAT(form_error(), testing::StartsWith("project_files_unreadable"));
    own_[0] = {"build/kept.bin", 0x110000, own};
    own_[0].content[70] ^= 1;
    EXPECT_THAT(form_error(), AllOf(testing::StartsWith("project_files_unreadable"),
                                    HasSubstr("page 0, entry 0")));
    own_[0].content.assign(0x6000, 0xFF);
    EXPECT_THAT(values(), testing::SizeIs(8));
}

TEST_F(FormatTest, the_projects_own_entries_come_along_unless_they_are_signed) {
    use(Format::esp_secure_cert, 0x2000);
    const auto own_image = [](const std::vector<secure_cert::Entry>& entries) {
        return OwnImage{"build/certs.bin", 0x110000, secure_cert::build(0x1000, entries)->image};
    };
    own_ = {own_image({{53, 0, 0, bytes_of("own")}})};
    EXPECT_THAT(entries(), Contains("user_data_3=own"));
    own_ = {own_image({{secure_cert::Type::signature, 0, 0, bytes_of("sig")}})};
    EXPECT_THAT(form_error(),
                AllOf(testing::StartsWith("project_files_unreadable"), HasSubstr("it is signed")));
    own_ = {own_image({{3, 0, 0x80, bytes_of("x")}})};
    EXPECT_THAT(form_error(), HasSubstr("for one chip alone"));
    own_ = {own_image({{secure_cert::Type::dev_cert, 0, 0, bytes_of("x")}})};
    EXPECT_THAT(form_error(),
                AllOf(testing::StartsWith("credential_names"), HasSubstr("build/certs.bin")));
}

}  // namespace
}  // namespace imprint::prepare
