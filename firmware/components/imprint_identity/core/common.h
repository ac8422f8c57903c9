// What the parts of the core share, and nobody else needs.
#pragma once

#include "imprint_identity/identity.h"

namespace imprint_identity {

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
Problem
problem(Status status, const char* format, ...);

using Hex = char[65];

void to_hex(const Crypto::Digest& digest, Hex& into);

// The name of a file's second copy; false: it has none, since it would be too long.
bool copy_name(const char* name, char (&into)[Limits::name]);

}  // namespace imprint_identity
