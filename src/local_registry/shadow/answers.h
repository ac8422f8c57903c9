// The shadow service's requests and answers as JSON texts, the same over MQTT and HTTPS.
// Sources: AWS IoT Core developer guide, "Device Shadow service documents" (the forms), "Device
// Shadow error messages" (codes and words).
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "base/error.h"
#include "local_registry/shadow/document.h"

namespace imprint::local_registry::shadow {

struct Refusal {
    int code = 500;  // of HTTP
    std::string message;
    std::string client_token;  // of the request; empty: it has none

    Refusal(int http_code, std::string text, std::string token = {})
        : code(http_code), message(std::move(text)), client_token(std::move(token)) {}

    // A failure of the store; its reason is for the log alone.
    Refusal(const Error& error)  // NOLINT(google-explicit-constructor): for IMPRINT_TRY
        : message("Internal service failure"), reason(error.describe()) {}

    std::string reason;  // for the log; empty: the message says all
};

template <typename T>
using Outcome = std::expected<T, Refusal>;

struct Update {
    Document after;
    std::string accepted;
    std::string delta;  // empty: nothing differs, and no message goes out
    std::string documents;
};

// `before` as it is stored; `seconds` since 1970. Refusals: 400, 409 (another version than the
// request's), 413, 415.
[[nodiscard]] Outcome<Update> update(const Document& before, std::string_view payload,
                                     std::int64_t seconds);
// `shown_name`: of the shadow, or of the thing where it has none. Refusals: 404; 400: the client
// token; whatever else the payload is does not matter.
[[nodiscard]] Outcome<std::string> get(const Document& document, std::string_view payload,
                                       std::string_view shown_name, std::int64_t seconds);
// What is said of a deletion; the caller deletes. Refusals: as of get.
[[nodiscard]] Outcome<std::string> remove(const Document& document, std::string_view payload,
                                          std::string_view shown_name, std::int64_t seconds);

// {"code", "message", "timestamp", "clientToken"}
[[nodiscard]] std::string rejected(const Refusal& refusal, std::int64_t seconds);

}  // namespace imprint::local_registry::shadow
