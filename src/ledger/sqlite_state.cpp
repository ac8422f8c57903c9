#include "ledger/sqlite_state.h"

#include <array>
#include <fmt/format.h>
#include <system_error>
#include <utility>

#include "ledger/schema.h"
#include "ledger/sqlite_ledger_impl.h"

namespace imprint::ledger {

namespace {

constexpr std::array<std::string_view, 9> counted{"runs",           "attempts",    "effects",
                                                  "certificates",   "retirements", "lots",
                                                  "golden_samples", "serials",     "run_files"};

// A database damaged in its content is one that opens: SQLite's word is a finding here, not an
// error.
Result<std::string> first_damage(sqlite::Database& database) {
    IMPRINT_TRY(auto row, database.query("PRAGMA quick_check(1)"));
    IMPRINT_TRY(const bool found, row.step());
    if (!found || row.text(0) == "ok") return std::string();
    return row.text(0);
}

Result<LedgerState> look(const std::filesystem::path& path, const OpenOptions& options,
                         std::uintmax_t most) {
    LedgerState state;
    state.newest_version = static_cast<std::int64_t>(schema().steps.size());
    std::error_code error;
    state.bytes = std::filesystem::file_size(path, error);
    if (error) state.bytes = 0;
    // Its tables are what they should be, also where a stranger has written the file.
    IMPRINT_TRY(auto migrated, open_for_reading(path, options));
    for (const auto& table : counted) {
        IMPRINT_TRY(auto row, migrated.query(fmt::format("SELECT COUNT(*) FROM {}", table)));
        IMPRINT_TRY(const bool found, row.step());
        if (found) state.rows[std::string(table)] = row.integer(0);
    }
    sqlite::OpenOptions wanted;
    wanted.kind = ErrorKind::ledger;
    wanted.access = options.untouched ? sqlite::Access::untouched : sqlite::Access::read_only;
    wanted.patience = options.patience;
    IMPRINT_TRY(auto database, sqlite::Database::open(path, wanted));
    IMPRINT_TRY(state.version, database.schema_version());
    if (state.bytes > most) return state;
    IMPRINT_TRY(state.damage, first_damage(database));
    state.was_looked_through = true;
    return state;
}

}  // namespace

bool lies_alone(const std::filesystem::path& path) {
    std::error_code error;
    for (const char* name : {"-wal", "-shm"}) {
        std::filesystem::path beside = path;
        beside += name;
        if (std::filesystem::exists(beside, error)) return false;
    }
    return true;
}

Result<LedgerState> look_at_ledger(const std::filesystem::path& path, const OpenOptions& options,
                                   std::uintmax_t most) {
    auto state = look(path, options, most);
    const bool is_well = state && state->damage.empty();
    if (is_well || !options.untouched || lies_alone(path)) return state;
    // Somebody has begun to write meanwhile, whom an untouched look does not see.
    OpenOptions again = options;
    again.untouched = false;
    return look(path, again, most);
}

}  // namespace imprint::ledger
