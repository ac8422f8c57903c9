// The SQLite ledger's class, for this layer's own sources: writing runs, attempts and effects
// (sqlite_ledger.cpp), certificates (sqlite_certificates.cpp), lots (sqlite_lots.cpp) and serial
// numbers (sqlite_serials.cpp), and reading (sqlite_reports.cpp, sqlite_boards.cpp).
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "ledger/spare.h"
#include "ledger/sqlite_ledger.h"
#include "ledger/sqlite_store.h"

namespace imprint::ledger {

class SqliteLedger final : public Ledger {
  public:
    // spare: none if opened for reading only.
    SqliteLedger(sqlite::Database database, std::optional<Spare> spare, Clock& clock,
                 const OpenOptions& options)
        : store_(std::move(database), clock, options),
          spare_(std::move(spare)),
          clock_(clock),
          processes_(options.processes) {}

    Result<RunId> begin_run(const RunFacts& facts) override;
    Result<void> end_run(RunId run, unsigned passed, unsigned failed) override;
    Result<void> set_account(RunId run, const std::string& account,
                             const std::string& region) override;
    Result<AttemptId> begin_attempt(RunId run, const std::string& bay) override;
    Result<void> identified(AttemptId attempt, const MacAddress& mac, const std::string& chip,
                            const std::string& thing) override;
    Result<void> set_lot(AttemptId attempt, const std::string& lot) override;
    Result<void> claim(AttemptId attempt, bool over_unknown) override;
    Result<void> end_attempt(AttemptId attempt, Outcome outcome, const std::string& error_code,
                             const std::string& error_message, Fault fault) override;

    Result<std::vector<EffectId>> intend(const Doer& doer, const std::string& kind,
                                         const std::vector<std::string>& subjects) override;
    Result<void> done(EffectId effect, const std::string& result) override;

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
    Result<std::string> enter_lot(AttemptId attempt, const std::string& scanned) override;
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
    Result<std::vector<QueuedRegistration>> queued_registrations(std::int64_t after,
                                                                 std::size_t most) override;
    Result<std::int64_t> count_queued() override;
    Result<std::vector<RetirementRecord>> retirements(const std::string& thing) override;

    [[nodiscard]] WallTime now() const override;

    [[nodiscard]] std::uint64_t commits() const { return store_.commits(); }

  private:
    // One statement that inserts a row; returns its id.
    template <typename... Values>
    [[nodiscard]] Result<std::int64_t> insert(std::string_view sql, const Values&... values) {
        std::int64_t id = 0;
        auto kept = store_.commit([&](sqlite::Database& database) -> Result<void> {
            IMPRINT_TRY(const auto count, database.run(sql, values...));
            if (count != 1) return row_missing(sql);
            id = database.last_insert_rowid();
            return {};
        });
        if (!kept) return std::unexpected(std::move(kept).error());
        return id;
    }

    // One statement that changes one row, which must exist.
    template <typename... Values>
    [[nodiscard]] Result<void> update(std::string_view sql, const Values&... values) {
        return store_.commit([&](sqlite::Database& database) -> Result<void> {
            IMPRINT_TRY(const auto count, database.run(sql, values...));
            if (count != 1) return row_missing(sql);
            return {};
        });
    }

    // One statement that may find nothing to change.
    template <typename... Values>
    [[nodiscard]] Result<void> change(std::string_view sql, const Values&... values) {
        return store_.commit([&](sqlite::Database& database) -> Result<void> {
            IMPRINT_CHECK(database.run(sql, values...));
            return {};
        });
    }

    // `tail`: the SQL that follows FROM certificates c, with its values.
    template <typename... Values>
    [[nodiscard]] Result<std::vector<CertificateRecord>> read_certificates(
        std::string_view tail, const Values&... values) {
        return store_.rows<CertificateRecord>(
            [this](const sqlite::Statement& row) { return certificate_of(row); },
            std::string(certificate_columns) + "FROM certificates c " + std::string(tail),
            values...);
    }

    // The last column but two is the attempt that has reserved the board, if it has not ended.
    static constexpr std::string_view certificate_columns =
        "SELECT c.id, c.mac, c.thing, COALESCE(c.certificate_id, ''), c.public_pem, c.policy, "
        "c.state, c.requested, c.deactivation_owed, c.ahead, c.retirement_owed, c.adopted, "
        "(SELECT r.process || ' ' || a.started FROM attempts a JOIN runs r ON r.id = a.run "
        "WHERE a.mac = c.mac AND a.ended IS NULL AND a.claimed = 1 AND a.merged = 0 ORDER BY a.id "
        "DESC LIMIT 1), "
        "c.proven, c.attempt ";
    static constexpr int certificate_column_count = 15;
    // Whether the board of the certificate c has been given another one, or may have been.
    static constexpr std::string_view superseded =
        "(EXISTS (SELECT 1 FROM certificates l WHERE l.mac = c.mac AND l.id > c.id AND "
        "l.adopted = 0 AND l.merged = 0 AND l.state IN ('queued', 'active', 'proven')) OR "
        "EXISTS (SELECT 1 FROM attempts a JOIN effects e ON e.attempt = a.id "
        "WHERE a.mac = c.mac AND a.id > c.attempt AND a.merged = 0 AND e.kind = 'overwrite'))";

