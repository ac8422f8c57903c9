// The station's durable record: what was intended, done and proven. Every effect outside the
// process is written here as intended before it is tried and as done after it was answered
// (effect_log.h), so that a rerun knows what a dead run may have left. Never a secret in it.
// sqlite_ledger.h has the one that stations use.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/mac.h"
#include "ledger/records.h"

namespace imprint::ledger {

// Runs, and the attempts on boards that they consist of.
// Errors of everything here: kind ledger: ledger_unwritable, ledger_damaged, ledger_newer (made by
// a newer Imprint), and those of sqlite::Database.
class Attempts {
  public:
    virtual ~Attempts() = default;

    // Also keeps room on the disk for what an attempt of this run may come to owe.
    [[nodiscard]] virtual Result<RunId> begin_run(const RunFacts& facts) = 0;
    [[nodiscard]] virtual Result<void> end_run(RunId run, unsigned passed, unsigned failed) = 0;

    // The board is not known yet: one that cannot be identified has its row all the same.
    [[nodiscard]] virtual Result<AttemptId> begin_attempt(RunId run, const std::string& bay) = 0;
    [[nodiscard]] virtual Result<void> identified(AttemptId attempt, const MacAddress& mac,
                                                  const std::string& chip,
                                                  const std::string& thing) = 0;
    // Where it is not the run's.
    [[nodiscard]] virtual Result<void> set_lot(AttemptId attempt, const std::string& lot) = 0;
    // The attempt has the board for itself until it ends: what others have left of it is a dead
    // one's. Error: board_twice (board): a living attempt has it, in this process or another.
    // over_unknown: one of which nobody can say whether it lives is taken to be dead.
    [[nodiscard]] virtual Result<void> claim(AttemptId attempt, bool over_unknown = false) = 0;
    [[nodiscard]] virtual Result<void> end_attempt(AttemptId attempt, Outcome outcome,
                                                   const std::string& error_code = {},
                                                   const std::string& error_message = {}) = 0;
};

// Written through EffectLog.
class Effects {
  public:
    virtual ~Effects() = default;

    // Durable when it returns: only then may the effects be tried. Ids in the order of `subjects`.
    [[nodiscard]] virtual Result<std::vector<EffectId>> intend(
        const Doer& doer, const std::string& kind, const std::vector<std::string>& subjects) = 0;
    // Seen by every later call; durable with the next of this ledger's writes. Until then it is
    // what it was: perhaps done.
    [[nodiscard]] virtual Result<void> done(EffectId effect,
                                            const std::string& result = "done") = 0;
};

// What became of each certificate that was asked for, and what is owed for it.
class Certificates {
  public:
    virtual ~Certificates() = default;

    [[nodiscard]] virtual Result<std::int64_t> certificate_requested(AttemptId attempt,
                                                                     const std::string& public_pem,
                                                                     const std::string& policy) = 0;
    [[nodiscard]] virtual Result<void> certificate_issued(std::int64_t row,
                                                          const std::string& id) = 0;
    // One that was signed here: its id is known before anybody is asked.
    [[nodiscard]] virtual Result<std::int64_t> certificate_signed(AttemptId attempt,
                                                                  const std::string& id,
                                                                  const std::string& pem,
                                                                  const std::string& public_pem,
                                                                  const std::string& policy) = 0;
    // One that was made ahead of its board: perhaps not for the first time here. A state that a
    // former attempt of the same board has left stays (active, queued, proven); else it is
    // inactive. Error: minted_in_use (board): it is another board's.
    [[nodiscard]] virtual Result<Taken> certificate_taken(AttemptId attempt, const std::string& id,
                                                          const std::string& pem,
                                                          const std::string& public_pem,
                                                          const std::string& policy) = 0;
    [[nodiscard]] virtual Result<void> certificate_state(std::int64_t row,
                                                         CertificateState state) = 0;
    [[nodiscard]] virtual Result<void> certificate_staged(std::int64_t row) = 0;
    [[nodiscard]] virtual Result<void> certificate_gone(const MacAddress& mac,
                                                        const std::string& id) = 0;
    // Where the board is not known.
    [[nodiscard]] virtual Result<void> certificate_gone(const std::string& id) = 0;

