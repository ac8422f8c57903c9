// Boards' keys pass through this process's memory: this limits how they could leave it.
#pragma once

namespace imprint::cli {

// No core files, no debugger of the same user, and all memory freed by C++ or OpenSSL is wiped.
// Must be called first. With IMPRINT_DEBUG=1 in the environment, core files and debuggers are
// allowed.
void keep_memory_private();

}  // namespace imprint::cli
