// A ledger in memory, for tests of the order of effects. What it does is held against the one in
// SQLite by tests/ledger/contract_test.cpp.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/processes.h"
#include "ledger/ledger.h"

namespace imprint::ledger::testing {

class MemoryLedger final : public Ledger {
  public:
    // Both outlive it.
    MemoryLedger(Clock& clock, const Processes& processes) : clock_(clock), processes_(processes) {}

    // Asked with the member's name before each write; an error is what the write gives, and
    // nothing is written. As a disk that is full, or a process that is dead.
    std::function<Result<void>(const char* write)> refuse;

    // As one that was never written to.
    void forget();

    Result<RunId> begin_run(const RunFacts& facts) override;
    Result<void> end_run(RunId run, unsigned passed, unsigned failed) override;
    Result<void> set_account(RunId run, const std::string& account,
                             const std::string& region) override;
    Result<AttemptId> begin_attempt(RunId run, const std::string& bay) override;
    Result<void> identified(AttemptId attempt, const MacAddress& mac, const std::string& chip,
                            const std::string& thing) override;
    Result<void> set_lot(AttemptId attempt, const std::string& lot) override;
    Result<void> claim(AttemptId attempt, bool over_unknown = false) override;
    Result<void> end_attempt(AttemptId attempt, Outcome outcome, const std::string& error_code = {},
                             const std::string& error_message = {},
                             Fault fault = Fault::board) override;
    Result<std::vector<EffectId>> intend(const Doer& doer, const std::string& kind,
                                         const std::vector<std::string>& subjects) override;
    Result<void> done(EffectId effect, const std::string& result = "done") override;
    Result<std::int64_t> certificate_requested(AttemptId attempt, const std::string& public_pem,
                                               const std::string& policy) override;
    Result<void> certificate_issued(std::int64_t row, const std::string& id,
                                    const std::string& pem) override;
    Result<std::int64_t> certificate_signed(AttemptId attempt, const std::string& id,
                                            const std::string& pem, const std::string& public_pem,
                                            const std::string& policy) override;
    Result<Taken> certificate_taken(AttemptId attempt, const std::string& id,
                                    const std::string& pem, const std::string& public_pem,
                                    const std::string& policy) override;
    Result<void> certificate_state(std::int64_t row, CertificateState state) override;
    Result<void> certificate_staged(std::int64_t row) override;
    Result<void> certificate_gone(const MacAddress& mac, const std::string& id) override;
    Result<void> certificate_gone(const std::string& id) override;
    Result<void> overwriting(AttemptId attempt,
                             const std::vector<std::string>& certificate_ids) override;
    Result<void> owe_deactivation(const Debt& debt) override;
    Result<void> deactivated(std::int64_t row) override;
    Result<void> owe_retirement(std::optional<AttemptId> attempt,
                                const std::string& certificate_id) override;
    Result<void> queue_registration(std::int64_t row, const std::string& facts) override;
    Result<bool> registered(std::int64_t row) override;
    Result<std::int64_t> begin_retirement(const std::string& thing,
                                          const std::string& reason) override;
    Result<void> end_retirement(std::int64_t id, const std::string& result) override;

    Result<void> open_lot(const LotFacts& facts) override;
    Result<void> change_lot(const LotFacts& facts) override;
    Result<void> set_lot_state(const std::string& name, LotState state) override;
    Result<void> mark_golden(AttemptId attempt) override;
    Result<std::string> enter_lot(AttemptId attempt, const std::string& scanned = {}) override;
    Result<void> free_serial(AttemptId attempt) override;

    Result<std::optional<LotRecord>> find_lot(const std::string& name_or_code) override;
    Result<std::vector<LotRecord>> lots() override;
    Result<LotCounts> lot_counts(const std::string& lot) override;
    Result<void> each_lot_board(const std::string& lot,
                                const std::function<bool(const LotBoard&)>& visit) override;
    Result<void> each_unidentified(const std::string& lot,
                                   const std::function<bool(const AttemptRecord&)>& visit) override;
    Result<std::vector<MacAddress>> golden_due(const LotFacts& lot, const std::string& station,
                                               WallTime since) override;
    Result<std::optional<SerialRecord>> find_serial(const std::string& serial) override;
    Result<std::vector<MacAddress>> find_boards(const std::string& text, std::size_t most) override;
    Result<std::vector<SerialRecord>> serials(const MacAddress& mac) override;

