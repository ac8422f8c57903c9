#include "ledger/ledger.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <mutex>
#include <utility>

#include "ledger/schema.h"
#include "sqlite/database.h"

namespace imprint::ledger {

namespace {

constexpr std::array<std::pair<CertificateState, std::string_view>, 7> state_names = {{
    {CertificateState::requested, "requested"},
    {CertificateState::inactive, "inactive"},
    {CertificateState::staged, "staged"},
    {CertificateState::queued, "queued"},
    {CertificateState::active, "active"},
    {CertificateState::proven, "proven"},
    {CertificateState::gone, "gone"},
}};

constexpr std::array<std::pair<Outcome, std::string_view>, 3> outcome_names = {{
    {Outcome::running, "running"},
    {Outcome::passed, "passed"},
    {Outcome::failed, "failed"},
}};

// The schema's CHECK constraints leave no other names.
template <typename Names>
auto value_of(const Names& names, std::string_view name) {
    for (const auto& [value, text] : names)
        if (text == name) return value;
    return names.front().first;
}

template <typename Names, typename Value>
std::string_view name_of(const Names& names, Value value) {
    for (const auto& [known, text] : names)
        if (known == value) return text;
    return names.front().second;
}

std::int64_t to_milliseconds(WallTime time) {
    return std::chrono::floor<Milliseconds>(time.time_since_epoch()).count();
}

WallTime from_milliseconds(std::int64_t milliseconds) {
    return WallTime(Milliseconds(milliseconds));
}

std::optional<WallTime> optional_time(const sqlite::Statement& row, int column) {
    const auto value = row.optional_integer(column);
    if (!value) return std::nullopt;
    return from_milliseconds(*value);
}

constexpr std::string_view certificate_columns =
    "SELECT id, mac, thing, COALESCE(certificate_id, ''), public_pem, policy, state, requested, "
    "deactivation_owed, ahead FROM certificates ";

CertificateRecord certificate_of(const sqlite::Statement& row) {
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
    return record;
}

}  // namespace

std::string_view to_string(CertificateState state) {
    return name_of(state_names, state);
}

std::string_view to_string(Outcome outcome) {
    return name_of(outcome_names, outcome);
}

void add_living(std::vector<std::string>& ids, const std::vector<CertificateRecord>& records,
                const std::string& keep) {
    for (const CertificateRecord& record : records)
        if (!record.id.empty() && record.id != keep && record.state != CertificateState::gone &&
            std::ranges::find(ids, record.id) == ids.end())
            ids.push_back(record.id);
}

class Ledger::Store {
  public:
    Store(sqlite::Database database, Clock& clock)
        : database_(std::move(database)), clock_(clock) {}

    // One statement that changes something; gives the id of what it inserted.
    template <typename... Values>
    [[nodiscard]] Result<std::int64_t> write(std::string_view sql, const Values&... values) {
        const std::lock_guard lock(mutex_);
        IMPRINT_CHECK(database_.run(sql, values...));
        return database_.last_insert_rowid();
    }

    template <typename Record, typename Read, typename... Values>
    [[nodiscard]] Result<std::vector<Record>> rows(const Read& read, std::string_view sql,
                                                   const Values&... values) {
        const std::lock_guard lock(mutex_);
        IMPRINT_TRY(sqlite::Statement statement, database_.query(sql, values...));
        std::vector<Record> records;
        for (;;) {
            IMPRINT_TRY(const bool more, statement.step());
            if (!more) return records;
            records.push_back(read(statement));
        }
    }

    [[nodiscard]] std::int64_t now() const { return to_milliseconds(clock_.wall()); }

