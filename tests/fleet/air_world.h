// Devices in the field and what a station does for them over the air, in a test's memory: the
// portable core that runs on a chip, on flash that may lose its power at any write; a shadow that
// loses messages; a fake registry.
#pragma once

#include <memory>
#include <random>

#include <nlohmann/json.hpp>

#include "fleet/fleet_world.h"
#include "fleet/over_the_air.h"
#include "imprint_identity/rotation.h"
#include "prepare/credential_formats.h"
#include "prepare/credential_image.h"
#include "prepare/nor_flash.h"
#include "simulator/device_credentials.h"

namespace imprint::fleet::testing {

class FakeShadows final : public registry::Shadows {
  public:
    using Json = nlohmann::json;

    // Asked before each call, with its name ("find").
    std::function<Strike(const std::string& call)> strike;
    std::function<void()> before_update;             // once
    std::map<std::string, Json> documents;           // state, by thing
    std::map<std::string, std::int64_t> desired_at;  // seconds, by the service's clock; by thing
    unsigned reports = 0;                            // of devices
    std::int64_t version = 3;                        // goes up with each change

    Result<std::optional<registry::Shadow>> find(const std::string& thing,
                                                 const std::string& name) override {
        EXPECT_EQ(name, "credentials");
        IMPRINT_CHECK(struck("find", [] {}));
        const auto found = documents.find(thing);
        if (found == documents.end()) return std::nullopt;
        Json document{{"state", found->second}};
        if (const auto at = desired_at.find(thing); at != desired_at.end())
            document["metadata"]["desired"]["rotation"]["id"]["timestamp"] = at->second;
        return registry::Shadow{document.dump(), version};
    }

    Result<registry::Shadow> update(const std::string& thing, const std::string& name,
                                    const std::string& document) override {
        EXPECT_EQ(name, "credentials");
        if (const auto work = std::exchange(before_update, nullptr)) work();
        const Json sent = Json::parse(document);
        if (sent.contains("version") && sent["version"] != version)
            return fail_as_aws("ConflictException", "another version");
        IMPRINT_CHECK(struck("update", [&] { write(thing, document); }));
        return registry::Shadow{document, version};
    }

    Result<void> remove(const std::string& thing, const std::string& name) override {
        EXPECT_EQ(name, "credentials");
        return struck("remove", [&] { documents.erase(thing); });
    }

    // By MQTT, from the device.
    void write(const std::string& thing, std::string_view document) {
        documents[thing].merge_patch(Json::parse(document).at("state"));
        ++version;
    }

  private:
    template <typename Work>
    Result<void> struck(const std::string& call, const Work& work) {
        const Strike what = strike ? strike(call) : Strike::none;
        if (what == Strike::none || what == Strike::lost) work();
        if (what == Strike::none) return {};
        if (what == Strike::lost)
            return fail(ErrorKind::registry, "registry_reply_lost", call + ": no answer");
        if (what == Strike::denied) return fail_as_aws("AccessDeniedException", call);
        return fail(ErrorKind::registry, "registry_unreachable", call + ": not carried out");
    }
};

// One device, as firmware/examples/aws_iot has it.
class AirDevice {
  public:
    enum class Way : std::uint8_t { off, connected, trying };

    prepare::Nor flash;
    Way way = Way::off;
    std::string certificate_id;  // of the connection
    bool refuses_new = false;    // the broker does not take what is on trial
    int trials = 0;

    AirDevice(std::string thing, registry::testing::FakeRegistry& registry, FakeShadows& shadows)
        : thing_(std::move(thing)), registry_(registry), shadows_(shadows) {}

    // What is lost of its messages: asked for each.
    std::function<bool()> loses = [] { return false; };

    void restart() {
        flash.dead = false;
        flash.cut_at.reset();
        flash.reads = 0;
        places_ = flash.places();
        rotation_ = std::make_unique<imprint_identity::Rotation>(places_, simulator::make_request);
        way = Way::off;
    }

    // What it does next of itself: connects, asks what is wanted, does it.
    // What the broker says to its question: an HTTP status.
    void reject(int code) {
        const std::string json = FakeShadows::Json{{"code", code}, {"message", "no"}}.dump();
        rotation_->take_rejected(json.data(), json.size());
    }

    void step() {
        if (flash.dead || !rotation_) return restart();
        switch (way) {
            case Way::off:
                return connect();
            case Way::trying:
                return try_staged();
            case Way::connected:
                break;
        }
        if (!is_in_force(certificate_id)) return void(way = Way::off);  // AWS ends the connection
        ask();
    }

    // The certificate that it would connect with after a restart.
    [[nodiscard]] std::string id_in_force() {
        const bool was_dead = std::exchange(flash.dead, false);
        flash.unreadable_from.reset();
        imprint_identity::Identity identity;
        imprint_identity::Problem mended;
        const auto places = flash.places();
        const auto problem = load_in_force(places, identity, mended);
        flash.dead = was_dead;
        EXPECT_FALSE(problem) << problem.text;
        return id_of(identity);
    }

