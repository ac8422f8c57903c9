// The client against a server on loopback that answers as AWS IoT does, or as nobody should. With
// Mosquitto it is tried by simulator/ (the boards' own connections) and prepare/ (the proof).
#include "mqtt/session.h"

#include <gmock/gmock.h>
#include <vector>

#include "base/clock.h"
#include "mqtt/tls_server.h"
#include "pki/certificate.h"

namespace imprint::mqtt {
namespace {

using testing::answer;
using testing::connack;
using ::testing::HasSubstr;
using testing::Packet;
using testing::TlsServer;
using Kind = Event::Kind;

// As AWS IoT lets a board do everything.
std::optional<std::string> obliging(Packet packet, std::string_view id) {
    switch (packet) {
        case Packet::connect:
            return connack(0);
        case Packet::publish:
            return answer('\x40', id);
        case Packet::subscribe:
            return answer('\x90', id, "\x01");
        case Packet::unsubscribe:
            return answer('\xB0', id);
    }
    return std::nullopt;
}

class SessionTest : public ::testing::Test {
  protected:
    std::string server_certificate(const pki::ServerNames& names, std::chrono::days age = {}) {
        return *authority_->issue_server(*server_key_, names, std::chrono::days(30),
                                         clock_.wall() - age);
    }

    TlsServer serve(testing::Reply reply, bool picky = false) {
        return {server_certificate({.dns = {"localhost"}, .ip = {"127.0.0.1"}}),
                server_key_->to_pem(), std::move(reply), picky};
    }

    Result<Session> session(std::uint16_t port, const std::string& host = "127.0.0.1") {
        return Session::create({.host = host,
                                .port = port,
                                .client_id = "0a1b2c3d4e5f",
                                .certificate = certificate_,
                                .private_key = key_pem_.reveal_text(),
                                .root_ca = root_});
    }

    // The next event; ten seconds bound it.
    static Event next(Session& session) {
        for (int i = 0; i < 200; ++i) {
            auto events = session.step(Milliseconds(50));
            if (events.empty()) continue;
            EXPECT_EQ(events.size(), 1U);
            return events.front();
        }
        ADD_FAILURE() << "nothing happens";
        return {};
    }

    // How an attempt to connect ends that must not succeed.
    std::string refusal(std::uint16_t port, const std::string& host = "127.0.0.1") {
        auto made = session(port, host);
        EXPECT_TRUE(made) << made.error().describe();
        made->connect();
        const Event event = next(*made);
        EXPECT_EQ(event.kind, Kind::disconnected);
        EXPECT_TRUE(made->step(Milliseconds(1)).empty()) << "it ends once";
        return event.text;
    }

