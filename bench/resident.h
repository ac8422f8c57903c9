// How much memory a benchmark takes.
#pragma once

#include <fstream>

namespace imprint::bench {

// Resident, in KiB (proc(5), "statm").
[[nodiscard]] inline long resident() {
    std::ifstream file("/proc/self/statm");
    long whole = 0;
    long pages = 0;
    file >> whole >> pages;
    return pages * 4;
}

}  // namespace imprint::bench
