#include <array>
#include <fmt/format.h>

#include "sqlite/connection.h"

namespace imprint::sqlite {

namespace {

struct Meaning {
    int code;  // SQLite's primary result code
    ErrorCode slug;
    std::string_view hint;
};

constexpr std::array meanings{
    Meaning{SQLITE_BUSY, "database_busy", "another program holds it: wait, or stop that program"},
    Meaning{SQLITE_LOCKED, "database_busy", "another program holds it: wait, or stop that program"},
    Meaning{SQLITE_CORRUPT, "database_damaged", "restore the file from a copy"},
    Meaning{SQLITE_NOTADB, "database_damaged", "restore the file from a copy"},
    Meaning{SQLITE_FULL, "database_full", "make room on the disk"},
    Meaning{SQLITE_READONLY, "database_read_only", "make the file and its folder writable"},
    Meaning{SQLITE_CANTOPEN, "database_unopenable",
            "check that the folder exists and that the file is yours"},
    Meaning{SQLITE_PERM, "database_unopenable",
            "check that the folder exists and that the file is yours"},
    Meaning{SQLITE_CONSTRAINT, "database_constraint", ""},
};

}  // namespace

std::unexpected<Error> failure_of(ErrorKind kind, const std::string& name, int code,
                                  std::string_view reason) {
    constexpr int primary = 0xFF;
    const std::string message =
        fmt::format("the database {} failed: {} (SQLite code {})", name, reason, code);
    for (const auto& meaning : meanings)
        if (meaning.code == (code & primary))
            return fail(kind, meaning.slug, message, std::string(meaning.hint));
    return fail(kind, "database_failed", message);
}

}  // namespace imprint::sqlite
