#include "sqlite/database.h"

#include <array>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <optional>
#include <set>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include "base/error_code.h"
#include "base/files.h"

namespace imprint::sqlite {
namespace {

constexpr std::array<std::string_view, 2> steps{
    "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT UNIQUE, weight REAL, data BLOB) STRICT",
    "CREATE TABLE part (item INTEGER NOT NULL REFERENCES item(id)); ALTER TABLE item ADD note TEXT",
};
constexpr Schema schema{.application_id = 0x494D5054, .steps = steps};

class DatabaseTest : public testing::Test {
  protected:
    Result<Database> open(Access access = Access::read_write,
                          Milliseconds busy = Milliseconds(5000)) {
        return Database::open(path(), {.kind = ErrorKind::ledger,
                                       .access = access,
                                       .durability = Durability::normal,
                                       .patience = busy});
    }

    Database made() {
        auto database = open();
        EXPECT_TRUE(database) << database.error().describe();
        const auto migrated = database->migrate(schema);
        EXPECT_TRUE(migrated) << migrated.error().describe();
        return std::move(*database);
    }

    static std::int64_t count(Database& database) {
        auto rows = database.query("SELECT count(*) FROM item");
        EXPECT_TRUE(rows && rows->step());
        return rows->integer(0);
    }

    std::filesystem::path path() { return folder_->path() / "test.sqlite"; }

