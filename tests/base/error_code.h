// The code of a result's error, for tests: of one that has none it says so, where error() on a
// value would crash the whole program.
#pragma once

#include <string>

#include "base/error.h"

namespace imprint {

template <typename T>
[[nodiscard]] std::string code_of(const Result<T>& result) {
    return result ? std::string("(no error)") : result.error().code;
}

}  // namespace imprint
