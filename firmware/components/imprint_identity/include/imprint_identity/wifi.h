// wifi.json, a file beside the identity (credentials.extra_directory): the network of the place
// where boards are used, so that it is not compiled in.
//
//   {"ssid": "plant 3", "password": "…", "pop": "…"}
//
// ssid and password may both be missing: then the board waits to be told by a phone, which proves
// with pop that it may (network_provisioning's proof of possession).
#pragma once

#include <cstddef>

namespace imprint_identity {

struct WifiSettings {
    WifiSettings() = default;
    WifiSettings(const WifiSettings&) = delete;
    WifiSettings& operator=(const WifiSettings&) = delete;
    WifiSettings(WifiSettings&&) = delete;
    WifiSettings& operator=(WifiSettings&&) = delete;
    ~WifiSettings();  // wipes

    // Sizes as IEEE 802.11 and WPA have them: 32 bytes; 8 to 63 characters, or 64 hex digits.
    char ssid[33] = "";
    char password[65] = "";  // empty: an open network
    char pop[33] = "";
};

inline constexpr std::size_t wifi_file_size = 1024;  // at most

// What is wrong, in a few words and without a part of the password; null: nothing.
const char* parse_wifi(const char* text, std::size_t size, WifiSettings& into);

}  // namespace imprint_identity
