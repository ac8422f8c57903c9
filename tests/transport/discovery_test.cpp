// Run under umockdev with tests/data/transport/bench.umockdev: three boards and a modem on USB, and
// the PC's own serial port.
#include "transport/discovery.h"

#include <cstdlib>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace imprint::transport {
namespace {

using ::testing::ElementsAre;

class Discovery : public ::testing::Test {
  protected:
    void SetUp() override {
        if (std::getenv("IMPRINT_MOCKED_USB") == nullptr)
            GTEST_SKIP() << "no mocked USB tree: run by ctest, under umockdev-run";
        ports_ = find_ports();
    }

    std::vector<FoundPort> ports_;
};

TEST_F(Discovery, ports_come_in_order_of_their_sockets) {
    std::vector<std::string> paths;
    for (const FoundPort& port : ports_)
        paths.push_back(port.path);
    EXPECT_THAT(paths, ElementsAre("/dev/ttyUSB2", "/dev/ttyACM0", "/dev/ttyUSB0"));
}

TEST_F(Discovery, a_port_is_described_as_usb_has_it) {
    ASSERT_EQ(ports_.size(), 3U);
    const FoundPort& bridge = ports_[2];
    EXPECT_EQ(bridge.usb_path, "pci-0000:00:14.0-usb-0:3:1.0");
    EXPECT_EQ(bridge.vendor, 0x10C4);
    EXPECT_EQ(bridge.product, 0xEA60);
    EXPECT_EQ(bridge.serial_number, "0001");
    EXPECT_EQ(bridge.description, "CP2102N USB to UART Bridge Controller");
    EXPECT_EQ(ports_[1].product, 0x1001);
}

TEST_F(Discovery, a_socket_has_a_name_without_udevs_daemon_too) {
    ASSERT_EQ(ports_.size(), 3U);
    EXPECT_EQ(ports_[0].usb_path, "1-4:1.0");
    EXPECT_EQ(ports_[0].description, "USB device 1a86:7523");
}

}  // namespace
}  // namespace imprint::transport
