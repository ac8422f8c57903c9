// Errors as the station's API answers them (docs/api.md).
#pragma once

#include "base/error.h"
#include "http/message.h"

namespace imprint::logins {

// {"code": …, "reason": …, "mend": …}
[[nodiscard]] http::Response error_answer(int status, const Error& error);

}  // namespace imprint::logins
