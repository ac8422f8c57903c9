// The checks as a whole, with settings whose registry is not there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>

#include "base/files.h"
#include "station/doctor.h"

namespace imprint::station {
namespace {

class Examination : public ::testing::Test {
  protected:
    Examination() {
        settings_.firmware.directory = folder_.path();
        settings_.firmware.build = "imprint-no-such-tool build";
        settings_.registry.provider = prepare::Provider::local;
        settings_.registry.state = folder_.path() / "registry";
        settings_.ledger.path = folder_.path() / "ledger.sqlite";
        settings_.station.ports = {"/dev/imprint-no-such-port"};
    }

    // By name; several with one name are as bad as the worst.
    [[nodiscard]] std::map<std::string, Health> look(Reach reach) {
        std::map<std::string, Health> all;
        for (const auto& check : examine(settings_, clock_, {}, {}, reach))
            all[check.name] = std::max(all[check.name], check.health);
        return all;
    }

    TemporaryDirectory folder_ = TemporaryDirectory::create().value();
    SystemClock clock_;
    prepare::Settings settings_;
};

TEST_F(Examination, what_a_run_would_end_with_is_a_failure) {
    const auto all = look(Reach::everything);
    for (const char* name : {"firmware", "credentials", "port"})
        EXPECT_EQ(all.at(name), Health::failure) << name;
    EXPECT_EQ(all.at("build"), Health::warning);
}

TEST_F(Examination, within_this_machine_nobody_is_asked_and_no_port_is_opened) {
    const auto all = look(Reach::this_machine);
    EXPECT_FALSE(all.contains("credentials"));
    EXPECT_FALSE(all.contains("registry"));
    EXPECT_FALSE(all.contains("build"));
    EXPECT_EQ(all.at("port"), Health::ok);
    EXPECT_EQ(all.at("firmware"), Health::failure);
}

TEST_F(Examination, the_computer_alone_fails_no_run) {
    const auto all = look(Reach::this_machine);
    for (const char* name : {"clock", "disk", "core_files"})
        ASSERT_TRUE(all.contains(name)) << name;
    for (const char* name : {"clock", "disk", "udev", "access", "usb", "service", "core_files"})
        if (all.contains(name)) {
            EXPECT_NE(all.at(name), Health::failure) << name;
        }
}

TEST_F(Examination, ports_of_another_computer_need_nothing_of_this_ones) {
    settings_.station.ports = {"rfc2217://bench.example:4000"};
    const auto all = look(Reach::this_machine);
    EXPECT_FALSE(all.contains("access"));
    EXPECT_FALSE(all.contains("udev"));
}

}  // namespace
}  // namespace imprint::station
