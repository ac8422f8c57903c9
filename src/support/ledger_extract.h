// What a report has of the ledger: its state, and the last runs. No certificate, and no key: a
// ledger has none.
#pragma once

#include <cstddef>
#include <filesystem>

#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "ledger/ledger.h"
#include "support/pseudonyms.h"

namespace imprint::support {

// A station that works holds its ledger for milliseconds.
inline constexpr Milliseconds ledger_patience{2000};

// {"path", "version", "bytes", "rows": {…}, "damage"}, or {"path", "error"}.
[[nodiscard]] nlohmann::ordered_json ledger_state(const std::filesystem::path& path);

// The newest runs first, each with its attempts and effects: at most 2000 of either, and what is
// left out is said. names gets what the records tell of boards, people and places.
[[nodiscard]] Result<nlohmann::ordered_json> last_runs(ledger::Reports& ledger, std::size_t runs,
                                                       Pseudonyms& names);

}  // namespace imprint::support
