// What the booted firmware does with its identity, against a real Mosquitto over mutual TLS.
#include <arpa/inet.h>
#include <deque>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <nlohmann/json.hpp>

#include "base/files.h"
#include "base/process.h"
#include "image/spiffs.h"
#include "mqtt/session.h"
#include "pki/certificate.h"
#include "simulator/application.h"
#include "simulator/sample_firmware.h"

namespace imprint::simulator {

namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using ::testing::HasSubstr;

constexpr std::string_view mac_id = "240ac4000007";
constexpr Milliseconds patience{20000};

std::uint16_t free_port() {
    const Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    return ntohs(address.sin_port);
}

struct Credentials {
    std::string certificate;
    std::string private_key;
};

class Device : public testing::Test {
  protected:
    void SetUp() override {
        folder_.emplace(std::move(*TemporaryDirectory::create()));
        authority_.emplace(
            *pki::Authority::create("test", pki::KeyKind::ec_p256, std::chrono::days(1), now()));
        port_ = free_port();
        start_broker();
    }

    static WallTime now() { return std::chrono::system_clock::now(); }

    void start_broker() {
        const auto& path = folder_->path();
        const auto key = *pki::PrivateKey::generate(pki::KeyKind::ec_p256);
        const auto certificate =
            *authority_->issue_server(key, {{"localhost"}, {}}, std::chrono::days(1), now());
        ASSERT_TRUE(write_file(path / "ca.pem", authority_->certificate_pem()));
        ASSERT_TRUE(write_file(path / "server.pem", certificate));
        ASSERT_TRUE(write_file(path / "server.key", key.to_pem().reveal_text(), FileMode::secret));
        ASSERT_TRUE(write_file(path / "mosquitto.conf",
                               fmt::format("listener {} 127.0.0.1\ncafile {}/ca.pem\n"
                                           "certfile {}/server.pem\nkeyfile {}/server.key\n"
                                           "require_certificate true\n"
                                           "use_identity_as_username true\nuser root\n"
                                           "allow_anonymous false\npersistence false\n",
                                           port_, path.string(), path.string(), path.string())));
        auto broker = ChildProcess::start(
            {{"/usr/sbin/mosquitto", "-c", (path / "mosquitto.conf").string()}, {}, {}},
            ChildOutput::discard);
        ASSERT_TRUE(broker);
        broker_.emplace(std::move(*broker));
    }

    Credentials credentials(std::string_view name, const pki::Authority& by) {
        const auto key = *pki::PrivateKey::generate(pki::KeyKind::ec_p256);
        return {*by.issue_client(key.request(name), std::chrono::days(1), now()),
                std::string(key.to_pem().reveal_text())};
    }

    json device_json() const {
        return {{"thing_name", "board-7"},
                {"client_id", mac_id},
                {"endpoint", "localhost"},
                {"port", port_},
                {"lot", "L1"}};
    }

    // Starts the firmware on a flash that holds these files.
    void boot(const Credentials& own, const json& device, const std::string& root_ca,
              std::string_view project = sample_project) {
        boot({{"/certificate.pem.crt", bytes(own.certificate)},
              {"/private.pem.key", bytes(own.private_key)},
              {"/aws-root-ca.pem", bytes(root_ca)},
              {"/device.json", bytes(device.dump())}},
             project);
    }

    void boot(const std::vector<image::spiffs::File>& files,
              std::string_view project = sample_project) {
        constexpr std::uint32_t size = 0x20000;
        auto built = image::spiffs::build({.image_size = size}, files);
        ASSERT_TRUE(built) << built.error().describe();
        boot_image(built->image, project);
    }

    void boot_image(ByteView storage, std::string_view project) {
        application_.reset();
        flash_.emplace(*Flash::blank(4U << 20));
        flash_->preload(0x110000, storage);
        Started started;
        started.table = *image::PartitionTable::parse_csv(
            "storage, data, spiffs, 0x110000, 0x20000,\n"
            "slots, data, 0x40, 0x200000, 0x8000,\n");
        started.app.description.emplace();
        started.app.description->project = project;
        started.app.description->version = "1.2.3";
        started.app.description->build_date = "Jul  1 2025";
        started.app.description->build_time = "12:00:00";
        application_ = std::make_unique<Application>(
            ApplicationOptions{*parse_mac(mac_id), true, network_time_},
            std::make_shared<AppFlash>(*flash_), flash_->content(), started, [] {});
    }

    static Bytes bytes(std::string_view text) {
        const ByteView view = as_bytes(text);
        return {view.begin(), view.end()};
    }

    // Waits until the console has shown the text.
    [[nodiscard]] bool console_shows(std::string_view text) {
        for (const Instant end = clock_.now() + patience; clock_.now() < end; clock_.sleep(10ms)) {
            console_ += application_->take_console();
            if (console_.find(text) != std::string::npos) return true;
        }
        return false;
    }

