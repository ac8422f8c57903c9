#include "transport/port_url.h"

#include <gtest/gtest.h>

#include "base/error_code.h"

namespace imprint::transport {
namespace {

TEST(PortUrl, a_plain_name_is_a_device) {
    EXPECT_EQ(parse_port_url("/dev/ttyUSB0").value(), PortAddress(DevicePath{"/dev/ttyUSB0"}));
    EXPECT_EQ(parse_port_url("/dev/serial/by-path/pci-0000:00:14.0-usb-0:3:1.0-port0").value(),
              PortAddress(DevicePath{"/dev/serial/by-path/pci-0000:00:14.0-usb-0:3:1.0-port0"}));
}

TEST(PortUrl, a_socket_has_host_and_port) {
    EXPECT_EQ(parse_port_url("socket://127.0.0.1:5555").value(),
              PortAddress(SocketAddress{"127.0.0.1", 5555}));
    EXPECT_EQ(parse_port_url("rfc2217://[::1]:4000").value(),
              PortAddress(Rfc2217Address{{"::1", 4000}}));
    EXPECT_EQ(parse_port_url("socket://bench-7.local:1").value(),
              PortAddress(SocketAddress{"bench-7.local", 1}));
    EXPECT_EQ(parse_port_url("socket://[fe80::1]:65535").value(),
              PortAddress(SocketAddress{"fe80::1", 65535}));
}

// As esp_rfc2217_server says to write it.
TEST(PortUrl, a_terminal_server_may_have_pyserials_options) {
    EXPECT_EQ(parse_port_url("rfc2217://127.0.0.1:2217?ign_set_control").value(),
              PortAddress(Rfc2217Address{{"127.0.0.1", 2217}, true}));
    EXPECT_EQ(parse_port_url("rfc2217://host:1?poll_modem&ign_set_control&timeout=5").value(),
              PortAddress(Rfc2217Address{{"host", 1}, true}));
    EXPECT_EQ(parse_port_url("rfc2217://host:1/?logging=debug").value(),
              PortAddress(Rfc2217Address{{"host", 1}, false}));
    const auto unknown = parse_port_url("rfc2217://host:1?ign_control");
    ASSERT_FALSE(unknown);
    EXPECT_NE(unknown.error().message.find("ign_control"), std::string::npos);
    EXPECT_FALSE(parse_port_url("socket://host:1?ign_set_control"));
}

TEST(PortUrl, anything_else_is_refused_as_a_usage_error) {
    for (const char* url :
         {"", "socket://", "socket://host", "socket://:5555", "socket://host:", "socket://host:0",
          "socket://host:65536", "socket://host:12a", "socket://host:-1", "socket://fe80::1:5555",
          "socket://[]:5555", "telnet://host:5555", "http://host:80"}) {
        const auto address = parse_port_url(url);
        ASSERT_FALSE(address) << url;
        EXPECT_EQ(address.error().kind, ErrorKind::usage);
        EXPECT_EQ(code_of(address), "port_url");
    }
}

TEST(PortUrl, a_password_in_one_that_is_refused_is_not_shown) {
    const auto refused = parse_port_url("rfc2217://user:PW@host:1");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().describe().find("PW"), std::string::npos);
}

}  // namespace
}  // namespace imprint::transport