  private:
    std::mutex mutex_;
    sqlite::Database database_;
    Clock& clock_;
};

Ledger::Ledger(std::unique_ptr<Store> store) : store_(std::move(store)) {}

Ledger::Ledger(Ledger&&) noexcept = default;
Ledger& Ledger::operator=(Ledger&&) noexcept = default;
Ledger::~Ledger() = default;

Result<Ledger> Ledger::open(const std::filesystem::path& path, Clock& clock) {
    sqlite::OpenOptions options;
    options.kind = ErrorKind::ledger;
    options.durability = sqlite::Durability::full;
    auto database = sqlite::Database::open(path, options);
    if (!database) return within(std::move(database).error(), "opening the ledger");
    if (auto ready = database->migrate(schema()); !ready)
        return within(std::move(ready).error(), "opening the ledger");
    return Ledger(std::make_unique<Store>(std::move(*database), clock));
}

WallTime Ledger::now() const {
    return from_milliseconds(store_->now());
}

Result<RunId> Ledger::begin_run(const RunFacts& facts) {
    return store_->write(
        "INSERT INTO runs (version, lot, endpoint, firmware, started) VALUES (?, ?, ?, ?, ?)",
        facts.version, facts.lot, facts.endpoint, facts.firmware, store_->now());
}

Result<void> Ledger::end_run(RunId run, unsigned passed, unsigned failed) {
    IMPRINT_CHECK(store_->write("UPDATE runs SET ended = ?, passed = ?, failed = ? WHERE id = ?",
                                store_->now(), passed, failed, run));
    return {};
}

Result<AttemptId> Ledger::begin_attempt(RunId run, const MacAddress& mac, const std::string& bay,
                                        const std::string& chip, const std::string& thing) {
    return store_->write(
        "INSERT INTO attempts (run, mac, bay, chip, thing, started) VALUES (?, ?, ?, ?, ?, ?)", run,
        mac.id(), bay, chip, thing, store_->now());
}

Result<void> Ledger::end_attempt(AttemptId attempt, Outcome outcome, const std::string& error_code,
                                 const std::string& error_message) {
    IMPRINT_CHECK(store_->write(
        "UPDATE attempts SET ended = ?, outcome = ?, error_code = ?, error_message = ? "
        "WHERE id = ?",
        store_->now(), to_string(outcome), error_code, error_message, attempt));
    return {};
}

Result<EffectId> Ledger::intend(AttemptId attempt, const std::string& kind,
                                const std::string& subject) {
    return store_->write(
        "INSERT INTO effects (attempt, kind, subject, intended) VALUES (?, ?, ?, ?)", attempt, kind,
        subject, store_->now());
}

Result<void> Ledger::done(EffectId effect, const std::string& result) {
    IMPRINT_CHECK(store_->write("UPDATE effects SET done = ?, result = ? WHERE id = ?",
                                store_->now(), result, effect));
    return {};
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
            "THEN certificates.state ELSE 'inactive' END, changed = excluded.changed "
            "WHERE certificates.mac = excluded.mac RETURNING id, state",
            attempt, id, pem, public_pem, policy, store_->now()));
    if (taken.empty())
        return fail(ErrorKind::board, "minted_in_use",
                    fmt::format("certificate {} is another board's already", id),
                    "imprint ledger list tells which; mint an identity for this one");
    return taken.front();
}