    // An onlooker with a certificate of its own.
    mqtt::Session onlooker(const std::string& topic) {
        const Credentials own = credentials("onlooker", *authority_);
        auto session = *mqtt::Session::create({"localhost", port_, "onlooker", own.certificate,
                                               own.private_key, authority_->certificate_pem()});
        for (const Instant end = clock_.now() + patience; clock_.now() < end;) {
            session.connect();
            const auto event = next_event(session);
            if (event && event->kind == mqtt::Event::Kind::connected) break;
            clock_.sleep(50ms);  // the broker may not listen yet
        }
        session.subscribe(topic);
        return session;
    }

    std::optional<mqtt::Event> next_event(mqtt::Session& session) {
        for (const Instant end = clock_.now() + patience; clock_.now() < end;) {
            for (mqtt::Event& event : session.step(50ms))
                if (event.kind != mqtt::Event::Kind::subscribed &&
                    event.kind != mqtt::Event::Kind::published)
                    waiting_.push_back(std::move(event));
            if (waiting_.empty()) continue;
            mqtt::Event event = std::move(waiting_.front());
            waiting_.pop_front();
            return event;
        }
        return std::nullopt;
    }

    // The station's and the registry's side of one rotation over the air; what the device has come
    // to. by: who signs.
    json rotate(mqtt::Session& station, const std::string& id, const pki::Authority& by) {
        const std::string topic = "$aws/things/board-7/shadow/name/credentials/";
        json& wish = shadow_["desired"]["rotation"];
        wish = {{"id", id}};
        station.publish(topic + "update/delta", "{}", 1);
        for (const Instant end = clock_.now() + patience; clock_.now() < end;) {
            const auto event = next_event(station);
            if (!event) break;
            if (event->topic == topic + "get")
                station.publish(topic + "get/accepted", json{{"state", shadow_}}.dump(), 1);
            if (event->topic != topic + "update") continue;
            shadow_.merge_patch(json::parse(event->payload)["state"]);
            const json& told = shadow_["reported"]["rotation"];
            if (told["id"] != id) continue;
            if (told["state"] != "requested") return told;
            wish["certificate"] =
                *by.issue_client(told["csr"].get<std::string>(), std::chrono::days(1), now());
            station.publish(topic + "update/delta", "{}", 1);
        }
        return {};
    }

