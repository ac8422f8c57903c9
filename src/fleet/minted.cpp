#include "fleet/minted.h"

#include <array>
#include <fmt/format.h>
#include <mutex>
#include <system_error>
#include <utility>

#include "base/files.h"
#include "sqlite/database.h"

namespace imprint::fleet {

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
constexpr std::array<std::string_view, 1> steps = {step_1};
// "Mint" in ASCII.
constexpr sqlite::Schema schema{0x4D696E74, steps};

constexpr const char* file_name = "identities.sqlite";

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

class MintedStore::Store {
  public:
    explicit Store(sqlite::Database opened) : database(std::move(opened)) {}

    std::mutex mutex;
    sqlite::Database database;
};

MintedStore::MintedStore(std::unique_ptr<Store> store) : store_(std::move(store)) {}

MintedStore::MintedStore(MintedStore&&) noexcept = default;
MintedStore& MintedStore::operator=(MintedStore&&) noexcept = default;
MintedStore::~MintedStore() = default;

Result<MintedStore> MintedStore::open(const std::filesystem::path& folder) {
    IMPRINT_CHECK(make_private_directory(folder));
    IMPRINT_TRY(auto database, sqlite::Database::open(folder / file_name, {}));
    IMPRINT_CHECK(database.migrate(schema));
    return MintedStore(std::make_unique<Store>(std::move(database)));
}

Result<MintedStore> MintedStore::open_existing(const std::filesystem::path& folder) {
    std::error_code failed;
    if (!std::filesystem::exists(folder / file_name, failed))
        return fail(ErrorKind::config, "minted_missing",
                    fmt::format("there are no minted identities in {}", folder.string()),
                    "imprint registry mint makes them");
    return open(folder);
}

Result<void> MintedStore::add(std::span<const MintedIdentity> identities) {
    const std::lock_guard lock(store_->mutex);
    return store_->database.transaction([&]() -> Result<void> {
        for (const auto& one : identities)
            IMPRINT_CHECK(store_->database.run(
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
    const std::lock_guard lock(store_->mutex);
    return number_of(store_->database, "SELECT COALESCE(MAX(number), 0) FROM identities");
}

Result<std::int64_t> MintedStore::count_unregistered() {
    const std::lock_guard lock(store_->mutex);
    return number_of(store_->database, "SELECT COUNT(*) FROM identities WHERE registered = 0");
}

Result<bool> MintedStore::has(const std::string& thing) {
    const std::lock_guard lock(store_->mutex);
    IMPRINT_TRY(sqlite::Statement row,
                store_->database.query("SELECT 1 FROM identities WHERE thing = ?", thing));
    return row.step();
}

Result<std::vector<MintedIdentity>> MintedStore::page(std::int64_t after, std::size_t most,
                                                      bool unregistered) {
    const std::lock_guard lock(store_->mutex);
    IMPRINT_TRY(sqlite::Statement rows,
                store_->database.query(
                    fmt::format("SELECT number, thing, mac, certificate_id, certificate_pem, "
                                "private_key_pem, registered FROM identities WHERE number > ? {} "
                                "ORDER BY number LIMIT ?",
                                unregistered ? "AND registered = 0" : ""),
                    after, most));
    std::vector<MintedIdentity> found;
    for (;;) {
        IMPRINT_TRY(const bool more, rows.step());
        if (!more) return found;
        found.push_back(identity_of(rows));
    }
}

Result<void> MintedStore::registered(std::int64_t number) {
    const std::lock_guard lock(store_->mutex);
    IMPRINT_CHECK(
        store_->database.run("UPDATE identities SET registered = 1 WHERE number = ?", number));
    return {};
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

}  // namespace imprint::fleet