    SystemClock clock_;
    Result<pki::PrivateKey> key_ = pki::PrivateKey::generate(pki::KeyKind::ec_p256);
    Result<pki::PrivateKey> server_key_ = pki::PrivateKey::generate(pki::KeyKind::ec_p256);
    Result<pki::Authority> authority_ =
        pki::Authority::create("Broker's", pki::KeyKind::ec_p256, std::chrono::days(3650),
                               clock_.wall() - std::chrono::days(100));
    Secret key_pem_ = key_->to_pem();
    std::string root_ = authority_->certificate_pem();
    std::string certificate_ = *authority_->issue_client(key_->request("0a1b2c3d4e5f"),
                                                         std::chrono::days(30), clock_.wall());
};

TEST_F(SessionTest, connects_publishes_and_subscribes) {
    for (const char* host : {"127.0.0.1", "localhost"}) {
        const TlsServer server = serve(obliging);
        {
            auto made = session(server.port, host);
            ASSERT_TRUE(made) << made.error().describe();
            EXPECT_TRUE(made->step(Milliseconds(1)).empty()) << "before connect()";
            made->connect();
            EXPECT_EQ(next(*made).kind, Kind::connected);
            made->publish("a/b", "hello", 1);
            EXPECT_EQ(next(*made).kind, Kind::published);
            made->subscribe("a/c");
            const Event subscribed = next(*made);
            EXPECT_EQ(subscribed.kind, Kind::subscribed);
            EXPECT_TRUE(subscribed.granted);
        }
        EXPECT_EQ(server.connections, 1);
    }
}

TEST_F(SessionTest, gives_messages_as_they_come) {
    const TlsServer server = serve([](Packet packet, std::string_view id) {
        auto said = obliging(packet, id);
        // PUBLISH of quality 0, behind the SUBACK.
        if (packet == Packet::subscribe)
            *said += std::string(
                "\x30\x09\0\x03"
                "a/cwhat",
                11);
        return said;
    });
    auto made = session(server.port);
    made->connect();
    EXPECT_EQ(next(*made).kind, Kind::connected);
    made->subscribe("a/c");
    std::vector<Event> events;
    for (int i = 0; i < 200 && events.size() < 2; ++i)
        for (auto& event : made->step(Milliseconds(50)))
            events.push_back(std::move(event));
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[1].kind, Kind::message);
    EXPECT_EQ(events[1].topic, "a/c");
    EXPECT_EQ(events[1].payload, "what");
}

TEST_F(SessionTest, a_refused_connect_says_why) {
    const TlsServer server = serve([](Packet, std::string_view) { return connack(5); });
    EXPECT_THAT(refusal(server.port), HasSubstr("not authorised"));
}

TEST_F(SessionTest, a_connection_closed_without_an_answer_ends) {
    const TlsServer server = serve([](Packet, std::string_view) { return std::nullopt; });
    EXPECT_NE(refusal(server.port), "");
}

TEST_F(SessionTest, a_server_that_takes_no_such_certificate_ends_it) {
    const TlsServer server = serve(obliging, true);
    EXPECT_NE(refusal(server.port), "");
}

TEST_F(SessionTest, a_message_that_ends_the_connection_is_told) {
    const TlsServer server = serve([](Packet packet, std::string_view id) {
        return packet == Packet::publish ? std::nullopt : obliging(packet, id);
    });
    auto made = session(server.port);
    made->connect();
    EXPECT_EQ(next(*made).kind, Kind::connected);
    made->publish("not/mine", "x", 1);
    EXPECT_EQ(next(*made).kind, Kind::disconnected);
}

TEST_F(SessionTest, a_refused_subscription_is_not_granted) {
    const TlsServer server = serve([](Packet packet, std::string_view id) {
        return packet == Packet::subscribe ? answer('\x90', id, "\x80") : obliging(packet, id);
    });
    auto made = session(server.port);
    made->connect();
    EXPECT_EQ(next(*made).kind, Kind::connected);
    made->subscribe("not/mine");
    const Event event = next(*made);
    EXPECT_EQ(event.kind, Kind::subscribed);
    EXPECT_FALSE(event.granted);
}

TEST_F(SessionTest, it_may_connect_again) {
    int attempts = 0;
    const TlsServer server = serve([&attempts](Packet packet, std::string_view id) {
        return packet == Packet::connect && attempts++ == 0 ? connack(5) : obliging(packet, id);
    });
    auto made = session(server.port);
    made->connect();
    EXPECT_EQ(next(*made).kind, Kind::disconnected);
    made->connect();
    EXPECT_EQ(next(*made).kind, Kind::connected);
}

TEST_F(SessionTest, a_server_that_cannot_be_trusted_gets_nothing) {
    const auto with = [&](const std::string& pem) {
        int packets = 0;
        const TlsServer server(pem, server_key_->to_pem(),
                               [&packets](Packet packet, std::string_view id) {
                                   ++packets;
                                   return obliging(packet, id);
                               });
        const std::string why = refusal(server.port);
        EXPECT_EQ(packets, 0);
        return why;
    };
    EXPECT_THAT(with(server_certificate({.dns = {"elsewhere.example"}, .ip = {}})),
                HasSubstr("certificate"));
    EXPECT_THAT(with(server_certificate({.dns = {}, .ip = {"127.0.0.1"}}, std::chrono::days(60))),
                HasSubstr("certificate"));
    root_ = pki::Authority::create("Another", pki::KeyKind::ec_p256, std::chrono::days(3),
                                   clock_.wall())
                ->certificate_pem();
    EXPECT_THAT(with(server_certificate({.dns = {}, .ip = {"127.0.0.1"}})),
                HasSubstr("certificate"));
}

TEST_F(SessionTest, nobody_who_listens_or_speaks_tls_is_told) {
    std::uint16_t port = 0;
    testing::listen_on_loopback(port).reset();
    EXPECT_THAT(refusal(port), HasSubstr("refused"));
    const Fd listener = testing::listen_on_loopback(port);
    const std::jthread plain([&] {
        const Fd socket(::accept(listener.get(), nullptr, nullptr));
        static_cast<void>(::write(socket.get(), "220 mail.example ESMTP\r\n", 24));
        char hello[1];
        while (::read(socket.get(), hello, 1) == 1) {
        }
    });
    EXPECT_NE(refusal(port), "");
}

TEST_F(SessionTest, what_openssl_does_not_take_is_told_without_the_key) {
    const auto fault = [&] {
        auto made = session(1);
        EXPECT_FALSE(made);
        return made ? std::string() : made.error().describe();
    };
    const std::string good = certificate_;
    for (const std::string bad : {"", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n"}) {
        certificate_ = bad;
        EXPECT_THAT(fault(), HasSubstr("certificate"));
    }
    certificate_ = good;
    root_ = "";
    EXPECT_THAT(fault(), HasSubstr("root certificate"));
    root_ = authority_->certificate_pem();
    key_pem_ = server_key_->to_pem();  // of another certificate
    EXPECT_THAT(fault(), HasSubstr("private key"));
    key_pem_ = Secret(std::string_view("-----BEGIN PRIVATE KEY-----\ncanary\n"));
    EXPECT_THAT(fault(), ::testing::Not(HasSubstr("canary")));
}

}  // namespace
}  // namespace imprint::mqtt
