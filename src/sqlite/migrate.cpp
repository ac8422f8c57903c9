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

}  // namespace

Result<std::int64_t> Database::schema_version() {
    return pragma(*this, "user_version");
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
            return fail(connection_->kind(), "database_foreign",
                        fmt::format("{} is another program's database (application id {:#x})",
                                    connection_->name(), owner),
                        "name another file");
        if (version > newest)
            return fail(connection_->kind(), "database_newer",
                        fmt::format("{} has schema version {}; this program knows up to {}",
                                    connection_->name(), version, newest),
                        "use the newer program that made it");
        if (version == newest) return {};
        if (version == 0 && schema.application_id != 0)
            IMPRINT_CHECK(exec(fmt::format("PRAGMA application_id = {}", schema.application_id)));
        IMPRINT_CHECK(exec(schema.steps[static_cast<std::size_t>(version)]));
        IMPRINT_CHECK(exec(fmt::format("PRAGMA user_version = {}", version + 1)));
        IMPRINT_CHECK(step.commit());
    }
}

}  // namespace imprint::sqlite
