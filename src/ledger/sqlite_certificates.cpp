// The certificates that attempts have asked for, and what is owed for them.
#include <fmt/format.h>
#include <utility>

#include "ledger/record_names.h"
#include "ledger/sqlite_ledger_impl.h"

namespace imprint::ledger {

Result<std::int64_t> SqliteLedger::certificate_requested(AttemptId attempt,
                                                         const std::string& public_pem,
                                                         const std::string& policy) {
    return insert(
        "INSERT INTO certificates (attempt, mac, thing, public_pem, policy, requested, changed) "
        "SELECT id, mac, thing, ?2, ?3, ?4, ?4 FROM attempts WHERE id = ?1",
        attempt, public_pem, policy, now_in_milliseconds());
}

Result<void> SqliteLedger::certificate_issued(std::int64_t row, const std::string& id,
                                              const std::string& pem) {
    return update(
        "UPDATE certificates SET certificate_id = ?, pem = ?, state = 'inactive', changed = ? "
        "WHERE id = ?",
        id, pem, now_in_milliseconds(), row);
}

Result<std::int64_t> SqliteLedger::certificate_signed(AttemptId attempt, const std::string& id,
                                                      const std::string& pem,
                                                      const std::string& public_pem,
                                                      const std::string& policy) {
    return insert(
        "INSERT INTO certificates (attempt, mac, thing, certificate_id, pem, public_pem, policy, "
        "state, requested, changed) "
        "SELECT id, mac, thing, ?2, ?3, ?4, ?5, 'inactive', ?6, ?6 FROM attempts WHERE id = ?1",
        attempt, id, pem, public_pem, policy, now_in_milliseconds());
}

Result<Taken> SqliteLedger::certificate_taken(AttemptId attempt, const std::string& id,
                                              const std::string& pem, const std::string& public_pem,
                                              const std::string& policy) {
    const auto read = [](const sqlite::Statement& row) {
        return Taken{.row = row.integer(0), .state = value_of(state_names, row.text(1))};
    };
    std::vector<Taken> taken;
    auto kept = store_.commit([&](sqlite::Database& database) -> Result<void> {
        IMPRINT_TRY(
            taken,
            SqliteStore::read_rows<Taken>(
                database, read,
                "INSERT INTO certificates (attempt, mac, thing, certificate_id, pem, public_pem, "
                "policy, state, requested, changed) "
                "SELECT id, mac, thing, ?2, ?3, ?4, ?5, 'inactive', ?6, ?6 FROM attempts "
                "WHERE id = ?1 "
                "ON CONFLICT(certificate_id) DO UPDATE SET attempt = excluded.attempt, "
                "thing = excluded.thing, pem = excluded.pem, policy = excluded.policy, "
                "state = CASE WHEN certificates.state IN ('active', 'queued', 'proven') "
                "THEN certificates.state ELSE 'inactive' END, deactivation_owed = 0, "
                "retirement_owed = 0, merged = 0, changed = excluded.changed "
                "WHERE certificates.mac = excluded.mac RETURNING id, state",
                attempt, id, pem, public_pem, policy, now_in_milliseconds()));
        return {};
    });
    if (!kept) return std::unexpected(std::move(kept).error());
    if (taken.empty())
        return fail(ErrorKind::board, "minted_in_use",
                    fmt::format("certificate {} is another board's already", id),
                    "imprint ledger list tells which; mint an identity for this one");
    return taken.front();
}

Result<void> SqliteLedger::certificate_state(std::int64_t row, CertificateState state) {
    // What it comes to be now is what counts: nothing is owed for what it was.
    return update(
        "UPDATE certificates SET state = ?1, deactivation_owed = 0, retirement_owed = 0, "
        "proven = CASE WHEN ?1 = 'proven' THEN ?2 ELSE proven END, changed = ?2 WHERE id = ?3",
        to_string(state), now_in_milliseconds(), row);
}

Result<void> SqliteLedger::certificate_staged(std::int64_t row) {
    return update("UPDATE certificates SET state = 'staged', ahead = 1, changed = ? WHERE id = ?",
                  now_in_milliseconds(), row);
}

Result<void> SqliteLedger::certificate_gone(const MacAddress& mac, const std::string& id) {
    return change(
        "UPDATE certificates SET state = 'gone', deactivation_owed = 0, retirement_owed = 0, "
        "changed = ? WHERE mac = ? AND certificate_id = ?",
        now_in_milliseconds(), mac.id(), id);
}

Result<void> SqliteLedger::certificate_gone(const std::string& id) {
    return change(
        "UPDATE certificates SET state = 'gone', deactivation_owed = 0, retirement_owed = 0, "
        "changed = ? WHERE certificate_id = ?",
        now_in_milliseconds(), id);
}

namespace {

// One that is on the board's thing, and that nobody made with this ledger, gets its row. What is
// owed for one that came from another station's ledger is owed by this one from then on (merged).
constexpr std::string_view adopt =
    "INSERT INTO certificates (attempt, mac, thing, certificate_id, public_pem, policy, state, "
    "requested, changed, adopted) "
    "SELECT id, mac, thing, ?2, '', '', 'proven', ?3, ?3, 1 FROM attempts WHERE id = ?1 "
    "ON CONFLICT(certificate_id) DO NOTHING";

}  // namespace

Result<void> SqliteLedger::overwriting(AttemptId attempt,
                                       const std::vector<std::string>& certificate_ids) {
    return store_.commit([&](sqlite::Database& database) -> Result<void> {
        const std::int64_t now = now_in_milliseconds();
        IMPRINT_TRY(const auto count,
                    database.run("INSERT INTO effects (run, attempt, kind, subject, intended, "
                                 "done, result) SELECT run, id, 'overwrite', 'credentials', ?2, "
                                 "?2, '' FROM attempts WHERE id = ?1",
                                 attempt, now));
        if (count != 1) return row_missing("overwrite");
        for (const std::string& id : certificate_ids) {
            IMPRINT_CHECK(database.run(adopt, attempt, id, now));
            IMPRINT_CHECK(database.run(
                "UPDATE certificates SET state = 'overwritten', deactivation_owed = 1, merged = 0, "
                "changed = ? WHERE certificate_id = ? AND state IN ('active', 'proven', "
                "'overwritten', 'gone')",
                now, id));
        }
        return {};
    });
}

Result<void> SqliteLedger::owe_deactivation(const Debt& debt) {
    auto written = update("UPDATE certificates SET deactivation_owed = 1, changed = ? WHERE id = ?",
                          now_in_milliseconds(), debt.row);
    if (written) return {};
    if (auto kept = owe_in_spare(debt); !kept)
        return with_context(kept.error(), "writing beside the ledger");
    return {};
}

Result<void> SqliteLedger::deactivated(std::int64_t row) {
    // What was overwritten stays so until it is gone: it is no leftover of a dead attempt.
    return update(
        "UPDATE certificates SET state = CASE WHEN state IN ('active', 'proven') THEN "
        "'inactive' ELSE state END, deactivation_owed = 0, changed = ? "
        "WHERE id = ?",
        now_in_milliseconds(), row);
}

Result<void> SqliteLedger::owe_retirement(std::optional<AttemptId> attempt,
                                          const std::string& certificate_id) {
    return store_.commit([&](sqlite::Database& database) -> Result<void> {
        const std::int64_t now = now_in_milliseconds();
        if (attempt) IMPRINT_CHECK(database.run(adopt, *attempt, certificate_id, now));
        IMPRINT_CHECK(
            database.run("UPDATE certificates SET retirement_owed = 1, deactivation_owed = 0, "
                         "merged = 0, changed = ? "
                         "WHERE certificate_id = ? AND state <> 'gone'",
                         now, certificate_id));
        return {};
    });
}

Result<void> SqliteLedger::queue_registration(std::int64_t row, const std::string& facts) {
    return update(
        "UPDATE certificates SET state = 'queued', registration = ?, deactivation_owed = 0, "
        "retirement_owed = 0, changed = ? WHERE id = ?",
        facts, now_in_milliseconds(), row);
}

Result<bool> SqliteLedger::registered(std::int64_t row) {
    bool is_proven = false;
    IMPRINT_CHECK(store_.commit([&](sqlite::Database& database) -> Result<void> {
        IMPRINT_TRY(
            const auto count,
            database.run("UPDATE certificates AS c SET state = 'proven', deactivation_owed = 0, "
                         "retirement_owed = 0, proven = ?1, changed = ?1 "
                         "WHERE c.id = ?2 AND c.state = 'queued' AND NOT " +
                             std::string(superseded),
                         now_in_milliseconds(), row));
        is_proven = count == 1;
        return {};
    }));
    return is_proven;
}

}  // namespace imprint::ledger
