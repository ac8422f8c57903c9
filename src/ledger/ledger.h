// The station's durable record: what was intended, done and proven. Every effect outside the
// process is written here as intended before it is tried and as done after it was answered
// (effect_log.h), so that a rerun knows what a dead run may have left. Never contains a secret.
// sqlite_ledger.h has the implementation that stations use.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/mac.h"
#include "ledger/lots.h"
#include "ledger/records.h"

namespace imprint::ledger {

// Runs and their attempts on boards.
// Errors of everything here: kind ledger: ledger_unwritable, ledger_damaged, ledger_newer (made by
// a newer Imprint), and those of sqlite::Database.
class Attempts {
  public:
    virtual ~Attempts() = default;

    // Also reserves disk space for what an attempt of this run may come to owe.
    [[nodiscard]] virtual Result<RunId> begin_run(const RunFacts& facts) = 0;
    [[nodiscard]] virtual Result<void> end_run(RunId run, unsigned passed, unsigned failed) = 0;
    // Known only after the run has begun.
    [[nodiscard]] virtual Result<void> set_account(RunId run, const std::string& account,
                                                   const std::string& region) = 0;

    // The board is not known yet: an attempt is recorded even if its board cannot be identified.
    [[nodiscard]] virtual Result<AttemptId> begin_attempt(RunId run, const std::string& bay) = 0;
    [[nodiscard]] virtual Result<void> identified(AttemptId attempt, const MacAddress& mac,
                                                  const std::string& chip,
                                                  const std::string& thing) = 0;
    // Sets the attempt's lot if it differs from the run's.
    [[nodiscard]] virtual Result<void> set_lot(AttemptId attempt, const std::string& lot) = 0;
    // Reserves the board for this attempt until it ends: anything that others left on it is from
    // dead attempts. Error: board_twice (board): a living attempt has it, in this process or
    // another. over_unknown: an attempt that may or may not be alive counts as dead.
    [[nodiscard]] virtual Result<void> claim(AttemptId attempt, bool over_unknown = false) = 0;
    // Passed: the attempt's serial number is used up from now on. fault: kept of a failed one.
    [[nodiscard]] virtual Result<void> end_attempt(AttemptId attempt, Outcome outcome,
                                                   const std::string& error_code = {},
                                                   const std::string& error_message = {},
                                                   Fault fault = Fault::board) = 0;
};

// Written through EffectLog.
class Effects {
  public:
    virtual ~Effects() = default;

    // Durable on return: only then may the effects be tried. The ids are in the order of
    // `subjects`.
    [[nodiscard]] virtual Result<std::vector<EffectId>> intend(
        const Doer& doer, const std::string& kind, const std::vector<std::string>& subjects) = 0;
    // Visible to every later call; durable with this ledger's next write. Until then a crash leaves
    // the effect as perhaps done.
    [[nodiscard]] virtual Result<void> done(EffectId effect,
                                            const std::string& result = "done") = 0;
};

// The state of each requested certificate, and what is owed for it.
class Certificates {
  public:
    virtual ~Certificates() = default;

    [[nodiscard]] virtual Result<std::int64_t> certificate_requested(AttemptId attempt,
                                                                     const std::string& public_pem,
                                                                     const std::string& policy) = 0;
    // pem: empty if it is not known.
    [[nodiscard]] virtual Result<void> certificate_issued(std::int64_t row, const std::string& id,
                                                          const std::string& pem) = 0;
    // A certificate that was signed here: its id is known before the registry is asked.
    [[nodiscard]] virtual Result<std::int64_t> certificate_signed(AttemptId attempt,
                                                                  const std::string& id,
                                                                  const std::string& pem,
                                                                  const std::string& public_pem,
                                                                  const std::string& policy) = 0;
    // A certificate that was made before its board was known; this may not be its first use here. A
    // state that an earlier attempt on the same board has set is kept (active, queued, proven);
    // otherwise it becomes inactive. Error: minted_in_use (board): it belongs to another board.
    [[nodiscard]] virtual Result<Taken> certificate_taken(AttemptId attempt, const std::string& id,
                                                          const std::string& pem,
                                                          const std::string& public_pem,
                                                          const std::string& policy) = 0;
    [[nodiscard]] virtual Result<void> certificate_state(std::int64_t row,
                                                         CertificateState state) = 0;
    [[nodiscard]] virtual Result<void> certificate_staged(std::int64_t row) = 0;
    [[nodiscard]] virtual Result<void> certificate_gone(const MacAddress& mac,
                                                        const std::string& id) = 0;
    // For use where the board is not known.
    [[nodiscard]] virtual Result<void> certificate_gone(const std::string& id) = 0;

