// [page] of imprint.toml, as plain values.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace imprint::logins {

enum class NeedLogin : std::uint8_t {
    network,  // where the page is reached from other machines
    always,
};

struct Settings {
    std::string listen = "127.0.0.1:7625";  // address:port, [IPv6 address]:port
    std::filesystem::path certificate;      // PEM: the page's own, then its chain; empty: no TLS
    std::filesystem::path key;              // PEM, mode 0600
    std::filesystem::path users = "imprint-users.txt";
    NeedLogin login = NeedLogin::network;
};

}  // namespace imprint::logins
