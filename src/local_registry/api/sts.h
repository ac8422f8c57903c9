// The one operation of AWS STS that tools use to check their credentials: GetCallerIdentity.
// Source: AWS STS API reference; the query protocol: a form in, XML out.
#pragma once

#include <string_view>

#include "http/message.h"
#include "local_registry/api/api_error.h"

namespace imprint::local_registry {

// By the headers alone: whether is_sts_request may return true.
[[nodiscard]] bool may_be_sts_request(const http::Request& head);
// A query-protocol request: POST or GET "/" with an Action.
[[nodiscard]] bool is_sts_request(const http::Request& request);
[[nodiscard]] http::Response answer_sts(const http::Request& request, std::string_view key_id,
                                        std::string_view request_id, std::string_view region);
// The error with STS's own name for it.
[[nodiscard]] http::Response sts_error(const ApiError& error, std::string_view request_id);

}  // namespace imprint::local_registry
