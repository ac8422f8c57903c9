// Every call of what is done with identities beside the bench × everything that can happen to a
// call, then a clean run: the end is that of an undisturbed run, no certificate is ACTIVE at any
// instant that no board has, and the one that a board works with is ACTIVE all the time.
// tests/e2e/test_fault_table.py has some of these cells with whole processes, and so shows that the
// fakes here are honest.
#include <gmock/gmock.h>

#include "fleet/push.h"
#include "fleet/retire.h"
#include "fleet/rotation_world.h"
#include "fleet/sweep.h"
#include "registry/every_fault.h"

namespace imprint::fleet {
namespace {

using registry::testing::cell_of;
using registry::testing::disturb;
using registry::testing::every_fault;
using testing::CertificateState;
using testing::CertificateStatus;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class FleetCells : public testing::RotationWorld {
  protected:
    FleetCells() {
        ledger_.refuse = [this](const char*) -> Result<void> {
            if (!dead_) return {};
            return fail(ErrorKind::ledger, "ledger_unwritable", "as a process that is dead");
        };
    }

    using Command = std::function<Result<void>(prepare::RecordedRegistry&)>;

    // As a process of its own.
    Result<void> run(const Command& command) {
        processes_.current = "h/b/n/" + std::to_string(++process_) + "/p";
        run_ = ledger_.begin_run({}).value();
        prepare::RecordedRegistry recorded(registry_,
                                           ledger::EffectLog(ledger_, {.run = run_}, {}));
        return command(recorded);
    }

    void watch(const std::string& call) {
        for (const auto& id : registry_.active())
            EXPECT_TRUE(vouched_.contains(id)) << "ACTIVE and on no board, after " << call;
        if (!works_.empty()) {
            EXPECT_EQ(status(works_), "ACTIVE") << "cut off, after " << call;
        }
    }

    void begin(const std::function<void()>& before) {
        registry_.certificates.clear();
        registry_.things.clear();
        registry_.after = {};
        ledger_.forget();
        works_.clear();
        before();
        vouched_.clear();
        for (const auto& [id, held] : registry_.certificates)
            vouched_.insert(id);
        const auto queue = ledger_.queued_registrations().value();
        for (const auto& one : queue)
            vouched_.insert(one.certificate.id);
    }

    void table(const std::function<void()>& before, const Command& command,
               const std::function<void()>& expect_end) {
        std::size_t cells = 0;
        for (const auto fault : every_fault) {
            for (std::size_t at = 0;; ++at) {
                begin(before);
                const std::string struck = disturb(
                    registry_, dead_, at, fault, [this](const std::string& call) { watch(call); },
                    [&] { static_cast<void>(run(command)); });
                if (struck.empty()) break;
                SCOPED_TRACE(cell_of(struck, at, fault));
                // What was asked for a moment ago may not be seen yet: it is looked for again.
                clock_.sleep(std::chrono::minutes(2));
                const auto again = run(command);
                ASSERT_TRUE(again) << again.error().describe();
                expect_end();
                // What a sweep has removed stays in the ledger as it was where the answer was lost,
                // until its board is prepared again: there is nothing to be done for it.
                if (!sweeps_) {
                    EXPECT_THAT(ledger_.unfinished(mac_).value(), IsEmpty());
                }
                EXPECT_THAT(ledger_.owed_deactivations().value(), IsEmpty());
                EXPECT_THAT(ledger_.owed_retirements().value(), IsEmpty());
                if (HasFailure()) return;
                ++cells;
            }
        }
        EXPECT_GE(cells, every_fault.size());
        RecordProperty("cells", static_cast<int>(cells));
    }

    void expect_alone(const std::string& id) const {
        EXPECT_THAT(registry_.statuses(), ElementsAre(std::pair(id, std::string("ACTIVE"))));
    }

    bool dead_ = false;
    bool sweeps_ = false;
    int process_ = 1;
    std::set<std::string> vouched_;  // are on the board, or were
    std::string works_;              // the board's at the moment; empty: it may have none
};

TEST_F(FleetCells, of_a_push) {
    Made mine;
    table(
        [&] {
            registry_.put(CertificateStatus::active, {mac_.id()});
            mine = queued(mac_);
        },
        [&](auto& recorded) -> Result<void> {
            std::optional<Error> failed;
            IMPRINT_CHECK(push_queue(recorded, ledger_, {.ca_pem = {}, .rivals = later_, .log = {}},
                                     [&](const auto&, const Result<PushReport>& pushed) {
                                         if (!pushed) failed = pushed.error();
                                     }));
            if (failed) return std::unexpected(*failed);
            return {};
        },
        [&] {
            expect_alone(mine.id);
            EXPECT_EQ(state(mine.row), CertificateState::proven);
        });
}

TEST_F(FleetCells, of_a_retirement) {
    Made one;
    table(
        [&] {
            one = make(CertificateState::proven, CertificateStatus::active);
            registry_.put(CertificateStatus::active, {mac_.id()});
        },
        [&](auto& recorded) -> Result<void> {
            IMPRINT_CHECK(retire(recorded, ledger_, {mac_.id(), "lost", false}));
            return {};
        },
        [&] {
            EXPECT_THAT(registry_.statuses(), IsEmpty());
            EXPECT_EQ(state(one.row), CertificateState::gone);
            EXPECT_TRUE(registry_.things.contains(mac_.id()));
            EXPECT_TRUE(ledger_.retirements(mac_.id()).value().front().done);
        });
}

TEST_F(FleetCells, of_staging) {
    table([&] { works_ = make(CertificateState::proven, CertificateStatus::active).id; },
          [&](auto&) -> Result<void> {
              IMPRINT_CHECK(stage_one());
              return {};
          },
          [&] {
              std::vector<std::string> found;
              for (const auto& [id, status] : registry_.statuses())
                  found.push_back(status);
              EXPECT_THAT(found, UnorderedElementsAre("ACTIVE", "INACTIVE"));
              EXPECT_THAT(registry_.active(), ElementsAre(works_));
          });
}

TEST_F(FleetCells, of_activating) {
    Made staged;
    table(
        [&] {
            works_ = make(CertificateState::proven, CertificateStatus::active).id;
            staged = make(CertificateState::staged, CertificateStatus::inactive);
        },
        [&](auto& recorded) -> Result<void> {
            IMPRINT_CHECK(activate_staged(recorded, ledger_, mac_.id()));
            return {};
        },
        [&] {
            EXPECT_THAT(registry_.active(), UnorderedElementsAre(works_, staged.id));
            // For the table: it is finished only once its board has connected.
            EXPECT_EQ(state(staged.row), CertificateState::active);
            EXPECT_TRUE(ledger_.certificate_state(staged.row, CertificateState::proven));
        });
}

TEST_F(FleetCells, of_finishing) {
    Made now;
    table(
        [&] {
            make(CertificateState::proven, CertificateStatus::active);
            now = activated(CertificateStatus::active);
            works_ = now.id;
        },
        [&](auto& recorded) -> Result<void> {
            IMPRINT_CHECK(finish_rotation(recorded, ledger_, mac_.id(), later_));
            return {};
        },
        [&] {
            expect_alone(now.id);
            EXPECT_EQ(state(now.row), CertificateState::proven);
        });
}

TEST_F(FleetCells, of_cancelling) {
    table(
        [&] {
            works_ = make(CertificateState::proven, CertificateStatus::active).id;
            activated(CertificateStatus::active);
            make(CertificateState::staged, CertificateStatus::inactive);
        },
        [&](auto& recorded) -> Result<void> {
            IMPRINT_CHECK(cancel_rotation(recorded, ledger_, mac_.id()));
            return {};
        },
        [&] { expect_alone(works_); });
}

TEST_F(FleetCells, of_a_sweep) {
    Made failed;
    sweeps_ = true;
    table(
        [&] {
            // What was replaced, what was never proven, and what is owed since a board failed.
            make(CertificateState::proven, CertificateStatus::active);
            make(CertificateState::inactive, CertificateStatus::inactive);
            works_ = make(CertificateState::proven, CertificateStatus::active).id;
            clock_.sleep(std::chrono::hours(1));
            failed = make(CertificateState::active, CertificateStatus::active, second_, ledger_);
            EXPECT_TRUE(ledger_.owe_deactivation({failed.row, failed.attempt}));
        },
        [&](auto& recorded) -> Result<void> {
            std::vector<ledger::Reports*> reports{&ledger_};
            std::vector<ledger::Ledger*> ledgers{&ledger_};
            const SweepScope scope{
                .policy = "p", .thing_type = "", .at_least_as_old = std::chrono::hours(1)};
            IMPRINT_TRY(const auto found, find_leftovers(registry_, reports, scope, clock_.wall()));
            for (const auto& leftover : found)
                IMPRINT_CHECK(remove_leftover(recorded, ledgers, leftover));
            return {};
        },
        [&] {
            EXPECT_THAT(registry_.statuses(),
                        UnorderedElementsAre(std::pair(works_, std::string("ACTIVE")),
                                             std::pair(failed.id, std::string("INACTIVE"))));
        });
}

}  // namespace
}  // namespace imprint::fleet
