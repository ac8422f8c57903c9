// A fuzz target: given any bytes, it must neither crash nor break what it requires. Built for
// libFuzzer by `make fuzz`, and as a replay of its corpus for the tests.
#pragma once

#include <cstdlib>

#include "base/bytes.h"

namespace imprint::fuzz {

void run(ByteView input);

inline void require(bool holds) {
    if (!holds) std::abort();
}

}  // namespace imprint::fuzz
