// What somebody types at a bench where boards come and go, a line each; a scanner types too.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string_view>

#include "station/bench.h"

namespace imprint::cli {

// "" or "start": all bays; "bay3": its start key; "again bay3", "stop bay3", "off bay3", "on bay3";
// the verb alone means all bays. Nothing: more than two words.
[[nodiscard]] std::optional<station::BenchKey> read_bench_key(std::string_view line);

// Reads lines until the input ends, or a stop.
void read_lines(int fd, const std::function<void(std::string_view)>& on_line,
                const std::stop_token& stop);

}  // namespace imprint::cli