    Result<TemporaryDirectory> folder_ = TemporaryDirectory::create();
};

TEST_F(DatabaseTest, what_is_no_file_is_refused_and_not_waited_for) {
    ASSERT_EQ(::mkfifo(path().c_str(), 0600), 0);
    for (const Access access : {Access::read_write, Access::read_only})
        EXPECT_EQ(code_of(open(access)), "file_not_regular");
    std::filesystem::remove(path());
    std::filesystem::create_symlink("/dev/zero", path());
    EXPECT_EQ(code_of(open(Access::read_only)), "file_not_regular");
    EXPECT_EQ(code_of(open()), "not_ours") << "a link, where something is to be written";
}

TEST_F(DatabaseTest, every_type_comes_back_as_it_went) {
    Database database = made();
    const Bytes data{0, 1, 255};
    ASSERT_TRUE(database.run("INSERT INTO item (id, name, weight, data) VALUES (?, ?, ?, ?)",
                             INT64_MIN, std::string_view("a\0b", 3), 1.5, data));
    ASSERT_TRUE(database.run("INSERT INTO item (id, name, weight, data) VALUES (?, ?, ?, ?)", true,
                             "", std::optional<double>(), Bytes()));
    auto rows = database.query("SELECT id, name, weight, data FROM item ORDER BY id");
    ASSERT_TRUE(rows);
    ASSERT_TRUE(*rows->step());
    EXPECT_EQ(rows->integer(0), INT64_MIN);
    EXPECT_EQ(rows->text(1), std::string("a\0b", 3));
    EXPECT_EQ(rows->real(2), 1.5);
    EXPECT_EQ(rows->blob(3), data);
    ASSERT_TRUE(*rows->step());
    EXPECT_TRUE(rows->boolean(0));
    EXPECT_EQ(rows->optional_text(1), "");
    EXPECT_TRUE(rows->is_null(2));
    EXPECT_EQ(rows->optional_integer(2), std::nullopt);
    EXPECT_FALSE(rows->is_null(3));
    EXPECT_FALSE(*rows->step());
}

// A process lets go of all its locks on a file when it closes any descriptor of it: the next one
// that writes would take itself for the only one, and remove the log of what this one has written.
TEST_F(DatabaseTest, another_connection_of_this_process_takes_no_lock_away) {
    Database first = made();
    ASSERT_TRUE(first.run("INSERT INTO item (name) VALUES (?)", "one"));
    // Asked by another process: SQLite's shared bytes (sqlite3.c, SHARED_FIRST and SHARED_SIZE).
    const auto is_locked = [this] {
        const pid_t child = ::fork();
        if (child == 0) {
            struct flock wanted{};
            wanted.l_type = F_WRLCK;
            wanted.l_whence = SEEK_SET;
            wanted.l_start = 0x40000002;
            wanted.l_len = 510;
            const int file = ::open(path().c_str(), O_RDWR | O_CLOEXEC);
            const bool asked = file >= 0 && ::fcntl(file, F_GETLK, &wanted) == 0;
            ::_exit(asked && wanted.l_type != F_UNLCK ? 0 : 1);
        }
        int status = 0;
        EXPECT_EQ(::waitpid(child, &status, 0), child);
        return WIFEXITED(status) && WEXITSTATUS(status) == 0;
    };
    ASSERT_TRUE(is_locked());
    for (const auto access : {Access::read_only, Access::read_write}) {
        ASSERT_TRUE(open(access));
        EXPECT_TRUE(is_locked());
    }
    EXPECT_EQ(count(first), 1);
}

TEST_F(DatabaseTest, nothing_is_written_to_a_file_that_is_not_there_any_more) {
    Database database = made();
    const auto write = [&database] {
        return database.transaction([&database]() -> Result<void> {
            return database.exec("INSERT INTO item (weight) VALUES (1)");
        });
    };
    EXPECT_TRUE(write());
    const auto elsewhere = folder_->path() / "elsewhere.sqlite";
    std::filesystem::rename(path(), elsewhere);
    EXPECT_EQ(code_of(write()), "database_moved");
    ASSERT_TRUE(write_file(path(), as_bytes("")));
    EXPECT_EQ(code_of(write()), "database_moved") << "another file is in its place";
    std::filesystem::rename(elsewhere, path());
    EXPECT_TRUE(write());
    EXPECT_EQ(count(database), 2);
}

TEST_F(DatabaseTest, one_in_memory_has_no_file_that_could_be_moved) {
    Database copy = made().copy_in_memory().value();
    EXPECT_TRUE(copy.transaction(
        [&copy]() -> Result<void> { return copy.exec("INSERT INTO item (weight) VALUES (1)"); }));
}

TEST_F(DatabaseTest, a_statement_that_is_used_again_keeps_no_value) {
    Database database = made();
    constexpr std::string_view sql = "INSERT INTO item (name, weight) VALUES (?, ?)";
    ASSERT_TRUE(database.run(sql, "first", 2.0));
    auto statement = database.prepare(sql);
    ASSERT_TRUE(statement && statement->bind(1, "second") && statement->step());
    auto rows = database.query("SELECT weight FROM item WHERE name = ?", "second");
    ASSERT_TRUE(rows && *rows->step());
    EXPECT_TRUE(rows->is_null(0));
}

TEST_F(DatabaseTest, the_same_text_can_run_inside_its_own_loop) {
    Database database = made();
    for (int i = 0; i < 3; ++i)
        ASSERT_EQ(database.run("INSERT INTO item DEFAULT VALUES"), 1);
    int pairs = 0;
    auto outer = database.query("SELECT id FROM item");
    while (*outer->step())
        for (auto inner = database.query("SELECT id FROM item"); *inner->step();)
            ++pairs;
    EXPECT_EQ(pairs, 9);
}

TEST_F(DatabaseTest, run_tells_how_many_rows_changed) {
    Database database = made();
    for (int i = 0; i < 3; ++i)
        ASSERT_TRUE(database.run("INSERT INTO item DEFAULT VALUES"));
    EXPECT_EQ(database.last_insert_rowid(), 3);
    EXPECT_EQ(database.run("UPDATE item SET note = 'x' WHERE id > ?", 1), 2);
    EXPECT_EQ(database.run("DELETE FROM item WHERE id = ?", 77), 0);
}

TEST_F(DatabaseTest, a_failed_transaction_leaves_nothing) {
    Database database = made();
    const auto result = database.transaction([&]() -> Result<int> {
        IMPRINT_CHECK(database.run("INSERT INTO item (name) VALUES ('a')"));
        IMPRINT_CHECK(database.run("INSERT INTO item (name) VALUES ('a')"));
        return 1;
    });
    ASSERT_FALSE(result);
    EXPECT_EQ(code_of(result), "database_constraint");
    EXPECT_EQ(result.error().kind, ErrorKind::ledger);
    EXPECT_NE(result.error().message.find("item.name"), std::string::npos);
    EXPECT_EQ(count(database), 0);
    EXPECT_EQ(database.transaction([&]() -> Result<std::int64_t> {
        return database.run("INSERT INTO item (name) VALUES ('a')");
    }),
              1);
    EXPECT_EQ(count(database), 1);
}

TEST_F(DatabaseTest, foreign_keys_are_enforced) {
    Database database = made();
    const auto result = database.run("INSERT INTO part (item) VALUES (5)");
    ASSERT_FALSE(result);
    EXPECT_EQ(code_of(result), "database_constraint");
}

TEST_F(DatabaseTest, another_writer_is_waited_for_and_then_named_busy) {
    Database first = made();
    auto second = open(Access::read_write, Milliseconds(20));
    ASSERT_TRUE(second);
    auto held = Transaction::begin(first);
    ASSERT_TRUE(held);
    const auto refused = second->run("INSERT INTO item DEFAULT VALUES");
    ASSERT_FALSE(refused);
    EXPECT_EQ(code_of(refused), "database_busy");
    EXPECT_TRUE(second->query("SELECT count(*) FROM item")->step()) << "a reader is never held up";
    ASSERT_TRUE(held->commit());
    EXPECT_TRUE(second->run("INSERT INTO item DEFAULT VALUES"));
}

TEST_F(DatabaseTest, a_migration_in_many_threads_at_once_happens_once) {
    std::vector<std::jthread> threads;
    threads.reserve(4);
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] { static_cast<void>(made()); });
    threads.clear();
    Database database = made();
    EXPECT_EQ(database.schema_version(), 2);
}

