#include "ledger/sqlite_ledger.h"

#include <fmt/format.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "ledger/record_names.h"
#include "ledger/schema.h"
#include "ledger/sqlite_ledger_impl.h"

namespace imprint::ledger {

namespace {

std::filesystem::path beside(std::filesystem::path path, const char* ending) {
    path += ending;
    return path;
}

std::unexpected<Error> no_place(std::string what, std::string hint) {
    return fail(ErrorKind::ledger, "ledger_unwritable", std::move(what), std::move(hint));
}

std::filesystem::path folder_of(const std::filesystem::path& path) {
    return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

// SQLite makes files of its own beside the database: the folder has to be there, and writable too.
Result<void> check_place(const std::filesystem::path& path) {
    const std::filesystem::path folder = folder_of(path);
    std::error_code error;
    if (!std::filesystem::exists(folder, error))
        return no_place(fmt::format("the ledger's folder {} is not there", folder.string()),
                        fmt::format("make it (mkdir -p {}), or name another place with "
                                    "ledger.path or --ledger",
                                    folder.string()));
    if (!std::filesystem::is_directory(folder, error))
        return no_place(fmt::format("{}, where the ledger is to be, is no folder", folder.string()),
                        "name another place with ledger.path or --ledger");
    const bool is_there = std::filesystem::exists(path, error);
    for (const auto& place : {folder, is_there ? path : folder})
        if (::access(place.c_str(), W_OK) != 0)
            return no_place(fmt::format("the ledger {} cannot be written: {} is read-only here, "
                                        "or not yours",
                                        path.string(), place.string()),
                            "correct its rights, or name another place with ledger.path or "
                            "--ledger");
    return {};
}

// A file from elsewhere may have a program where a table belongs: a view that never ends, or a
// trigger. Views of other names are their owner's, and nobody reads them.
constexpr std::string_view programs = R"sql(
SELECT type, name FROM sqlite_schema
    WHERE type = 'trigger'
       OR ((type = 'view' OR sql LIKE 'CREATE VIRTUAL%') AND lower(name) IN
           ('runs', 'run_files', 'attempts', 'effects', 'certificates', 'retirements', 'lots',
            'golden_samples', 'serials', 'free_numbers'))
    LIMIT 1
)sql";

Result<void> check_tables(sqlite::Database& database, const std::filesystem::path& path) {
    IMPRINT_TRY(auto rows, database.query(programs));
    IMPRINT_TRY(const bool found, rows.step());
    if (!found) return {};
    return fail(ErrorKind::ledger, "ledger_damaged",
                fmt::format("{} has a {} \"{}\" where a ledger has a table", path.string(),
                            rows.text(0), rows.text(1)),
                "somebody has changed the file: put a backup in its place");
}

sqlite::OpenOptions database_options(const OpenOptions& options) {
    sqlite::OpenOptions wanted;
    wanted.kind = ErrorKind::ledger;
    wanted.durability = sqlite::Durability::full;
    wanted.patience = options.patience;
    wanted.tell_after = options.tell_after;
    wanted.tell = [log = options.log](Milliseconds waited) {
        log.warning("another process has had the ledger locked for {} s: this one waits for it",
                    std::chrono::duration_cast<std::chrono::seconds>(waited).count());
    };
    return wanted;
}

}  // namespace

Result<sqlite::Database> open_for_writing(const std::filesystem::path& path,
                                          const OpenOptions& options) {
    IMPRINT_CHECK(check_place(path));
    auto database = sqlite::Database::open(path, database_options(options));
    if (!database) return with_context(std::move(database).error(), "opening the ledger");
    if (auto ready = database->migrate(schema()); !ready)
        return with_context(std::move(ready).error(), "opening the ledger");
    return std::move(*database);
}

Result<std::unique_ptr<Ledger>> open_ledger(const std::filesystem::path& path, Clock& clock,
                                            const OpenOptions& options) {
    IMPRINT_TRY(auto database, open_for_writing(path, options));
    return std::make_unique<SqliteLedger>(std::move(database), Spare(beside(path, "-owed")), clock,
                                          options);
}

Result<sqlite::Database> open_for_reading(const std::filesystem::path& path,
                                          const OpenOptions& options) {
    std::error_code error;
    if (!std::filesystem::exists(path, error))
        return fail(ErrorKind::ledger, "ledger_missing",
                    fmt::format("there is no ledger at {}", path.string()),
                    "the first `imprint prepare` makes it; or name another with --ledger");
    sqlite::OpenOptions wanted = database_options(options);
    wanted.access = options.untouched ? sqlite::Access::untouched : sqlite::Access::read_only;
    auto database = sqlite::Database::open(path, wanted);
    if (!database) return with_context(std::move(database).error(), "opening the ledger");
    IMPRINT_TRY(const std::int64_t version, database->schema_version());
    if (version == 0)
        return fail(ErrorKind::ledger, "ledger_damaged",
                    fmt::format("{} is no ledger", path.string()), "name the ledger's file");
    IMPRINT_CHECK(check_tables(*database, path));
    if (version < static_cast<std::int64_t>(schema().steps.size())) {
        auto copy = database->copy_in_memory();
        if (!copy) return with_context(std::move(copy).error(), "reading the ledger");
        database = std::move(copy);
        if (auto ready = database->migrate(schema()); !ready)
            return with_context(std::move(ready).error(), "reading the ledger");
    }
    if (auto ready = database->check(schema()); !ready)
        return with_context(std::move(ready).error(), "opening the ledger");
    return std::move(*database);
}

Result<void> check_ledger(const std::filesystem::path& path, const OpenOptions& options) {
    IMPRINT_CHECK(check_place(path));
    std::error_code error;
    const auto disk = std::filesystem::space(folder_of(path), error);
    if (!error && disk.available < options.room)
        return fail(ErrorKind::ledger, "database_full",
                    fmt::format("the disk that the ledger {} is on has {} KB left", path.string(),
                                disk.available / 1000),
                    "make room there, or name another place with ledger.path or --ledger");
    if (!std::filesystem::exists(path, error)) return {};
    // An empty file becomes a ledger.
    if (std::filesystem::file_size(path, error) == 0 && !error) return {};
    IMPRINT_CHECK(open_for_reading(path, options));
    return {};
}

Result<std::unique_ptr<Reports>> open_reports(const std::filesystem::path& path, Clock& clock,
                                              const OpenOptions& options) {
    IMPRINT_TRY(auto database, open_for_reading(path, options));
    return std::make_unique<SqliteLedger>(std::move(database), std::nullopt, clock, options);
}

WallTime from_milliseconds(std::int64_t milliseconds) {
    return WallTime(Milliseconds(milliseconds));
}

std::optional<WallTime> optional_time(const sqlite::Statement& row, int column) {
    const auto value = row.optional_integer(column);
    if (!value) return std::nullopt;
    return from_milliseconds(*value);
}

Result<MacAddress> mac_of(const std::string& text) {
    if (const auto mac = parse_mac(text)) return *mac;
    return fail(ErrorKind::ledger, "ledger_damaged",
                fmt::format("the ledger has \"{}\" where a MAC address belongs", text),
                "put a backup in its place");
}

std::unexpected<Error> SqliteLedger::row_missing(std::string_view sql) {
    return fail(ErrorKind::ledger, "ledger_damaged",
                fmt::format("the ledger has not the row that was to be written: {}", sql),
                "somebody has changed the file meanwhile: put a backup in its place");
}

std::int64_t SqliteLedger::now_in_milliseconds() const {
    return std::chrono::floor<Milliseconds>(clock_.wall().time_since_epoch()).count();
}

WallTime SqliteLedger::now() const {
    return from_milliseconds(now_in_milliseconds());
}

bool SqliteLedger::is_alive(std::string_view process, WallTime started, bool over_unknown) const {
    const Life life = processes().life_of(process);
    return life == Life::alive ||
           (life == Life::unknown && !over_unknown && started + longest_attempt > clock_.wall());
}

Result<RunId> SqliteLedger::begin_run(const RunFacts& facts) {
    IMPRINT_CHECK(spare_->reserve());
    IMPRINT_CHECK(settle_spare());
    RunId run = 0;
    auto kept = store_.commit([&](sqlite::Database& database) -> Result<void> {
        IMPRINT_CHECK(database.run(
            "INSERT INTO runs (command, version, lot, endpoint, firmware, started, "
            "process, firmware_commit, app_name, app_version, app_elf_sha256, uid, "
            "station, host, operator, account, region) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, lower(hex(randomblob(16))), "
            "?, ?, ?, ?, ?)",
            facts.command, facts.version, facts.lot, facts.endpoint, facts.firmware,
            now_in_milliseconds(), processes().self(), facts.firmware_commit, facts.app_name,
            facts.app_version, facts.app_elf_sha256, facts.station, host_of(processes().self()),
            facts.operator_name, facts.account, facts.region));
        run = database.last_insert_rowid();
        for (const RunFile& file : facts.files)
            IMPRINT_CHECK(database.run(
                "INSERT INTO run_files (run, path, offset, size, sha256) VALUES (?, ?, ?, ?, ?)",
                run, file.path, file.offset, file.size, file.sha256));
        return {};
    });
    if (!kept) return std::unexpected(std::move(kept).error());
    return run;
}

Result<void> SqliteLedger::end_run(RunId run, unsigned passed, unsigned failed) {
    return update("UPDATE runs SET ended = ?, passed = ?, failed = ? WHERE id = ?",
                  now_in_milliseconds(), passed, failed, run);
}

Result<void> SqliteLedger::set_account(RunId run, const std::string& account,
                                       const std::string& region) {
    return update("UPDATE runs SET account = ?, region = ? WHERE id = ?", account, region, run);
}

Result<AttemptId> SqliteLedger::begin_attempt(RunId run, const std::string& bay) {
    return insert(
        "INSERT INTO attempts (run, mac, bay, chip, thing, started, lot) "
        "VALUES (?1, '', ?2, '', '', ?3, (SELECT lot FROM runs WHERE id = ?1))",
        run, bay, now_in_milliseconds());
}

Result<void> SqliteLedger::identified(AttemptId attempt, const MacAddress& mac,
                                      const std::string& chip, const std::string& thing) {
    return update("UPDATE attempts SET mac = ?, chip = ?, thing = ? WHERE id = ?", mac.id(), chip,
                  thing, attempt);
}

Result<void> SqliteLedger::set_lot(AttemptId attempt, const std::string& lot) {
    return update("UPDATE attempts SET lot = ? WHERE id = ?", lot, attempt);
}

Result<void> SqliteLedger::claim(AttemptId attempt, bool over_unknown) {
    // One transaction: of two processes that claim a board at once, one sees the other's claim.
    return store_.commit([&](sqlite::Database& database) -> Result<void> {
        IMPRINT_TRY(sqlite::Statement others,
                    database.query("SELECT r.process, o.started, o.bay, o.mac "
                                   "FROM attempts a JOIN attempts o ON o.mac = a.mac "
                                   "JOIN runs r ON r.id = o.run "
                                   "WHERE a.id = ? AND o.id <> a.id AND o.ended IS NULL "
                                   "AND o.claimed = 1 AND o.merged = 0",
                                   attempt));
        for (;;) {
            IMPRINT_TRY(const bool more, others.step());
            if (!more) break;
            const std::string process = others.text(0);
            if (!is_alive(process, from_milliseconds(others.integer(1)), over_unknown)) continue;
            return fail(
                ErrorKind::board, "board_twice",
                fmt::format("board {} is being prepared in another bay, {}{}", others.text(3),
                            others.text(2),
                            process == processes().self() ? std::string()
                                                          : ", by " + describe_process(process)),
                "two boards with one MAC address, or a port that is listed twice; if that "
                "process is gone with its machine or container, say --take-over");
        }
        IMPRINT_TRY(const auto count,
                    database.run("UPDATE attempts SET claimed = 1 WHERE id = ?", attempt));
        if (count != 1) return row_missing("claimed");
        return {};
    });
}

Result<void> SqliteLedger::end_attempt(AttemptId attempt, Outcome outcome,
                                       const std::string& error_code,
                                       const std::string& error_message, Fault fault) {
    const std::int64_t now = now_in_milliseconds();
    // One transaction: a number is used up if and only if its board has passed.
    return store_.commit([&](sqlite::Database& database) -> Result<void> {
        IMPRINT_TRY(
            const auto count,
            database.run("UPDATE attempts SET ended = ?, outcome = ?, error_code = ?, "
                         "error_message = ?, fault = ? WHERE id = ?",
                         now, to_string(outcome), error_code, error_message,
                         to_string(outcome == Outcome::failed ? fault : Fault::none), attempt));
        if (count != 1) return row_missing("attempts");
        if (outcome != Outcome::passed) return {};
        IMPRINT_CHECK(database.run(
            "UPDATE serials SET state = 'used', attempt = ?1, changed = ?2 WHERE serial = "
            "(SELECT serial FROM attempts WHERE id = ?1 AND serial <> '')",
            attempt, now));
        return {};
    });
}

Result<std::vector<EffectId>> SqliteLedger::intend(const Doer& doer, const std::string& kind,
                                                   const std::vector<std::string>& subjects) {
    std::vector<EffectId> ids;
    auto kept = store_.commit([&](sqlite::Database& database) -> Result<void> {
        ids.clear();
        for (const std::string& subject : subjects) {
            IMPRINT_CHECK(
                database.run("INSERT INTO effects (run, attempt, kind, subject, intended) "
                             "VALUES (?, ?, ?, ?, ?)",
                             doer.run, doer.attempt, kind, subject, now_in_milliseconds()));
            ids.push_back(database.last_insert_rowid());
        }
        return {};
    });
    if (!kept) return std::unexpected(std::move(kept).error());
    return ids;
}

Result<void> SqliteLedger::done(EffectId effect, const std::string& result) {
    store_.commit_later(
        [effect, result, at = now_in_milliseconds()](sqlite::Database& database) -> Result<void> {
            IMPRINT_TRY(const auto count,
                        database.run("UPDATE effects SET done = ?, result = ? WHERE id = ?", at,
                                     result, effect));
            if (count != 1) return row_missing("effects");
            return {};
        });
    return {};
}

Result<std::int64_t> SqliteLedger::begin_retirement(const std::string& thing,
                                                    const std::string& reason) {
    return insert("INSERT INTO retirements (thing, reason, intended) VALUES (?, ?, ?)", thing,
                  reason, now_in_milliseconds());
}

Result<void> SqliteLedger::end_retirement(std::int64_t id, const std::string& result) {
    return update("UPDATE retirements SET done = ?, result = ? WHERE id = ?", now_in_milliseconds(),
                  result, id);
}

Result<void> SqliteLedger::settle_spare() {
    if (!spare_) return {};
    return spare_->settle([this](const std::vector<SpareEntry>& entries) {
        return store_.commit([&](sqlite::Database& database) -> Result<void> {
            const std::int64_t now = now_in_milliseconds();
            for (const SpareEntry& one : entries) {
                IMPRINT_CHECK(
                    database.run("UPDATE certificates SET deactivation_owed = 1, changed = ?1 "
                                 "WHERE id = ?2 AND state <> 'gone' AND attempt = "
                                 "(SELECT id FROM attempts WHERE id = ?3 AND started = ?4)",
                                 now, one.row, one.attempt, one.started));
                IMPRINT_CHECK(database.run(
                    "UPDATE attempts SET ended = ?1, outcome = 'failed', fault = 'station', "
                    "error_code = 'ledger_unwritable', error_message = "
                    "'the ledger could not be written when the attempt ended' "
                    "WHERE id = ?2 AND started = ?3 AND ended IS NULL",
                    now, one.attempt, one.started));
            }
            return {};
        });
    });
}

Result<void> SqliteLedger::owe_in_spare(const Debt& debt) {
    const auto read = [](const sqlite::Statement& row) { return row.integer(0); };
    IMPRINT_TRY(
        const auto started,
        store_.rows<std::int64_t>(read, "SELECT started FROM attempts WHERE id = ?", debt.attempt));
    return spare_->write({debt.row, debt.attempt, started.empty() ? 0 : started.front()});
}

}  // namespace imprint::ledger
