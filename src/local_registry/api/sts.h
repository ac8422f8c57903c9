// The one operation of AWS STS that tools use to check their credentials: GetCallerIdentity.
// Source: AWS STS API reference; the query protocol: a form in, XML out.
#pragma once

#include <string_view>

#include "local_registry/api/api_error.h"
#include "local_registry/http/message.h"

namespace imprint::local_registry {

// By the headers alone: what is_sts_request may turn out to be.
[[nodiscard]] bool may_be_sts_request(const Request& head);
// A query-protocol request: POST or GET "/" with an Action.
[[nodiscard]] bool is_sts_request(const Request& request);
[[nodiscard]] Response answer_sts(const Request& request, std::string_view key_id,
                                  std::string_view request_id);
// The error with STS's own name for it.
[[nodiscard]] Response sts_error(const ApiError& error, std::string_view request_id);

}  // namespace imprint::local_registry
