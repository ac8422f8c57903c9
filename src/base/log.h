// Log lines go where the caller of the layer decides. They never contain a secret.
#pragma once

#include <fmt/format.h>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace imprint {

enum class LogLevel { debug, info, warning, error };
[[nodiscard]] std::string_view to_string(LogLevel level);

// Cheap to copy and to pass down. Without a sink it is silent. The sink is called from any thread.
class Log {
  public:
    using Sink = std::function<void(LogLevel, std::string_view)>;
    Log() = default;

    explicit Log(Sink sink) : sink_(std::move(sink)) {}

    template <typename... Args>
    void debug(fmt::format_string<Args...> format, Args&&... args) const {
        write(LogLevel::debug, fmt::format(format, std::forward<Args>(args)...));
    }

    template <typename... Args>
    void info(fmt::format_string<Args...> format, Args&&... args) const {
        write(LogLevel::info, fmt::format(format, std::forward<Args>(args)...));
    }

    template <typename... Args>
    void warning(fmt::format_string<Args...> format, Args&&... args) const {
        write(LogLevel::warning, fmt::format(format, std::forward<Args>(args)...));
    }

    void warnings(const std::vector<std::string>& lines) const {
        for (const auto& line : lines)
            write(LogLevel::warning, line);
    }

    // The same log with "bay 3: " before each line.
    [[nodiscard]] Log with_prefix(std::string prefix) const;

  private:
    void write(LogLevel level, std::string_view line) const;
    Sink sink_;
};

}  // namespace imprint