    // Called before the first sector is written over the board's former certificates: from now on
    // their deactivation is owed, unless this attempt retires them. One that the ledger does not
    // know yet is adopted.
    [[nodiscard]] virtual Result<void> overwriting(
        AttemptId attempt, const std::vector<std::string>& certificate_ids) = 0;
    // Written beside the ledger if the ledger cannot be written: space for that is reserved.
    [[nodiscard]] virtual Result<void> owe_deactivation(const Debt& debt) = 0;
    // It is INACTIVE now, or was deleted already.
    [[nodiscard]] virtual Result<void> deactivated(std::int64_t row) = 0;
    // The board works with another certificate: this one is to be retired, and is not fully retired
    // yet. If an attempt is given, a certificate that the ledger does not know is adopted.
    [[nodiscard]] virtual Result<void> owe_retirement(std::optional<AttemptId> attempt,
                                                      const std::string& certificate_id) = 0;

    [[nodiscard]] virtual Result<void> queue_registration(std::int64_t row,
                                                          const std::string& facts) = 0;
    // A queued certificate was registered and is in force: it becomes proven. False, and nothing is
    // changed: it is not queued any more, or its board has been given another one since.
    [[nodiscard]] virtual Result<bool> registered(std::int64_t row) = 0;

    [[nodiscard]] virtual Result<std::int64_t> begin_retirement(const std::string& thing,
                                                                const std::string& reason) = 0;
    [[nodiscard]] virtual Result<void> end_retirement(std::int64_t id,
                                                      const std::string& result) = 0;
};

// Lots and serial numbers, as far as attempts and commands change them.
class Lots {
  public:
    virtual ~Lots() = default;

    // Errors: lot_exists (usage): the name or the code is another lot's.
    [[nodiscard]] virtual Result<void> open_lot(const LotFacts& facts) = 0;
    // Of the lot of this name; where its numbers begin stays. Errors: lot_unknown, lot_exists
    // (usage).
    [[nodiscard]] virtual Result<void> change_lot(const LotFacts& facts) = 0;
    // Error: lot_unknown (usage).
    [[nodiscard]] virtual Result<void> set_lot_state(const std::string& name, LotState state) = 0;

    // This attempt is a golden sample's.
    [[nodiscard]] virtual Result<void> mark_golden(AttemptId attempt) = 0;
    // A place in the attempt's lot, as long as its target leaves one, and a serial number for its
    // board: the one that the board has there; else `scanned`, else one by the lot's template; else
    // none (empty). Bound to the board from now on. Errors (board): lot_full; serial_taken.
    [[nodiscard]] virtual Result<std::string> enter_lot(AttemptId attempt,
                                                        const std::string& scanned = {}) = 0;
    // The board failed, and carries nothing that works: its number is given back if the lot says
    // so and no attempt has passed with it.
    [[nodiscard]] virtual Result<void> free_serial(AttemptId attempt) = 0;
};

// Boards that were never identified are not among a lot's.
class LotReports {
  public:
    virtual ~LotReports() = default;

    // By its name; else by its code. Nothing: nobody has opened it.
    [[nodiscard]] virtual Result<std::optional<LotRecord>> find_lot(
        const std::string& name_or_code) = 0;
    [[nodiscard]] virtual Result<std::vector<LotRecord>> lots() = 0;  // newest first
    [[nodiscard]] virtual Result<LotCounts> lot_counts(const std::string& lot) = 0;
    // In the order of their MAC addresses, a few hundred in memory at once; false stops it.
    [[nodiscard]] virtual Result<void> each_lot_board(
        const std::string& lot, const std::function<bool(const LotBoard&)>& visit) = 0;
    // Attempts that ended before their board was known, oldest first; false stops it.
    [[nodiscard]] virtual Result<void> each_unidentified(
        const std::string& lot, const std::function<bool(const AttemptRecord&)>& visit) = 0;
    // The lot's golden samples that have not passed in it at this station since then.
    [[nodiscard]] virtual Result<std::vector<MacAddress>> golden_due(const LotFacts& lot,
                                                                     const std::string& station,
                                                                     WallTime since) = 0;
    [[nodiscard]] virtual Result<std::optional<SerialRecord>> find_serial(
        const std::string& serial) = 0;
    // All that the board has had, one a lot.
    [[nodiscard]] virtual Result<std::vector<SerialRecord>> serials(const MacAddress& mac) = 0;
    // Boards whose MAC address (12 lower-case hex digits), thing or serial number begins with the
    // text: at most `most`, in the order of their addresses. The text is not empty.
    [[nodiscard]] virtual Result<std::vector<MacAddress>> find_boards(const std::string& text,
                                                                      std::size_t most) = 0;
};

// Queries. Lists are in the order of creation, unless stated otherwise. What was merged from
// another ledger is among them, except where something is owed or left to be done: that is the
// other station's.
class Reports : public LotReports {
  public:
    [[nodiscard]] virtual Result<void> each_run(
        const std::function<bool(const RunRecord&)>& visit) = 0;  // newest first; false stops it
    [[nodiscard]] virtual Result<std::vector<RunFile>> files(RunId run) = 0;

