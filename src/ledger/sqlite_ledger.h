// The ledger in an SQLite file that several processes may use at once. docs/ledger.md.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/processes.h"
#include "ledger/ledger.h"

namespace imprint::ledger {

struct OpenOptions {
    // Tells which processes are alive; by default this machine's. Outlives the ledger.
    const Processes* processes = nullptr;
    // Told when another process or the disk delays a write.
    Log log = {};
    // How long to wait for another process that has locked the file, and when to report the wait.
    Milliseconds patience = std::chrono::minutes(5);
    Milliseconds tell_after = std::chrono::seconds(5);
    // open_reports: no file is made beside the ledger, and nobody is waited for.
    bool untouched = false;
    // What check_ledger wants to be free on the disk, in bytes: a new ledger with its log and its
    // reserve takes 0.3 MB, and the first boards have room.
    std::uintmax_t room = 1'000'000;
};

// Creates the file if it does not exist, and migrates an older one. clock outlives the ledger.
[[nodiscard]] Result<std::unique_ptr<Ledger>> open_ledger(const std::filesystem::path& path,
                                                          Clock& clock,
                                                          const OpenOptions& options = {});

// Whether open_ledger would open the file, or make it; changes nothing. Errors: ledger_unwritable,
// database_full (little room), and those of open_ledger.
[[nodiscard]] Result<void> check_ledger(const std::filesystem::path& path,
                                        const OpenOptions& options = {});

// Opens the file for reading only, even where nothing may be written: an older one is migrated in
// memory. Error: ledger_missing.
[[nodiscard]] Result<std::unique_ptr<Reports>> open_reports(const std::filesystem::path& path,
                                                            Clock& clock,
                                                            const OpenOptions& options = {});

// What two ledgers say differently, and nobody but a person can mend: a serial number that two
// boards have, or a board with two of them in one lot.
struct SerialConflict {
    std::string serial;
    std::string mac;  // of the board that has it here
    std::string other_serial;
    std::string other_mac;

    [[nodiscard]] std::string describe() const;
};

// What a merge has brought.
struct MergeReport {
    std::int64_t runs = 0;  // new ones
    std::int64_t attempts = 0;
    std::int64_t certificates = 0;
    std::int64_t changed = 0;  // certificates that were known, and are in a later state now
    std::int64_t lots = 0;
    std::int64_t serials = 0;
    std::vector<SerialConflict> conflicts = {};
};

// Brings everything that another ledger has into the one at `path`, which is created if it does not
// exist. The other is only read; it may be in use, or older. Whole or not at all; what was brought
// before is brought up to date. Errors: ledger_missing, ledger_damaged (the other one, by name),
// ledger_same (usage), and those of open_ledger.
[[nodiscard]] Result<MergeReport> merge_ledger(const std::filesystem::path& path,
                                               const std::filesystem::path& other,
                                               const OpenOptions& options = {});

}  // namespace imprint::ledger
