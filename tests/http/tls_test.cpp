// What TLS adds to a server: http_tls_tests has the rest of its tests over TLS.
#include "http/tls.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <iterator>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <vector>

#include "base/error_code.h"
#include "base/files.h"
#include "http/client.h"
#include "http/server.h"
#include "http/test_client.h"
#include "http/tls_identity.h"

namespace imprint::http {
namespace {

using testing::Client;
using testing::connect_tcp;
using testing::TlsIdentity;

class TlsServerTest : public ::testing::Test {
  protected:
    void SetUp() override { serve({}); }

    void serve(const Limits& limits) {
        auto context = make_tls_context(identity_.certificate, identity_.key);
        ASSERT_TRUE(context) << context.error().describe();
        server_ = Server::listen({.limits = limits, .tls = *context},
                                 {.admit = {}, .answer = [](const Request& request) -> Answer {
                                      return Response{.content_type = "text/plain",
                                                      .body = "hello " + request.peer};
                                  }});
        ASSERT_TRUE(server_);
    }

    [[nodiscard]] Client connect(int least_version = 0, int most_version = 0) const {
        return {connect_tcp(server_->port()), true, least_version, most_version};
    }

    // What one request is answered with.
    static std::string ask(const Client& client) {
        if (!client.is_open() ||
            !client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"))
            return "";
        return client.receive("the end of the connection");
    }

    TlsIdentity identity_;
    Result<Server> server_ = fail(ErrorKind::config, "http_address", "");
};

TEST_F(TlsServerTest, who_knows_the_authority_trusts_it_by_its_names) {
    const auto folder = TemporaryDirectory::create().value();
    ASSERT_TRUE(write_file(folder.path() / "ca.pem", identity_.ca));
    const auto client = make_curl_client({.ca_bundle = folder.path() / "ca.pem"});
    const auto request = [this](const char* host) {
        return ClientRequest{.method = "GET",
                             .url = fmt::format("https://{}:{}/", host, server_->port()),
                             .headers = {},
                             .body = ""};
    };
    for (const char* host : {"127.0.0.1", "localhost"}) {
        const auto answer = client->send(request(host), testing::patience);
        ASSERT_TRUE(answer) << answer.error().describe();
        EXPECT_EQ(answer->body, "hello 127.0.0.1");
    }
    const auto stranger = make_curl_client()->send(request("127.0.0.1"), testing::patience);
    EXPECT_EQ(code_of(stranger), "http_not_trusted");
}

TEST_F(TlsServerTest, speaks_1_2_and_1_3_and_nothing_older) {
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        const Client client = connect(version, version);
        EXPECT_THAT(ask(client), ::testing::EndsWith("hello 127.0.0.1")) << version;
        EXPECT_EQ(SSL_version(client.ssl()), version);
    }
    for (const int version : {TLS1_VERSION, TLS1_1_VERSION})
        EXPECT_FALSE(connect(version, version).is_open()) << version;
}

TEST_F(TlsServerTest, a_cipher_without_forward_secrecy_is_refused) {
    const auto offered = [this](const char* ciphers) {
        SSL_CTX* context = SSL_CTX_new(TLS_client_method());
        SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
        SSL_CTX_set_security_level(context, 0);
        SSL_CTX_set_cipher_list(context, ciphers);
        SSL* ssl = SSL_new(context);
        const Fd socket = connect_tcp(server_->port());
        SSL_set_fd(ssl, socket.get());
        const bool open = SSL_connect(ssl) == 1;
        SSL_free(ssl);
        SSL_CTX_free(context);
        ERR_clear_error();
        return open;
    };
    identity_ = TlsIdentity({.dns = {"localhost"}, .ip = {}}, pki::KeyKind::rsa_2048);
    serve({});
    EXPECT_TRUE(offered("ECDHE-RSA-AES128-GCM-SHA256"));
    EXPECT_FALSE(offered("AES128-GCM-SHA256"));
    EXPECT_FALSE(offered("ECDHE-RSA-AES128-SHA"));
}

TEST_F(TlsServerTest, a_client_does_not_begin_anew) {
    const Client client = connect(TLS1_2_VERSION, TLS1_2_VERSION);
    ASSERT_TRUE(client.is_open());
    ASSERT_EQ(SSL_renegotiate(client.ssl()), 1);
    const bool again = SSL_do_handshake(client.ssl()) == 1;
    // A handshake that is refused ends the connection at the latest where the answer is read.
    EXPECT_TRUE(!again || ask(client).empty());
    EXPECT_FALSE(ask(connect()).empty());
}

TEST_F(TlsServerTest, a_whole_answer_has_its_end_said) {
    const Client client = connect();
    EXPECT_THAT(ask(client), ::testing::EndsWith("hello 127.0.0.1"));
    EXPECT_NE(SSL_get_shutdown(client.ssl()) & SSL_RECEIVED_SHUTDOWN, 0);
}

TEST_F(TlsServerTest, who_speaks_plain_http_is_told_so) {
    for (const char* method : {"GET", "POST", "HEAD", "PUT"}) {
        const Client client(connect_tcp(server_->port()), false);
        ASSERT_TRUE(client.send(std::string(method) + " / HTTP/1.1\r\nHost: h\r\n\r\n"));
        const std::string answer = client.receive("the end of the connection");
        EXPECT_THAT(answer, ::testing::StartsWith("HTTP/1.1 400 Bad Request\r\n")) << method;
        EXPECT_THAT(answer, ::testing::HasSubstr("Connection: close\r\n")) << method;
        EXPECT_THAT(answer, ::testing::HasSubstr("https://")) << method;
    }
    EXPECT_FALSE(ask(connect()).empty());
}

TEST_F(TlsServerTest, what_is_neither_is_let_go) {
    for (const std::string& text :
         {std::string("\0\0\0\0\0\0\0\0", 8), std::string(20'000, 'x'),
          std::string("SSH-2.0-x\r\n"),
          std::string("\x16\x03\x01\xff\xff") + std::string(70'000, '\xff')}) {
        const Client client(connect_tcp(server_->port()), false);
        static_cast<void>(client.send(text));
        static_cast<void>(client.receive("the end of the connection"));
    }
    EXPECT_FALSE(ask(connect()).empty());
}

TEST_F(TlsServerTest, a_silent_client_is_let_go) {
    serve({.head_time = Milliseconds(50)});
    const Client nothing(connect_tcp(server_->port()), false);
    const Client half(connect_tcp(server_->port()), false);
    ASSERT_TRUE(half.send("\x16\x03\x01"));
    const Client no_request = connect();
    EXPECT_EQ(nothing.receive("anything"), "");
    EXPECT_EQ(half.receive("anything"), "");
    EXPECT_EQ(no_request.receive("anything"), "");
}

std::ptrdiff_t open_descriptors() {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                         std::filesystem::directory_iterator());
}

// The first bytes of a client's handshake.
std::string hello() {
    SSL_CTX* context = SSL_CTX_new(TLS_client_method());
    SSL* ssl = SSL_new(context);
    BIO* sent = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), sent);
    SSL_connect(ssl);
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(sent, &bytes);
    std::string text(bytes, static_cast<std::size_t>(size));
    SSL_free(ssl);
    SSL_CTX_free(context);
    ERR_clear_error();
    return text;
}

TEST_F(TlsServerTest, a_client_that_goes_at_any_time_leaves_nothing_behind) {
    EXPECT_FALSE(ask(connect()).empty());
    const auto before = open_descriptors();
    const std::string whole = hello();
    for (std::size_t size = 0; size <= whole.size(); size += 16) {
        const Client client(connect_tcp(server_->port()), false);
        ASSERT_TRUE(client.send(whole.substr(0, size)));
    }
    for (int i = 0; i < 20; ++i) {
        const Client client = connect();
        if (i % 2 == 0) static_cast<void>(client.send("GET / HTTP/1.1\r\nHo"));
    }
    for (int i = 0; i < 20; ++i) {
        const Client client = connect();
        static_cast<void>(client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
    }
    EXPECT_FALSE(ask(connect()).empty());
    // Each is closed once its end was seen.
    while (open_descriptors() > before)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

std::string code(std::string_view certificate, std::string_view key) {
    const auto context = make_tls_context(certificate, Secret(key));
    if (context) return "(no error)";
    EXPECT_THAT(context.error().describe(), ::testing::Not(::testing::HasSubstr("canary")));
    EXPECT_EQ(context.error().kind, ErrorKind::config);
    return context.error().code;
}

TEST(TlsContext, takes_what_belongs_together_and_nothing_else) {
    const TlsIdentity one;
    const TlsIdentity other;
    const TlsIdentity rsa({.dns = {"localhost"}, .ip = {}}, pki::KeyKind::rsa_2048);
    const std::string_view key = one.key.reveal_text();
    EXPECT_EQ(code(one.certificate, key), "(no error)");
    EXPECT_EQ(code(one.certificate + one.ca, key), "(no error)");
    EXPECT_EQ(code(rsa.certificate, rsa.key.reveal_text()), "(no error)");
    EXPECT_EQ(code(one.certificate, other.key.reveal_text()), "server_certificate");
    EXPECT_EQ(code(one.certificate, rsa.key.reveal_text()), "server_certificate");
    EXPECT_EQ(code(one.certificate, "canary"), "server_certificate");
    EXPECT_EQ(code(one.certificate, ""), "server_certificate");
    EXPECT_EQ(code("canary", key), "server_certificate");
    EXPECT_EQ(code("", key), "server_certificate");
    EXPECT_EQ(code(key, one.certificate), "server_certificate");
    const auto mixed = make_tls_context(one.certificate, other.key);
    EXPECT_THAT(mixed.error().message, ::testing::HasSubstr("do not belong together"));
}

TEST(TlsContext, asks_nobody_for_a_passphrase) {
    const TlsIdentity identity;
    const std::string_view plain = identity.key.reveal_text();
    BIO* given = BIO_new_mem_buf(plain.data(), static_cast<int>(plain.size()));
    EVP_PKEY* key = PEM_read_bio_PrivateKey(given, nullptr, nullptr, nullptr);
    BIO* bio = BIO_new(BIO_s_mem());
    std::array<unsigned char, 6> pass{'c', 'a', 'n', 'a', 'r', 'y'};
    PEM_write_bio_PrivateKey(bio, key, EVP_aes_128_cbc(), pass.data(), 6, nullptr, nullptr);
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(bio, &bytes);
    EXPECT_EQ(code(identity.certificate, {bytes, static_cast<std::size_t>(size)}),
              "server_certificate");
    BIO_free(bio);
    BIO_free(given);
    EVP_PKEY_free(key);
}

TEST(TlsContext, refuses_a_key_that_is_too_short) {
    EVP_PKEY* weak = EVP_RSA_gen(1024);
    BIO* bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(bio, weak, nullptr, nullptr, 0, nullptr, nullptr);
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(bio, &bytes);
    const Secret pem(std::string_view(bytes, static_cast<std::size_t>(size)));
    BIO_free(bio);
    EVP_PKEY_free(weak);
    const WallTime now = SystemClock().wall();
    const auto authority =
        pki::Authority::create("a test", pki::KeyKind::ec_p256, std::chrono::days(2), now).value();
    const auto certificate = authority
                                 .issue_server(pki::PrivateKey::from_pem(pem).value(),
                                               {.dns = {"h"}, .ip = {}}, std::chrono::days(1), now)
                                 .value();
    EXPECT_EQ(code(certificate, pem.reveal_text()), "server_certificate");
}

}  // namespace
}  // namespace imprint::http