    // Newest first, in batches of a thousand; false stops it. mac: only this board's.
    [[nodiscard]] virtual Result<void> each_attempt(
        const std::optional<MacAddress>& mac,
        const std::function<bool(const AttemptRecord&)>& visit) = 0;
    // All boards that were ever identified, in the order of their MAC addresses; false stops it.
    [[nodiscard]] virtual Result<void> each_board(
        const std::function<bool(const BoardRecord&)>& visit) = 0;
    // Nothing: the ledger does not know the board.
    [[nodiscard]] virtual Result<std::optional<BoardRecord>> board(const MacAddress& mac) = 0;
    // The lot that the board last passed in; empty: none, or never.
    [[nodiscard]] virtual Result<std::string> last_lot(const MacAddress& mac) = 0;
    // Nothing: the ledger does not know the thing.
    [[nodiscard]] virtual Result<std::optional<LastWork>> last_work_on(
        const std::string& thing) = 0;

    [[nodiscard]] virtual Result<std::vector<EffectRecord>> effects(AttemptId attempt) = 0;
    [[nodiscard]] virtual Result<std::vector<EffectRecord>> effects_of_run(RunId run) = 0;
    // Effects on these subjects (things, certificate ids) by commands, not by attempts.
    [[nodiscard]] virtual Result<std::vector<EffectRecord>> effects_on(
        const std::vector<std::string>& subjects) = 0;

    [[nodiscard]] virtual Result<std::vector<CertificateRecord>> certificates(
        const MacAddress& mac) = 0;
    [[nodiscard]] virtual Result<std::vector<CertificateRecord>> certificates_of_thing(
        const std::string& thing) = 0;
    // All certificates, in batches of a thousand; false stops it.
    [[nodiscard]] virtual Result<void> each_certificate(
        const std::function<bool(const CertificateRecord&)>& visit) = 0;
    // All things that the certificate's board has been; none of them is another board's.
    [[nodiscard]] virtual Result<std::set<std::string>> things_of_board(
        const std::string& certificate_id) = 0;

    // All certificates of one board that a dead run may have left: requested, inactive and active.
    [[nodiscard]] virtual Result<std::vector<CertificateRecord>> unfinished(
        const MacAddress& mac) = 0;
    // Of all boards that no living attempt works on: the next run settles these before it starts.
    [[nodiscard]] virtual Result<std::vector<CertificateRecord>> owed_deactivations() = 0;
    [[nodiscard]] virtual Result<std::vector<CertificateRecord>> owed_retirements() = 0;

    // At most `most` of the owed registrations after row `after`.
    [[nodiscard]] virtual Result<std::vector<QueuedRegistration>> queued_registrations(
        std::int64_t after = 0, std::size_t most = 1000) = 0;
    [[nodiscard]] virtual Result<std::int64_t> count_queued() = 0;

    // Newest first; thing empty: of all things.
    [[nodiscard]] virtual Result<std::vector<RetirementRecord>> retirements(
        const std::string& thing = {}) = 0;
};

// Safe to call from many threads.
class Ledger : public Attempts, public Effects, public Certificates, public Lots, public Reports {
  public:
    // The clock that its records are dated by.
    [[nodiscard]] virtual WallTime now() const = 0;
};

// For whoever reads now and then, from any thread.
using OpenReports = std::function<Result<std::unique_ptr<Reports>>()>;

// Newest first.
[[nodiscard]] Result<std::vector<AttemptRecord>> attempts(Reports& ledger,
                                                          const std::optional<MacAddress>& mac = {},
                                                          std::size_t most = 1000);

}  // namespace imprint::ledger