TEST_F(DatabaseTest, an_older_file_is_brought_up_and_a_newer_one_refused) {
    const std::span<const std::string_view> all(steps);
    {
        auto database = open();
        ASSERT_TRUE(database->migrate({.application_id = 7, .steps = all.first(1)}));
        ASSERT_TRUE(database->run("INSERT INTO item (name) VALUES ('kept')"));
        ASSERT_TRUE(database->migrate({.application_id = 7, .steps = all}));
        EXPECT_EQ(count(*database), 1);
    }
    auto database = open();
    const auto newer = database->migrate({.application_id = 7, .steps = all.first(1)});
    ASSERT_FALSE(newer);
    EXPECT_EQ(code_of(newer), "database_newer");
    const auto foreign = database->migrate({.application_id = 8, .steps = all});
    ASSERT_FALSE(foreign);
    EXPECT_EQ(code_of(foreign), "database_foreign");
}

TEST_F(DatabaseTest, a_step_that_fails_leaves_the_version_before_it) {
    constexpr std::array<std::string_view, 2> broken{
        steps[0], "CREATE TABLE half (a); CREATE TABLE item (again)"};
    auto database = open();
    EXPECT_FALSE(database->migrate({.application_id = 0, .steps = broken}));
    EXPECT_EQ(database->schema_version(), 1);
    EXPECT_FALSE(database->query("SELECT * FROM half"));
}

TEST_F(DatabaseTest, a_new_file_is_private_and_so_is_its_log) {
    const Database database = made();
    for (const char* suffix : {"", "-wal", "-shm"}) {
        struct stat info{};
        ASSERT_EQ(::stat((path().string() + suffix).c_str(), &info), 0) << suffix;
        EXPECT_EQ(info.st_mode & 0777, 0600U) << suffix;
    }
}

TEST_F(DatabaseTest, a_link_is_not_followed_to_where_a_file_would_be_made) {
    const auto elsewhere = path().parent_path() / "elsewhere.sqlite";
    std::filesystem::create_symlink(elsewhere, path());
    const auto opened = open();
    ASSERT_FALSE(opened);
    EXPECT_EQ(code_of(opened), "not_ours");
    EXPECT_EQ(opened.error().kind, ErrorKind::ledger);
    EXPECT_FALSE(std::filesystem::exists(elsewhere));
}

TEST_F(DatabaseTest, a_reader_reads_and_cannot_write) {
    Database writer = made();
    auto reader = open(Access::read_only);
    ASSERT_TRUE(reader);
    ASSERT_TRUE(writer.run("INSERT INTO item DEFAULT VALUES"));
    EXPECT_EQ(count(*reader), 1);
    const auto refused = reader->run("DELETE FROM item");
    ASSERT_FALSE(refused);
    EXPECT_EQ(code_of(refused), "database_read_only");
}

// Beside the database, and in its own folder.
std::set<std::string> files_beside(const std::filesystem::path& path) {
    std::set<std::string> names;
    for (const auto& file : std::filesystem::directory_iterator(path.parent_path()))
        names.insert(file.path().filename().string());
    return names;
}

TEST_F(DatabaseTest, whoever_peeks_makes_no_file) {
    {
        Database writer = made();
        ASSERT_TRUE(writer.run("INSERT INTO item DEFAULT VALUES"));
    }
    const auto before = files_beside(path());
    {
        auto reader = open(Access::untouched);
        ASSERT_TRUE(reader) << reader.error().describe();
        EXPECT_EQ(count(*reader), 1);
        EXPECT_EQ(files_beside(path()), before);
    }
    EXPECT_EQ(files_beside(path()), before);
}

TEST_F(DatabaseTest, whoever_peeks_sees_the_last_writes_of_a_writer_at_work) {
    Database writer = made();
    ASSERT_TRUE(writer.run("INSERT INTO item DEFAULT VALUES"));
    const auto before = files_beside(path());
    auto reader = open(Access::untouched);
    ASSERT_TRUE(reader) << reader.error().describe();
    EXPECT_EQ(count(*reader), 1);
    const auto refused = reader->run("DELETE FROM item");
    ASSERT_FALSE(refused);
    EXPECT_EQ(code_of(refused), "database_read_only");
    EXPECT_EQ(files_beside(path()), before);
}

