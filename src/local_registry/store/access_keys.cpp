#include "local_registry/store/access_keys.h"

#include "local_registry/random.h"
#include "local_registry/store/rows.h"

namespace imprint::local_registry {

namespace {

AccessKey key_of(const sqlite::Statement& row) {
    return {.id = row.text(0),
            .secret = Secret(row.blob(1)),
            .session_token = Secret(row.blob(2)),
            .expires = row.optional_integer(3),
            .policy = row.text(4)};
}

}  // namespace

AccessKey make_access_key() {
    constexpr std::string_view id_letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    constexpr std::string_view secret_letters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    constexpr std::size_t id_length = 16;
    constexpr std::size_t secret_length = 40;
    return {.id = "AKIA" + std::string(random_text(id_letters, id_length).reveal_text()),
            .secret = random_text(secret_letters, secret_length),
            .session_token = {},
            .expires = {},
            .policy = {}};
}

Result<std::optional<AccessKey>> find_access_key(sqlite::Database& database,
                                                 const std::string& id) {
    IMPRINT_TRY(
        auto rows,
        database.query(
            "SELECT id, secret, session_token, expires, policy FROM access_key WHERE id = ?", id));
    return record_if_any(std::move(rows), key_of);
}

Result<std::optional<AccessKey>> first_access_key(sqlite::Database& database) {
    IMPRINT_TRY(auto rows,
                database.query("SELECT id, secret, session_token, expires, policy FROM access_key "
                               "WHERE session_token = '' AND expires IS NULL ORDER BY number"));
    return record_if_any(std::move(rows), key_of);
}

Result<void> insert_access_key(sqlite::Database& database, const AccessKey& key) {
    IMPRINT_CHECK(
        database.run("INSERT INTO access_key (id, secret, session_token, expires, policy) VALUES "
                     "(?, ?, ?, ?, ?)",
                     key.id, key.secret.reveal_text(), key.session_token.reveal_text(), key.expires,
                     key.policy));
    return {};
}

}  // namespace imprint::local_registry
