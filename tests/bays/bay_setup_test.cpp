#include "bays/bay_setup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_code.h"

namespace imprint::bays {
namespace {

using transport::PortChange;
using Places = std::map<std::string, std::string>;

PortChange came(const std::string& socket, const std::string& port = "/dev/ttyUSB0") {
    PortChange change{PortChange::Kind::came, {}};
    change.port.path = port;
    change.port.usb_path = socket;
    return change;
}

PortChange went(const std::string& socket) {
    PortChange change = came(socket);
    change.kind = PortChange::Kind::went;
    return change;
}

TEST(BaySetup, what_is_plugged_in_while_a_name_waits_is_that_bay) {
    BaySetup setup(Places{});
    EXPECT_EQ(setup.take(came("usb-1")), std::nullopt) << "nothing waits yet";
    ASSERT_TRUE(setup.expect("left"));
    EXPECT_EQ(setup.take(went("usb-1")), std::nullopt);
    EXPECT_EQ(setup.expected(), "left");
    EXPECT_EQ(setup.take(came("usb-2", "/dev/ttyACM0")),
              (LearntBay{"left", "usb-2", "/dev/ttyACM0", false}));
    EXPECT_EQ(setup.expected(), std::nullopt);
    EXPECT_EQ(setup.bays(), (Places{{"left", "usb-2"}}));
}

TEST(BaySetup, a_port_without_a_usb_path_is_its_own_place) {
    BaySetup setup(Places{});
    ASSERT_TRUE(setup.expect("1"));
    EXPECT_EQ(setup.take(came("", "/srv/bays/a")), (LearntBay{"1", "/srv/bays/a", "/srv/bays/a"}));
}

TEST(BaySetup, a_socket_that_has_a_name_is_told_once_and_the_name_goes_on_waiting) {
    BaySetup setup(Places{{"1", "usb-1"}});
    ASSERT_TRUE(setup.expect("2"));
    EXPECT_EQ(setup.take(came("usb-1")), (LearntBay{"1", "usb-1", "/dev/ttyUSB0", true}));
    // A chip that resets itself over and over.
    EXPECT_EQ(setup.take(went("usb-1")), std::nullopt);
    EXPECT_EQ(setup.take(came("usb-1")), std::nullopt);
    EXPECT_EQ(setup.expected(), "2");
    EXPECT_TRUE(setup.take(came("usb-2")));
    // The same one, now in the way of the next name.
    ASSERT_TRUE(setup.expect("3"));
    EXPECT_EQ(setup.take(came("usb-2"))->known, true);
    EXPECT_EQ(setup.bays(), (Places{{"1", "usb-1"}, {"2", "usb-2"}}));
}

TEST(BaySetup, a_name_that_is_where_it_was_is_done_and_one_that_is_elsewhere_moves) {
    BaySetup setup(Places{{"1", "usb-1"}, {"2", "usb-2"}});
    ASSERT_TRUE(setup.expect("1"));
    EXPECT_EQ(setup.take(came("usb-1"))->known, true);
    EXPECT_EQ(setup.expected(), std::nullopt);
    ASSERT_TRUE(setup.expect("2"));
    EXPECT_EQ(setup.take(came("usb-3"))->known, false);
    EXPECT_EQ(setup.bays(), (Places{{"1", "usb-1"}, {"2", "usb-3"}}));
}

TEST(BaySetup, what_names_a_bay_by_its_port_counts_too) {
    BaySetup setup(Places{{"old", "/dev/ttyUSB7"}});
    ASSERT_TRUE(setup.expect("1"));
    EXPECT_EQ(setup.take(came("usb-1", "/dev/ttyUSB7"))->bay, "old");
}

TEST(BaySetup, a_bay_that_is_named_twice_or_written_elsewhere_is_refused) {
    BaySetup setup(Places{{"fixed", "usb-9"}}, Places{{"fixed", "usb-9"}});
    EXPECT_EQ(code_of(setup.expect("fixed")), "bay_twice");
    ASSERT_TRUE(setup.expect("1"));
    ASSERT_TRUE(setup.take(came("usb-1")));
    EXPECT_EQ(code_of(setup.expect("1")), "bay_twice");
    EXPECT_EQ(setup.take(came("usb-2")), std::nullopt) << "nothing waits";
    // Its socket is told all the same.
    ASSERT_TRUE(setup.expect("2"));
    EXPECT_EQ(setup.take(came("usb-9"))->bay, "fixed");
}

TEST(BaySetup, names_that_nobody_could_type_are_refused) {
    BaySetup setup(Places{});
    for (const auto* name : {"", "two words", "start", "again", "stop", "off", "on", "=1", "a\nb"})
        EXPECT_EQ(code_of(setup.expect(name)), "bad_usage") << name;
    EXPECT_EQ(setup.expected(), std::nullopt);
}

TEST(BaySetup, numbers_that_are_taken_or_left_out_are_passed_over) {
    BaySetup setup(Places{{"1", "usb-1"}, {"3", "usb-3"}});
    EXPECT_EQ(setup.next_number(), "2");
    ASSERT_TRUE(setup.expect("2"));
    setup.skip();
    EXPECT_EQ(setup.expected(), std::nullopt);
    EXPECT_EQ(setup.next_number(), "4");
}

}  // namespace
}  // namespace imprint::bays
