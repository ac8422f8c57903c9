#include "imprint_identity/identity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <string>
#include <vector>

namespace imprint_identity {

namespace {

using ::testing::HasSubstr;

std::string pem(const std::string& label, const std::string& body = "AAECAwQF\nBgcICQo=") {
    return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
}

// Files in memory; a negative size stands for a file that cannot be read.
class Files {
  public:
    std::map<std::string, std::string> content = {
        {"certificate.pem.crt", pem("CERTIFICATE")},
        {"private.pem.key", pem("EC PRIVATE KEY")},
        {"aws-root-ca.pem", pem("CERTIFICATE") + pem("CERTIFICATE")},
        {"device.json", R"({"thing_name":"lamp-1","client_id":"240ac4000001",
            "endpoint":"abc.iot.eu-west-1.amazonaws.com","port":8883,"lot":"L7"})"}};
    std::string unreadable;
    std::vector<std::string> asked;  // for their content

    FileSource source() {
        return {[](void* self, const char* name) {
                    const Files& files = *static_cast<Files*>(self);
                    const auto found = files.content.find(name);
                    return found == files.content.end() ? FileSource::missing
                                                        : static_cast<long>(found->second.size());
                },
                [](void* self, const char* name, char* into, std::size_t size) {
                    Files& files = *static_cast<Files*>(self);
                    files.asked.emplace_back(name);
                    if (files.unreadable == name) return false;
                    files.content.at(name).copy(into, size);
                    return true;
                },
                this};
    }
};

class LoadIdentity : public testing::Test {
  protected:
    Problem run(Parts wanted = all_parts) {
        return load(files_.source(), {}, mac_, {}, identity_, mended_, wanted);
    }

