// ESP-IDF's log lines: "I (312) boot: text". Time is the firmware's own, in milliseconds.
#pragma once

#include <cstdint>
#include <fmt/format.h>
#include <string>
#include <utility>

namespace imprint::simulator {

class Console {
  public:
    explicit Console(std::uint32_t start_ms = 0) : now_ms_(start_ms) {}

    template <typename... Args>
    void info(std::string_view tag, fmt::format_string<Args...> format, Args&&... args) {
        line('I', tag, fmt::format(format, std::forward<Args>(args)...));
    }

    template <typename... Args>
    void warning(std::string_view tag, fmt::format_string<Args...> format, Args&&... args) {
        line('W', tag, fmt::format(format, std::forward<Args>(args)...));
    }

    template <typename... Args>
    void error(std::string_view tag, fmt::format_string<Args...> format, Args&&... args) {
        line('E', tag, fmt::format(format, std::forward<Args>(args)...));
    }

    void raw(std::string_view text) { text_ += text; }

    void set_time(std::uint32_t now_ms) { now_ms_ = now_ms; }

    [[nodiscard]] std::string take() { return std::exchange(text_, {}); }

  private:
    void line(char level, std::string_view tag, std::string_view text) {
        text_ += fmt::format("{} ({}) {}: {}\r\n", level, now_ms_, tag, text);
        // The time to print the line at 115200 baud.
        now_ms_ += static_cast<std::uint32_t>((tag.size() + text.size() + 12) * 10 / 115) + 1;
    }

    std::uint32_t now_ms_;
    std::string text_;
};

}  // namespace imprint::simulator
