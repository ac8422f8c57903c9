// A registry and a ledger in a test's memory, and boards in them in any state: for what is done
// with identities beside the bench.
#pragma once

#include <chrono>
#include <gtest/gtest.h>
#include <optional>
#include <string>

#include "ledger/memory_clock.h"
#include "ledger/memory_ledger.h"
#include "pki/certificate.h"
#include "pki/key.h"
#include "prepare/recorded_registry.h"
#include "prepare/registration.h"
#include "prepare/rivals.h"
#include "registry/fake_registry.h"

namespace imprint::fleet::testing {

using ledger::CertificateState;
using registry::CertificateStatus;
using registry::testing::Strike;

class FleetWorld : public ::testing::Test {
  protected:
    FleetWorld() { registry_.policies["p"] = {{{1, "{}"}}, 1, 1}; }

    struct Made {
        std::string id;
        std::int64_t row = 0;
        ledger::AttemptId attempt = 0;
    };

    ledger::AttemptId attempt(const MacAddress& mac, ledger::Ledger& ledger) {
        ledger::RunFacts facts;
        facts.lot = "lot-7";
        const auto id = ledger.begin_attempt(ledger.begin_run(facts).value(), "bay0").value();
        EXPECT_TRUE(ledger.identified(id, mac, "esp32", mac.id()));
        EXPECT_TRUE(ledger.claim(id));
        return id;
    }

    // On the board's thing in the registry, and in the ledger, in these states.
    Made make(CertificateState state, CertificateStatus status, const MacAddress& mac,
              ledger::Ledger& ledger, bool ends = true) {
        Made made;
        made.attempt = attempt(mac, ledger);
        made.row = ledger.certificate_requested(made.attempt, "key", "p").value();
        made.id = registry_.put(status, {mac.id()});
        registry_.certificates[made.id].policies = {"p"};
        EXPECT_TRUE(ledger.certificate_issued(made.row, made.id, {}));
        EXPECT_TRUE(state == CertificateState::staged ? ledger.certificate_staged(made.row)
                                                      : ledger.certificate_state(made.row, state));
        if (ends) {
            EXPECT_TRUE(ledger.end_attempt(made.attempt, ledger::Outcome::passed));
        }
        return made;
    }

    Made make(CertificateState state, CertificateStatus status) {
        return make(state, status, mac_, ledger_);
    }

    // Staged and activated: its board has the image, or is about to get it.
    Made activated(CertificateStatus status) {
        const Made made = make(CertificateState::staged, status);
        EXPECT_TRUE(ledger_.certificate_state(made.row, CertificateState::active));
        return made;
    }

    // A board that was prepared offline.
    Made queued(const MacAddress& mac) {
        const auto key = pki::PrivateKey::generate(pki::KeyKind::ec_p256);
        const auto pem =
            owner_.issue_client(key->request("x"), std::chrono::days(9), clock_.wall());
        Made made;
        made.id = pki::inspect_certificate(*pem)->id;
        made.attempt = attempt(mac, ledger_);
        made.row =
            ledger_.certificate_signed(made.attempt, made.id, *pem, key->public_pem(), "p").value();
        prepare::ThingFacts facts;
        facts.thing = mac.id();
        facts.policy = "p";
        EXPECT_TRUE(ledger_.queue_registration(made.row, prepare::to_json(facts)));
        EXPECT_TRUE(ledger_.end_attempt(made.attempt, ledger::Outcome::passed));
        return made;
    }

    // This call, and no other, is met so.
    void strike(const std::string& name, Strike what) {
        registry_.strike = [name, what](const std::string& call) {
            return call == name ? what : Strike::none;
        };
    }

    // What somebody else does just before this call is carried out, once.
    void just_before(const std::string& name, std::function<void()> work) {
        registry_.strike = [name, work = std::move(work)](const std::string& call) mutable {
            if (call == name && work) std::exchange(work, nullptr)();
            return Strike::none;
        };
    }

    void set_status(const std::string& id, CertificateStatus status) {
        registry_.certificates.at(id).certificate.status = status;
    }

    // "ACTIVE", …; "gone".
    [[nodiscard]] std::string status(const std::string& id) const {
        const auto all = registry_.statuses();
        return all.contains(id) ? all.at(id) : "gone";
    }

    [[nodiscard]] CertificateState state(std::int64_t row) {
        CertificateState found = CertificateState::requested;
        EXPECT_TRUE(ledger_.each_certificate([&](const auto& record) {
            if (record.row == row) found = record.state;
            return true;
        }));
        return found;
    }

    const MacAddress mac_ = *parse_mac("246f28aabbcc");
    const MacAddress second_ = *parse_mac("246f28aabbcd");
    // As long after it as one likes: nobody is still at work.
    const prepare::RivalRules later_{.watch = Milliseconds(0)};
    ledger::testing::LedgerClock clock_;
    ledger::testing::OneProcess processes_;
    ledger::testing::MemoryLedger ledger_{clock_, processes_};
    ledger::testing::MemoryLedger other_{clock_, processes_};  // another station's
    registry::testing::FakeRegistry registry_{clock_};
    pki::Authority owner_ =
        pki::Authority::create("Owner", pki::KeyKind::ec_p256, std::chrono::days(30), clock_.wall())
            .value();
    ledger::RunId run_ = ledger_.begin_run({}).value();
    prepare::RecordedRegistry recorded_{registry_, ledger::EffectLog(ledger_, {.run = run_}, {})};
};

}  // namespace imprint::fleet::testing
