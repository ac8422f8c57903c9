// A prepared statement with its values and rows.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/bytes.h"
#include "base/error.h"

// sqlite3.h stays in this layer's sources.
struct sqlite3_stmt;

namespace imprint::sqlite {

class Connection;

// Indexes of values start at 1, and those of columns at 0, as in SQLite.
class Statement {
  public:
    Statement(Statement&& other) noexcept;
    Statement& operator=(Statement&&) = delete;
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;
    ~Statement();

    // Values are copied.
    [[nodiscard]] Result<void> bind_integer(int index, std::int64_t value);
    [[nodiscard]] Result<void> bind_real(int index, double value);
    [[nodiscard]] Result<void> bind_text(int index, std::string_view value);
    [[nodiscard]] Result<void> bind_blob(int index, ByteView value);
    [[nodiscard]] Result<void> bind_null(int index);

    // By the value's own type: whole numbers and bool, double, text, Bytes, nullptr, and optional
    // of these (nullopt: NULL).
    template <typename Value>
    [[nodiscard]] Result<void> bind(int index, const Value& value) {
        if constexpr (std::is_same_v<Value, std::nullptr_t>) {
            return bind_null(index);
        } else if constexpr (std::integral<Value>) {
            return bind_integer(index, static_cast<std::int64_t>(value));
        } else if constexpr (std::floating_point<Value>) {
            return bind_real(index, value);
        } else if constexpr (std::convertible_to<const Value&, std::string_view>) {
            return bind_text(index, value);
        } else if constexpr (std::convertible_to<const Value&, ByteView>) {
            return bind_blob(index, value);
        } else {
            return value.has_value() ? bind(index, *value) : bind_null(index);
        }
    }

    // Binds the values in order, from index 1.
    template <typename... Values>
    [[nodiscard]] Result<void> bind_all(const Values&... values) {
        Result<void> result;
        int index = 0;
        static_cast<void>(((result = bind(++index, values)).has_value() && ...));
        return result;
    }

    // True: there is a row to read. False: the statement has run to its end.
    [[nodiscard]] Result<bool> step();
    // Ready to run again; the values stay.
    void reset();

    [[nodiscard]] std::int64_t integer(int column) const;

    [[nodiscard]] bool boolean(int column) const { return integer(column) != 0; }

    [[nodiscard]] double real(int column) const;
    [[nodiscard]] std::string text(int column) const;
    [[nodiscard]] Bytes blob(int column) const;
    [[nodiscard]] bool is_null(int column) const;
    [[nodiscard]] std::optional<std::int64_t> optional_integer(int column) const;
    [[nodiscard]] std::optional<std::string> optional_text(int column) const;

  private:
    friend class Database;
    Statement(Connection& connection, sqlite3_stmt* handle, std::string sql);
    [[nodiscard]] Result<void> check(int code) const;

    Connection* connection_;
    sqlite3_stmt* handle_;
    std::string sql_;
};

}  // namespace imprint::sqlite
