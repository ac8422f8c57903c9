#include "sqlite/statement.h"

#include "sqlite/connection.h"

namespace imprint::sqlite {

Statement::Statement(Connection& connection, sqlite3_stmt* handle, std::string sql)
    : connection_(&connection), handle_(handle), sql_(std::move(sql)) {}

Statement::Statement(Statement&& other) noexcept
    : connection_(other.connection_),
      handle_(std::exchange(other.handle_, nullptr)),
      sql_(std::move(other.sql_)) {}

Statement::~Statement() {
    if (handle_ != nullptr) connection_->give_idle(std::move(sql_), StatementHandle(handle_));
}

Result<void> Statement::check(int code) const {
    if (code != SQLITE_OK) return connection_->failure(code);
    return {};
}

Result<void> Statement::bind_integer(int index, std::int64_t value) {
    return check(sqlite3_bind_int64(handle_, index, value));
}

Result<void> Statement::bind_real(int index, double value) {
    return check(sqlite3_bind_double(handle_, index, value));
}

// A null pointer would bind NULL: empty text and empty blobs are values.
Result<void> Statement::bind_text(int index, std::string_view value) {
    return check(sqlite3_bind_text64(handle_, index, value.empty() ? "" : value.data(),
                                     value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

Result<void> Statement::bind_blob(int index, ByteView value) {
    if (value.empty()) return check(sqlite3_bind_zeroblob(handle_, index, 0));
    return check(sqlite3_bind_blob64(handle_, index, value.data(), value.size(), SQLITE_TRANSIENT));
}

Result<void> Statement::bind_null(int index) {
    return check(sqlite3_bind_null(handle_, index));
}

Result<bool> Statement::step() {
    const int code = sqlite3_step(handle_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    auto failed = connection_->failure(code);
    sqlite3_reset(handle_);
    return failed;
}

void Statement::reset() {
    sqlite3_reset(handle_);
}

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(handle_, column);
}

double Statement::real(int column) const {
    return sqlite3_column_double(handle_, column);
}

std::string Statement::text(int column) const {
    const auto* text = sqlite3_column_text(handle_, column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_, column));
    return text == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(text), size);
}

Bytes Statement::blob(int column) const {
    const auto* bytes = static_cast<const std::uint8_t*>(sqlite3_column_blob(handle_, column));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_, column));
    return bytes == nullptr ? Bytes() : Bytes(bytes, bytes + size);
}

bool Statement::is_null(int column) const {
    return sqlite3_column_type(handle_, column) == SQLITE_NULL;
}

std::optional<std::int64_t> Statement::optional_integer(int column) const {
    return is_null(column) ? std::nullopt : std::optional(integer(column));
}

std::optional<std::string> Statement::optional_text(int column) const {
    return is_null(column) ? std::nullopt : std::optional(text(column));
}

}  // namespace imprint::sqlite