Result<void> Ledger::certificate_state(std::int64_t row, CertificateState state) {
    IMPRINT_CHECK(store_->write("UPDATE certificates SET state = ?, changed = ? WHERE id = ?",
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
        store_->write("UPDATE certificates SET state = 'gone', deactivation_owed = 0, changed = ? "
                      "WHERE mac = ? AND certificate_id = ?",
                      store_->now(), mac.id(), id));
    return {};
}

Result<void> Ledger::owe_deactivation(std::int64_t row, bool owed) {
    IMPRINT_CHECK(
        store_->write("UPDATE certificates SET deactivation_owed = ?, changed = ? WHERE id = ?",
                      owed, store_->now(), row));
    return {};
}

Result<std::vector<CertificateRecord>> Ledger::unfinished(const MacAddress& mac) {
    return store_->rows<CertificateRecord>(
        certificate_of,
        fmt::format("{} WHERE mac = ? AND state IN ('requested', 'inactive', 'active') ORDER BY id",
                    certificate_columns),
        mac.id());
}

Result<void> Ledger::queue_registration(std::int64_t row, const std::string& facts) {
    IMPRINT_CHECK(store_->write(
        "UPDATE certificates SET state = 'queued', registration = ?, changed = ? WHERE id = ?",
        facts, store_->now(), row));
    return {};
}

Result<std::vector<QueuedRegistration>> Ledger::queued_registrations(std::int64_t after,
                                                                     std::size_t most) {
    const auto read = [](const sqlite::Statement& row) {
        return QueuedRegistration{certificate_of(row), row.text(10), row.text(11), row.boolean(12)};
    };
    return store_->rows<QueuedRegistration>(
        read,
        "SELECT id, mac, thing, certificate_id, public_pem, policy, state, requested, "
        "deactivation_owed, ahead, pem, registration, "
        "EXISTS (SELECT 1 FROM certificates l WHERE l.mac = c.mac AND l.id > c.id AND "
        "l.state IN ('queued', 'active', 'proven')) "
        "FROM certificates c WHERE state = 'queued' AND id > ? ORDER BY id LIMIT ?",
        after, most);
}

Result<std::int64_t> Ledger::count_queued() {
    const auto read = [](const sqlite::Statement& row) { return row.integer(0); };
    IMPRINT_TRY(const auto counts,
                store_->rows<std::int64_t>(
                    read, "SELECT COUNT(*) FROM certificates WHERE state = 'queued'"));
    return counts.front();
}

Result<std::vector<CertificateRecord>> Ledger::owed_deactivations() {
    return store_->rows<CertificateRecord>(
        certificate_of,
        fmt::format("{} WHERE deactivation_owed = 1 ORDER BY id", certificate_columns));
}

Result<std::vector<CertificateRecord>> Ledger::certificates(const MacAddress& mac) {
    return store_->rows<CertificateRecord>(
        certificate_of, fmt::format("{} WHERE mac = ? ORDER BY id", certificate_columns), mac.id());
}

Result<std::vector<CertificateRecord>> Ledger::certificates_of_thing(const std::string& thing) {
    return store_->rows<CertificateRecord>(
        certificate_of, fmt::format("{} WHERE thing = ? ORDER BY id", certificate_columns), thing);
}

Result<void> Ledger::each_certificate(const std::function<bool(const CertificateRecord&)>& visit) {
    constexpr std::int64_t page = 1000;
    for (std::int64_t last = 0;;) {
        IMPRINT_TRY(const auto records,
                    store_->rows<CertificateRecord>(
                        certificate_of,
                        fmt::format("{} WHERE id > ? ORDER BY id LIMIT ?", certificate_columns),
                        last, page));
        if (records.empty()) return {};
        for (const auto& record : records)
            if (!visit(record)) return {};
        last = records.back().row;
    }
}

Result<void> Ledger::certificate_gone(const std::string& id) {
    IMPRINT_CHECK(
        store_->write("UPDATE certificates SET state = 'gone', deactivation_owed = 0, changed = ? "
                      "WHERE certificate_id = ?",
                      store_->now(), id));
    return {};
}

Result<std::int64_t> Ledger::begin_retirement(const std::string& thing, const std::string& reason) {
    return store_->write("INSERT INTO retirements (thing, reason, intended) VALUES (?, ?, ?)",
                         thing, reason, store_->now());
}

Result<void> Ledger::end_retirement(std::int64_t id, const std::string& result) {
    IMPRINT_CHECK(store_->write("UPDATE retirements SET done = ?, result = ? WHERE id = ?",
                                store_->now(), result, id));
    return {};
}

Result<std::vector<RetirementRecord>> Ledger::retirements(const std::string& thing) {
    const auto read = [](const sqlite::Statement& row) {
        return RetirementRecord{row.integer(0),        row.text(1),
                                row.text(2),           from_milliseconds(row.integer(3)),
                                optional_time(row, 4), row.text(5)};
    };
    return store_->rows<RetirementRecord>(
        read,
        "SELECT id, thing, reason, intended, done, result FROM retirements "
        "WHERE ?1 = '' OR thing = ?1 ORDER BY id DESC",
        thing);
}

Result<std::vector<AttemptRecord>> Ledger::attempts(const std::optional<MacAddress>& mac,
                                                    std::size_t most) {
    const auto read = [](const sqlite::Statement& row) {
        AttemptRecord record;
        record.id = row.integer(0);
        record.run = row.integer(1);
        record.mac = parse_mac(row.text(2)).value_or(MacAddress{});
        record.bay = row.text(3);
        record.lot = row.text(4);
        record.chip = row.text(5);
        record.thing = row.text(6);
        record.certificate_id = row.text(7);
        record.firmware = row.text(8);
        record.started = from_milliseconds(row.integer(9));
        record.ended = optional_time(row, 10);
        record.outcome = value_of(outcome_names, row.text(11));
        record.error_code = row.text(12);
        record.error_message = row.text(13);
        return record;
    };
    return store_->rows<AttemptRecord>(
        read,
        "SELECT a.id, a.run, a.mac, a.bay, r.lot, a.chip, a.thing, "
        "COALESCE((SELECT certificate_id FROM certificates c WHERE c.attempt = a.id), ''), "
        "r.firmware, a.started, a.ended, a.outcome, a.error_code, a.error_message "
        "FROM attempts a JOIN runs r ON r.id = a.run "
        "WHERE ?1 IS NULL OR a.mac = ?1 ORDER BY a.id DESC LIMIT ?2",
        mac ? std::optional(mac->id()) : std::nullopt, most);
}

Result<std::vector<EffectRecord>> Ledger::effects(AttemptId attempt) {
    const auto read = [](const sqlite::Statement& row) {
        return EffectRecord{row.integer(0),        row.text(1),
                            row.text(2),           from_milliseconds(row.integer(3)),
                            optional_time(row, 4), row.text(5)};
    };
    return store_->rows<EffectRecord>(
        read,
        "SELECT id, kind, subject, intended, done, result FROM effects WHERE attempt = ? ORDER BY "
        "id",
        attempt);
}

}  // namespace imprint::ledger
