// A request that can be read in two ways is refused before its signature is looked at: what was
// signed has to be what is carried out. Signature Version 4 signs a path without its dot segments
// and doubled slashes, a query in the order of its names, and headers of one name joined.
#pragma once

#include <string_view>

#include "http/message.h"
#include "local_registry/api/api_error.h"

namespace imprint::local_registry {

// Error: InvalidRequestException.
[[nodiscard]] Outcome<void> check_form(const http::Request& request);

// Whether a header has a part in what a request means, and so has to be signed and to come once:
// Host, and x-amz-… and x-amzn-…, among which the API has members of inputs. The trace id is a
// proxy's to add, and no SDK signs it.
[[nodiscard]] bool decides(std::string_view lower_case_name);

}  // namespace imprint::local_registry