    static constexpr std::string_view attempt_columns =
        "SELECT a.id, a.run, a.mac, a.bay, COALESCE(a.lot, r.lot), a.chip, a.thing, "
        "COALESCE(c.certificate_id, ''), r.firmware, a.started, a.ended, a.outcome, a.error_code, "
        "a.error_message, r.firmware_commit, r.app_version, r.process, r.station, r.host, "
        "r.operator, r.account, r.region, r.endpoint, a.merged, c.state, r.app_elf_sha256, "
        // A board that has passed once more without a number of its own, as with a new identity,
        // has the one that it got in its lot.
        "COALESCE(NULLIF(a.serial, ''), CASE WHEN a.outcome = 'passed' AND a.golden = 0 THEN "
        "(SELECT s.serial FROM serials s WHERE s.mac = a.mac AND s.lot = COALESCE(a.lot, r.lot)) "
        "END, ''), a.golden, a.fault, "
        "(a.outcome <> 'passed' AND EXISTS (SELECT 1 FROM effects e WHERE e.attempt = a.id AND "
        "e.kind = 'overwrite')) "
        "FROM attempts a JOIN runs r ON r.id = a.run "
        "LEFT JOIN certificates c ON c.id = (SELECT MIN(f.id) FROM certificates f "
        "WHERE f.attempt = a.id AND f.adopted = 0 AND f.certificate_id IS NOT NULL) ";

    // Of a lot: the boards with these MAC addresses, and those between.
    [[nodiscard]] Result<std::vector<LotBoard>> read_lot_boards(const std::string& lot,
                                                                const std::string& first,
                                                                const std::string& last);

    // Inside a commit.
    [[nodiscard]] Result<void> check_place(sqlite::Database& database, AttemptId attempt,
                                           const std::string& lot, const std::string& mac) const;
    [[nodiscard]] Result<std::string> bind_serial(sqlite::Database& database, AttemptId attempt,
                                                  const std::string& lot, const std::string& mac,
                                                  const std::string& scanned) const;

    // First and last of the MAC addresses that the query gives; empty: it gives none.
    template <typename... Values>
    [[nodiscard]] Result<std::pair<std::string, std::string>> macs_between(
        std::string_view query, const Values&... values) {
        IMPRINT_TRY(
            auto ends,
            (store_.rows<std::pair<std::string, std::string>>(
                [](const sqlite::Statement& row) { return std::pair(row.text(0), row.text(1)); },
                "SELECT MIN(mac), MAX(mac) FROM (" + std::string(query) + ")", values...)));
        return std::move(ends.front());
    }

    // So many boards at once as `ends` gives after the last one, until there are no more or the
    // visitor has seen enough.
    template <typename Visit>
    [[nodiscard]] static Result<void> visit_in_batches(const auto& ends, const auto& read,
                                                       const Visit& visit) {
        for (std::string done;;) {
            IMPRINT_TRY(const auto between, ends(done));
            if (between.second.empty()) return {};
            IMPRINT_TRY(const auto boards, read(between.first, between.second));
            for (const auto& board : boards)
                if (!visit(board)) return {};
            done = between.second;
        }
    }

    // The boards with these MAC addresses, and those between.
    [[nodiscard]] Result<std::vector<BoardRecord>> read_boards(const std::string& first,
                                                               const std::string& last);

    [[nodiscard]] static std::unexpected<Error> row_missing(std::string_view sql);
    [[nodiscard]] Result<CertificateRecord> certificate_of(const sqlite::Statement& row) const;
    [[nodiscard]] Result<AttemptRecord> attempt_of(const sqlite::Statement& row) const;
    [[nodiscard]] RunRecord run_of(const sqlite::Statement& row) const;

    // Moves the entries of the spare file into the ledger. On an error, which is the ledger's, they
    // stay in the file.
    [[nodiscard]] Result<void> settle_spare();
    [[nodiscard]] Result<void> owe_in_spare(const Debt& debt);

    [[nodiscard]] std::int64_t now_in_milliseconds() const;

    [[nodiscard]] const Processes& processes() const {
        return processes_ != nullptr ? *processes_ : of_this_machine_;
    }

    // Whether somebody may still be working on an attempt that has not ended. If nothing is known
    // about its process, it counts as living for the longest time that an attempt may take.
    [[nodiscard]] bool is_alive(std::string_view process, WallTime started,
                                bool over_unknown = false) const;

    SqliteStore store_;
    std::optional<Spare> spare_;
    Clock& clock_;
    SystemProcesses of_this_machine_;
    const Processes* processes_;  // null: of_this_machine_
};

// Of the version that this program writes: migrated in the file, or in memory.
[[nodiscard]] Result<sqlite::Database> open_for_writing(const std::filesystem::path& path,
                                                        const OpenOptions& options);
[[nodiscard]] Result<sqlite::Database> open_for_reading(const std::filesystem::path& path,
                                                        const OpenOptions& options);

[[nodiscard]] WallTime from_milliseconds(std::int64_t milliseconds);
[[nodiscard]] std::optional<WallTime> optional_time(const sqlite::Statement& row, int column);
// Error: ledger_damaged.
[[nodiscard]] Result<MacAddress> mac_of(const std::string& text);

}  // namespace imprint::ledger
