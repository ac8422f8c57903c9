#include "transport/port_rivals.h"

#include <gtest/gtest.h>

#include "base/files.h"

namespace imprint::transport {
namespace {

namespace fs = std::filesystem;

class PortRivals : public ::testing::Test {
  protected:
    void put(const fs::path& path, std::string_view text) {
        fs::create_directories((folder_.path() / path).parent_path());
        ASSERT_TRUE(write_file(folder_.path() / path, text));
    }

    [[nodiscard]] std::string found() const {
        std::string names;
        for (const PortRival& rival : find_port_rivals(folder_.path())) {
            EXPECT_FALSE(rival.found.empty());
            EXPECT_FALSE(rival.hint.empty());
            names += rival.program + " ";
        }
        return names;
    }

    TemporaryDirectory folder_ = TemporaryDirectory::create().value();
};

TEST_F(PortRivals, an_empty_computer_has_none) {
    EXPECT_EQ(found(), "");
}

TEST_F(PortRivals, a_modem_manager_that_runs_is_one_unless_our_rules_are_there) {
    put("proc/815/comm", "ModemManager\n");
    put("proc/816/comm", "bash\n");
    EXPECT_EQ(found(), "ModemManager ");
    put("etc/udev/rules.d/60-imprint.rules", "ENV{ID_MM_DEVICE_IGNORE}=\"1\"\n");
    EXPECT_EQ(found(), "");
}

TEST_F(PortRivals, brltty_is_one_where_it_claims_the_ch340) {
    // The line of Ubuntu 22.04's file; Debian's has it commented away.
    put("usr/lib/udev/rules.d/85-brltty.rules",
        "ENV{PRODUCT}==\"1a86/7523/*\", ENV{BRLTTY_BRAILLE_DRIVER}=\"bm\", "
        "GOTO=\"brltty_usb_run\"\n");
    EXPECT_EQ(found(), "brltty ");
    fs::create_directories(folder_.path() / "etc/udev/rules.d");
    fs::create_symlink("/dev/null", folder_.path() / "etc/udev/rules.d/85-brltty.rules");
    EXPECT_EQ(found(), "");
}

TEST_F(PortRivals, brltty_is_one_where_it_claims_the_cp210x_whatever_it_calls_itself) {
    put("usr/lib/udev/rules.d/85-brltty.rules",
        "ENV{PRODUCT}==\"10c4/ea60/*\", ATTRS{manufacturer}==\"Hedo\", GOTO=\"brltty_usb_run\"\n");
    EXPECT_EQ(found(), "");
    put("usr/lib/udev/rules.d/85-brltty.rules",
        "ENV{PRODUCT}==\"10c4/ea60/*\", GOTO=\"brltty_usb_run\"\n");
    EXPECT_EQ(found(), "brltty ");
}

TEST_F(PortRivals, a_rule_that_is_commented_away_claims_nothing) {
    put("usr/lib/udev/rules.d/85-brltty.rules", "# ENV{PRODUCT}==\"1a86/7523/*\", GOTO=\"x\"\n");
    EXPECT_EQ(found(), "");
}

}  // namespace
}  // namespace imprint::transport
