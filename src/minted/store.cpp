#include "minted/store.h"

#include <array>
#include <fmt/format.h>
#include <system_error>
#include <utility>

#include "base/files.h"
#include "base/git.h"
#include "base/mutex.h"
#include "sqlite/database.h"

namespace imprint::minted {

namespace {

constexpr std::string_view step_1 = R"sql(
CREATE TABLE identities (
    number          INTEGER PRIMARY KEY,
    thing           TEXT NOT NULL UNIQUE,
    mac             TEXT NOT NULL DEFAULT '',
    certificate_id  TEXT NOT NULL,
    certificate_pem TEXT NOT NULL,
    private_key_pem TEXT NOT NULL,
    registered      INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX identities_unregistered ON identities(number) WHERE registered = 0;
)sql";
// taken: the MAC of the board that has it.
constexpr std::string_view step_2 = R"sql(
ALTER TABLE identities ADD COLUMN taken TEXT NOT NULL DEFAULT '';
CREATE INDEX identities_free ON identities(number) WHERE taken = '';
CREATE INDEX identities_taken ON identities(taken, number) WHERE taken != '';
CREATE INDEX identities_mac ON identities(mac) WHERE mac != '';
)sql";
constexpr std::array<std::string_view, 2> steps = {step_1, step_2};
// "Mint" in ASCII.
constexpr sqlite::Schema schema{0x4D696E74, steps};

constexpr const char* file_name = "identities.sqlite";

constexpr const char* columns =
    "number, thing, mac, certificate_id, certificate_pem, private_key_pem, registered";

MintedIdentity identity_of(const sqlite::Statement& row) {
    MintedIdentity identity;
    identity.number = row.integer(0);
    identity.thing = row.text(1);
    identity.mac = row.text(2);
    identity.certificate_id = row.text(3);
    identity.certificate_pem = row.text(4);
    std::string key(row.text(5));
    identity.private_key_pem = Secret(std::string_view(key));
    wipe(key);
    identity.registered = row.boolean(6);
    return identity;
}

}  // namespace

class MintedStore::State {
  public:
    State(std::filesystem::path path, sqlite::Database opened)
        : file(std::move(path)), database(std::move(opened)) {}

    // What a row was rewritten in stays with the connection, with the key that is in the row: only
    // another one knows nothing of it. Opened before the former goes, which then leaves the log be.
    [[nodiscard]] Result<void> begin_anew() IMPRINT_REQUIRES(mutex) {
        IMPRINT_TRY(auto another, sqlite::Database::open(file, {}));
        database = std::move(another);
        return {};
    }

    const std::filesystem::path file;
    Mutex mutex;
    sqlite::Database database IMPRINT_GUARDED_BY(mutex);
};

// One at a time, and nothing of what was read stays: it is keys.
class IMPRINT_SCOPED_CAPABILITY MintedStore::Turn {
  public:
    explicit Turn(State& state) IMPRINT_ACQUIRE(state.mutex) : state_(state) { state.mutex.lock(); }

    ~Turn() IMPRINT_RELEASE() {
        state_.database.forget();
        state_.mutex.unlock();
    }

    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    Turn(Turn&&) = delete;
    Turn& operator=(Turn&&) = delete;

  private:
    State& state_;
};

MintedStore::MintedStore(std::unique_ptr<State> state) : state_(std::move(state)) {}

MintedStore::MintedStore(MintedStore&&) noexcept = default;
MintedStore& MintedStore::operator=(MintedStore&&) noexcept = default;
MintedStore::~MintedStore() = default;

Result<MintedStore> MintedStore::open(const std::filesystem::path& folder) {
    IMPRINT_CHECK(keep_out_of_git({folder, "the folder of minted keys", true}));
    IMPRINT_CHECK(make_own_directory(folder));
    IMPRINT_TRY(auto database, sqlite::Database::open(folder / file_name, {}));
    IMPRINT_CHECK(database.migrate(schema));
    return MintedStore(std::make_unique<State>(folder / file_name, std::move(database)));
}

bool MintedStore::is_in(const std::filesystem::path& folder) {
    std::error_code failed;
    return std::filesystem::exists(folder / file_name, failed);
}

Result<MintedStore> MintedStore::open_existing(const std::filesystem::path& folder) {
    if (!is_in(folder))
        return fail(ErrorKind::config, "minted_missing",
                    fmt::format("there are no minted identities in {}", folder.string()),
                    "imprint registry mint makes them");
    return open(folder);
}