    // Before the first sector is written where the board has its former certificates: from now on
    // their deactivation is owed, unless this attempt retires them. One that the ledger does not
    // know yet is adopted.
    [[nodiscard]] virtual Result<void> overwriting(
        AttemptId attempt, const std::vector<std::string>& certificate_ids) = 0;
    // Written beside the ledger, where it cannot be written into it: room for that is kept.
    [[nodiscard]] virtual Result<void> owe_deactivation(const Debt& debt) = 0;
    // It is INACTIVE now, or was gone already.
    [[nodiscard]] virtual Result<void> deactivated(std::int64_t row) = 0;
    // The board works with another one: this one is to go, and has not wholly gone yet. With the
    // attempt, one that the ledger does not know is adopted.
    [[nodiscard]] virtual Result<void> owe_retirement(std::optional<AttemptId> attempt,
                                                      const std::string& certificate_id) = 0;

    [[nodiscard]] virtual Result<void> queue_registration(std::int64_t row,
                                                          const std::string& facts) = 0;

    [[nodiscard]] virtual Result<std::int64_t> begin_retirement(const std::string& thing,
                                                                const std::string& reason) = 0;
    [[nodiscard]] virtual Result<void> end_retirement(std::int64_t id,
                                                      const std::string& result) = 0;
};

// What is there to be read. Lists are in the order of their making, unless they say otherwise.
class Reports {
  public:
    virtual ~Reports() = default;

    [[nodiscard]] virtual Result<void> each_run(
        const std::function<bool(const RunRecord&)>& visit) = 0;  // newest first; false stops it
    [[nodiscard]] virtual Result<std::vector<RunFile>> files(RunId run) = 0;

    // Newest first, a thousand at a time; false stops it. mac: of this board only.
    [[nodiscard]] virtual Result<void> each_attempt(
        const std::optional<MacAddress>& mac,
        const std::function<bool(const AttemptRecord&)>& visit) = 0;
    // The lot that the board last passed in; empty: none, or never.
    [[nodiscard]] virtual Result<std::string> last_lot(const MacAddress& mac) = 0;
    // Nothing: the ledger has not heard of the thing.
    [[nodiscard]] virtual Result<std::optional<LastWork>> last_work_on(
        const std::string& thing) = 0;

    [[nodiscard]] virtual Result<std::vector<EffectRecord>> effects(AttemptId attempt) = 0;
    [[nodiscard]] virtual Result<std::vector<EffectRecord>> effects_of_run(RunId run) = 0;
    // Those that commands did to these (things, certificate ids), not attempts.
    [[nodiscard]] virtual Result<std::vector<EffectRecord>> effects_on(
        const std::vector<std::string>& subjects) = 0;

    [[nodiscard]] virtual Result<std::vector<CertificateRecord>> certificates(
        const MacAddress& mac) = 0;
    [[nodiscard]] virtual Result<std::vector<CertificateRecord>> certificates_of_thing(
        const std::string& thing) = 0;
    // All there are, a thousand at a time; false stops it.
    [[nodiscard]] virtual Result<void> each_certificate(
        const std::function<bool(const CertificateRecord&)>& visit) = 0;
    // All that the certificate's board has been: none of them is another's.
    [[nodiscard]] virtual Result<std::set<std::string>> things_of_board(
        const std::string& certificate_id) = 0;

    // Everything of one board that a dead run may have left: requested, inactive and active.
    [[nodiscard]] virtual Result<std::vector<CertificateRecord>> unfinished(
        const MacAddress& mac) = 0;
    // Of all boards that no living attempt has in hand: what the next run settles before it starts.
    [[nodiscard]] virtual Result<std::vector<CertificateRecord>> owed_deactivations() = 0;
    [[nodiscard]] virtual Result<std::vector<CertificateRecord>> owed_retirements() = 0;

    // At most `most` of the registrations that are owed, of those after row `after`.
    [[nodiscard]] virtual Result<std::vector<QueuedRegistration>> queued_registrations(
        std::int64_t after = 0, std::size_t most = 1000) = 0;
    [[nodiscard]] virtual Result<std::int64_t> count_queued() = 0;

    // Newest first; thing empty: of all.
    [[nodiscard]] virtual Result<std::vector<RetirementRecord>> retirements(
        const std::string& thing = {}) = 0;
};

// Safe to call from many threads.
class Ledger : public Attempts, public Effects, public Certificates, public Reports {
  public:
    // The clock that its records are dated by.
    [[nodiscard]] virtual WallTime now() const = 0;
};

// Newest first.
[[nodiscard]] Result<std::vector<AttemptRecord>> attempts(Reports& ledger,
                                                          const std::optional<MacAddress>& mac = {},
                                                          std::size_t most = 1000);

}  // namespace imprint::ledger
