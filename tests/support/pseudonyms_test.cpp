// Names in the place of what tells of boards, people and places.
#include "support/pseudonyms.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace imprint::support {
namespace {

TEST(Pseudonyms, a_mac_address_has_one_name_however_it_is_written) {
    Pseudonyms names;
    EXPECT_EQ(names.replace("24:6f:28:a1:b2:c3 246f28a1b2c3 24-6F-28-A1-B2-C3 246F28A1B2C3"),
              "mac-1 mac-1 mac-1 mac-1");
    EXPECT_EQ(names.replace("246f28a1b2c4, 246f28a1b2c3."), "mac-2, mac-1.");
}

TEST(Pseudonyms, what_is_longer_or_shorter_is_no_mac_address) {
    Pseudonyms names;
    for (const char* text : {"246f28a1b2c", "246f28a1b2c3d", "2026-11-30", "12:30:45",
                             "0123456789abcdef0123456789abcdef01234567"})
        EXPECT_EQ(names.replace(text), text);
}

TEST(Pseudonyms, known_values_are_replaced_as_words_the_longest_first) {
    Pseudonyms names;
    names.add("thing", "lamp");
    names.add("thing", "lamp-246f28a1b2c3");
    names.add("thing", "");
    names.add("station", "la");
    EXPECT_EQ(names.replace("lamp-246f28a1b2c3 lamp lamps clamp la lamp: \"lamp\""),
              "thing-2 thing-1 lamps clamp la thing-1: \"thing-1\"");
}

TEST(Pseudonyms, an_ip_address_has_one_name_however_it_is_written) {
    Pseudonyms names;
    EXPECT_EQ(names.replace("rfc2217://192.168.1.20:4000, 192.168.1.20. 192.168.1.21/24"),
              "rfc2217://ip-1:4000, ip-1. ip-2/24");
    EXPECT_EQ(names.replace("http://[fe80::1:2]:80 FE80:0:0:0:0:0:1:2 fe80::1:2: refused"),
              "http://[ip-3]:80 ip-3 ip-3: refused");
    names.add("host", "192.168.1.20");
    EXPECT_EQ(names.replace("192.168.1.20"), "ip-1");
}

TEST(Pseudonyms, loopback_times_and_versions_are_no_ip_addresses) {
    Pseudonyms names;
    for (const char* text : {"127.0.0.1:8080", "0.0.0.0", "[::]:80", "::1", "12:30:45", "1.2.3",
                             "1.2.3.4.5", "v1.2.3.4", "std::size", "a:b", "1:2.36-9", "999.1.1.1"})
        EXPECT_EQ(names.replace(text), text);
}

TEST(Pseudonyms, a_thing_that_is_its_mac_address_can_still_be_followed) {
    Pseudonyms names;
    names.add("thing", "246f28a1b2c3");
    EXPECT_EQ(names.replace("thing 246f28a1b2c3 of 24:6f:28:a1:b2:c3"), "thing mac-1 of mac-1");
}

TEST(Pseudonyms, all_texts_of_a_document_are_replaced_and_no_name) {
    Pseudonyms names;
    names.add("host", "mac");
    nlohmann::ordered_json json{{"mac", "mac"}, {"list", {"24:6f:28:a1:b2:c3", 5}}};
    names.replace(json);
    EXPECT_EQ(json.dump(), R"({"mac":"host-1","list":["mac-1",5]})");
}

}  // namespace
}  // namespace imprint::support