    Files files_;
    Mac mac_ = {0x24, 0x0A, 0xC4, 0x00, 0x00, 0x01};
    Identity identity_;
    Problem mended_;
};

TEST_F(LoadIdentity, takes_what_imprint_writes) {
    const Problem problem = run();
    EXPECT_EQ(problem.status, Status::ok) << problem.text;
    EXPECT_STREQ(identity_.thing_name.c_str(), "lamp-1");
    EXPECT_STREQ(identity_.client_id.c_str(), "240ac4000001");
    EXPECT_STREQ(identity_.endpoint.c_str(), "abc.iot.eu-west-1.amazonaws.com");
    EXPECT_STREQ(identity_.lot.c_str(), "L7");
    EXPECT_EQ(identity_.port, 8883);
    EXPECT_EQ(identity_.private_key.c_str(), files_.content["private.pem.key"]);
    EXPECT_EQ(identity_.private_key.size(), files_.content["private.pem.key"].size());
}

TEST_F(LoadIdentity, digests_without_the_checksum_that_covers_them_are_damage) {
    std::string& device = files_.content["device.json"];
    device.insert(device.size() - 1,
                  R"(,"sha256":{"certificate":")" + std::string(64, '0') + "\"}");
    const Problem problem = run();
    EXPECT_EQ(problem.status, Status::damaged) << problem.text;
    EXPECT_THAT(problem.text, HasSubstr("no checksum"));
}

TEST_F(LoadIdentity, one_file_of_the_second_copy_takes_the_place_of_a_damaged_one) {
    files_.content["copy/private.pem.key"] = files_.content["private.pem.key"];
    files_.content["private.pem.key"] = "garbage";
    EXPECT_EQ(run().status, Status::ok);
    EXPECT_EQ(mended_.status, Status::not_pem);
    EXPECT_THAT(mended_.text, HasSubstr("private.pem.key"));
    EXPECT_EQ(identity_.private_key.c_str(), files_.content["copy/private.pem.key"]);
    files_.content["copy/private.pem.key"] = "garbage too";
    identity_ = {};
    EXPECT_EQ(run().status, Status::not_pem);
    EXPECT_TRUE(identity_.private_key.empty());
}

TEST_F(LoadIdentity, a_board_with_none_of_them_was_never_prepared) {
    files_.content.clear();
    EXPECT_EQ(run().status, Status::not_prepared);
    files_.content["copy/device.json"] = "{}";
    EXPECT_NE(run().status, Status::not_prepared) << "something is there";
}

TEST_F(LoadIdentity, names_each_missing_empty_unreadable_or_oversized_file) {
    for (const char* name :
         {"certificate.pem.crt", "private.pem.key", "aws-root-ca.pem", "device.json"}) {
        files_ = {};
        files_.content.erase(name);
        Problem problem = run();
        EXPECT_EQ(problem.status, Status::file_missing);
        EXPECT_THAT(problem.text, HasSubstr(name));

        files_ = {};
        files_.content[name].clear();
        problem = run();
        EXPECT_EQ(problem.status, Status::file_empty);
        EXPECT_THAT(problem.text, HasSubstr(name));

        files_ = {};
        files_.unreadable = name;
        problem = run();
        EXPECT_EQ(problem.status, Status::file_unreadable);
        EXPECT_THAT(problem.text, HasSubstr(name));

        files_ = {};
        files_.content[name].append(9000, ' ');
        problem = run();
        EXPECT_EQ(problem.status, Status::file_too_large);
        EXPECT_THAT(problem.text, HasSubstr(name));
    }
}

TEST_F(LoadIdentity, reads_no_more_than_is_wanted) {
    files_.content["private.pem.key"] = "damaged, and nobody asks";
    ASSERT_FALSE(run(0));
    EXPECT_STREQ(identity_.endpoint.c_str(), "abc.iot.eu-west-1.amazonaws.com");
    EXPECT_TRUE(identity_.private_key.empty() && identity_.certificate.empty());
    EXPECT_EQ(files_.asked, std::vector<std::string>{"device.json"});
    files_.asked.clear();
    ASSERT_FALSE(run(part_certificate | part_root_ca));
    EXPECT_FALSE(identity_.certificate.empty() || identity_.root_ca.empty());
    EXPECT_TRUE(identity_.private_key.empty());
    EXPECT_EQ(files_.asked,
              (std::vector<std::string>{"device.json", "certificate.pem.crt", "aws-root-ca.pem"}));
    EXPECT_EQ(run(part_private_key).status, Status::not_pem);
}

TEST_F(LoadIdentity, another_boards_is_told_whatever_is_wanted) {
    mac_[5] = 2;
    EXPECT_EQ(run(0).status, Status::another_boards);
}

// A sequence of a sequence, and of an integer: as a certificate and a key begin.
std::string der(char first, std::size_t size) {
    std::string content{first, 2, 1, 0};
    content.resize(size, 'x');
    std::string head{0x30};
    if (size > 0xFF)
        head += {static_cast<char>(0x82), static_cast<char>(size >> 8), static_cast<char>(size)};
    else if (size > 0x7F)
        head += {static_cast<char>(0x81), static_cast<char>(size)};
    else
        head += static_cast<char>(size);
    return head + content;
}

TEST_F(LoadIdentity, takes_der_as_it_is) {
    files_.content["certificate.pem.crt"] = der(0x30, 700);
    files_.content["private.pem.key"] = der(0x02, 121);
    const Problem problem = run();
    ASSERT_FALSE(problem) << problem.text;
    EXPECT_EQ(std::string(identity_.private_key.c_str(), identity_.private_key.size()),
              der(0x02, 121));
    EXPECT_EQ(identity_.certificate.size(), 704U);
    std::swap(files_.content["certificate.pem.crt"], files_.content["private.pem.key"]);
    EXPECT_EQ(run().status, Status::not_pem) << "in each other's place";
}

TEST(Der, takes_one_whole_element_of_its_kind) {
    for (const std::size_t size : {4U, 0x7FU, 0x80U, 0xFFU, 0x100U, 0x1234U}) {
        const std::string certificate = der(0x30, size);
        EXPECT_TRUE(is_der(certificate.data(), certificate.size(), PemKind::certificate)) << size;
        EXPECT_FALSE(is_der(certificate.data(), certificate.size(), PemKind::private_key));
        const std::string key = der(0x02, size);
        EXPECT_TRUE(is_der(key.data(), key.size(), PemKind::private_key)) << size;
        EXPECT_FALSE(is_der(key.data(), key.size(), PemKind::certificate));
        for (std::size_t cut = 0; cut < key.size(); ++cut) {
            const std::vector<char> part(key.begin(), key.begin() + static_cast<long>(cut));
            EXPECT_FALSE(is_der(part.data(), part.size(), PemKind::private_key)) << cut;
        }
        const std::string longer = key + "x";
        EXPECT_FALSE(is_der(longer.data(), longer.size(), PemKind::private_key));
    }
}

TEST(Der, refuses_lengths_that_are_not_written_as_der_writes_them) {
    using namespace std::string_literals;
    for (const std::string& text : {
             "\x30\x80\x02\x01\x00\x00\x00"s,  // indefinite
             "\x30\x81\x03\x02\x01\x00"s,      // longer than it needs
             "\x30\x82\x00\x83\x02\x01\x00"s + std::string(128, 'x'),
             "\x30\x84\x00\x00\x00\x03\x02\x01\x00"s,
             "\x31\x03\x02\x01\x00"s,  // a set
             "\x30\x03\x02\x05\x00"s,  // whose first element leads beyond it
             "\x30\x00"s,
         })
        EXPECT_FALSE(is_der(text.data(), text.size(), PemKind::private_key));
}

TEST_F(LoadIdentity, refuses_pem_files_in_each_others_place) {
    files_.content["private.pem.key"] = pem("CERTIFICATE");
    Problem problem = run();
    EXPECT_EQ(problem.status, Status::not_pem);
    EXPECT_STREQ(problem.text, "the file private.pem.key holds no whole PEM private key");
    files_ = {};
    files_.content["certificate.pem.crt"] = pem("EC PRIVATE KEY");
    problem = run();
    EXPECT_STREQ(problem.text, "the file certificate.pem.crt holds no whole PEM certificate");
}

TEST_F(LoadIdentity, refuses_anothers_credentials_and_keeps_its_own) {
    ASSERT_FALSE(run());
    mac_[5] = 2;
    const Problem problem = run();
    EXPECT_EQ(problem.status, Status::another_boards);
    EXPECT_STREQ(problem.text,
                 "these credentials are for the board 240ac4000001, this board is 240ac4000002");
    EXPECT_STREQ(identity_.client_id.c_str(), "240ac4000001") << "only changed when all is well";
}

TEST_F(LoadIdentity, never_shows_a_part_of_the_key) {
    files_.content["private.pem.key"] = "-----BEGIN EC PRIVATE KEY-----\nc2VjcmV0\n";
    EXPECT_THAT(run().text, testing::Not(HasSubstr("c2Vj")));
}

TEST(Pem, takes_every_kind_of_key_that_is_whole) {
    for (const std::string& text :
         {pem("EC PRIVATE KEY"), pem("RSA PRIVATE KEY"), pem("PRIVATE KEY"),
          pem("EC PARAMETERS", "BggqhkjOPQMBBw==") + pem("EC PRIVATE KEY"),
          "a comment\r\n" + pem("PRIVATE KEY", "AAAA\r\nBBBB")})
        EXPECT_TRUE(is_pem(text.data(), text.size(), PemKind::private_key)) << text;
}

TEST(Pem, refuses_what_is_not_whole) {
    for (const std::string& text :
         {std::string(), std::string("text"), pem("PUBLIC KEY"), pem("ENCRYPTED PRIVATE KEY"),
          pem("PRIVATE KEY") + pem("PRIVATE KEY"), pem("PRIVATE KEY", ""),
          pem("PRIVATE KEY", "AAA"), pem("PRIVATE KEY", "AA*A"), pem("PRIVATE KEY", "A==A"),
          pem("PRIVATE KEY", "A==="),
          std::string("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n"),
          pem("PRIVATE KEY").substr(0, 40), pem("EC PARAMETERS")})
        EXPECT_FALSE(is_pem(text.data(), text.size(), PemKind::private_key)) << text;
}

TEST(Pem, a_cut_file_is_never_whole) {
    const std::string text = pem("CERTIFICATE");
    for (std::size_t size = 0; size + 1 < text.size(); ++size) {
        const std::vector<char> cut(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(size));
        EXPECT_FALSE(is_pem(cut.data(), cut.size(), PemKind::certificate)) << size;
    }
}

Problem device(const std::string& text, Identity& into) {
    return parse_device(text.data(), text.size(), {}, into);
}

std::string with(const std::string& member, const std::string& value) {
    std::map<std::string, std::string> members = {{"thing_name", "\"lamp-1\""},
                                                  {"client_id", "\"240ac4000001\""},
                                                  {"endpoint", "\"localhost\""},
                                                  {"port", "8883"},
                                                  {"lot", "\"\""}};
    if (value.empty())
        members.erase(member);
    else
        members[member] = value;
    std::string text = "{";
    for (const auto& [name, one] : members)
        text += (text.size() > 1 ? ",\"" : "\"") + name + "\":" + one;
    return text + "}";
}

TEST(DeviceJson, wants_each_member_but_the_lot) {
    Identity identity;
    for (const char* member : {"thing_name", "client_id", "endpoint", "port"}) {
        const Problem problem = device(with(member, ""), identity);
        EXPECT_EQ(problem.status, Status::field_missing);
        EXPECT_EQ(problem.text, "device.json: " + std::string(member) + " is missing");
    }
    EXPECT_FALSE(device(with("lot", ""), identity));
}

TEST(DeviceJson, refuses_values_that_cannot_be) {
    Identity identity;
    const std::pair<const char*, const char*> bad[] = {{"port", "0"},
                                                       {"port", "65536"},
                                                       {"port", "\"8883\""},
                                                       {"port", "88.83"},
                                                       {"port", "-1"},
                                                       {"port", "1e3"},
                                                       {"thing_name", "\"\""},
                                                       {"thing_name", "1"},
                                                       {"thing_name", "\"a/b\""},
                                                       {"client_id", "\"a b\""},
                                                       {"endpoint", "\"https://x\""},
                                                       {"endpoint", "null"},
                                                       {"lot", "7"}};
    for (const auto& [member, value] : bad) {
        const Problem problem = device(with(member, value), identity);
        EXPECT_EQ(problem.status, Status::field_invalid) << member << value;
        EXPECT_THAT(problem.text, HasSubstr(member));
    }
    const std::string long_name = "\"" + std::string(129, 'x') + "\"";
    EXPECT_EQ(device(with("thing_name", long_name), identity).status, Status::field_invalid);
}

TEST(DeviceJson, leaves_members_alone_that_it_does_not_know) {
    Identity identity;
    EXPECT_FALSE(device(with("future", R"({"port":"x","list":[1,2]})"), identity));
    EXPECT_EQ(identity.port, 8883);
}

TEST(DeviceJson, refuses_a_member_that_comes_twice) {
    Identity identity;
    const Problem problem = device(R"({"port":1,"port":2})", identity);
    EXPECT_EQ(problem.status, Status::device_invalid);
    EXPECT_THAT(problem.text, HasSubstr("comes twice"));
}

TEST(DeviceJson, says_where_it_is_broken) {
    Identity identity;
    EXPECT_STREQ(device(R"({"port":8883)", identity).text,
                 "device.json: a comma or a closing brace is missing at byte 12");
}

}  // namespace

}  // namespace imprint_identity
