// Errors are values. A function that can fail for a reason outside the program returns Result<T>;
// exceptions are only for bugs. An Error says what failed, where, and what to do about it. Its kind
// determines the exit code of the process.
#pragma once

#include <algorithm>
#include <expected>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error_codes.h"

namespace imprint {

// The process exit code of a kind, as documented in docs/exit-codes.md.
[[nodiscard]] int exit_code(ErrorKind kind);
[[nodiscard]] std::string_view to_string(ErrorKind kind);

struct Error {
    ErrorKind kind = ErrorKind::config;
    // From error_table, for scripts: "port_busy". Or AWS IoT's own name of the error:
    // "ThrottlingException".
    std::string code;
    std::string message;               // one sentence for a person; never holds a secret
    std::string hint;                  // what to do about it; empty when there is nothing to say
    std::vector<std::string> context;  // innermost first: "reading fw/partitions.csv", "bay 3"

    // "bay 3: reading fw/partitions.csv: the message (the hint)"
    [[nodiscard]] std::string describe() const;
    // The same without the hint: what an event and the terminal show above it.
    [[nodiscard]] std::string reason() const;
    // What they show as the hint: the error's own, or else the usual one of its code.
    [[nodiscard]] std::string shown_hint() const;

    [[nodiscard]] bool is(ErrorCode which) const { return code == which.text(); }

    [[nodiscard]] bool is_any(std::initializer_list<ErrorCode> of) const {
        return std::ranges::any_of(of, [this](ErrorCode one) { return is(one); });
    }
};

template <typename T>
using Result = std::expected<T, Error>;

[[nodiscard]] inline Error make_error(ErrorKind kind, ErrorCode code, std::string message,
                                      std::string hint = {}) {
    return {kind, std::string(code.text()), std::move(message), std::move(hint), {}};
}

[[nodiscard]] inline std::unexpected<Error> fail(ErrorKind kind, ErrorCode code,
                                                 std::string message, std::string hint = {}) {
    return std::unexpected(make_error(kind, code, std::move(message), std::move(hint)));
}

// A refusal by AWS, under AWS's own name for it ("ThrottlingException"). Kind: registry.
[[nodiscard]] inline std::unexpected<Error> fail_as_aws(std::string name, std::string message,
                                                        std::string hint = {}) {
    return std::unexpected(
        Error{ErrorKind::registry, std::move(name), std::move(message), std::move(hint), {}});
}

// The same error with one more outer context.
[[nodiscard]] inline std::unexpected<Error> with_context(Error error, std::string context) {
    error.context.push_back(std::move(context));
    return std::unexpected(std::move(error));
}

}  // namespace imprint

// Early return for Result, in place of the and_then that g++ 12 lacks:
//   IMPRINT_TRY(auto table, parse(text));
//   IMPRINT_CHECK(port.write(frame));
#define IMPRINT_DETAIL_JOIN2(a, b) a##b
#define IMPRINT_DETAIL_JOIN(a, b) IMPRINT_DETAIL_JOIN2(a, b)
#define IMPRINT_DETAIL_TRY(tmp, declaration, ...)             \
    auto tmp = (__VA_ARGS__);                                 \
    if (!tmp) return std::unexpected(std::move(tmp).error()); \
    declaration = std::move(*tmp)
#define IMPRINT_TRY(declaration, ...) \
    IMPRINT_DETAIL_TRY(IMPRINT_DETAIL_JOIN(imprint_try_, __LINE__), declaration, __VA_ARGS__)
#define IMPRINT_CHECK(...)                                  \
    if (auto imprint_check = (__VA_ARGS__); !imprint_check) \
    return std::unexpected(std::move(imprint_check).error())
