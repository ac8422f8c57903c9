#include "sqlite/database.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <malloc.h>
#include <sys/stat.h>
#include <system_error>
#include <thread>
#include <unistd.h>

#include "base/fd.h"
#include "base/ownership.h"
#include "sqlite/connection.h"

namespace imprint::sqlite {

namespace {

// More texts than this means texts made at run time; those are not worth keeping.
constexpr std::size_t most_idle = 128;

// What SQLite lets go of may hold a key: it is wiped, and none of it is kept in stores of SQLite's
// own, which nobody wipes (sqlite.org, "Dynamic Memory Allocation In SQLite").
void wipe_and_free(void* block) {
    if (block == nullptr) return;
    ::explicit_bzero(block, ::malloc_usable_size(block));
    std::free(block);
}

void* wipe_and_grow(void* block, int size) {
    void* grown = std::malloc(static_cast<std::size_t>(size));
    if (grown == nullptr) return nullptr;
    std::memcpy(grown, block,
                std::min(static_cast<std::size_t>(size), ::malloc_usable_size(block)));
    wipe_and_free(block);
    return grown;
}

// Refused where somebody else in this process uses SQLite already.
int set_up_library() {
    static const sqlite3_mem_methods wiping = {
        .xMalloc = [](int size) { return std::malloc(static_cast<std::size_t>(size)); },
        .xFree = wipe_and_free,
        .xRealloc = wipe_and_grow,
        .xSize = [](void* block) { return static_cast<int>(::malloc_usable_size(block)); },
        .xRoundup = [](int size) { return (size + 7) & ~7; },
        .xInit = [](void*) { return SQLITE_OK; },
        .xShutdown = [](void*) {},
        .pAppData = nullptr};
    if (const int code = sqlite3_config(SQLITE_CONFIG_MALLOC, &wiping); code != SQLITE_OK)
        return code;
    sqlite3_config(SQLITE_CONFIG_PAGECACHE, nullptr, 0, 0);
    return sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0);
}

int call_busy(void* wait, int count) {
    return static_cast<BusyWait*>(wait)->again(count) ? 1 : 0;
}

Result<Handle> open_handle(const std::string& name, ErrorKind kind, int flags) {
    static const int set_up = set_up_library();  // once a process; it has no state of ours
    static_cast<void>(set_up);
    sqlite3* raw = nullptr;
    const int code = sqlite3_open_v2(name.c_str(), &raw, flags | SQLITE_OPEN_EXRESCODE, nullptr);
    Handle handle(raw);
    if (code != SQLITE_OK)
        return failure_of(kind, name, code,
                          raw == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(raw));
    return handle;
}

// A file's address with a parameter of SQLite's (sqlite.org/uri.html).
std::string address_with(const std::filesystem::path& path, std::string_view parameter) {
    std::string address = "file:";
    for (const char c : std::filesystem::absolute(path).string()) {
        constexpr std::string_view plain = "/-_.~";
        if (std::isalnum(static_cast<unsigned char>(c)) != 0 || plain.contains(c))
            address += c;
        else
            address += fmt::format("%{:02x}", static_cast<unsigned char>(c));
    }
    return fmt::format("{}?{}", address, parameter);
}

// Nobody changes the file: SQLite looks for no lock and no -wal.
constexpr std::string_view immutable = "immutable=1";
// SQLite's wal-index is read as it is, and not made where there is none.
constexpr std::string_view readonly_index = "readonly_shm=1";

bool has_writes_waiting(const std::filesystem::path& path) {
    std::filesystem::path log = path;
    log += "-wal";
    std::error_code error;
    const auto size = std::filesystem::file_size(log, error);
    return !error && size > 0;
}

// Opens it for reading, without a trace.
Result<Handle> open_untouched(const std::filesystem::path& path, ErrorKind kind) {
    return open_handle(address_with(path, has_writes_waiting(path) ? readonly_index : immutable),
                       kind, SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
}

// Makes the file, where it is to be written and there is none: SQLite would make it with the
// umask's mode, and the files beside it (-wal, -shm) take its mode.
//
// One that is there is not opened here. Another connection of this process may have it open, and
// whoever closes any descriptor of a file lets go of all locks that the process has on it
// (sqlite.org, "How To Corrupt An SQLite Database File", 2.2): the next process that writes would
// take itself for the only one, and remove the log of this one's writes.
Result<void> look_at_file(const std::filesystem::path& path, ErrorKind kind, bool make) {
    if (make) {
        const Fd made(::open(path.c_str(), O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        if (made) return {};
    }
    struct stat info{};
    if (::stat(path.c_str(), &info) != 0) {
        if (errno == ENOENT)
            return fail(kind, "database_missing",
                        fmt::format("there is no database {}", path.string()));
        return {};  // SQLite will say why
    }
    if (!S_ISREG(info.st_mode))
        return fail(kind, "file_not_regular",
                    fmt::format("{} is no file, and a database is meant", path.string()));
    return {};
}

}  // namespace

bool BusyWait::again(int count) {
    const auto now = std::chrono::steady_clock::now();
    if (count == 0) {
        since = now;
        told = false;
    }
    const auto waited = std::chrono::duration_cast<Milliseconds>(now - since);
    if (waited >= patience) return false;
    if (waited >= tell_after && !told && tell) {
        tell(waited);
        told = true;
    }
    constexpr int longest = 50;  // milliseconds
    std::this_thread::sleep_for(
        std::min(Milliseconds(std::min(count + 1, longest)), Milliseconds(patience - waited)));
    return true;
}

Connection::Connection(Handle handle, std::string name, ErrorKind kind,
                       std::unique_ptr<BusyWait> busy)
    : busy_(std::move(busy)), handle_(std::move(handle)), name_(std::move(name)), kind_(kind) {
    if (busy_ != nullptr) sqlite3_busy_handler(handle_.get(), call_busy, busy_.get());
}

std::unexpected<Error> Connection::failure(int code) const {
    const bool known = sqlite3_extended_errcode(handle()) == code;
    return failure_of(kind_, name_, code, known ? sqlite3_errmsg(handle()) : sqlite3_errstr(code));
}

Result<void> Connection::check_in_place() const {
    int moved = 0;
    // One in memory has no file, and answers with another code.
    const int asked = sqlite3_file_control(handle(), "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    if (asked != SQLITE_OK || moved == 0) return {};
    return fail(kind_, "database_moved",
                fmt::format("{} was moved, removed or replaced while it was in use", name_),
                "end this program, put the file back where it was, and begin again");
}

StatementHandle Connection::take_idle(const std::string& sql) {
    const auto found = idle_.find(sql);
    if (found == idle_.end()) return {};
    StatementHandle statement = std::move(found->second);
    idle_.erase(found);
    return statement;
}

void Connection::give_idle(std::string sql, StatementHandle statement) {
    sqlite3_reset(statement.get());
    sqlite3_clear_bindings(statement.get());  // a value may be a secret, or large
    if (idle_.size() < most_idle) idle_.insert_or_assign(std::move(sql), std::move(statement));
}

Database::Database(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}

Database::~Database() = default;
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;

Result<Database> Database::open(const std::filesystem::path& path, const OpenOptions& options) {
    const bool writes = options.access == Access::read_write;
    if (auto ours = writes ? check_ours(path) : Result<void>(); !ours) {
        ours.error().kind = options.kind;
        return std::unexpected(std::move(ours).error());
    }
    IMPRINT_CHECK(look_at_file(path, options.kind, writes));
    IMPRINT_TRY(Handle handle,
                options.access == Access::untouched
                    ? open_untouched(path, options.kind)
                    : open_handle(path.string(), options.kind,
                                  SQLITE_OPEN_NOMUTEX |
                                      (writes ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY)));
    const auto with = [&](Handle opened) {
        return Database(std::make_unique<Connection>(
            std::move(opened), path.string(), options.kind,
            std::make_unique<BusyWait>(options.patience, options.tell_after, options.tell)));
    };
    Database database = with(std::move(handle));
    IMPRINT_CHECK(database.exec("PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF"));
    if (!writes) {
        // The first read is where a file that is no database shows.
        const auto read = database.schema_version();
        if (read) return database;
        // Where only others may write, or nobody, SQLite cannot make the files beside it that
        // reading needs: the folder is unwritable, or its whole file system.
        if (!read.error().is_any({"database_unopenable", "database_read_only"}))
            return std::unexpected(read.error());
        if (has_writes_waiting(path)) {
            Error refused = read.error();
            if (::faccessat(AT_FDCWD, path.c_str(), R_OK, AT_EACCESS) == 0) {
                refused.message = fmt::format(
                    "the database {} is in a folder that may not be written, and its last writes "
                    "are still beside it, in {}-wal",
                    path.string(), path.filename().string());
                refused.hint =
                    "read a copy: whoever may write it makes one with sqlite3 FILE '.backup COPY'";
            }
            return std::unexpected(std::move(refused));
        }
        IMPRINT_TRY(Handle still,
                    open_handle(address_with(path, immutable), options.kind,
                                SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READONLY | SQLITE_OPEN_URI));
        database = with(std::move(still));
        IMPRINT_CHECK(database.exec("PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF"));
        IMPRINT_CHECK(database.schema_version());
        return database;
    }
    IMPRINT_CHECK(database.exec("PRAGMA journal_mode = WAL"));
    IMPRINT_CHECK(database.exec(options.durability == Durability::full
                                    ? "PRAGMA synchronous = FULL"
                                    : "PRAGMA synchronous = NORMAL"));
    return database;
}

Result<void> Connection::copy_into(sqlite3* to, const char* schema) {
    sqlite3_backup* copying = sqlite3_backup_init(to, schema, handle(), "main");
    if (copying == nullptr)
        return failure_of(kind(), name(), sqlite3_extended_errcode(to), sqlite3_errmsg(to));
    sqlite3_backup_step(copying, -1);
    const int code = sqlite3_backup_finish(copying);
    if (code != SQLITE_OK) return failure_of(kind(), name(), code, sqlite3_errstr(code));
    return {};
}

Result<Database> Database::copy_in_memory() {
    IMPRINT_TRY(Handle handle,
                open_handle(":memory:", connection_->kind(),
                            SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
    IMPRINT_CHECK(connection_->copy_into(handle.get(), "main"));
    Database copy(
        std::make_unique<Connection>(std::move(handle), connection_->name(), connection_->kind()));
    IMPRINT_CHECK(copy.exec("PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF"));
    return copy;
}

Result<void> Database::attach_copy_of(Database& other, std::string_view name) {
    const std::string schema(name);
    IMPRINT_CHECK(exec("ATTACH '' AS " + schema));
    return other.connection_->copy_into(connection_->handle(), schema.c_str());
}

Result<void> Database::exec(std::string_view sql) {
    const std::string text(sql);
    const int code = sqlite3_exec(connection_->handle(), text.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return connection_->failure(code);
    return {};
}

Result<Statement> Database::prepare(std::string_view sql) {
    std::string text(sql);
    if (StatementHandle idle = connection_->take_idle(text))
        return Statement(*connection_, idle.release(), std::move(text));
    sqlite3_stmt* handle = nullptr;
    const int code =
        sqlite3_prepare_v3(connection_->handle(), text.data(), static_cast<int>(text.size()),
                           SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
    if (code != SQLITE_OK) return connection_->failure(code);
    return Statement(*connection_, handle, std::move(text));
}

Result<std::int64_t> Database::finish(Statement& statement) {
    for (;;) {
        IMPRINT_TRY(const bool row, statement.step());
        if (!row) return sqlite3_changes64(connection_->handle());
    }
}

void Database::forget() {
    sqlite3_db_release_memory(connection_->handle());
}

std::int64_t Database::last_insert_rowid() const {
    return sqlite3_last_insert_rowid(connection_->handle());
}

Result<Transaction> Transaction::begin(Database& database) {
    IMPRINT_CHECK(database.connection_->check_in_place());
    IMPRINT_CHECK(database.run("BEGIN IMMEDIATE"));
    return Transaction(database);
}

Transaction::~Transaction() {
    // SQLite itself may have rolled back already, after a full disk for one.
    if (database_ != nullptr) [[maybe_unused]]
        const auto undone = database_->run("ROLLBACK");
}

Result<void> Transaction::commit() {
    // A commit that fails leaves the transaction open: the destructor undoes it.
    IMPRINT_CHECK(database_->run("COMMIT"));
    database_ = nullptr;
    return {};
}

}  // namespace imprint::sqlite