    [[nodiscard]] bool has_staged() {
        imprint_identity::Identity identity;
        imprint_identity::Problem mended;
        return load_staged(flash.places(), identity, mended).status !=
               imprint_identity::Status::nothing_staged;
    }

    [[nodiscard]] const std::string& thing() const { return thing_; }

    [[nodiscard]] bool is_in_force(const std::string& id) const {
        const auto found = registry_.certificates.find(id);
        return found != registry_.certificates.end() &&
               found->second.certificate.status == CertificateStatus::active &&
               found->second.things.contains(thing_);
    }

  private:
    static std::string id_of(const imprint_identity::Identity& identity) {
        // Reading certificates would take most of a test's time.
        static std::map<std::string, std::string> known;
        const auto [id, is_new] = known.try_emplace(identity.certificate.c_str());
        if (is_new) {
            const auto info = pki::inspect_certificate(identity.certificate.c_str());
            if (info) id->second = info->id;
        }
        return id->second;
    }

    void connect() {
        imprint_identity::Identity identity;
        imprint_identity::Problem mended;
        if (load_in_force(places_, identity, mended)) return;
        certificate_id = id_of(identity);
        if (is_in_force(certificate_id)) way = Way::connected;
    }

    void try_staged() {
        imprint_identity::Identity staged;
        imprint_identity::Problem mended;
        const auto bad = load_staged(places_, staged, mended);
        ++trials;
        const std::string id = id_of(staged);
        if (bad || refuses_new || !is_in_force(id)) {
            rotation_->failed("the broker refuses it");
            way = Way::off;
            return;
        }
        certificate_id = id;
        way = Way::connected;
        carry_out(rotation_->connected());
    }

    void ask() {
        if (loses()) return;
        const auto found = shadows_.documents.find(thing_);
        if (found == shadows_.documents.end()) return reject(404);
        const std::string json = FakeShadows::Json{{"state", found->second}}.dump();
        imprint_identity::Problem told;
        const auto next = rotation_->take(json.data(), json.size(), told);
        if (!flash.unreadable_from) {
            EXPECT_FALSE(told) << told.text;
        }
        carry_out(next);
    }

    void carry_out(imprint_identity::Rotation::Next next) {
        using Next = imprint_identity::Rotation::Next;
        if (flash.dead || next == Next::nothing) return;
        if (next == Next::try_staged) return void(way = Way::trying);
        char text[imprint_identity::rotation_report_size];
        const std::size_t size = rotation_->report(text);
        if (size == 0 || loses()) return;
        // What a certificate says that is not in force any more, nobody hears.
        if (!is_in_force(certificate_id)) return;
        shadows_.write(thing_, {text, size});
        ++shadows_.reports;
    }

    std::string thing_;
    registry::testing::FakeRegistry& registry_;
    FakeShadows& shadows_;
    imprint_identity::Places places_;
    std::unique_ptr<imprint_identity::Rotation> rotation_;
};

class AirWorld : public FleetWorld {
  protected:
    AirWorld() {
        settings_.policy.name = "p";
        image::Partition partition;
        partition.name = "storage";
        partition.size = 0x10000;
        form_ = prepare::make_credential_template(
                    {partition, prepare::spiffs_format(partition), {}, {}}, {},
                    owner_.certificate_pem())
                    .value();
    }

    // Prepared on the bench, and started.
    std::unique_ptr<AirDevice> prepared(const MacAddress& mac) {
        const auto key = pki::PrivateKey::generate(pki::KeyKind::ec_p256);
        const auto issued = registry_.issue(key->request(mac.id()));
        const auto attempt = this->attempt(mac, ledger_);
        const auto row = ledger_.certificate_requested(attempt, key->public_pem(), "p").value();
        EXPECT_TRUE(ledger_.certificate_issued(row, issued->id, issued->pem));
        EXPECT_TRUE(registry_.ensure_thing(mac.id(), "", {}, {}));
        EXPECT_TRUE(registry_.attach(issued->id, issued->arn, mac.id(), "p"));
        EXPECT_TRUE(registry_.activate(issued->id));
        EXPECT_TRUE(ledger_.certificate_state(row, CertificateState::proven));
        EXPECT_TRUE(ledger_.end_attempt(attempt, ledger::Outcome::passed));
        auto device = std::make_unique<AirDevice>(mac.id(), registry_, shadows_);
        device->flash.mac = mac;
        device->flash.bench = prepare::credential_image_bytes(
                                  form_, issued->pem, key->to_pem(),
                                  {mac.id(), mac.id(), "broker.example", 8883, "lot-7", ""})
                                  .value();
        device->restart();
        return device;
    }

    Result<AirLook> look(const std::string& thing) { return look_after(tools_, thing); }

    prepare::IdentitySettings settings_;
    prepare::CredentialTemplate form_;
    FakeShadows shadows_;
    AirTools tools_{
        {{.settings = settings_, .ledger = ledger_, .registry = &registry_, .rivals = later_},
         "",
         run_,
         {}},
        recorded_,
        shadows_,
        later_};
};

}  // namespace imprint::fleet::testing
