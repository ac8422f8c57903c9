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

TEST(Pseudonyms, a_mac_address_is_found_in_unusual_forms_and_within_words) {
    Pseudonyms names;
    for (const char* text : {"24ec4a00a1b2", "24EC4A00A1B2", "24%3Aec%3A4a%3A00%3Aa1%3Ab2",
                             "24ec.4a00.a1b2", "24 ec 4a 00 a1 b2", "24_ec_4a_00_a1_b2",
                             "24.ec.4a.00.a1.b2", "24:ec:4a:ff:fe:00:a1:b2", "24ec4afffe00a1b2"})
        EXPECT_EQ(names.replace(text), "mac-1") << text;
    EXPECT_EQ(names.replace("0x24ec4a00a1b2, thing24ec4a00a1b2, x-24-ec-4a-00-a1-b2"),
              "0xmac-1, thingmac-1, x-mac-1");
    names.add("mac", "24ec4a00a1b2");
    EXPECT_EQ(names.replace("node24ec4a00a1b2 24ec4a00a1b2x"), "nodemac-1 mac-1x");
    names.add("mac", "240000000001");
    EXPECT_EQ(names.replace("240000000001 24 00 00 00 00 01"), "mac-2 mac-2");
}

TEST(Pseudonyms, what_only_looks_like_a_mac_address_stays) {
    Pseudonyms names;
    for (const char* text :
         {"123456789012", "202611301615", "26_11_30_12_30_45", "10 20 30 40 50 60",
          "550e8400-e29b-41d4-a716-446655440000", "00 11 22 33 44 55 66 77 a8 99 aa bb cc dd ee ff",
          "AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01"})
        EXPECT_EQ(names.replace(text), text);
}

TEST(Pseudonyms, an_account_and_the_beginning_of_a_certificates_id_are_no_mac_address) {
    Pseudonyms names;
    names.add("account", "123456789012");
    names.add("certificate", "0123456789ab" + std::string(52, 'c'));
    EXPECT_EQ(names.replace("account 123456789012, certificate 0123456789ab…"),
              "account account-1, certificate certificate-1…");
}

TEST(Pseudonyms, an_ip_address_is_found_wherever_it_stands) {
    Pseudonyms names;
    EXPECT_EQ(names.replace("from:10.1.2.3 tcp:10.1.2.3:9100 face:10.1.2.3 10.1.2.3... "
                            "...10.1.2.3 from:fe80::7"),
              "from:ip-1 tcp:ip-1:9100 face:ip-1 ip-1... ...ip-1 from:ip-2");
}

TEST(Pseudonyms, a_name_is_found_in_any_case_and_a_host_by_its_first_part) {
    Pseudonyms names;
    names.add("host", "LinePC-7");
    names.add("host", "term-server.example.com");
    names.add("host", "git.example.com");
    EXPECT_EQ(names.replace("LINEPC-7 linepc-7 term-server Term-Server.example.com git"),
              "host-1 host-1 host-2 host-2 git");
}

TEST(Pseudonyms, words_of_the_program_and_of_each_computer_are_no_names) {
    Pseudonyms names;
    for (const char* word : {"imprint", "root", "localhost", "default"})
        names.add("user", word);
    EXPECT_EQ(names.replace("imprint root localhost default"), "imprint root localhost default");
}

TEST(Pseudonyms, serial_numbers_are_learned_from_names_of_ports) {
    Pseudonyms names;
    names.learn(R"(["/dev/serial/by-id/usb-Silicon_Labs_CP2102N_a1b2c3d4e5-if00-port0"])");
    names.learn("/dev/serial/by-id/usb-1a86_USB2.0-Serial-if00-port0");
    EXPECT_EQ(names.replace("by-id/usb-Silicon_Labs_CP2102N_a1b2c3d4e5-if00 A1B2C3D4E5 Serial"),
              "by-id/usb-Silicon_Labs_CP2102N_usb-serial-1-if00 usb-serial-1 Serial");
}

TEST(Pseudonyms, all_texts_of_a_document_are_replaced_and_no_name) {
    Pseudonyms names;
    names.add("host", "mac");
    nlohmann::ordered_json json{{"mac", "mac"}, {"list", {"24:6f:28:a1:b2:c3", 5}}};
    names.replace(json);
    EXPECT_EQ(json.dump(), R"({"mac":"host-1","list":["mac-1",5]})");
}

TEST(Pseudonyms, a_known_mac_address_within_a_word_may_be_in_capitals) {
    Pseudonyms names;
    names.add("thing", "246f28a1b2c3");
    EXPECT_EQ(names.replace("node246F28A1B2C3"), "nodemac-1");
}

}  // namespace
}  // namespace imprint::support