    SystemClock clock_;
    json shadow_;
    std::optional<Flash> flash_;
    std::optional<TemporaryDirectory> folder_;
    std::optional<pki::Authority> authority_;
    std::uint16_t port_ = 0;
    std::optional<ChildProcess> broker_;
    std::deque<mqtt::Event> waiting_;
    std::optional<WallTime> network_time_;
    std::unique_ptr<Application> application_;
    std::string console_;
};

TEST_F(Device, connects_as_its_mac_and_reports_its_state) {
    mqtt::Session watcher = onlooker("$aws/things/board-7/shadow/update");
    boot(credentials("board-7", *authority_), device_json(), authority_->certificate_pem());
    ASSERT_TRUE(console_shows("imprint: connected as 240ac4000007\r\n")) << console_;
    const auto event = next_event(watcher);
    ASSERT_TRUE(event);
    const json reported = json::parse(event->payload)["state"]["reported"];
    EXPECT_EQ(reported["device_id"], mac_id);
    EXPECT_EQ(reported["version"], "1.2.3");
    EXPECT_EQ(reported["light_state"], "off");
    EXPECT_TRUE(reported["uptime_s"].is_number_unsigned());
}

TEST_F(Device, follows_the_desired_light_state_and_reports_it_back) {
    mqtt::Session watcher = onlooker("$aws/things/board-7/shadow/update");
    boot(credentials("board-7", *authority_), device_json(), authority_->certificate_pem());
    ASSERT_TRUE(console_shows("connected as")) << console_;
    ASSERT_TRUE(next_event(watcher));
    const std::string delta = "$aws/things/board-7/shadow/update/delta";
    // The subscription may still be under way: say it until it is heard.
    for (const Instant end = clock_.now() + patience; clock_.now() < end;) {
        watcher.publish(delta, R"({"version":1,"state":{"light_state":"on"}})");
        for (const mqtt::Event& event : watcher.step(200ms))
            if (event.kind == mqtt::Event::Kind::message &&
                json::parse(event.payload)["state"]["reported"]["light_state"] == "on") {
                EXPECT_TRUE(console_shows("imprint: light on"));
                return;
            }
    }
    FAIL() << console_;
}

TEST_F(Device, takes_new_credentials_again_and_again_and_keeps_what_works) {
    mqtt::Session station = onlooker("$aws/things/board-7/shadow/name/credentials/#");
    boot(credentials("board-7", *authority_), device_json(), authority_->certificate_pem());
    ASSERT_TRUE(console_shows("connected as")) << console_;
    const json first = rotate(station, "1", *authority_);
    EXPECT_EQ(first["state"], "committed") << console_;
    // The connection over which they were tried is one like any other now.
    const auto stranger =
        *pki::Authority::create("other", pki::KeyKind::ec_p256, std::chrono::days(1), now());
    const json refused = rotate(station, "2", stranger);
    EXPECT_EQ(refused["state"], "refused") << console_;
    EXPECT_EQ(refused["why"], "the broker refuses the new credentials");
    const json last = rotate(station, "3", *authority_);
    EXPECT_EQ(last["state"], "committed") << console_;
    EXPECT_NE(last["public_key"], first["public_key"]);
}

TEST_F(Device, connects_again_when_the_broker_comes_back) {
    (void)onlooker("nothing");
    boot(credentials("board-7", *authority_), device_json(), authority_->certificate_pem());
    ASSERT_TRUE(console_shows("connected as")) << console_;
    broker_.reset();
    ASSERT_TRUE(console_shows("E (")) << console_;
    EXPECT_THAT(console_, HasSubstr("imprint: not connected: "));
    console_.clear();
    start_broker();
    EXPECT_TRUE(console_shows("connected as")) << console_;
}

TEST_F(Device, a_broker_of_another_authority_is_not_trusted) {
    (void)onlooker("nothing");
    const auto stranger =
        *pki::Authority::create("stranger", pki::KeyKind::ec_p256, std::chrono::days(1), now());
    boot(credentials("board-7", *authority_), device_json(), stranger.certificate_pem());
    ASSERT_TRUE(console_shows("not connected")) << console_;
    EXPECT_THAT(console_, HasSubstr("certificate verify failed"));
}

TEST_F(Device, judges_the_brokers_certificate_by_what_it_takes_for_the_time) {
    (void)onlooker("nothing");
    const auto boot_at = [&](WallTime time) {
        network_time_ = time;
        console_.clear();
        boot(credentials("board-7", *authority_), device_json(), authority_->certificate_pem());
        EXPECT_TRUE(console_shows("not connected")) << console_;
    };
    boot_at(now() + std::chrono::hours(24 * 400));
    EXPECT_THAT(console_, HasSubstr("certificate has expired"));
    // The firmware was built in 2025: its clock does not go back, and the certificate is younger.
    boot_at(*parse_iso8601("2020-01-31T12:00:00Z"));
    EXPECT_THAT(console_,
                HasSubstr("the network says that it is 2020-01-31 12:00 UTC, which is past"));
    EXPECT_THAT(console_, HasSubstr("certificate is not yet valid"));
    network_time_ = now();
    boot(credentials("board-7", *authority_), device_json(), authority_->certificate_pem());
    EXPECT_TRUE(console_shows("connected as")) << console_;
}

TEST_F(Device, a_broker_by_another_name_is_not_trusted) {
    (void)onlooker("nothing");
    json device = device_json();
    device["endpoint"] = "127.0.0.1";  // reaches the broker, but is not in its certificate
    boot(credentials("board-7", *authority_), device, authority_->certificate_pem());
    ASSERT_TRUE(console_shows("not connected")) << console_;
    EXPECT_THAT(console_, HasSubstr("certificate verify failed"));
}

TEST_F(Device, credentials_of_another_board_are_refused) {
    json device = device_json();
    device["client_id"] = "240ac4000008";
    boot(credentials("board-8", *authority_), device, authority_->certificate_pem());
    ASSERT_TRUE(console_shows("imprint: another_boards: ")) << console_;
    EXPECT_THAT(console_, HasSubstr("240ac4000008"));
}

TEST_F(Device, a_key_of_another_certificate_is_refused) {
    const Credentials one = credentials("board-7", *authority_);
    const Credentials other = credentials("board-7", *authority_);
    boot({one.certificate, other.private_key}, device_json(), authority_->certificate_pem());
    EXPECT_TRUE(console_shows("key_mismatch: the private key in private.pem.key is not the one of"))
        << console_;
}

TEST_F(Device, a_missing_file_is_named) {
    boot({{"/device.json", bytes(device_json().dump())}});
    EXPECT_TRUE(console_shows("file_missing: the file certificate.pem.crt is missing")) << console_;
}

TEST_F(Device, a_partition_that_does_not_mount_is_said) {
    boot_image(Bytes(0x20000, 0x00), sample_project);
    EXPECT_TRUE(console_shows("storage_unavailable: the partition storage holds no SPIFFS of this"))
        << console_;
}

TEST_F(Device, another_app_runs_without_looking_at_the_identity) {
    boot(credentials("board-7", *authority_), device_json(), authority_->certificate_pem(),
         "blink");
    EXPECT_TRUE(application_->ended());
    EXPECT_EQ(application_->take_console(), "");
}

}  // namespace

}  // namespace imprint::simulator
