// Requests, a clock that is set by hand, and hashes that cost nothing.
#pragma once

#include <string>
#include <utility>

#include "base/clock.h"
#include "http/message.h"
#include "logins/passwords.h"

namespace imprint::logins::testing {

class SetClock final : public Clock {
  public:
    [[nodiscard]] Instant now() const override { return now_; }

    [[nodiscard]] WallTime wall() const override { return {}; }

    bool sleep(Milliseconds time, const std::stop_token& /*stop*/ = {}) override {
        now_ += time;
        return true;
    }

  private:
    Instant now_{std::chrono::hours(1)};
};

// The least that libsodium does.
constexpr HashCost cheap{.passes = 1, .memory = 8192};

// As a browser's own page at 127.0.0.1:7625 sends it.
inline http::Request get(std::string target) {
    return {.method = "GET",
            .target = std::move(target),
            .headers = {{"host", "127.0.0.1:7625"}, {"sec-fetch-site", "same-origin"}},
            .body = "",
            .peer = "127.0.0.1"};
}

inline http::Request post(std::string target, std::string body = "{}") {
    return {.method = "POST",
            .target = std::move(target),
            .headers = {{"host", "127.0.0.1:7625"},
                        {"origin", "http://127.0.0.1:7625"},
                        {"sec-fetch-site", "same-origin"},
                        {"content-type", "application/json"}},
            .body = std::move(body),
            .peer = "127.0.0.1"};
}

// With another value of a header, or without it.
inline http::Request with(http::Request request, std::string_view name, std::string value) {
    std::erase_if(request.headers, [&](const auto& field) { return field.first == name; });
    request.headers.emplace_back(name, std::move(value));
    return request;
}

inline http::Request without(http::Request request, std::string_view name) {
    std::erase_if(request.headers, [&](const auto& field) { return field.first == name; });
    return request;
}

// Empty: the answer has none of this name.
inline std::string header(const http::Response& response, std::string_view name) {
    return http::find_field(response.headers, name).value_or("");
}

}  // namespace imprint::logins::testing
