#include "ledger/ledger.h"

#include <fmt/format.h>
#include <utility>

#include "ledger/schema.h"
#include "ledger/store.h"

namespace imprint::ledger {

std::string_view to_string(CertificateState state) {
    return name_of(state_names, state);
}

std::string_view to_string(Outcome outcome) {
    return name_of(outcome_names, outcome);
}

Ledger::Ledger(std::unique_ptr<Store> store) : store_(std::move(store)) {}

Ledger::Ledger(Ledger&&) noexcept = default;
Ledger& Ledger::operator=(Ledger&&) noexcept = default;
Ledger::~Ledger() = default;

Result<Ledger> Ledger::open(const std::filesystem::path& path, Clock& clock,
                            const Processes* processes) {
    sqlite::OpenOptions options;
    options.kind = ErrorKind::ledger;
    options.durability = sqlite::Durability::full;
    auto database = sqlite::Database::open(path, options);
    if (!database) return within(std::move(database).error(), "opening the ledger");
    if (auto ready = database->migrate(schema()); !ready)
        return within(std::move(ready).error(), "opening the ledger");
    std::filesystem::path spare = path;
    spare += "-owed";
    return Ledger(
        std::make_unique<Store>(std::move(*database), std::move(spare), clock, processes));
}

WallTime Ledger::now() const {
    return from_milliseconds(store_->now());
}

Result<RunId> Ledger::begin_run(const RunFacts& facts) {
    IMPRINT_CHECK(store_->spare().reserve());
    IMPRINT_CHECK(store_->settle_spare());
    return store_->transaction([&](sqlite::Database& database) -> Result<RunId> {
        IMPRINT_CHECK(
            database.run("INSERT INTO runs (version, lot, endpoint, firmware, started, process, "
                         "firmware_commit, app_name, app_version, app_elf_sha256) "
                         "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                         facts.version, facts.lot, facts.endpoint, facts.firmware, store_->now(),
                         store_->process(), facts.firmware_commit, facts.app_name,
                         facts.app_version, facts.app_elf_sha256));
        const RunId run = database.last_insert_rowid();
        for (const RunFile& file : facts.files)
            IMPRINT_CHECK(database.run(
                "INSERT INTO run_files (run, path, offset, size, sha256) VALUES (?, ?, ?, ?, ?)",
                run, file.path, file.offset, file.size, file.sha256));
        return run;
    });
}

Result<std::vector<RunFile>> Ledger::files(RunId run) {
    const auto read = [](const sqlite::Statement& row) {
        return RunFile{row.text(0), static_cast<std::uint32_t>(row.integer(1)),
                       static_cast<std::uint32_t>(row.integer(2)), row.text(3)};
    };
    return store_->rows<RunFile>(
        read, "SELECT path, offset, size, sha256 FROM run_files WHERE run = ? ORDER BY offset",
        run);
}

Result<void> Ledger::end_run(RunId run, unsigned passed, unsigned failed) {
    IMPRINT_CHECK(store_->write("UPDATE runs SET ended = ?, passed = ?, failed = ? WHERE id = ?",
                                store_->now(), passed, failed, run));
    return {};
}

Result<AttemptId> Ledger::begin_attempt(RunId run, const std::string& bay) {
    return store_->write(
        "INSERT INTO attempts (run, mac, bay, chip, thing, started) VALUES (?, '', ?, '', '', ?)",
        run, bay, store_->now());
}

Result<void> Ledger::identified(AttemptId attempt, const MacAddress& mac, const std::string& chip,
                                const std::string& thing) {
    IMPRINT_CHECK(store_->write("UPDATE attempts SET mac = ?, chip = ?, thing = ? WHERE id = ?",
                                mac.id(), chip, thing, attempt));
    return {};
}

Result<void> Ledger::set_lot(AttemptId attempt, const std::string& lot) {
    IMPRINT_CHECK(store_->write("UPDATE attempts SET lot = ? WHERE id = ?", lot, attempt));
    return {};
}

Result<void> Ledger::claim(AttemptId attempt, bool over_unknown) {
    // One transaction: of two processes that claim a board at once, one sees the other's claim.
    return store_->transaction([&](sqlite::Database& database) -> Result<void> {
        IMPRINT_TRY(sqlite::Statement others,
                    database.query("SELECT r.process, o.started, o.bay, o.mac "
                                   "FROM attempts a JOIN attempts o ON o.mac = a.mac "
                                   "JOIN runs r ON r.id = o.run "
                                   "WHERE a.id = ? AND o.id <> a.id AND o.ended IS NULL "
                                   "AND o.claimed = 1",
                                   attempt));
        for (;;) {
            IMPRINT_TRY(const bool more, others.step());
            if (!more) break;
            const std::string process = others.text(0);
            if (!store_->is_alive(process, from_milliseconds(others.integer(1)), over_unknown))
                continue;
            return fail(
                ErrorKind::board, "board_twice",
                fmt::format("board {} is being prepared in another bay, {}{}", others.text(3),
                            others.text(2),
                            process == store_->process() ? std::string()
                                                         : ", by " + describe_process(process)),
                "two boards with one MAC address, or a port that is listed twice; if that "
                "process is gone with its machine or container, say --take-over");
        }
        IMPRINT_CHECK(database.run("UPDATE attempts SET claimed = 1 WHERE id = ?", attempt));
        return {};
    });
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
    const auto read = [this](const sqlite::Statement& row) {
        AttemptRecord record;
        record.id = row.integer(0);
        record.run = row.integer(1);
        if (const auto known = parse_mac(row.text(2))) record.mac = *known;
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
        record.firmware_commit = row.text(14);
        record.app_version = row.text(15);
        if (!record.ended && !store_->is_alive(row.text(16), record.started))
            record.outcome = Outcome::killed;
        return record;
    };
    return store_->rows<AttemptRecord>(
        read,
        "SELECT a.id, a.run, a.mac, a.bay, COALESCE(a.lot, r.lot), a.chip, a.thing, "
        "COALESCE((SELECT certificate_id FROM certificates c WHERE c.attempt = a.id "
        "AND c.adopted = 0), ''), "
        "r.firmware, a.started, a.ended, a.outcome, a.error_code, a.error_message, "
        "r.firmware_commit, r.app_version, r.process "
        "FROM attempts a JOIN runs r ON r.id = a.run "
        "WHERE ?1 IS NULL OR a.mac = ?1 ORDER BY a.id DESC LIMIT ?2",
        mac ? std::optional(mac->id()) : std::nullopt, most);
}

Result<std::string> Ledger::last_lot(const MacAddress& mac) {
    const auto read = [](const sqlite::Statement& row) { return row.text(0); };
    IMPRINT_TRY(const auto lots,
                store_->rows<std::string>(
                    read,
                    "SELECT COALESCE(a.lot, r.lot) FROM attempts a JOIN runs r ON r.id = a.run "
                    "WHERE a.mac = ? AND a.outcome = 'passed' ORDER BY a.id DESC LIMIT 1",
                    mac.id()));
    return lots.empty() ? std::string() : lots.front();
}

Result<std::optional<Ledger::LastWork>> Ledger::last_work_on(const std::string& thing) {
    const auto read = [this](const sqlite::Statement& row) {
        LastWork work{from_milliseconds(row.integer(0)), false};
        const auto ended = optional_time(row, 1);
        work.in_hand = !ended && store_->is_alive(row.text(2), work.at);
        if (ended) work.at = *ended;
        return work;
    };
    IMPRINT_TRY(
        const auto found,
        store_->rows<LastWork>(read,
                               "SELECT a.started, a.ended, r.process FROM attempts a JOIN runs r "
                               "ON r.id = a.run WHERE a.thing = ? ORDER BY a.id DESC LIMIT 1",
                               thing));
    if (found.empty()) return std::optional<LastWork>{};
    return std::optional(found.front());
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

Result<void> Ledger::Store::settle_spare() {
    return spare_.settle([this](const std::vector<SpareEntry>& entries) {
        return transaction([&](sqlite::Database& database) -> Result<void> {
            for (const SpareEntry& one : entries) {
                IMPRINT_CHECK(
                    database.run("UPDATE certificates SET deactivation_owed = 1, changed = ?1 "
                                 "WHERE id = ?2 AND state <> 'gone' AND attempt = "
                                 "(SELECT id FROM attempts WHERE id = ?3 AND started = ?4)",
                                 now(), one.row, one.attempt, one.started));
                IMPRINT_CHECK(
                    database.run("UPDATE attempts SET ended = ?1, outcome = 'failed', "
                                 "error_code = 'ledger_unwritable', error_message = "
                                 "'the ledger could not be written when the attempt ended' "
                                 "WHERE id = ?2 AND started = ?3 AND ended IS NULL",
                                 now(), one.attempt, one.started));
            }
            return {};
        });
    });
}

Result<void> Ledger::Store::owe_in_spare(const Debt& debt) {
    const auto read = [](const sqlite::Statement& row) { return row.integer(0); };
    IMPRINT_TRY(
        const auto started,
        rows<std::int64_t>(read, "SELECT started FROM attempts WHERE id = ?", debt.attempt));
    return spare_.write({debt.row, debt.attempt, started.empty() ? 0 : started.front()});
}

}  // namespace imprint::ledger
