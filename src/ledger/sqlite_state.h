// How a ledger's file stands, for whoever looks after the station: nothing is changed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "ledger/sqlite_ledger.h"

namespace imprint::ledger {

struct LedgerState {
    std::int64_t version = 0;                  // of its schema; docs/ledger.md
    std::int64_t newest_version = 0;           // that this program knows
    std::uintmax_t bytes = 0;                  // of the file, without its log
    bool was_looked_through = false;           // it is small enough for that
    std::string damage;                        // SQLite's first finding; empty: it has found none
    std::map<std::string, std::int64_t> rows;  // table → rows
};

// Whether none of SQLite's files (-wal, -shm) is beside it: nobody has it open, and who opens it
// `untouched` leaves none there.
[[nodiscard]] bool lies_alone(const std::filesystem::path& path);

// options.untouched: as for open_reports. most: a larger file is not looked through, as that takes
// a second for each few hundred MB. Errors: ledger_missing, ledger_damaged, and those of
// sqlite::Database.
[[nodiscard]] Result<LedgerState> look_at_ledger(const std::filesystem::path& path,
                                                 const OpenOptions& options = {},
                                                 std::uintmax_t most = 256'000'000);

}  // namespace imprint::ledger
