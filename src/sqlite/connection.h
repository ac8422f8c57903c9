// Shared by the sources of this layer: the handle, and the conversion of its failures to errors.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <sqlite3.h>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/error.h"

namespace imprint::sqlite {

struct CloseHandle {
    void operator()(sqlite3* handle) const noexcept { sqlite3_close_v2(handle); }
};

struct FinalizeStatement {
    void operator()(sqlite3_stmt* handle) const noexcept { sqlite3_finalize(handle); }
};

using Handle = std::unique_ptr<sqlite3, CloseHandle>;
using StatementHandle = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

// SQLite's callback while another connection has the file locked.
struct BusyWait {
    Milliseconds patience;
    Milliseconds tell_after;
    std::function<void(Milliseconds)> tell;
    std::chrono::steady_clock::time_point since = {};
    bool told = false;

    // Whether to retry. count: the retries so far, in this wait.
    [[nodiscard]] bool again(int count);
};

class Connection {
  public:
    Connection(Handle handle, std::string name, ErrorKind kind,
               std::unique_ptr<BusyWait> busy = {});

    [[nodiscard]] sqlite3* handle() const { return handle_.get(); }

    [[nodiscard]] const std::string& name() const { return name_; }

    [[nodiscard]] ErrorKind kind() const { return kind_; }

    // The last failure of this connection, or that of `code` if the connection has none.
    [[nodiscard]] std::unexpected<Error> failure(int code) const;

    // SQLite goes on writing to a file that was moved or removed: what it commits is found by
    // nobody. Error: database_moved.
    [[nodiscard]] Result<void> check_in_place() const;

    // Its content into a database of another connection: "main", or an attached one's name.
    [[nodiscard]] Result<void> copy_into(sqlite3* to, const char* schema);

    // Cached statements that are not in use, by their text.
    [[nodiscard]] StatementHandle take_idle(const std::string& sql);
    void give_idle(std::string sql, StatementHandle statement);

  private:
    std::unique_ptr<BusyWait> busy_;  // used by the handle, so destroyed after it
    Handle handle_;
    std::string name_;
    ErrorKind kind_;
    std::unordered_map<std::string, StatementHandle> idle_;
};

[[nodiscard]] std::unexpected<Error> failure_of(ErrorKind kind, const std::string& name, int code,
                                                std::string_view reason);

}  // namespace imprint::sqlite