    Result<void> each_run(const std::function<bool(const RunRecord&)>& visit) override;
    Result<std::vector<RunFile>> files(RunId run) override;
    Result<void> each_attempt(const std::optional<MacAddress>& mac,
                              const std::function<bool(const AttemptRecord&)>& visit) override;
    Result<void> each_board(const std::function<bool(const BoardRecord&)>& visit) override;
    Result<std::optional<BoardRecord>> board(const MacAddress& mac) override;
    Result<std::string> last_lot(const MacAddress& mac) override;
    Result<std::optional<LastWork>> last_work_on(const std::string& thing) override;
    Result<std::vector<EffectRecord>> effects(AttemptId attempt) override;
    Result<std::vector<EffectRecord>> effects_of_run(RunId run) override;
    Result<std::vector<EffectRecord>> effects_on(const std::vector<std::string>& subjects) override;
    Result<std::vector<CertificateRecord>> certificates(const MacAddress& mac) override;
    Result<std::vector<CertificateRecord>> certificates_of_thing(const std::string& thing) override;
    Result<void> each_certificate(
        const std::function<bool(const CertificateRecord&)>& visit) override;
    Result<std::set<std::string>> things_of_board(const std::string& certificate_id) override;
    Result<std::vector<CertificateRecord>> unfinished(const MacAddress& mac) override;
    Result<std::vector<CertificateRecord>> owed_deactivations() override;
    Result<std::vector<CertificateRecord>> owed_retirements() override;
    Result<std::vector<QueuedRegistration>> queued_registrations(std::int64_t after = 0,
                                                                 std::size_t most = 1000) override;
    Result<std::int64_t> count_queued() override;
    Result<std::vector<RetirementRecord>> retirements(const std::string& thing = {}) override;

    [[nodiscard]] WallTime now() const override;

  private:
    struct Run {
        RunFacts facts;
        std::string process;
        WallTime started;
        std::optional<WallTime> ended;
        unsigned passed = 0;
        unsigned failed = 0;
    };

    struct Attempt {
        AttemptRecord record;  // lot: only where it is not the run's
        bool has_lot = false;
        bool claimed = false;
        bool entered = false;
    };

    struct Lot {
        LotRecord record;
        std::int64_t next_number = 1;
        std::set<std::int64_t> free_numbers;
    };

    struct Serial {
        SerialRecord record;
        AttemptId attempt = 0;
        std::optional<std::int64_t> number;
    };

    struct Certificate {
        CertificateRecord record;
        std::string pem;
        std::string facts;
    };

    using Wanted = std::function<bool(const Certificate&)>;

    [[nodiscard]] Result<void> may(const char* write) const;
    [[nodiscard]] Result<Attempt*> attempt_at(AttemptId id);
    [[nodiscard]] Result<Certificate*> certificate_at(std::int64_t row);
    [[nodiscard]] Certificate* find(const std::string& id);
    [[nodiscard]] Result<Certificate*> add(AttemptId attempt, const std::string& id,
                                           const std::string& public_pem, const std::string& policy,
                                           CertificateState state);
    [[nodiscard]] Result<void> adopt(AttemptId attempt, const std::string& id);
    [[nodiscard]] bool is_alive(const std::string& process, WallTime started,
                                bool over_unknown = false) const;
    [[nodiscard]] AttemptRecord told(const Attempt& attempt) const;
    [[nodiscard]] bool in_hand(const MacAddress& mac) const;
    [[nodiscard]] std::vector<CertificateRecord> those(const Wanted& wanted) const;
    [[nodiscard]] std::string lot_of(const Attempt& attempt) const;
    [[nodiscard]] std::vector<LotAttempt> in_lot(const std::string& lot,
                                                 const std::optional<MacAddress>& mac) const;
    [[nodiscard]] Result<void> check_names_free(const LotFacts& facts,
                                                const std::string& own) const;
    [[nodiscard]] Result<void> check_place(const Attempt& mine, const std::string& lot) const;
    [[nodiscard]] Result<std::string> bind_serial(const Attempt& mine, const std::string& lot,
                                                  const std::string& scanned);
    [[nodiscard]] Result<Serial> make_serial(const Attempt& mine, Lot& lot);
    void give_back(const std::string& serial);

    [[nodiscard]] bool is_superseded(const Certificate& one) const;

    Clock& clock_;
    const Processes& processes_;
    mutable std::recursive_mutex mutex_;
    std::map<RunId, Run> runs_;
    std::map<AttemptId, Attempt> attempts_;
    std::map<EffectId, EffectRecord> effects_;
    std::map<std::int64_t, Certificate> certificates_;
    std::map<std::int64_t, RetirementRecord> retirements_;
    std::map<std::string, Lot> lots_;
    std::map<std::string, Serial> serials_;
};

}  // namespace imprint::ledger::testing
