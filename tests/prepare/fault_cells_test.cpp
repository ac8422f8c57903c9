// Every call of preparing a board and of replacing its identity × everything that can happen to a
// call, then a clean run: the end is that of an undisturbed run, and at no instant is a certificate
// ACTIVE that is on no board. tests/e2e/test_fault_table.py does the same with whole processes, and
// so shows that the fakes here are honest.
#include <gmock/gmock.h>

#include "prepare/bench_world.h"

namespace imprint::prepare {
namespace {

using registry::testing::Strike;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

enum class Fault { refused, lost, killed_before, killed_after };

class FaultCells : public testing::BenchWorld {
  protected:
    // Runs with the fault at the call number `at`. Gives the name of that call; empty: there are
    // not so many.
    std::string disturbed(std::size_t at, Fault fault) {
        std::size_t calls = 0;
        std::string struck;
        for (const auto& id : registry_.active())
            vouched_.insert(id);
        registry_.strike = [&, at, fault](const std::string& call) {
            if (dead_) return Strike::refused;
            if (calls++ != at) return Strike::none;
            struck = call;
            dead_ |= fault == Fault::killed_before;
            return fault == Fault::lost           ? Strike::lost
                   : fault == Fault::killed_after ? Strike::none
                                                  : Strike::refused;
        };
        registry_.after = [&, at, fault](const std::string& call) {
            watch(call);
            dead_ |= fault == Fault::killed_after && calls == at + 1 && !struck.empty();
        };
        static_cast<void>(prepare());
        registry_.strike = {};
        registry_.after = [this](const std::string& call) { watch(call); };
        dead_ = false;
        return struck;
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
        for (const auto fault :
             {Fault::refused, Fault::lost, Fault::killed_before, Fault::killed_after}) {
            for (std::size_t at = 0;; ++at) {
                begin_anew();
                identity_only_ = false;
                if (replaces) {
                    ASSERT_TRUE(prepare());
                }
                identity_only_ = rotates_;
                const std::string struck = disturbed(at, fault);
                if (struck.empty()) break;
                const std::string cell = struck + " (call " + std::to_string(at) + "), fault " +
                                         std::to_string(static_cast<int>(fault));
                expect_undisturbed_end(cell);
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
