// For the sources of the store: helpers for the rows of queries.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "sqlite/statement.h"

namespace imprint::local_registry {

// The first column of every row.
[[nodiscard]] inline Result<std::vector<std::string>> texts_of(sqlite::Statement rows) {
    std::vector<std::string> texts;
    for (;;) {
        IMPRINT_TRY(const bool more, rows.step());
        if (!more) return texts;
        texts.push_back(rows.text(0));
    }
}

// Converts every row with `record_of`.
template <typename RecordOf>
[[nodiscard]] auto records_of(sqlite::Statement rows, const RecordOf& record_of)
    -> Result<std::vector<decltype(record_of(rows))>> {
    std::vector<decltype(record_of(rows))> records;
    for (;;) {
        IMPRINT_TRY(const bool more, rows.step());
        if (!more) return records;
        records.push_back(record_of(rows));
    }
}

// The only row, or none.
template <typename RecordOf>
[[nodiscard]] auto record_if_any(sqlite::Statement rows, const RecordOf& record_of)
    -> Result<std::optional<decltype(record_of(rows))>> {
    IMPRINT_TRY(const bool found, rows.step());
    if (!found) return std::nullopt;
    return record_of(rows);
}

}  // namespace imprint::local_registry
