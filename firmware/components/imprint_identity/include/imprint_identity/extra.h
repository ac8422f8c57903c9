// Files of the project's own that lie beside the identity: credentials.extra_directory.
#pragma once

#include <cstddef>

#include "imprint_identity/replace.h"

namespace imprint_identity {

// Reads alone, without mounting. file_missing, file_too_large (than most), file_unreadable,
// out_of_memory, storage_unavailable; there is no digest for these. into is wiped when it goes.
Problem read_extra(const Places& places, const char* name, std::size_t most, Text& into);

}  // namespace imprint_identity
