#include <cstdio>
#include <exception>

#include "base/version.h"
#include "cli/private_memory.h"
#include "cli/program.h"

int main(int argc, char** argv) {
    imprint::cli::keep_memory_private();
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
