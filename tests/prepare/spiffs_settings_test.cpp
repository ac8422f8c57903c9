// How the firmware's SPIFFS is set, from its build or from the configuration.
#include "prepare/spiffs_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_code.h"
#include "base/files.h"

namespace imprint::prepare {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
namespace fs = std::filesystem;

constexpr const char* lines =
    "# SPIFFS Configuration\n"
    "CONFIG_SPIFFS_MAX_PARTITIONS=3\n"
    "CONFIG_SPIFFS_PAGE_SIZE=512\r\n"
    "CONFIG_SPIFFS_OBJ_NAME_LEN=0x40\n"
    "# CONFIG_SPIFFS_FOLLOW_SYMLINKS is not set\n"
    "CONFIG_SPIFFS_USE_MAGIC=y\n"
    "# CONFIG_SPIFFS_USE_MAGIC_LENGTH is not set\n"
    "CONFIG_SPIFFS_META_LENGTH=0\n";
constexpr const char* object =
    R"({"SPIFFS_MAX_PARTITIONS":3,"SPIFFS_PAGE_SIZE":256,"SPIFFS_OBJ_NAME_LEN":48,
        "SPIFFS_USE_MAGIC":true,"SPIFFS_USE_MAGIC_LENGTH":true,"SPIFFS_META_LENGTH":8})";

const SpiffsSettings of_lines{512, 64, 0, true, false};
const SpiffsSettings of_object{256, 48, 8, true, true};

class SpiffsSettingsTest : public testing::Test {
  protected:
    SpiffsSettingsTest() { firmware_.directory = folder_.path(); }

    void write(const std::string& name, std::string_view text) const {
        const fs::path path = folder_.path() / name;
        fs::create_directories(path.parent_path());
        ASSERT_TRUE(write_file(path, text));
    }

    TemporaryDirectory folder_ = TemporaryDirectory::create().value();
    FirmwareSettings firmware_;
};

TEST_F(SpiffsSettingsTest, an_sdkconfig_says_it_and_so_does_the_json_that_is_made_of_it) {
    EXPECT_EQ(parse_sdkconfig(lines).value(), of_lines);
    EXPECT_EQ(parse_sdkconfig_json(object).value(), of_object);
    EXPECT_EQ(parse_sdkconfig("").value(), SpiffsSettings());
    EXPECT_EQ(parse_sdkconfig("CONFIG_SPIFFS_PAGE_SIZES=4\nCONFIG_OTHER=\"x\"\n").value(),
              SpiffsSettings());
    for (const char* damaged : {"CONFIG_SPIFFS_PAGE_SIZE=", "CONFIG_SPIFFS_PAGE_SIZE=1k",
                                "CONFIG_SPIFFS_PAGE_SIZE=4294967296", "CONFIG_SPIFFS_USE_MAGIC=1"})
        EXPECT_EQ(code_of(parse_sdkconfig(damaged)), "sdkconfig_damaged") << damaged;
    for (const char* damaged :
         {"", "[]", R"({"SPIFFS_PAGE_SIZE":"256"})", R"({"SPIFFS_PAGE_SIZE":-1})",
          R"({"SPIFFS_PAGE_SIZE":4294967296})", R"({"SPIFFS_USE_MAGIC":1})"})
        EXPECT_EQ(code_of(parse_sdkconfig_json(damaged)), "sdkconfig_damaged") << damaged;
}

TEST_F(SpiffsSettingsTest, without_a_magic_there_is_none_with_a_length) {
    // Kconfig writes no switch whose condition is not met.
    EXPECT_EQ(parse_sdkconfig("# CONFIG_SPIFFS_USE_MAGIC is not set\n")->use_magic_length, false);
    EXPECT_EQ(parse_sdkconfig_json(R"({"SPIFFS_USE_MAGIC":false})")->use_magic_length, false);
}

TEST_F(SpiffsSettingsTest, what_the_build_was_made_with_goes_before_the_projects_sdkconfig) {
    EXPECT_EQ(read_built_spiffs(firmware_)->where, "");
    write("sdkconfig", lines);
    EXPECT_EQ(read_built_spiffs(firmware_)->settings, of_lines);
    write("build/config/sdkconfig.json", object);
    const auto built = read_built_spiffs(firmware_);
    ASSERT_TRUE(built) << built.error().describe();
    EXPECT_EQ(built->settings, of_object);
    EXPECT_THAT(built->where, HasSubstr("build/config/sdkconfig.json"));
    firmware_.artifacts = folder_.path() / "elsewhere";
    write("elsewhere/config/sdkconfig.json", "{");
    EXPECT_THAT(read_built_spiffs(firmware_).error().describe(), HasSubstr("elsewhere"));
}

TEST_F(SpiffsSettingsTest, a_key_overrules_the_build_and_a_difference_is_told) {
    const auto as_built = choose_spiffs({}, {of_lines, "b/sdkconfig.json"});
    ASSERT_TRUE(as_built) << as_built.error().describe();
    EXPECT_THAT(as_built->notes, IsEmpty());
    const image::spiffs::Geometry wanted{.page_size = 512,
                                         .name_length = 64,
                                         .metadata_length = 0,
                                         .use_magic = true,
                                         .use_magic_length = false};
    EXPECT_EQ(as_built->geometry, wanted);
    SpiffsSettings keys;
    keys.obj_name_len = 32;
    keys.page_size = 512;
    const auto chosen = choose_spiffs(keys, {of_lines, "b/sdkconfig.json"});
    ASSERT_TRUE(chosen);
    EXPECT_EQ(chosen->geometry.name_length, 32U);
    EXPECT_THAT(chosen->notes, ElementsAre(AllOf(HasSubstr("credentials.spiffs.obj_name_len is 32"),
                                                 HasSubstr("b/sdkconfig.json says 64"))));
}

TEST_F(SpiffsSettingsTest, what_nobody_says_is_asked_for) {
    const auto none = choose_spiffs({}, {});
    ASSERT_FALSE(none);
    EXPECT_EQ(code_of(none), "spiffs_settings_unknown");
    EXPECT_THAT(none.error().hint,
                HasSubstr("spiffs = { page_size = 256, obj_name_len = 32, meta_length = 4, "
                          "use_magic = true, use_magic_length = true }"));
    // A build without SPIFFS, or with a part of it.
    SpiffsSettings part = of_lines;
    part.meta_length.reset();
    const auto some = choose_spiffs({}, {part, "b/sdkconfig.json"});
    ASSERT_FALSE(some);
    EXPECT_THAT(some.error().message,
                AllOf(HasSubstr("b/sdkconfig.json"), HasSubstr("CONFIG_SPIFFS_META_LENGTH")));
    EXPECT_THAT(some.error().hint, AllOf(HasSubstr("{ meta_length = 4 }"), Not(HasSubstr("page"))));
    SpiffsSettings keys;
    keys.meta_length = 4;
    EXPECT_EQ(choose_spiffs(keys, {part, "b"})->geometry.metadata_length, 4U);
    // All by keys.
    EXPECT_EQ(choose_spiffs(of_object, {})->geometry.name_length, 48U);
}

}  // namespace
}  // namespace imprint::prepare
