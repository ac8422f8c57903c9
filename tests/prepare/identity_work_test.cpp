// The order of effects of one identity, against the local registry and a ledger: what is taken
// away, from whom, and when.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <thread>

#include "aws/aws_registry.h"
#include "aws/http_clients.h"
#include "aws/local_registry_test.h"
#include "base/error_code.h"
#include "ledger/sqlite_ledger.h"
#include "pki/key.h"
#include "prepare/identity.h"
#include "prepare/retirement.h"
#include "sqlite/database.h"

namespace imprint::prepare {
namespace {

using ledger::CertificateState;
using registry::CertificateStatus;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class IdentityWorkTest : public aws::testing::LocalRegistryTest {
  protected:
    void SetUp() override {
        LocalRegistryTest::SetUp();
        settings_.policy.name = "p";
        ASSERT_TRUE(iot_->create_policy(
            "p",
            R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:Connect","Resource":"*"}]})"));
        open_ledger();
    }

    void open_ledger(const char* name = "ledger.sqlite") {
        auto opened = ledger::open_ledger(home() / name, clock_);
        ASSERT_TRUE(opened) << opened.error().describe();
        ledger_ = std::move(*opened);
        run_ = ledger_
                   ->begin_run({.version = "1",
                                .lot = "lot-7",
                                .endpoint = "host",
                                .firmware = "abc",
                                .firmware_commit = ""})
                   .value();
        recorded_.emplace(*registry_, ledger::EffectLog(*ledger_, {.run = run_}, {}));
    }

    ledger::AttemptId attempt() {
        const auto id = ledger_->begin_attempt(run_, "bay0").value();
        EXPECT_TRUE(ledger_->identified(id, mac_, "esp32", mac_.id()));
        EXPECT_TRUE(ledger_->claim(id));
        return id;
    }

    IdentityWork work(ledger::AttemptId attempt, const RivalRules& rules = {}) {
        const IdentityTools tools{
            .settings = settings_, .ledger = *ledger_, .registry = &*registry_, .rivals = rules};
        return {tools, {run_, attempt}, mac_, mac_.id(), "lot-7", {}};
    }

    // The whole way of a board that works. Gives its certificate.
    std::string prepared(const RivalRules& rules = {}) {
        const auto id = attempt();
        IdentityWork one = work(id, rules);
        const auto identity = one.make();
        EXPECT_TRUE(identity) << identity.error().describe();
        EXPECT_TRUE(one.overwriting());
        const auto active = one.activate(*identity);
        EXPECT_TRUE(active) << active.error().describe();
        EXPECT_TRUE(one.proven());
        EXPECT_TRUE(one.retire_former());
        EXPECT_TRUE(one.confirm());
        EXPECT_TRUE(ledger_->end_attempt(id, ledger::Outcome::passed));
        return identity->certificate_id;
    }

    // As a script or another station makes one.
    registry::IssuedCertificate stranger(CertificateStatus status,
                                         const std::vector<std::string>& things) {
        const auto key = pki::PrivateKey::generate(pki::KeyKind::ec_p256);
        auto made = iot_->create_certificate_from_csr(key->request("x")).value();
        EXPECT_TRUE(iot_->update_certificate(made.id, status));
        for (const auto& thing : things) {
            EXPECT_TRUE(registry_->ensure_thing(thing, "", {}, {}));
            EXPECT_TRUE(iot_->attach_thing_principal(thing, made.arn));
        }
        return made;
    }

    // Of all there are: id → "ACTIVE".
    std::map<std::string, std::string> statuses() {
        std::map<std::string, std::string> all;
        EXPECT_TRUE(iot_->list_certificates([&](const registry::Certificate& one) {
            all[one.id] = registry::to_string(one.status);
            return true;
        }));
        return all;
    }

    std::vector<std::string> principals(const std::string& thing) {
        return registry_->certificates_of(thing, "").value();
    }

    const MacAddress mac_ = *parse_mac("246f28aabbcc");
    // No certificate of the test is older: nobody else's counts as young.
    const RivalRules nobody_else_{.watch = Milliseconds(0)};
    IdentitySettings settings_;
    std::unique_ptr<ledger::Ledger> ledger_;
    std::optional<RecordedRegistry> recorded_;
    ledger::RunId run_ = 0;
};

TEST_F(IdentityWorkTest, a_board_prepared_again_ends_with_the_new_one_alone) {
    const std::string first = prepared();
    const std::string second = prepared();
    EXPECT_THAT(statuses(), ElementsAre(std::pair(second, "ACTIVE")));
    EXPECT_THAT(principals(mac_.id()), ElementsAre(second));
    EXPECT_EQ(ledger_->certificates(mac_)->front().state, CertificateState::gone);
}

TEST_F(IdentityWorkTest, the_former_one_stays_active_until_its_place_is_overwritten) {
    const std::string former = prepared();
    IdentityWork again = work(attempt());
    ASSERT_TRUE(again.make());
    EXPECT_EQ(again.discard(), events::CertificateFate::removed);
    EXPECT_EQ(statuses().at(former), "ACTIVE");
    EXPECT_EQ(ledger_->certificates(mac_)->front().state, CertificateState::proven);
}

TEST_F(IdentityWorkTest, what_was_overwritten_is_made_inactive_with_the_new_one_that_failed) {
    const std::string former = prepared();
    const auto id = attempt();
    IdentityWork again = work(id);
    const auto identity = again.make();
    ASSERT_TRUE(again.overwriting());
    EXPECT_EQ(statuses().at(former), "ACTIVE") << "the new one may still be proven";
    ASSERT_TRUE(again.activate(*identity));
    EXPECT_EQ(again.discard(), events::CertificateFate::inactive);
    EXPECT_EQ(statuses().at(former), "INACTIVE");
    EXPECT_EQ(statuses().at(identity->certificate_id), "INACTIVE");
    ASSERT_TRUE(ledger_->end_attempt(id, ledger::Outcome::failed, "x", "y"));
    EXPECT_THAT(*ledger_->owed_deactivations(), IsEmpty());

    // It is deleted only once another one is proven.
    IdentityWork third = work(attempt());
    const auto last = third.make();
    ASSERT_TRUE(last);
    EXPECT_TRUE(statuses().contains(former));
    ASSERT_TRUE(third.overwriting());
    ASSERT_TRUE(third.activate(*last));
    ASSERT_TRUE(third.proven());
    ASSERT_TRUE(third.retire_former());
    EXPECT_THAT(statuses(), ElementsAre(std::pair(last->certificate_id, "ACTIVE")));
}

TEST_F(IdentityWorkTest, what_a_dead_attempt_has_overwritten_is_settled_by_the_next_run) {
    const std::string former = prepared();
    const auto id = attempt();
    IdentityWork again = work(id);
    ASSERT_TRUE(again.make());
    ASSERT_TRUE(again.overwriting());
    EXPECT_EQ(settle_debts(*recorded_, *ledger_, {}).value(), 0U) << "while it lives, it is at it";
    EXPECT_EQ(statuses().at(former), "ACTIVE");
    ASSERT_TRUE(ledger_->end_attempt(id, ledger::Outcome::failed, "killed", ""));
    EXPECT_EQ(settle_debts(*recorded_, *ledger_, {}).value(), 1U);
    EXPECT_EQ(statuses().at(former), "INACTIVE");
    EXPECT_EQ(settle_debts(*recorded_, *ledger_, {}).value(), 0U);
}

TEST_F(IdentityWorkTest, what_somebody_has_revoked_stays_revoked) {
    const std::string former = prepared();
    ASSERT_TRUE(iot_->update_certificate(former, CertificateStatus::revoked));
    const auto id = attempt();
    IdentityWork again = work(id);
    ASSERT_TRUE(again.make());
    ASSERT_TRUE(again.overwriting());
    static_cast<void>(again.discard());
    EXPECT_EQ(statuses().at(former), "REVOKED");
    ASSERT_TRUE(ledger_->end_attempt(id, ledger::Outcome::failed, "x", "y"));
    EXPECT_THAT(*ledger_->owed_deactivations(), IsEmpty());
}

TEST_F(IdentityWorkTest, what_other_things_use_as_well_is_left_to_them) {
    const auto shared = stranger(CertificateStatus::active, {mac_.id(), "gateway"});
    const std::string mine = prepared();
    EXPECT_EQ(statuses().at(shared.id), "ACTIVE");
    EXPECT_THAT(principals("gateway"), ElementsAre(shared.id));
    EXPECT_THAT(principals(mac_.id()), ElementsAre(mine));
}

TEST_F(IdentityWorkTest, what_other_things_use_as_well_stays_active_when_the_board_fails) {
    const std::string former = prepared();
    ASSERT_TRUE(registry_->ensure_thing("gateway", "", {}, {}));
    ASSERT_TRUE(iot_->attach_thing_principal("gateway", iot_->describe_certificate(former)->arn));
    IdentityWork again = work(attempt());
    const auto identity = again.make();
    ASSERT_TRUE(again.overwriting());
    ASSERT_TRUE(again.activate(*identity));
    static_cast<void>(again.discard());
    EXPECT_EQ(statuses().at(former), "ACTIVE");
    EXPECT_THAT(principals("gateway"), ElementsAre(former));
}

TEST_F(IdentityWorkTest, the_way_back_does_not_depend_on_the_ledger) {
    const std::string former = prepared();
    IdentityWork again = work(attempt());
    const auto identity = again.make();
    ASSERT_TRUE(again.overwriting());
    ASSERT_TRUE(again.activate(*identity));
    auto database = sqlite::Database::open(home() / "ledger.sqlite", {.kind = ErrorKind::ledger});
    // As on a disk that is full.
    for (const char* what : {"INSERT ON effects", "UPDATE ON certificates"})
        ASSERT_TRUE(
            database->exec(fmt::format("CREATE TRIGGER \"full {0}\" BEFORE {0} BEGIN "
                                       "SELECT RAISE(FAIL, 'full'); END",
                                       what)));
    EXPECT_EQ(again.discard(), events::CertificateFate::inactive);
    EXPECT_EQ(statuses().at(identity->certificate_id), "INACTIVE");
    EXPECT_EQ(statuses().at(former), "INACTIVE");
}

TEST_F(IdentityWorkTest, a_debt_survives_a_ledger_and_a_registry_that_fail_at_once) {
    const auto id = attempt();
    IdentityWork one = work(id);
    const auto identity = one.make();
    ASSERT_TRUE(one.overwriting());
    ASSERT_TRUE(one.activate(*identity));
    auto database = sqlite::Database::open(home() / "ledger.sqlite", {.kind = ErrorKind::ledger});
    ASSERT_TRUE(
        database->exec("CREATE TRIGGER full BEFORE UPDATE ON certificates BEGIN "
                       "SELECT RAISE(FAIL, 'full'); END"));
    aws::IotClientOptions nowhere;
    nowhere.endpoint_url = "http://127.0.0.1:1";
    nowhere.region = "eu-west-1";
    nowhere.retry_deadline = Milliseconds(1);
    aws::AwsRegistry reachable = std::exchange(
        *registry_,
        aws::AwsRegistry(aws::IotClient(std::shared_ptr<http::Client>(aws::make_registry_client()),
                                        aws::Credentials{}, nowhere, clock_)));
    EXPECT_EQ(one.discard(), events::CertificateFate::unknown);
    *registry_ = std::move(reachable);
    ASSERT_TRUE(database->exec("DROP TRIGGER full"));
    EXPECT_EQ(statuses().at(identity->certificate_id), "ACTIVE");
    open_ledger();
    EXPECT_EQ(settle_debts(*recorded_, *ledger_, {}).value(), 1U);
    EXPECT_EQ(statuses().at(identity->certificate_id), "INACTIVE");
}

TEST_F(IdentityWorkTest, an_older_ledger_that_was_put_back_takes_no_working_board_down) {
    const auto id = attempt();
    IdentityWork one = work(id);
    const auto identity = one.make();
    ASSERT_TRUE(identity);
    // The ledger is left here; the board passed.
    ASSERT_TRUE(iot_->update_certificate(identity->certificate_id, CertificateStatus::active));
    ASSERT_TRUE(ledger_->end_attempt(id, ledger::Outcome::failed, "killed", ""));
    IdentityWork next = work(attempt());
    ASSERT_TRUE(next.make());
    EXPECT_EQ(statuses().at(identity->certificate_id), "ACTIVE");
    static_cast<void>(next.discard());
    EXPECT_EQ(statuses().at(identity->certificate_id), "ACTIVE");
}

TEST_F(IdentityWorkTest, what_a_dead_attempt_left_and_never_activated_is_removed) {
    const auto id = attempt();
    const auto left = work(id).make();
    ASSERT_TRUE(left);
    ASSERT_TRUE(ledger_->end_attempt(id, ledger::Outcome::failed, "killed", ""));
    const std::string now = prepared();
    EXPECT_THAT(statuses(), ElementsAre(std::pair(now, "ACTIVE")));
}

TEST_F(IdentityWorkTest, one_whose_answer_was_lost_is_looked_for_until_it_must_have_been_seen) {
    const auto id = attempt();
    const auto key = pki::PrivateKey::generate(pki::KeyKind::ec_p256);
    ASSERT_TRUE(ledger_->certificate_requested(id, key->public_pem(), "p"));
    ASSERT_TRUE(ledger_->end_attempt(id, ledger::Outcome::failed, "registry_reply_lost", ""));
    prepared();
    EXPECT_EQ(ledger_->certificates(mac_)->front().state, CertificateState::requested)
        << "it may not be seen yet";
    const auto late = iot_->create_certificate_from_csr(key->request("x")).value();
    const std::string now = prepared();
    EXPECT_EQ(ledger_->certificates(mac_)->front().state, CertificateState::gone);
    EXPECT_THAT(statuses(), ElementsAre(std::pair(now, "ACTIVE")));
}

TEST_F(IdentityWorkTest, a_board_that_gets_another_thing_leaves_no_certificate_on_its_former_one) {
    const std::string former = prepared();
    const auto id = attempt();
    ASSERT_TRUE(ledger_->identified(id, mac_, "esp32", "lot-8-lamp"));
    const IdentityTools tools{.settings = settings_, .ledger = *ledger_, .registry = &*registry_};
    IdentityWork again(tools, {run_, id}, mac_, "lot-8-lamp", "lot-8", {});
    const auto identity = again.make();
    ASSERT_TRUE(identity) << identity.error().describe();
    ASSERT_TRUE(again.overwriting());
    ASSERT_TRUE(again.activate(*identity));
    ASSERT_TRUE(again.proven());
    ASSERT_TRUE(again.retire_former());
    EXPECT_FALSE(statuses().contains(former));
    EXPECT_THAT(principals(mac_.id()), IsEmpty());
}

TEST_F(IdentityWorkTest, what_the_ledger_calls_gone_and_is_back_on_the_thing_goes_with_the_others) {
    const auto id = attempt();
    IdentityWork first = work(id);
    const auto identity = first.make();
    ASSERT_TRUE(iot_->update_certificate(identity->certificate_id, CertificateStatus::active));
    ASSERT_TRUE(ledger_->certificate_gone(identity->certificate_id));
    ASSERT_TRUE(ledger_->end_attempt(id, ledger::Outcome::failed, "x", "y"));
    const std::string now = prepared();
    EXPECT_THAT(statuses(), ElementsAre(std::pair(now, "ACTIVE")));
}

// --- another station, with a ledger of its own

TEST_F(IdentityWorkTest, another_stations_board_of_a_moment_ago_is_refused_before_it_is_touched) {
    const std::string theirs = prepared();
    open_ledger("second.sqlite");
    IdentityWork mine = work(attempt());
    const auto refused = mine.make();
    ASSERT_FALSE(refused);
    EXPECT_EQ(code_of(refused), "board_at_another_station");
    EXPECT_EQ(refused.error().kind, ErrorKind::board);
    EXPECT_THAT(refused.error().message, HasSubstr(theirs));
    EXPECT_THAT(refused.error().hint, HasSubstr("--take-over"));
    EXPECT_EQ(mine.discard(), events::CertificateFate::none);
    EXPECT_THAT(statuses(), ElementsAre(std::pair(theirs, "ACTIVE")));
}

TEST_F(IdentityWorkTest, another_stations_board_of_long_ago_or_that_is_here_is_taken_over) {
    prepared();
    open_ledger("second.sqlite");
    const std::string later = prepared(nobody_else_);
    EXPECT_THAT(statuses(), ElementsAre(std::pair(later, "ACTIVE")));
    open_ledger("third.sqlite");
    const std::string taken = prepared({.take_over = true});
    EXPECT_THAT(statuses(), ElementsAre(std::pair(taken, "ACTIVE")));
}

TEST_F(IdentityWorkTest, what_another_station_is_making_just_now_is_left_alone) {
    const auto theirs = stranger(CertificateStatus::inactive, {mac_.id()});
    const std::string mine = prepared(nobody_else_);
    EXPECT_EQ(statuses().at(theirs.id), "INACTIVE");
    EXPECT_THAT(principals(mac_.id()), ::testing::UnorderedElementsAre(theirs.id, mine));
}

TEST_F(IdentityWorkTest, of_two_that_are_active_at_once_the_one_made_first_gives_way) {
    const auto id = attempt();
    IdentityWork mine = work(id);
    const auto identity = mine.make();
    ASSERT_TRUE(identity);
    clock_.sleep(Milliseconds(5));
    const auto theirs = stranger(CertificateStatus::active, {mac_.id()});
    ASSERT_TRUE(mine.overwriting());
    const auto active = mine.activate(*identity);
    ASSERT_FALSE(active);
    EXPECT_EQ(code_of(active), "board_at_another_station");
    EXPECT_EQ(mine.discard(), events::CertificateFate::inactive);
    EXPECT_EQ(statuses().at(theirs.id), "ACTIVE");
}

TEST_F(IdentityWorkTest, the_one_made_later_waits_for_the_other_to_give_way) {
    const auto theirs = stranger(CertificateStatus::inactive, {mac_.id()});
    clock_.sleep(Milliseconds(5));
    const auto id = attempt();
    IdentityWork mine = work(id);
    const auto identity = mine.make();
    ASSERT_TRUE(identity);
    ASSERT_TRUE(iot_->update_certificate(theirs.id, CertificateStatus::active));
    const std::jthread gives_way([&] {
        clock_.sleep(Milliseconds(300));
        EXPECT_TRUE(iot_->update_certificate(theirs.id, CertificateStatus::inactive));
    });
    const auto active = mine.activate(*identity);
    EXPECT_TRUE(active) << active.error().describe();
}

TEST_F(IdentityWorkTest, the_one_made_later_gives_way_to_one_that_does_not) {
    const auto theirs = stranger(CertificateStatus::inactive, {mac_.id()});
    clock_.sleep(Milliseconds(5));
    const auto id = attempt();
    IdentityWork mine = work(id, {.yield = Milliseconds(200)});
    const auto identity = mine.make();
    ASSERT_TRUE(identity);
    ASSERT_TRUE(iot_->update_certificate(theirs.id, CertificateStatus::active));
    const auto active = mine.activate(*identity);
    ASSERT_FALSE(active);
    EXPECT_EQ(code_of(active), "board_at_another_station");
    EXPECT_EQ(mine.discard(), events::CertificateFate::inactive);
    EXPECT_EQ(statuses().at(theirs.id), "ACTIVE");
}

TEST_F(IdentityWorkTest, a_board_passes_only_with_its_own_certificate_in_force) {
    IdentityWork one = work(attempt(), {.confirm = Milliseconds(50)});
    const auto identity = one.make();
    ASSERT_TRUE(one.overwriting());
    ASSERT_TRUE(one.activate(*identity));
    ASSERT_TRUE(one.proven());
    ASSERT_TRUE(one.confirm());
    ASSERT_TRUE(iot_->detach_thing_principal(mac_.id(), identity->certificate_arn));
    auto lost = one.confirm();
    ASSERT_FALSE(lost);
    EXPECT_EQ(code_of(lost), "identity_lost");
    ASSERT_TRUE(registry_->retire(identity->certificate_id, {mac_.id()}));
    lost = one.confirm();
    ASSERT_FALSE(lost);
    EXPECT_EQ(one.discard(), events::CertificateFate::none) << "somebody else has taken it away";
}

// --- the lot of a board that gets another identity

TEST_F(IdentityWorkTest, a_rotation_keeps_the_lot) {
    settings_.attributes = {{"batch", "{lot}"}};
    const IdentityTools tools{.settings = settings_, .ledger = *ledger_, .registry = &*registry_};
    EXPECT_EQ(known_lot(tools, mac_).value(), "") << "nobody knows one";
    ASSERT_TRUE(registry_->ensure_thing(mac_.id(), "", {{"batch", "order-3"}}, {}));
    EXPECT_EQ(known_lot(tools, mac_).value(), "order-3") << "the thing's";
    prepared();
    EXPECT_EQ(known_lot(tools, mac_).value(), "lot-7") << "the ledger's";
    settings_.thing_name = "{lot}-{mac}";
    EXPECT_EQ(known_lot(tools, mac_).value(), "lot-7");
    open_ledger("second.sqlite");
    const IdentityTools others{.settings = settings_, .ledger = *ledger_, .registry = &*registry_};
    const auto unknown = known_lot(others, mac_);
    ASSERT_FALSE(unknown);
    EXPECT_EQ(code_of(unknown), "lot_unknown");
}

// --- effects that come later than their answers

class LaggingTest : public IdentityWorkTest {
  protected:
    [[nodiscard]] local_registry::FaultPlan faults() const override {
        local_registry::FaultPlan plan;
        local_registry::FaultRule rule;
        rule.operation = "*";
        rule.fault = local_registry::Fault::lag;
        rule.every = 1;
        rule.time = Milliseconds(0);
        rule.most_time = Milliseconds(400);
        plan.rules = {rule};
        return plan;
    }
};

TEST_F(LaggingTest, each_step_waits_for_the_one_before) {
    std::string last;
    for (int round = 0; round < 3; ++round)
        last = prepared();
    clock_.sleep(Milliseconds(500));
    EXPECT_THAT(statuses(), ElementsAre(std::pair(last, "ACTIVE")));
    EXPECT_THAT(principals(mac_.id()), ElementsAre(last));
}

TEST_F(LaggingTest, a_thing_is_deleted_once_its_certificate_is_seen_to_be_off_it) {
    const std::string made = prepared();
    ASSERT_TRUE(registry_->retire(made, {mac_.id()}));
    ASSERT_TRUE(registry_->delete_thing(mac_.id()));
    clock_.sleep(Milliseconds(500));
    EXPECT_THAT(statuses(), IsEmpty());
    EXPECT_TRUE(aws::is_not_found(iot_->describe_thing(mac_.id()).error()));
}

}  // namespace
}  // namespace imprint::prepare