// As a copy of the files has it, or a machine whose power went: SQLite would have to make the
// index.
TEST_F(DatabaseTest, whoever_peeks_makes_no_index_of_writes_that_wait) {
    Database writer = made();
    ASSERT_TRUE(writer.run("INSERT INTO item DEFAULT VALUES"));
    const auto copy = path().parent_path() / "copy" / "test.sqlite";
    std::filesystem::create_directory(copy.parent_path());
    for (const char* suffix : {"", "-wal"})
        std::filesystem::copy_file(path().string() + suffix, copy.string() + suffix);
    const auto before = files_beside(copy);
    const auto reader =
        Database::open(copy, {.kind = ErrorKind::ledger, .access = Access::untouched});
    EXPECT_FALSE(reader);
    EXPECT_EQ(files_beside(copy), before);
}

// Somebody who owns nothing here: rights count for root, too, and only in this thread.
class AsSomebodyElse {
  public:
    AsSomebodyElse() : was_(static_cast<uid_t>(::setfsuid(nobody))) {}

    ~AsSomebodyElse() { ::setfsuid(was_); }

    AsSomebodyElse(const AsSomebodyElse&) = delete;
    AsSomebodyElse& operator=(const AsSomebodyElse&) = delete;

  private:
    static constexpr uid_t nobody = 65534;
    uid_t was_;
};

// An archive, an auditor's account: the file may be read, and nothing be made beside it.
class Archive : public DatabaseTest {
  protected:
    std::filesystem::path kept() { return path().parent_path() / "kept" / "test.sqlite"; }

    void keep(std::initializer_list<const char*> suffixes) {
        std::filesystem::create_directory(kept().parent_path());
        for (const std::string suffix : suffixes) {
            const std::string name = kept().string() + suffix;
            ASSERT_TRUE(std::filesystem::copy_file(path().string() + suffix, name));
            ASSERT_EQ(::chmod(name.c_str(), 0444), 0);
        }
        ASSERT_EQ(::chmod(kept().parent_path().c_str(), 0555), 0);
        ASSERT_EQ(::chmod(path().parent_path().c_str(), 0755), 0);
    }

    void TearDown() override { ::chmod(kept().parent_path().c_str(), 0755); }

    Result<Database> read_kept() {
        const AsSomebodyElse nobody;
        return Database::open(kept(), {.kind = ErrorKind::ledger, .access = Access::read_only});
    }
};

TEST_F(Archive, is_read_where_nothing_may_be_written) {
    {
        Database writer = made();
        ASSERT_TRUE(writer.run("INSERT INTO item DEFAULT VALUES"));
    }
    keep({""});
    auto reader = read_kept();
    ASSERT_TRUE(reader) << reader.error().describe();
    EXPECT_EQ(count(*reader), 1);
}

TEST_F(Archive, whose_last_writes_are_beside_it_asks_for_a_copy) {
    Database writer = made();
    ASSERT_TRUE(writer.run("INSERT INTO item DEFAULT VALUES"));
    keep({"", "-wal"});
    const auto reader = read_kept();
    ASSERT_FALSE(reader);
    EXPECT_NE(reader.error().message.find("test.sqlite-wal"), std::string::npos)
        << reader.error().describe();
    EXPECT_NE(reader.error().hint.find("copy"), std::string::npos) << reader.error().hint;
}

TEST_F(DatabaseTest, a_missing_or_damaged_file_is_named) {
    const auto missing = open(Access::read_only);
    ASSERT_FALSE(missing);
    EXPECT_EQ(code_of(missing), "database_missing");
    ASSERT_TRUE(write_file(path(), std::string(8192, 'x')));
    for (const Access access : {Access::read_only, Access::read_write}) {
        const auto damaged = open(access);
        ASSERT_FALSE(damaged);
        EXPECT_EQ(code_of(damaged), "database_damaged");
        EXPECT_NE(damaged.error().message.find(path().string()), std::string::npos);
    }
    const auto nowhere = Database::open("/nonexistent/x.sqlite", {});
    ASSERT_FALSE(nowhere);
    EXPECT_EQ(code_of(nowhere), "database_missing");
}

TEST_F(DatabaseTest, a_wrong_statement_says_what_is_wrong) {
    Database database = made();
    const auto result = database.query("SELECT nothing FROM item");
    ASSERT_FALSE(result);
    EXPECT_EQ(code_of(result), "database_failed");
    EXPECT_NE(result.error().message.find("nothing"), std::string::npos);
    EXPECT_FALSE(database.query("SELECT ?", 1, 2)) << "a value without a place";
}

}  // namespace
}  // namespace imprint::sqlite
