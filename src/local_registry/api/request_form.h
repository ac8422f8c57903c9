// Rejects ambiguous requests before their signature is checked: what was signed must be what is
// executed. Signature Version 4 signs a path without its dot segments and doubled slashes, a query
// sorted by name, and headers of one name joined.
#pragma once

#include <string_view>

#include "http/message.h"
#include "local_registry/api/api_error.h"

namespace imprint::local_registry {

// Error: InvalidRequestException.
[[nodiscard]] Outcome<void> check_form(const http::Request& request);

// Whether a header can change the meaning of a request, and so must be signed and appear once:
// Host, and x-amz-… and x-amzn-…, some of which are members of inputs. The trace id is added by
// proxies, and no SDK signs it.
[[nodiscard]] bool decides(std::string_view lower_case_name);

}  // namespace imprint::local_registry
