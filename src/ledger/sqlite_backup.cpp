#include "ledger/sqlite_backup.h"

#include <fmt/format.h>
#include <system_error>
#include <utility>

#include "base/files.h"
#include "ledger/sqlite_ledger_impl.h"

namespace imprint::ledger {

namespace {

namespace fs = std::filesystem;

fs::path with_ending(fs::path path, const char* ending) {
    path += ending;
    return path;
}

// A file that goes unless it is given its name.
class UnfinishedCopy {
  public:
    explicit UnfinishedCopy(fs::path path) : path_(std::move(path)) { remove(); }

    ~UnfinishedCopy() { remove(); }

    UnfinishedCopy(const UnfinishedCopy&) = delete;
    UnfinishedCopy& operator=(const UnfinishedCopy&) = delete;
    UnfinishedCopy(UnfinishedCopy&&) = delete;
    UnfinishedCopy& operator=(UnfinishedCopy&&) = delete;

    [[nodiscard]] const fs::path& path() const { return path_; }

  private:
    void remove() const {
        std::error_code ignored;
        fs::remove(path_, ignored);
    }

    fs::path path_;
};

// Through a connection of its own: what is on the disk is what counts.
Result<std::int64_t> check_copy(const fs::path& copy, const OpenOptions& options) {
    IMPRINT_TRY(auto database, open_for_reading(copy, options));
    {
        IMPRINT_TRY(auto row, database.query("PRAGMA integrity_check"));
        IMPRINT_TRY(const bool found, row.step());
        if (!found || row.text(0) != "ok")
            return fail(ErrorKind::ledger, "ledger_damaged",
                        fmt::format("the ledger is damaged: {}", found ? row.text(0) : ""),
                        "keep the last good backup, and this ledger as it is");
    }
    IMPRINT_TRY(auto row, database.query("SELECT COUNT(*) FROM attempts"));
    IMPRINT_TRY(const bool found, row.step());
    return found ? row.integer(0) : 0;
}

// What is owed is as much a part of the record as the ledger; empty: there is none.
Result<std::string> read_owed(const fs::path& path) {
    const fs::path owed = with_ending(path, "-owed");
    std::error_code error;
    if (!fs::exists(owed, error)) return std::string();
    return read_text(owed);
}

Result<void> write_owed(const fs::path& copy, const std::string& content) {
    const fs::path owed = with_ending(copy, "-owed");
    if (!content.empty()) return write_file(owed, std::string_view(content), FileMode::secret);
    std::error_code ignored;
    fs::remove(owed, ignored);  // of an older copy
    return {};
}

}  // namespace

Result<BackupReport> backup_ledger(const fs::path& path, const fs::path& copy,
                                   const OpenOptions& options) {
    std::error_code error;
    if (fs::equivalent(path, copy, error))
        return fail(ErrorKind::usage, "ledger_same",
                    fmt::format("{} is the ledger itself", copy.string()), "name another file");
    BackupReport report;
    const UnfinishedCopy part(with_ending(copy, ".part"));
    // SQLite fills an empty file, and leaves its mode.
    IMPRINT_CHECK(write_file(part.path(), std::string_view(), FileMode::secret));
    // Before the ledger: what is settled meanwhile is in both, which is no harm, and not in none.
    IMPRINT_TRY(const std::string owed, read_owed(path));
    {
        IMPRINT_TRY(auto database, open_for_reading(path, options));
        // sqlite.org, "VACUUM", "VACUUM with an INTO clause": as of one moment, while others write.
        IMPRINT_CHECK(database.run("VACUUM INTO ?", part.path().string()));
    }
    IMPRINT_TRY(report.attempts, check_copy(part.path(), options));
    report.bytes = fs::file_size(part.path(), error);
    // First what is owed: a copy without it would be an older ledger that owes nothing.
    IMPRINT_CHECK(write_owed(copy, owed));
    // SQLite itself does not sync what VACUUM INTO has made.
    IMPRINT_CHECK(put_in_place(part.path(), copy));
    return report;
}

}  // namespace imprint::ledger
