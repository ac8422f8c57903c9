#include "base/log.h"

namespace imprint {

std::string_view to_string(LogLevel level) {
    switch (level) {
        case LogLevel::debug:
            return "debug";
        case LogLevel::info:
            return "info";
        case LogLevel::warning:
            return "warning";
        case LogLevel::error:
            return "error";
    }
    return "info";
}

void Log::write(LogLevel level, std::string_view line) const {
    if (sink_) sink_(level, line);
}

Log Log::with_prefix(std::string prefix) const {
    if (!sink_) return {};
    return Log([sink = sink_, prefix = std::move(prefix)](LogLevel level, std::string_view line) {
        sink(level, prefix + ": " + std::string(line));
    });
}

}  // namespace imprint
