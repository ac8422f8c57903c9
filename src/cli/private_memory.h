// Boards' keys pass through this process's memory: what leaves it is looked after here.
#pragma once

namespace imprint::cli {

// No core files, no debugger of the same user, and whatever C++ or OpenSSL frees is wiped. To be
// called first of all. IMPRINT_DEBUG=1 in the environment leaves core files and debuggers alone.
void keep_memory_private();

}  // namespace imprint::cli