Result<void> MintedStore::add(std::span<const MintedIdentity> identities) {
    const Turn turn(*state_);
    return state_->database.transaction([&]() IMPRINT_REQUIRES(state_->mutex) -> Result<void> {
        for (const auto& one : identities)
            IMPRINT_CHECK(state_->database.run(
                "INSERT INTO identities (number, thing, mac, certificate_id, certificate_pem, "
                "private_key_pem) VALUES (?, ?, ?, ?, ?, ?)",
                one.number, one.thing, one.mac, one.certificate_id, one.certificate_pem,
                one.private_key_pem.reveal_text()));
        return {};
    });
}

namespace {

Result<std::int64_t> number_of(sqlite::Database& database, std::string_view sql) {
    IMPRINT_TRY(sqlite::Statement row, database.query(sql));
    IMPRINT_CHECK(row.step());
    return row.integer(0);
}

}  // namespace

Result<std::int64_t> MintedStore::count() {
    const Turn turn(*state_);
    return number_of(state_->database, "SELECT COALESCE(MAX(number), 0) FROM identities");
}

Result<std::int64_t> MintedStore::count_unregistered() {
    const Turn turn(*state_);
    return number_of(state_->database, "SELECT COUNT(*) FROM identities WHERE registered = 0");
}

Result<bool> MintedStore::has(const std::string& thing) {
    const Turn turn(*state_);
    IMPRINT_TRY(sqlite::Statement row,
                state_->database.query("SELECT 1 FROM identities WHERE thing = ?", thing));
    return row.step();
}

Result<std::vector<MintedIdentity>> MintedStore::page(std::int64_t after, std::size_t most,
                                                      bool unregistered) {
    const Turn turn(*state_);
    IMPRINT_TRY(
        sqlite::Statement rows,
        state_->database.query(fmt::format("SELECT {} FROM identities WHERE number > ? {} "
                                           "ORDER BY number LIMIT ?",
                                           columns, unregistered ? "AND registered = 0" : ""),
                               after, most));
    std::vector<MintedIdentity> found;
    for (;;) {
        IMPRINT_TRY(const bool more, rows.step());
        if (!more) return found;
        found.push_back(identity_of(rows));
    }
}

Result<void> MintedStore::registered(std::int64_t number) {
    const Turn turn(*state_);
    IMPRINT_CHECK(
        state_->database.run("UPDATE identities SET registered = 1 WHERE number = ?", number));
    return {};
}

Result<std::optional<MintedIdentity>> MintedStore::take(const std::string& mac, bool another) {
    const Turn turn(*state_);
    sqlite::Database& database = state_->database;
    const auto first = [&](std::string_view condition, const auto&... values) IMPRINT_REQUIRES(
                           state_->mutex) -> Result<std::optional<MintedIdentity>> {
        IMPRINT_TRY(sqlite::Statement rows,
                    database.query(fmt::format("SELECT {} FROM identities WHERE {} LIMIT 1",
                                               columns, condition),
                                   values...));
        IMPRINT_TRY(const bool is_there, rows.step());
        if (!is_there) return std::nullopt;
        return identity_of(rows);
    };
    auto taken = database.transaction(
        [&]() IMPRINT_REQUIRES(state_->mutex) -> Result<std::optional<MintedIdentity>> {
            std::optional<MintedIdentity> found;
            if (!another) {
                IMPRINT_TRY(found, first("taken = ? ORDER BY number DESC", mac));
            }
            if (found) return found;
            IMPRINT_TRY(found, first("mac = ? AND taken = ''", mac));
            if (!found) {
                IMPRINT_TRY(found, first("taken = '' AND mac = '' ORDER BY number"));
            }
            if (found)
                IMPRINT_CHECK(database.run("UPDATE identities SET taken = ? WHERE number = ?", mac,
                                           found->number));
            return found;
        });
    if (taken && *taken) IMPRINT_CHECK(state_->begin_anew());
    return taken;
}

Result<std::int64_t> MintedStore::count_free() {
    const Turn turn(*state_);
    return number_of(state_->database, "SELECT COUNT(*) FROM identities WHERE taken = ''");
}

Result<MintedStore::Sizes> MintedStore::largest() {
    const Turn turn(*state_);
    IMPRINT_TRY(
        sqlite::Statement row,
        state_->database.query("SELECT COALESCE(MAX(LENGTH(certificate_pem)), 0), "
                               "COALESCE(MAX(LENGTH(private_key_pem)), 0) FROM identities"));
    IMPRINT_CHECK(row.step());
    return Sizes{.certificate = static_cast<std::size_t>(row.integer(0)),
                 .key = static_cast<std::size_t>(row.integer(1))};
}

Result<void> MintedStore::each(const std::function<bool(const MintedIdentity&)>& visit) {
    constexpr std::size_t most = 500;
    for (std::int64_t last = 0;;) {
        IMPRINT_TRY(const auto found, page(last, most));
        if (found.empty()) return {};
        for (const auto& one : found)
            if (!visit(one)) return {};
        last = found.back().number;
    }
}

}  // namespace imprint::minted
