// Registrations that were queued offline, against what other stations have made meanwhile.
#include "fleet/push.h"

#include <chrono>
#include <gmock/gmock.h>
#include <map>
#include <optional>
#include <string>

#include "aws/aws_registry.h"
#include "aws/local_registry_test.h"
#include "ledger/sqlite_ledger.h"
#include "pki/certificate.h"
#include "pki/key.h"
#include "prepare/registration.h"

namespace imprint::fleet {
namespace {

using ledger::CertificateState;
using registry::CertificateStatus;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class PushTest : public aws::testing::LocalRegistryTest {
  protected:
    void SetUp() override {
        LocalRegistryTest::SetUp();
        ASSERT_TRUE(iot_->create_policy(
            "p",
            R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:Connect","Resource":"*"}]})"));
        auto opened = ledger::open_ledger(home() / "ledger.sqlite", clock_);
        ASSERT_TRUE(opened);
        ledger_ = std::move(*opened);
        recorded_.emplace(*registry_,
                          ledger::EffectLog(*ledger_, {.run = ledger_->begin_run({}).value()}, {}));
        owner_.emplace(pki::Authority::create("Owner", pki::KeyKind::ec_p256, std::chrono::days(30),
                                              clock_.wall())
                           .value());
    }

    ledger::AttemptId attempt() {
        const auto run = ledger_
                             ->begin_run({.version = "1",
                                          .lot = "lot",
                                          .endpoint = "host",
                                          .firmware = "abc",
                                          .firmware_commit = ""})
                             .value();
        const auto id = ledger_->begin_attempt(run, "bay0").value();
        EXPECT_TRUE(ledger_->identified(id, mac_, "esp32", mac_.id()));
        return id;
    }

    // A board that was prepared offline. Gives its certificate's id.
    std::string queued() {
        const auto key = pki::PrivateKey::generate(pki::KeyKind::ec_p256);
        const auto pem =
            owner_->issue_client(key->request("x"), std::chrono::days(9), clock_.wall());
        const auto info = pki::inspect_certificate(*pem).value();
        const auto id = attempt();
        const auto row = ledger_->certificate_signed(id, info.id, *pem, key->public_pem(), "p");
        prepare::ThingFacts facts;
        facts.thing = mac_.id();
        facts.policy = "p";
        EXPECT_TRUE(ledger_->queue_registration(*row, prepare::to_json(facts)));
        EXPECT_TRUE(ledger_->end_attempt(id, ledger::Outcome::passed));
        clock_.sleep(Milliseconds(2));  // of two, one is the later
        return info.id;
    }

    // What another station has on the board's thing.
    std::string stranger(CertificateStatus status) {
        const auto key = pki::PrivateKey::generate(pki::KeyKind::ec_p256);
        const auto made = iot_->create_certificate_from_csr(key->request("x")).value();
        EXPECT_TRUE(registry_->ensure_thing(mac_.id(), "", {}, {}));
        EXPECT_TRUE(registry_->attach(made.id, made.arn, mac_.id(), "p"));
        EXPECT_TRUE(iot_->update_certificate(made.id, status));
        return made.id;
    }

    // The error's code; empty: it was pushed.
    std::string push(const prepare::RivalRules& rules) {
        std::string code = "nothing was queued";
        EXPECT_TRUE(push_queue(*recorded_, *ledger_, {.ca_pem = {}, .rivals = rules, .log = {}},
                               [&](const auto&, const Result<PushReport>& pushed) {
                                   code = pushed ? "" : pushed.error().code;
                               }));
        return code;
    }

    std::string status(const std::string& id) {
        const auto there = iot_->describe_certificate(id);
        return there ? std::string(registry::to_string(there->status)) : "gone";
    }

    const MacAddress mac_ = *parse_mac("246f28aabbcc");
    // As long after it as one likes: nobody is still at work.
    const prepare::RivalRules later_{.watch = Milliseconds(0)};
    std::unique_ptr<ledger::Ledger> ledger_;
    std::optional<prepare::RecordedRegistry> recorded_;
    std::optional<pki::Authority> owner_;
};

TEST_F(PushTest, what_another_station_has_made_since_is_not_undone_however_long_one_waits) {
    const std::string mine = queued();
    const std::string theirs = stranger(CertificateStatus::active);
    EXPECT_EQ(push(later_), "board_at_another_station");
    EXPECT_EQ(status(theirs), "ACTIVE");
    EXPECT_NE(status(mine), "ACTIVE");
    EXPECT_EQ(*ledger_->count_queued(), 1) << "it stays in the queue";
    EXPECT_EQ(push({.take_over = true}), "") << "at a word";
    EXPECT_EQ(status(theirs), "gone");
    EXPECT_EQ(status(mine), "ACTIVE");
}

TEST_F(PushTest, what_was_there_before_goes) {
    const std::string former = stranger(CertificateStatus::active);
    clock_.sleep(Milliseconds(2));
    const std::string mine = queued();
    EXPECT_EQ(push(later_), "");
    EXPECT_EQ(status(former), "gone");
    EXPECT_EQ(status(mine), "ACTIVE");
    EXPECT_EQ(ledger_->certificates(mac_)->front().state, CertificateState::proven);
}

TEST_F(PushTest, one_whose_board_was_overwritten_since_is_not_registered) {
    const std::string mine = queued();
    const auto later = attempt();
    ASSERT_TRUE(ledger_->overwriting(later, {}));
    ASSERT_TRUE(ledger_->end_attempt(later, ledger::Outcome::failed, "x", "y"));
    EXPECT_EQ(push(later_), "");
    EXPECT_EQ(status(mine), "gone");
    EXPECT_EQ(ledger_->certificates(mac_)->front().state, CertificateState::gone);
}

}  // namespace
}  // namespace imprint::fleet
