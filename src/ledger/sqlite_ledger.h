// The ledger in a file of SQLite's, beside other processes on the same file. docs/ledger.md.
#pragma once

#include <filesystem>
#include <memory>

#include "base/clock.h"
#include "base/log.h"
#include "base/processes.h"
#include "ledger/ledger.h"

namespace imprint::ledger {

struct OpenOptions {
    // Who is alive; by default those of this machine. Outlives the ledger.
    const Processes* processes = nullptr;
    // Told when another process, or the disk, keeps a write waiting.
    Log log = {};
    // How long to wait for another process that has the file locked, and when to tell of it.
    Milliseconds patience = std::chrono::minutes(5);
    Milliseconds tell_after = std::chrono::seconds(5);
};

// Makes the file where there is none, and brings an older one up to date. clock outlives it.
[[nodiscard]] Result<std::unique_ptr<Ledger>> open_ledger(const std::filesystem::path& path,
                                                          Clock& clock, OpenOptions options = {});

// Only to be read, also where nothing may be written: an older one is brought up to date in memory.
// Error: ledger_missing.
[[nodiscard]] Result<std::unique_ptr<Reports>> open_reports(const std::filesystem::path& path,
                                                            Clock& clock, OpenOptions options = {});

}  // namespace imprint::ledger
