#include "bays/ports.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_code.h"
#include "bays/stub.h"

namespace imprint::bays {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class PortsTest : public ::testing::Test {
  protected:
    [[nodiscard]] Result<std::vector<BayPort>> choose(const PortWishes& wishes = {}) const {
        return choose_ports(wishes, settings_, [this] { return found_; });
    }

    // "port" of each, or the error's code.
    [[nodiscard]] std::vector<std::string> ports(const PortWishes& wishes = {}) const {
        const auto chosen = choose(wishes);
        if (!chosen) return {chosen.error().code};
        std::vector<std::string> names;
        for (const auto& one : *chosen)
            names.push_back(one.port);
        return names;
    }

    [[nodiscard]] std::vector<std::string> bays(const PortWishes& wishes = {}) const {
        const auto chosen = choose(wishes).value();
        std::vector<std::string> names;
        for (const auto& one : chosen)
            names.push_back(one.bay);
        return names;
    }

    static transport::FoundPort found(const char* path, const char* usb_path) {
        transport::FoundPort port;
        port.path = path;
        port.usb_path = usb_path;
        return port;
    }

    prepare::StationSettings settings_;
    std::vector<transport::FoundPort> found_ = {found("/dev/ttyUSB0", "usb-0:1"),
                                                found("/dev/ttyUSB1", "usb-0:2")};
};

TEST_F(PortsTest, named_ones_win_over_configured_ones_and_these_over_found_ones) {
    EXPECT_THAT(ports(), ElementsAre("/dev/ttyUSB0", "/dev/ttyUSB1"));
    settings_.ports = {"/dev/ttyS4"};
    EXPECT_THAT(ports(), ElementsAre("/dev/ttyS4"));
    EXPECT_THAT(ports({.named = {"/dev/ttyS5"}}), ElementsAre("/dev/ttyS5"));
    EXPECT_THAT(ports({.all = true}), ElementsAre("/dev/ttyUSB0", "/dev/ttyUSB1"));
    EXPECT_THAT(ports({.named = {"/dev/ttyUSB1"}, .all = true}),
                ElementsAre("/dev/ttyUSB1", "/dev/ttyUSB0"));
}

TEST_F(PortsTest, none_and_one_twice_are_refused) {
    EXPECT_THAT(ports({.named = {"a", "b", "a"}}), ElementsAre("port_twice"));
    settings_.ports = {"a", "a"};
    EXPECT_THAT(ports(), ElementsAre("port_twice"));
    settings_.ports.clear();
    found_.clear();
    EXPECT_THAT(ports(), ElementsAre("no_port"));
}

TEST_F(PortsTest, where_nothing_is_plugged_in_the_bays_that_are_empty_are_named) {
    found_.clear();
    settings_.bays = {{"left", "usb-0:7"}, {"right", "usb-0:8"}};
    const auto chosen = choose();
    ASSERT_EQ(code_of(chosen), "no_port");
    EXPECT_THAT(chosen.error().message, HasSubstr("usb-0:7 (left), usb-0:8 (right)"));
    for (int more = 0; more < 60; ++more)
        settings_.bays["bay" + std::to_string(more)] = "usb-1:" + std::to_string(more);
    EXPECT_THAT(choose().error().message, HasSubstr("54 more"));
}

TEST_F(PortsTest, a_bay_has_its_configured_name_by_port_or_by_usb_path) {
    settings_.bays = {{"left", "usb-0:2"}, {"right", "/dev/ttyUSB0"}};
    EXPECT_THAT(bays(), ElementsAre("right", "left"));
}

TEST_F(PortsTest, without_one_it_is_called_as_its_port_as_short_as_that_is_clear) {
    EXPECT_THAT(bays(), ElementsAre("ttyUSB0", "ttyUSB1"));
    EXPECT_THAT(bays({.named = {"/a/bay0", "/b/bay0", "/b/bay1"}}),
                ElementsAre("/a/bay0", "/b/bay0", "bay1"));
    EXPECT_THAT(bays({.named = {"rfc2217://10.0.0.1:4000"}}),
                ElementsAre("rfc2217://10.0.0.1:4000"));
}

TEST_F(PortsTest, a_place_is_the_usb_socket_or_else_the_port) {
    const auto chosen =
        choose({.named = {"/dev/ttyUSB1", "/dev/../dev/ttyS0", "socket://127.0.0.1:1"}});
    ASSERT_TRUE(chosen);
    EXPECT_EQ((*chosen)[0].place, "usb-0:2");
    EXPECT_EQ((*chosen)[1].place, "/dev/ttyS0");
    EXPECT_EQ((*chosen)[2].place, "socket://127.0.0.1:1");
}

TEST_F(PortsTest, for_one_board_there_must_be_one_port) {
    const auto find = [this] { return found_; };
    const auto several = choose_port("", settings_, find);
    EXPECT_EQ(code_of(several), "several_ports");
    EXPECT_THAT(several.error().hint, HasSubstr("--port /dev/ttyUSB0"));
    EXPECT_EQ(choose_port("/dev/ttyUSB1", settings_, find)->place, "usb-0:2");
    found_.pop_back();
    EXPECT_EQ(choose_port("", settings_, find)->port, "/dev/ttyUSB0");
    found_.clear();
    EXPECT_EQ(code_of(choose_port("", settings_, find)), "no_port");
}

TEST(NaturalOrder, is_that_in_which_people_count) {
    std::vector<std::string> names{"10", "2", "line 10", "left", "1", "line 2", "01", "16", "9"};
    std::ranges::sort(names, in_natural_order);
    EXPECT_EQ(names, (std::vector<std::string>{"01", "1", "2", "9", "10", "16", "left", "line 2",
                                               "line 10"}));
}

TEST(StubDirectory, is_the_configured_one_unless_none_is_wished) {
    prepare::StationSettings settings;
    settings.stub_directory = "/opt/stubs";
    EXPECT_EQ(stub_directory(settings), "/opt/stubs");
    settings.use_stub = false;
    EXPECT_EQ(stub_directory(settings), "");
}

}  // namespace
}  // namespace imprint::bays
