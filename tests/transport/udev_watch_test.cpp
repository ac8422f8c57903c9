// Run under umockdev, whose USB tree is changed while it is watched.
#include <cstdlib>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <umockdev.h>

#include "transport/port_watch.h"

namespace imprint::transport {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class UdevWatchTest : public ::testing::Test {
  protected:
    void SetUp() override {
        if (std::getenv("IMPRINT_MOCKED_USB") == nullptr)
            GTEST_SKIP() << "no mocked USB tree: run by ctest, under umockdev's wrapper";
        testbed_ = umockdev_testbed_new();
        hub_ = add("usb", "hub", nullptr, {"idVendor", "1d6b"}, {"DEVTYPE", "usb_device"});
        watch_ = watch_udev(clock_).value();
    }

    void TearDown() override {
        watch_.reset();
        if (testbed_ != nullptr) g_object_unref(testbed_);
    }

    // Names and values by turns.
    using Pairs = std::vector<const char*>;

    std::string add(const char* subsystem, const std::string& name, const char* parent,
                    Pairs attributes, Pairs properties) {
        attributes.push_back(nullptr);
        properties.push_back(nullptr);
        gchar* made = umockdev_testbed_add_devicev(testbed_, subsystem, name.c_str(), parent,
                                                   const_cast<gchar**>(attributes.data()),
                                                   const_cast<gchar**>(properties.data()));
        std::string path(made);
        g_free(made);
        return path;
    }

    // A board on its bridge; umockdev reports each device as it is added.
    void plug(const std::string& socket, const std::string& tty) {
        const std::string device =
            add("usb", socket, hub_.c_str(),
                {"serial", socket.c_str(), "idVendor", "10c4", "idProduct", "ea60"},
                {"DEVTYPE", "usb_device"});
        const std::string interface = add("usb", socket + ":1.0", device.c_str(), {},
                                          {"DEVTYPE", "usb_interface", "DRIVER", "cp210x"});
        umockdev_testbed_set_attribute_link(testbed_, interface.c_str(), "driver",
                                            "../../../../bus/usb/drivers/cp210x");
        const std::string node = "/dev/" + tty;
        devices_[tty] = {add("tty", tty, interface.c_str(), {}, {"DEVNAME", node.c_str()}),
                         interface, device};
    }

    void pull(const std::string& tty) {
        for (const auto& path : devices_[tty]) {
            umockdev_testbed_uevent(testbed_, path.c_str(), "remove");
            umockdev_testbed_remove_device(testbed_, path.c_str());
        }
        devices_.erase(tty);
    }

    std::vector<std::string> look(Milliseconds patience = std::chrono::seconds(20)) {
        std::vector<std::string> all;
        const auto changes = watch_->next(patience, {});
        EXPECT_TRUE(changes);
        if (!changes) return all;
        for (const auto& change : *changes)
            all.push_back((change.kind == PortChange::Kind::came ? "+ " : "- ") + change.port.path +
                          " " + change.port.usb_path);
        return all;
    }

    SystemClock clock_;
    UMockdevTestbed* testbed_ = nullptr;
    std::string hub_;
    std::map<std::string, std::vector<std::string>> devices_;
    std::unique_ptr<PortWatch> watch_;
};

TEST_F(UdevWatchTest, ports_come_and_go_as_udev_reports_them) {
    EXPECT_THAT(look(Milliseconds(0)), IsEmpty());
    plug("1-3", "ttyUSB0");
    EXPECT_THAT(look(), ElementsAre("+ /dev/ttyUSB0 1-3:1.0"));
    EXPECT_THAT(look(Milliseconds(0)), IsEmpty());
    plug("1-4", "ttyUSB1");
    EXPECT_THAT(look(), ElementsAre("+ /dev/ttyUSB1 1-4:1.0"));
    pull("ttyUSB0");
    EXPECT_THAT(look(), ElementsAre("- /dev/ttyUSB0 1-3:1.0"));
}

TEST_F(UdevWatchTest, a_board_that_is_exchanged_at_once_went_and_came) {
    plug("1-3", "ttyUSB0");
    EXPECT_THAT(look(), ElementsAre("+ /dev/ttyUSB0 1-3:1.0"));
    pull("ttyUSB0");
    plug("1-3", "ttyUSB0");
    std::vector<std::string> all = look();
    while (all.size() < 2)
        for (const auto& one : look())
            all.push_back(one);
    EXPECT_THAT(all, ElementsAre("- /dev/ttyUSB0 1-3:1.0", "+ /dev/ttyUSB0 1-3:1.0"));
}

TEST_F(UdevWatchTest, what_is_there_at_first_has_come) {
    plug("1-3", "ttyUSB0");
    watch_ = watch_udev(clock_).value();
    EXPECT_THAT(look(Milliseconds(0)), ElementsAre("+ /dev/ttyUSB0 1-3:1.0"));
}

}  // namespace
}  // namespace imprint::transport
