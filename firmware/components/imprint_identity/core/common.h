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

// What a volume holds, by its own size(), read() and trouble(). It outlives what is returned.
template <typename Volume>
FileSource source_of(Volume& volume) {
    FileSource files;
    files.size = [](void* self, const char* name) {
        return static_cast<Volume*>(self)->size(name);
    };
    files.read = [](void* self, const char* name, char* into, std::size_t size) {
        return static_cast<Volume*>(self)->read(name, into, size);
    };
    files.trouble = [](void* self) { return static_cast<Volume*>(self)->trouble(); };
    files.context = &volume;
    return files;
}

// A file's bytes as FileSource::size has them.
inline long size_told(std::uint32_t bytes) {
    constexpr std::uint32_t most = 0x7FFFFFFF;
    return static_cast<long>(bytes < most ? bytes : most);
}

// The name of a file's second copy; false: it has none, since it would be too long.
bool copy_name(const char* name, char (&into)[Limits::name]);

}  // namespace imprint_identity
