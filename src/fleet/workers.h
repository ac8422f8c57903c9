// The same work by several threads at once, for this layer's own sources.
#pragma once

#include <thread>
#include <vector>

namespace imprint::fleet {

// Returns once all have. work is called from each of them, and from the caller's.
template <typename Work>
void run_workers(unsigned count, const Work& work) {
    std::vector<std::jthread> threads;
    for (unsigned i = 1; i < count; ++i)
        threads.emplace_back(work);
    work();
}

}  // namespace imprint::fleet
