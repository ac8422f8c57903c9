// An error as a person reads it, for tests; of a result without one it says so.
#pragma once

#include <string>

#include "base/error.h"

namespace imprint::label {

template <typename T>
[[nodiscard]] std::string told(const Result<T>& result) {
    return result ? std::string("(no error)") : result.error().describe();
}

}  // namespace imprint::label
