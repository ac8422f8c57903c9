#include "imprint_identity/trouble.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>
#include <string>

namespace imprint_identity {

namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// mbedTLS 3.6: include/mbedtls/x509.h and ssl.h; 4.0 has the same.
constexpr int x509_expired = 0x01;
constexpr int x509_revoked = 0x02;
constexpr int x509_other_name = 0x04;
constexpr int x509_not_trusted = 0x08;
constexpr int x509_future = 0x0200;
constexpr int x509_extended_key_usage = 0x1000;
constexpr int x509_bad_key = 0x010000;
constexpr int cert_verify_failed = 0x2700;
constexpr int connection_eof = 0x7280;
constexpr int fatal_alert = 0x7780;

constexpr const char* endpoint = "a1b2c3-ats.iot.eu-west-1.amazonaws.com";

std::string words(const ConnectionTrouble& trouble) {
    TroubleText text;
    explain(trouble, endpoint, text);
    return text;
}

// As an emulated ESP32-C3 with ESP-IDF 5.1 has it: TLS 0x801a, mbedTLS 0x2700, errno 0.
ConnectionTrouble refused_certificate(int flags) {
    ConnectionTrouble trouble;
    trouble.esp_tls_last_esp_err = 0x801A;
    trouble.esp_tls_stack_err = cert_verify_failed;
    trouble.esp_tls_cert_verify_flags = flags;
    trouble.now = 1751371200;
    trouble.is_time_known = true;
    return trouble;
}

TEST(Trouble, name_clock_authority_and_expiry_are_told_apart) {
    EXPECT_EQ(words(refused_certificate(x509_other_name)),
              std::string("the broker's certificate is for another name than ") + endpoint);
    EXPECT_EQ(words(refused_certificate(x509_not_trusted)),
              "the broker's certificate comes from none of the CAs that this board trusts "
              "(aws-root-ca.pem)");
    EXPECT_EQ(words(refused_certificate(x509_expired)),
              "the broker's certificate has expired: here it is 2025-07-01 12:00 UTC, by the "
              "network's time");
    ConnectionTrouble unset = refused_certificate(x509_future);
    unset.now = 12;
    unset.is_time_known = false;
    EXPECT_EQ(words(unset),
              "the broker's certificate is not valid yet: here it is 1970-01-01 00:00 UTC, and no "
              "network has told this board the time");
}

TEST(Trouble, several_reasons_are_told_together) {
    const std::string text = words(refused_certificate(x509_not_trusted | x509_other_name));
    EXPECT_THAT(text, HasSubstr("comes from none of the CAs"));
    EXPECT_THAT(text, HasSubstr("; it is for another name than"));
}

TEST(Trouble, what_has_no_words_is_told_as_flags) {
    EXPECT_THAT(words(refused_certificate(x509_extended_key_usage)),
                HasSubstr("is refused (flags 0x1000)"));
    EXPECT_THAT(words(refused_certificate(x509_bad_key)), HasSubstr("too weak"));
    EXPECT_THAT(words(refused_certificate(x509_revoked)), HasSubstr("is revoked"));
}

TEST(Trouble, a_handshake_that_never_saw_a_certificate_blames_none) {
    ConnectionTrouble trouble = refused_certificate(-1);
    trouble.esp_tls_stack_err = connection_eof;
    EXPECT_THAT(words(trouble), HasSubstr("closes the connection during the handshake"));
    EXPECT_THAT(words(trouble), Not(HasSubstr("certificate")));
}

TEST(Trouble, the_brokers_refusal_of_the_boards_certificate_is_told) {
    ConnectionTrouble trouble;
    trouble.esp_tls_last_esp_err = 0x801A;
    trouble.esp_tls_stack_err = fatal_alert;
    EXPECT_THAT(words(trouble), HasSubstr("refuses this board's certificate"));
    EXPECT_THAT(words(trouble), HasSubstr("(TLS 0x801a, mbedTLS 0x7780, errno 0)"));
}

TEST(Trouble, the_network_is_told_from_the_broker) {
    const auto of = [](int error) {
        ConnectionTrouble trouble;
        trouble.esp_tls_last_esp_err = error;
        trouble.esp_transport_sock_errno = 113;
        return words(trouble);
    };
    EXPECT_THAT(of(0x8001), HasSubstr("its name cannot be resolved"));
    EXPECT_THAT(of(0x8004), HasSubstr("nothing answers at its address and port (TLS 0x8004"));
    EXPECT_THAT(of(0x8006), HasSubstr("does not answer in time"));
    EXPECT_THAT(of(0x8009), HasSubstr("does not answer in time"));
    EXPECT_THAT(of(0x8008), HasSubstr("certificate ACTIVE"));
    EXPECT_THAT(of(0x8019), HasSubstr("private key cannot be used"));
    EXPECT_THAT(of(0), HasSubstr("the connection breaks (TLS 0x0, mbedTLS 0x0, errno 113)"));
}

TEST(Trouble, a_board_without_memory_says_so) {
    for (const int error : {0x7F00, 141}) {  // mbedTLS 3, mbedTLS 4
        ConnectionTrouble trouble;
        trouble.esp_tls_stack_err = error;
        EXPECT_THAT(words(trouble), HasSubstr("no memory for TLS"));
    }
}

TEST(Trouble, the_brokers_own_answer_is_told) {
    ConnectionTrouble trouble;
    trouble.connect_return_code = 5;
    EXPECT_THAT(words(trouble), HasSubstr("(code 5): this board is not allowed to connect"));
    trouble.connect_return_code = 3;
    EXPECT_THAT(words(trouble), HasSubstr("not available"));
    trouble.connect_return_code = 99;
    EXPECT_THAT(words(trouble), HasSubstr("no known reason"));
}

TEST(Trouble, whatever_happens_it_is_one_line_that_fits) {
    std::mt19937 random(6);
    const std::string name(253, 'x');
    for (int i = 0; i < 5000; ++i) {
        ConnectionTrouble trouble;
        trouble.connect_return_code = random() % 4 == 0 ? static_cast<int>(random()) : 0;
        trouble.esp_tls_last_esp_err = static_cast<int>(random());
        trouble.esp_tls_stack_err = static_cast<int>(random());
        trouble.esp_tls_cert_verify_flags = static_cast<int>(random());
        trouble.esp_transport_sock_errno = static_cast<int>(random());
        trouble.now = static_cast<std::int64_t>(random()) << 16;
        TroubleText text;
        explain(trouble, name.c_str(), text);
        const std::string line = text;
        EXPECT_LT(line.size(), sizeof(text));
        EXPECT_GT(line.size(), 20U);
        EXPECT_THAT(line, Not(HasSubstr("\n")));
    }
}

}  // namespace

}  // namespace imprint_identity
