// What a booted app prints, from its thread to the board's.
#pragma once

#include <fmt/format.h>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/mutex.h"
#include "simulator/console.h"

namespace imprint::simulator {

inline constexpr std::string_view application_tag = "imprint";

// Thread-safe.
class SharedConsole {
  public:
    explicit SharedConsole(std::function<void()> wake) : wake_(std::move(wake)) {}

    template <typename... Args>
    void info(fmt::format_string<Args...> format, Args&&... args) {
        write([&](Console& console) {
            console.info(application_tag, format, std::forward<Args>(args)...);
        });
    }

    template <typename... Args>
    void warning(fmt::format_string<Args...> format, Args&&... args) {
        write([&](Console& console) {
            console.warning(application_tag, format, std::forward<Args>(args)...);
        });
    }

    template <typename... Args>
    void error(std::string_view from, fmt::format_string<Args...> format, Args&&... args) {
        write([&](Console& console) { console.error(from, format, std::forward<Args>(args)...); });
    }

    [[nodiscard]] std::string take() {
        const Lock lock(mutex_);
        return console_.take();
    }

    // Since the chip's reset.
    [[nodiscard]] Milliseconds uptime() const {
        return boot_time + std::chrono::duration_cast<Milliseconds>(clock_.now() - started_);
    }

  private:
    // A chip needs about this long from reset to its app's first line.
    static constexpr Milliseconds boot_time{620};

    template <typename Print>
    void write(Print&& print) {
        {
            const Lock lock(mutex_);
            console_.set_time(static_cast<std::uint32_t>(uptime().count()));
            std::forward<Print>(print)(console_);
        }
        wake_();
    }

    std::function<void()> wake_;
    SystemClock clock_;
    Instant started_ = clock_.now();
    Mutex mutex_;
    Console console_ IMPRINT_GUARDED_BY(mutex_);
};

}  // namespace imprint::simulator
