#include "config/bays_file.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_code.h"
#include "base/files.h"
#include "config/config.h"

namespace imprint::config {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class BaysFileTest : public ::testing::Test {
  protected:
    [[nodiscard]] Result<Config> load(const std::string& configured) const {
        EXPECT_TRUE(write_file(folder_.path() / "imprint.toml", configured));
        Sources sources;
        sources.file = folder_.path() / "imprint.toml";
        return load_config(sources);
    }

    TemporaryDirectory folder_ = *TemporaryDirectory::create();
    std::filesystem::path file_ = folder_.path() / "imprint-bays.toml";
};

TEST_F(BaysFileTest, what_was_written_is_read_whatever_the_names) {
    const BayPlaces bays{{"1", "pci-0000:00:14.0-usb-0:1.2:1.0"},
                         {"links \"vorn\"", "/dev/serial/by-path/a\\b"},
                         {"größer.2", "rfc2217://127.0.0.1:4000"}};
    ASSERT_TRUE(write_bays_file(file_, bays));
    EXPECT_EQ(read_bays_file(file_).value(), bays);
    ASSERT_TRUE(write_bays_file(file_, {}));
    EXPECT_EQ(read_bays_file(file_).value(), BayPlaces{});
}

TEST_F(BaysFileTest, no_file_has_no_bays) {
    EXPECT_EQ(read_bays_file(file_).value(), BayPlaces{});
    EXPECT_TRUE(load("")->settings.station.bays.empty());
}

TEST_F(BaysFileTest, two_bays_at_one_place_are_not_written) {
    EXPECT_EQ(code_of(write_bays_file(file_, {{"1", "usb-1"}, {"2", "usb-1"}})), "config_value");
    EXPECT_FALSE(std::filesystem::exists(file_));
}

TEST_F(BaysFileTest, it_is_read_beside_the_configuration_and_told) {
    ASSERT_TRUE(write_bays_file(file_, {{"1", "usb-1"}, {"2", "usb-2"}}));
    const auto config = load("[station]\nbays = { 3 = \"usb-3\", 1 = \"usb-1\" }\n");
    ASSERT_TRUE(config) << config.error().describe();
    EXPECT_EQ(config->settings.station.bays,
              (BayPlaces{{"1", "usb-1"}, {"2", "usb-2"}, {"3", "usb-3"}}));
    const auto value = std::ranges::find(config->values, "station.bays", &Value::key);
    ASSERT_NE(value, config->values.end());
    EXPECT_THAT(value->origin,
                AllOf(HasSubstr("imprint.toml line 2"), HasSubstr("imprint-bays.toml")));
}

TEST_F(BaysFileTest, its_name_can_be_another) {
    ASSERT_TRUE(write_bays_file(folder_.path() / "left.toml", {{"1", "usb-1"}}));
    EXPECT_EQ(load("station.bays_file = \"left.toml\"")->settings.station.bays,
              (BayPlaces{{"1", "usb-1"}}));
}

TEST_F(BaysFileTest, a_name_or_a_place_that_differs_is_one_clear_error) {
    ASSERT_TRUE(write_bays_file(file_, {{"1", "usb-1"}}));
    const auto other_place = load("[station]\nbays = { 1 = \"usb-2\" }\n");
    ASSERT_EQ(code_of(other_place), "bay_twice");
    EXPECT_THAT(other_place.error().message,
                AllOf(HasSubstr("bay 1 "), HasSubstr("usb-1"), HasSubstr("usb-2"),
                      HasSubstr("imprint-bays.toml"), HasSubstr("line 2")));
    const auto other_name = load("[station]\nbays = { left = \"usb-1\" }\n");
    ASSERT_EQ(code_of(other_name), "bay_twice");
    EXPECT_THAT(other_name.error().message, AllOf(HasSubstr("left"), HasSubstr("usb-1")));
}

TEST_F(BaysFileTest, what_is_wrong_in_it_is_told_with_its_line) {
    for (const auto& [text, code] : std::map<std::string, std::string>{
             {"[station\n", "config_syntax"},
             {"[station]\nbaud = 9600\n", "config_unknown_key"},
             {"[station]\nbais = {}\n", "config_unknown_key"},
             {"[station.bays]\n1 = 1\n", "config_value"},
             {"[station.bays]\n1 = \"a\"\n2 = \"a\"\n", "config_value"}}) {
        ASSERT_TRUE(write_file(file_, text));
        const auto config = load("");
        EXPECT_EQ(code_of(config), code) << text;
        EXPECT_THAT(config.error().describe(), HasSubstr("imprint-bays.toml line ")) << text;
    }
    std::filesystem::remove(file_);
    std::filesystem::create_directory(file_);
    EXPECT_EQ(code_of(load("")), "file_not_regular");
}

}  // namespace
}  // namespace imprint::config
