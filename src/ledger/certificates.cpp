// The certificates that attempts have asked for, and what is owed for them.
#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <utility>

#include "ledger/store.h"

namespace imprint::ledger {

void add_living(std::vector<std::string>& ids, const std::vector<CertificateRecord>& records,
                const std::string& keep) {
    for (const CertificateRecord& record : records)
        if (!record.id.empty() && record.id != keep && record.state != CertificateState::gone &&
            std::ranges::find(ids, record.id) == ids.end())
            ids.push_back(record.id);
}

CertificateRecord Ledger::Store::certificate_of(const sqlite::Statement& row) const {
    CertificateRecord record;
    record.row = row.integer(0);
    record.mac = parse_mac(row.text(1)).value_or(MacAddress{});
    record.thing = row.text(2);
    record.id = row.text(3);
    record.public_pem = row.text(4);
    record.policy = row.text(5);
    record.state = value_of(state_names, row.text(6));
    record.requested_at = from_milliseconds(row.integer(7));
    record.deactivation_owed = row.boolean(8);
    record.ahead = row.boolean(9);
    record.retirement_owed = row.boolean(10);
    record.adopted = row.boolean(11);
    record.proven_at = optional_time(row, 13);
    const std::string at_work = row.text(12);
    if (const auto blank = at_work.find(' '); blank != std::string::npos) {
        std::int64_t started = 0;
        std::from_chars(at_work.data() + blank + 1, at_work.data() + at_work.size(), started);
        record.in_hand =
            is_alive(std::string_view(at_work).substr(0, blank), from_milliseconds(started));
    }
    return record;
}

Result<std::int64_t> Ledger::certificate_requested(AttemptId attempt, const std::string& public_pem,
                                                   const std::string& policy) {
    return store_->write(
        "INSERT INTO certificates (attempt, mac, thing, public_pem, policy, requested, changed) "
        "SELECT id, mac, thing, ?2, ?3, ?4, ?4 FROM attempts WHERE id = ?1",
        attempt, public_pem, policy, store_->now());
}

Result<void> Ledger::certificate_issued(std::int64_t row, const std::string& id) {
    IMPRINT_CHECK(store_->write(
        "UPDATE certificates SET certificate_id = ?, state = 'inactive', changed = ? WHERE id = ?",
        id, store_->now(), row));
    return {};
}

Result<std::int64_t> Ledger::certificate_signed(AttemptId attempt, const std::string& id,
                                                const std::string& pem,
                                                const std::string& public_pem,
                                                const std::string& policy) {
    return store_->write(
        "INSERT INTO certificates (attempt, mac, thing, certificate_id, pem, public_pem, policy, "
        "state, requested, changed) "
        "SELECT id, mac, thing, ?2, ?3, ?4, ?5, 'inactive', ?6, ?6 FROM attempts WHERE id = ?1",
        attempt, id, pem, public_pem, policy, store_->now());
}

Result<Ledger::Taken> Ledger::certificate_taken(AttemptId attempt, const std::string& id,
                                                const std::string& pem,
                                                const std::string& public_pem,
                                                const std::string& policy) {
    const auto read = [](const sqlite::Statement& row) {
        return Taken{.row = row.integer(0), .state = value_of(state_names, row.text(1))};
    };
    IMPRINT_TRY(
        const auto taken,
        store_->rows<Taken>(
            read,
            "INSERT INTO certificates (attempt, mac, thing, certificate_id, pem, public_pem, "
            "policy, state, requested, changed) "
            "SELECT id, mac, thing, ?2, ?3, ?4, ?5, 'inactive', ?6, ?6 FROM attempts WHERE id = ?1 "
            "ON CONFLICT(certificate_id) DO UPDATE SET attempt = excluded.attempt, "
            "thing = excluded.thing, pem = excluded.pem, policy = excluded.policy, "
            "state = CASE WHEN certificates.state IN ('active', 'queued', 'proven') "
            "THEN certificates.state ELSE 'inactive' END, deactivation_owed = 0, "
            "retirement_owed = 0, changed = excluded.changed "
            "WHERE certificates.mac = excluded.mac RETURNING id, state",
            attempt, id, pem, public_pem, policy, store_->now()));
    if (taken.empty())
        return fail(ErrorKind::board, "minted_in_use",
                    fmt::format("certificate {} is another board's already", id),
                    "imprint ledger list tells which; mint an identity for this one");
    return taken.front();
}

Result<void> Ledger::certificate_state(std::int64_t row, CertificateState state) {
    // What it comes to be now is what counts: nothing is owed for what it was.
    IMPRINT_CHECK(store_->write(
        "UPDATE certificates SET state = ?1, deactivation_owed = 0, retirement_owed = 0, "
        "proven = CASE WHEN ?1 = 'proven' THEN ?2 ELSE proven END, changed = ?2 WHERE id = ?3",
        to_string(state), store_->now(), row));
    return {};
}

Result<void> Ledger::certificate_staged(std::int64_t row) {
    IMPRINT_CHECK(store_->write(
        "UPDATE certificates SET state = 'staged', ahead = 1, changed = ? WHERE id = ?",
        store_->now(), row));
    return {};
}

Result<void> Ledger::certificate_gone(const MacAddress& mac, const std::string& id) {
    IMPRINT_CHECK(
        store_->write("UPDATE certificates SET state = 'gone', deactivation_owed = 0, "
                      "retirement_owed = 0, changed = ? "
                      "WHERE mac = ? AND certificate_id = ?",
                      store_->now(), mac.id(), id));
    return {};
}

Result<void> Ledger::certificate_gone(const std::string& id) {
    IMPRINT_CHECK(
        store_->write("UPDATE certificates SET state = 'gone', deactivation_owed = 0, "
                      "retirement_owed = 0, changed = ? "
                      "WHERE certificate_id = ?",
                      store_->now(), id));
    return {};
}

namespace {

// One that is on the board's thing, and that nobody made with this ledger, gets its row.
constexpr std::string_view adopt =
    "INSERT INTO certificates (attempt, mac, thing, certificate_id, public_pem, policy, state, "
    "requested, changed, adopted) "
    "SELECT id, mac, thing, ?2, '', '', 'proven', ?3, ?3, 1 FROM attempts WHERE id = ?1 "
    "ON CONFLICT(certificate_id) DO NOTHING";

}  // namespace

Result<void> Ledger::overwriting(AttemptId attempt,
                                 const std::vector<std::string>& certificate_ids) {
    return store_->transaction([&](sqlite::Database& database) -> Result<void> {
        IMPRINT_CHECK(
            database.run("INSERT INTO effects (attempt, kind, subject, intended, done, "
                         "result) VALUES (?1, 'overwrite', 'credentials', ?2, ?2, '')",
                         attempt, store_->now()));
        for (const std::string& id : certificate_ids) {
            IMPRINT_CHECK(database.run(adopt, attempt, id, store_->now()));
            IMPRINT_CHECK(database.run(
                "UPDATE certificates SET state = 'overwritten', deactivation_owed = 1, changed = ? "
                "WHERE certificate_id = ? AND state IN ('active', 'proven', 'overwritten', 'gone')",
                store_->now(), id));
        }
        return {};
    });
}

Result<void> Ledger::owe_deactivation(const Debt& debt) {
    auto written =
        store_->write("UPDATE certificates SET deactivation_owed = 1, changed = ? WHERE id = ?",
                      store_->now(), debt.row);
    if (written) return {};
    if (auto kept = store_->owe_in_spare(debt); !kept)
        return within(kept.error(), "writing beside the ledger");
    return {};
}

Result<void> Ledger::deactivated(std::int64_t row) {
    // What was overwritten stays so until it is gone: it is no leftover of a dead attempt.
    IMPRINT_CHECK(store_->write(
        "UPDATE certificates SET state = CASE WHEN state IN ('active', 'proven') THEN "
        "'inactive' ELSE state END, deactivation_owed = 0, changed = ? "
        "WHERE id = ?",
        store_->now(), row));
    return {};
}

Result<void> Ledger::owe_retirement(std::optional<AttemptId> attempt,
                                    const std::string& certificate_id) {
    return store_->transaction([&](sqlite::Database& database) -> Result<void> {
        if (attempt) IMPRINT_CHECK(database.run(adopt, *attempt, certificate_id, store_->now()));
        IMPRINT_CHECK(
            database.run("UPDATE certificates SET retirement_owed = 1, deactivation_owed = 0, "
                         "changed = ? "
                         "WHERE certificate_id = ? AND state <> 'gone'",
                         store_->now(), certificate_id));
        return {};
    });
}

Result<std::vector<CertificateRecord>> Ledger::unfinished(const MacAddress& mac) {
    return store_->certificates(
        "WHERE mac = ? AND state IN ('requested', 'inactive', 'active') ORDER BY id", mac.id());
}

Result<std::vector<CertificateRecord>> Ledger::owed_deactivations() {
    IMPRINT_CHECK(store_->settle_spare());
    IMPRINT_TRY(auto owed, store_->certificates("WHERE deactivation_owed = 1 ORDER BY id"));
    std::erase_if(owed, [](const auto& one) { return one.in_hand; });
    return owed;
}

Result<std::vector<CertificateRecord>> Ledger::owed_retirements() {
    IMPRINT_TRY(auto owed, store_->certificates("WHERE retirement_owed = 1 ORDER BY id"));
    std::erase_if(owed, [](const auto& one) { return one.in_hand; });
    return owed;
}

Result<void> Ledger::queue_registration(std::int64_t row, const std::string& facts) {
    IMPRINT_CHECK(store_->write(
        "UPDATE certificates SET state = 'queued', registration = ?, deactivation_owed = 0, "
        "retirement_owed = 0, changed = ? WHERE id = ?",
        facts, store_->now(), row));
    return {};
}

Result<std::vector<QueuedRegistration>> Ledger::queued_registrations(std::int64_t after,
                                                                     std::size_t most) {
    const auto read = [this](const sqlite::Statement& row) {
        constexpr int more = Store::certificate_column_count;
        return QueuedRegistration{store_->certificate_of(row), row.text(more), row.text(more + 1),
                                  row.boolean(more + 2)};
    };
    return store_->rows<QueuedRegistration>(
        read,
        std::string(Store::certificate_columns) +
            ", c.pem, c.registration, "
            "EXISTS (SELECT 1 FROM certificates l WHERE l.mac = c.mac AND l.id > c.id AND "
            "l.adopted = 0 AND l.state IN ('queued', 'active', 'proven')) OR "
            "EXISTS (SELECT 1 FROM attempts a JOIN effects e ON e.attempt = a.id "
            "WHERE a.mac = c.mac AND a.id > c.attempt AND e.kind = 'overwrite') "
            "FROM certificates c WHERE c.state = 'queued' AND c.id > ? ORDER BY c.id LIMIT ?",
        after, most);
}

Result<std::int64_t> Ledger::count_queued() {
    const auto read = [](const sqlite::Statement& row) { return row.integer(0); };
    IMPRINT_TRY(const auto counts,
                store_->rows<std::int64_t>(
                    read, "SELECT COUNT(*) FROM certificates WHERE state = 'queued'"));
    return counts.front();
}

Result<std::vector<CertificateRecord>> Ledger::certificates(const MacAddress& mac) {
    return store_->certificates("WHERE mac = ? ORDER BY id", mac.id());
}

Result<std::vector<CertificateRecord>> Ledger::certificates_of_thing(const std::string& thing) {
    return store_->certificates("WHERE thing = ? ORDER BY id", thing);
}

Result<std::set<std::string>> Ledger::things_of_board(const std::string& certificate_id) {
    const auto read = [](const sqlite::Statement& row) { return row.text(0); };
    IMPRINT_TRY(
        const auto things,
        store_->rows<std::string>(read,
                                  "SELECT DISTINCT b.thing FROM certificates c JOIN certificates b "
                                  "ON b.mac = c.mac WHERE c.certificate_id = ?",
                                  certificate_id));
    return std::set<std::string>(things.begin(), things.end());
}

Result<void> Ledger::each_certificate(const std::function<bool(const CertificateRecord&)>& visit) {
    constexpr std::int64_t page = 1000;
    for (std::int64_t last = 0;;) {
        IMPRINT_TRY(const auto records,
                    store_->certificates("WHERE c.id > ? ORDER BY c.id LIMIT ?", last, page));
        if (records.empty()) return {};
        for (const auto& record : records)
            if (!visit(record)) return {};
        last = records.back().row;
    }
}

}  // namespace imprint::ledger
