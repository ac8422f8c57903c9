#include <fmt/format.h>

#include "sqlite/connection.h"
#include "sqlite/database.h"

namespace imprint::sqlite {

namespace {

Result<std::int64_t> pragma(Database& database, std::string_view name) {
    IMPRINT_TRY(auto rows, database.query(fmt::format("PRAGMA {}", name)));
    IMPRINT_TRY(const bool row, rows.step());
    return row ? rows.integer(0) : 0;
}

std::unexpected<Error> foreign(ErrorKind kind, const std::string& name, std::int64_t owner) {
    return fail(kind, "database_foreign",
                fmt::format("{} is another program's database (application id {:#x})", name, owner),
                "name another file");
}

std::unexpected<Error> newer(ErrorKind kind, const std::string& name, std::int64_t version,
                             std::int64_t newest) {
    return fail(
        kind, "database_newer",
        fmt::format("{} has schema version {}; this program knows up to {}", name, version, newest),
        "use the newer program that made it");
}

}  // namespace

Result<std::int64_t> Database::schema_version() {
    return pragma(*this, "user_version");
}

Result<void> Database::check(const Schema& schema) {
    const auto newest = static_cast<std::int64_t>(schema.steps.size());
    IMPRINT_TRY(const std::int64_t version, schema_version());
    IMPRINT_TRY(const std::int64_t owner, pragma(*this, "application_id"));
    if (schema.application_id != 0 && owner != schema.application_id)
        return foreign(connection_->kind(), connection_->name(), owner);
    if (version > newest) return newer(connection_->kind(), connection_->name(), version, newest);
    if (version < newest)
        return fail(connection_->kind(), "database_older",
                    fmt::format("{} has schema version {}, and is only to be read",
                                connection_->name(), version),
                    "open it for writing once");
    return {};
}

Result<void> Database::migrate(const Schema& schema) {
    const auto newest = static_cast<std::int64_t>(schema.steps.size());
    for (;;) {
        // Read inside the transaction: another process may just have done this step.
        IMPRINT_TRY(auto step, Transaction::begin(*this));
        IMPRINT_TRY(const std::int64_t version, schema_version());
        IMPRINT_TRY(const std::int64_t owner, pragma(*this, "application_id"));
        if (schema.application_id != 0 && owner != schema.application_id &&
            (owner != 0 || version != 0))
            return foreign(connection_->kind(), connection_->name(), owner);
        if (version > newest)
            return newer(connection_->kind(), connection_->name(), version, newest);
        if (version == newest) return {};
        if (version == 0 && schema.application_id != 0)
            IMPRINT_CHECK(exec(fmt::format("PRAGMA application_id = {}", schema.application_id)));
        IMPRINT_CHECK(exec(schema.steps[static_cast<std::size_t>(version)]));
        IMPRINT_CHECK(exec(fmt::format("PRAGMA user_version = {}", version + 1)));
        IMPRINT_CHECK(step.commit());
    }
}

}  // namespace imprint::sqlite
