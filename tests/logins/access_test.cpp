// What the page needs before it may be reached from other machines.
#include "logins/access.h"

#include <chrono>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <sys/stat.h>

#include "base/error_code.h"
#include "base/files.h"
#include "http/tls_identity.h"
#include "logins/support.h"

namespace imprint::logins {
namespace {

using http::testing::TlsIdentity;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(ListenAddress, is_an_ip_address_and_a_port) {
    const auto told = [](std::string_view text) {
        const auto found = parse_listen(text);
        return found ? found->address + " " + std::to_string(found->port) : "none";
    };
    EXPECT_EQ(told("127.0.0.1:7625"), "127.0.0.1 7625");
    EXPECT_EQ(told("localhost:0"), "127.0.0.1 0");
    EXPECT_EQ(told("[::1]:7625"), "::1 7625");
    EXPECT_EQ(told("0.0.0.0:65535"), "0.0.0.0 65535");
    for (const char* text :
         {"", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:1x",
          "::1:7625", "[]:1", "[127.0.0.1]:1", "bench:7625", "[::1", "1.2.3:4"})
        EXPECT_EQ(told(text), "none") << text;
}

class AccessTest : public ::testing::Test {
  protected:
    void SetUp() override {
        settings_.users = at("users.txt");
        write_identity(TlsIdentity());
    }

    [[nodiscard]] std::filesystem::path at(const char* name) const { return folder_.path() / name; }

    void write_identity(const TlsIdentity& identity) const {
        ASSERT_TRUE(write_file(at("page.pem"), identity.certificate + identity.ca));
        ASSERT_TRUE(write_file(at("page.key"), identity.key.reveal_text(), FileMode::secret));
    }

    void add_user() const {
        ASSERT_TRUE(change_users(settings_.users, [](Users& users) -> Result<void> {
            users.push_back(
                {"anna", Role::engineer, hash_password("correct horse", testing::cheap)});
            return {};
        }));
    }

    void use_identity() {
        settings_.certificate = at("page.pem");
        settings_.key = at("page.key");
    }

    [[nodiscard]] Result<Access> check() const { return check_access(settings_, now_); }

    [[nodiscard]] std::string trouble() const {
        const auto access = check();
        return access ? "" : access.error().code + ": " + access.error().reason();
    }

    WallTime now_ = SystemClock().wall();
    TemporaryDirectory folder_ = *TemporaryDirectory::create();
    Settings settings_;
};

TEST_F(AccessTest, this_machine_alone_needs_nothing) {
    const auto access = check();
    ASSERT_TRUE(access) << access.error().describe();
    EXPECT_FALSE(access->gate.login_needed);
    EXPECT_EQ(access->tls, nullptr);
    EXPECT_EQ(access->gate.site.url(), "http://127.0.0.1:7625");
    EXPECT_THAT(access->gate.site.hosts, ElementsAre("127.0.0.1", "localhost", "::1"));
}

TEST_F(AccessTest, on_a_network_all_that_is_missing_is_one_error) {
    for (const char* address :
         {"0.0.0.0:7625", "192.0.2.7:7625", "[::]:7625", "[2001:db8::7]:443"}) {
        settings_.listen = address;
        EXPECT_THAT(trouble(), AllOf(HasSubstr("page_access: "), HasSubstr("page.certificate"),
                                     HasSubstr("page.key"), HasSubstr("has no user")))
            << address;
    }
    use_identity();
    EXPECT_THAT(trouble(), AllOf(HasSubstr("page_access: "), Not(HasSubstr("page.certificate")),
                                 HasSubstr("has no user")));
    add_user();
    EXPECT_EQ(trouble(), "");
    settings_.key.clear();
    EXPECT_THAT(trouble(), AllOf(HasSubstr("page_access: "), HasSubstr("page.key")));
}

TEST_F(AccessTest, on_a_network_a_login_is_needed_and_its_names_are_the_certificates) {
    write_identity(TlsIdentity({.dns = {"Bench.example.com"}, .ip = {"192.0.2.7", "2001:db8::7"}}));
    settings_.listen = "0.0.0.0:7625";
    use_identity();
    add_user();
    const auto access = check();
    ASSERT_TRUE(access) << access.error().describe();
    EXPECT_TRUE(access->gate.login_needed);
    EXPECT_TRUE(access->gate.site.tls);
    EXPECT_NE(access->tls, nullptr);
    EXPECT_THAT(access->gate.site.hosts,
                ElementsAre("bench.example.com", "192.0.2.7", "2001:db8::7"));
    EXPECT_EQ(access->gate.site.url(), "https://bench.example.com:7625");
    EXPECT_THAT(access->warnings, IsEmpty());
}

TEST_F(AccessTest, tls_and_logins_may_be_had_on_this_machine_too) {
    use_identity();
    settings_.login = NeedLogin::always;
    EXPECT_THAT(trouble(), AllOf(HasSubstr("page_access: "), HasSubstr("has no user")));
    add_user();
    const auto access = check();
    ASSERT_TRUE(access) << access.error().describe();
    EXPECT_TRUE(access->gate.login_needed);
    EXPECT_NE(access->tls, nullptr);
    settings_.certificate.clear();
    EXPECT_THAT(trouble(), AllOf(HasSubstr("page_access: "), HasSubstr("page.certificate")));
}

TEST_F(AccessTest, an_ended_certificate_is_told) {
    use_identity();
    now_ += std::chrono::days(3);
    const auto access = check();
    ASSERT_TRUE(access) << access.error().describe();
    EXPECT_THAT(access->warnings,
                ElementsAre(HasSubstr("was good until"), HasSubstr("was good until")));
}

TEST_F(AccessTest, a_key_that_others_can_read_or_that_is_anothers_is_refused) {
    use_identity();
    ASSERT_EQ(::chmod(settings_.key.c_str(), 0640), 0);
    EXPECT_THAT(trouble(), HasSubstr("secret_exposed: the page's key"));
    ASSERT_TRUE(write_file(settings_.key, TlsIdentity().key.reveal_text(), FileMode::secret));
    EXPECT_THAT(trouble(), AllOf(HasSubstr("server_certificate: "), HasSubstr("page.key"),
                                 HasSubstr("do not belong together")));
    ASSERT_TRUE(write_file(settings_.key, std::string_view("canary"), FileMode::secret));
    EXPECT_THAT(trouble(), AllOf(HasSubstr("server_certificate: "), Not(HasSubstr("canary"))));
    std::filesystem::remove(settings_.key);
    EXPECT_THAT(trouble(), HasSubstr("file_missing: "));
}

TEST_F(AccessTest, a_certificate_file_with_a_key_in_it_is_refused) {
    use_identity();
    const TlsIdentity identity;
    ASSERT_TRUE(write_file(settings_.certificate,
                           identity.certificate + std::string(identity.key.reveal_text())));
    EXPECT_THAT(trouble(), HasSubstr("certificate_with_key: "));
}

TEST_F(AccessTest, a_damaged_file_of_users_is_an_error_before_anything_starts) {
    use_identity();
    settings_.listen = "0.0.0.0:7625";
    ASSERT_TRUE(write_file(settings_.users, std::string_view("anna\n"), FileMode::secret));
    EXPECT_THAT(trouble(), AllOf(HasSubstr("users_damaged: "), HasSubstr("line 1")));
}

}  // namespace
}  // namespace imprint::logins
