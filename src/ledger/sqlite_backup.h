// A copy of a ledger that may be in use, to be put in its place when that is lost.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/error.h"
#include "ledger/sqlite_ledger.h"

namespace imprint::ledger {

struct BackupReport {
    std::uintmax_t bytes = 0;
    std::int64_t attempts = 0;
};

// As the ledger is at one moment, complete or not at all, in place of what is there; with what is
// owed beside it ("-owed"). Mode 0600. Checked as SQLite checks its files ("PRAGMA
// integrity_check"): a copy that would not be read is an error, and not left. Errors (ledger):
// ledger_missing, ledger_damaged, those of open_reports; file_unwritable (config); ledger_same
// (usage): the copy would be the ledger itself.
[[nodiscard]] Result<BackupReport> backup_ledger(const std::filesystem::path& path,
                                                 const std::filesystem::path& copy,
                                                 const OpenOptions& options = {});

}  // namespace imprint::ledger
