// Every call of preparing a board and of replacing its identity × everything that can happen to a
// call, then a clean run: the end is that of an undisturbed run, and at no instant is a certificate
// ACTIVE that is on no board. tests/e2e/test_fault_table.py has some of these cells with whole
// processes, and so shows that the fakes here are honest.
#include <gmock/gmock.h>

#include "prepare/bench_world.h"
#include "registry/every_fault.h"

namespace imprint::prepare {
namespace {

using registry::testing::cell_of;
using registry::testing::disturb;
using registry::testing::every_fault;
using registry::testing::Fault;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class FaultCells : public testing::BenchWorld {
  protected:
    // Gives the name of the call that met the fault; empty: there are not so many.
    std::string disturbed(std::size_t at, Fault fault) {
        for (const auto& id : registry_.active())
            vouched_.insert(id);
        return disturb(
            registry_, dead_, at, fault, [this](const std::string& call) { watch(call); },
            [this] { static_cast<void>(prepare()); });
    }

    // An ACTIVE certificate is in the flash of the board, or was before.
    void watch(const std::string& call) {
        for (const auto& id : registry_.active()) {
            if (vouched_.contains(id)) continue;
            EXPECT_TRUE(is_in_flash(id)) << "ACTIVE and on no board, after " << call;
            vouched_.insert(id);
        }
    }

    void expect_undisturbed_end(const std::string& cell) {
        // A certificate that was asked for a moment ago may not be seen yet: it is looked for
        // again.
        clock_.sleep(std::chrono::minutes(2));
        const auto passed = prepare();
        ASSERT_TRUE(passed) << cell << ": " << passed.error().describe();
        EXPECT_THAT(registry_.statuses(),
                    ElementsAre(std::pair(passed->certificate_id, std::string("ACTIVE"))))
            << cell;
        EXPECT_TRUE(is_in_flash(passed->certificate_id)) << cell;
        EXPECT_THAT(ledger_.owed_deactivations().value(), IsEmpty()) << cell;
        EXPECT_THAT(ledger_.owed_retirements().value(), IsEmpty()) << cell;
        EXPECT_THAT(ledger_.unfinished(mac_).value(), IsEmpty()) << cell;
    }

    // A world of its own for each cell; the board in it has the firmware already.
    void begin_anew() {
        registry_.certificates.clear();
        registry_.things.clear();
        registry_.strike = {};
        registry_.after = {};
        vouched_.clear();
        ledger_.forget();
    }

    void table(bool replaces) {
        std::size_t cells = 0;
        for (const auto fault : every_fault) {
            for (std::size_t at = 0;; ++at) {
                begin_anew();
                identity_only_ = false;
                if (replaces) {
                    ASSERT_TRUE(prepare());
                }
                identity_only_ = rotates_;
                const std::string struck = disturbed(at, fault);
                if (struck.empty()) break;
                expect_undisturbed_end(cell_of(struck, at, fault));
                if (HasFatalFailure()) return;
                ++cells;
            }
        }
        EXPECT_GT(cells, 30U);
        RecordProperty("cells", static_cast<int>(cells));
    }

    std::set<std::string> vouched_;
    bool rotates_ = false;
};

TEST_F(FaultCells, of_a_first_board) {
    table(false);
}

TEST_F(FaultCells, of_a_board_that_has_an_identity) {
    table(true);
}

TEST_F(FaultCells, of_a_rotation) {
    rotates_ = true;
    table(true);
}

}  // namespace
}  // namespace imprint::prepare
