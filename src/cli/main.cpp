#include <cstdio>
#include <exception>
#include <malloc.h>

#include "base/version.h"
#include "cli/private_memory.h"
#include "cli/program.h"

namespace {

// A station runs for months, and each of its boards has buffers of megabytes on a thread of its
// own. By itself glibc keeps them in as many arenas as there are threads, and never gives them back
// (mallopt(3)): in a day of 32 bays memory grew by a third.
void give_memory_back() {
    constexpr int large = 256 * 1024;  // bytes: these are mapped, and unmapped once they are free
    constexpr int arenas = 4;
    mallopt(M_MMAP_THRESHOLD, large);
    mallopt(M_ARENA_MAX, arenas);
}

}  // namespace

int main(int argc, char** argv) {
    imprint::cli::keep_memory_private();
    give_memory_back();
    try {
        return imprint::cli::run({argv + 1, argv + argc});
    } catch (const std::exception& bug) {
        // Errors are values: what arrives here was not foreseen.
        static_cast<void>(std::fprintf(
            stderr,
            "error: a bug in Imprint %.*s: %s\n  hint: please report it, with the command line and "
            "what `imprint -v …` shows\n",
            static_cast<int>(imprint::version.size()), imprint::version.data(), bug.what()));
        return 70;
    }
}
