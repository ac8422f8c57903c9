// A strict JSON reader (RFC 8259) for small documents: it walks over the text once, without a
// tree, and hands out each scalar with its path. No allocation.
#pragma once

#include <cstddef>

namespace imprint_identity {

struct JsonScalar {
    enum class Kind { string, number, boolean, null };

    const char* path = "";  // "state.light_state"; an array's members share its path with "[]"
    Kind kind = Kind::null;
    const char* text = "";  // strings unescaped, to UTF-8; the others as they are written
    std::size_t size = 0;
    bool cut = false;  // longer than JsonLimits::value: text holds the beginning
};

struct JsonLimits {
    static constexpr std::size_t depth = 8;
    static constexpr std::size_t path = 96;
    static constexpr std::size_t value = 256;
};

struct JsonResult {
    const char* problem = nullptr;  // what is wrong, in a few words; null when all is well
    std::size_t at = 0;             // where, in bytes
};

// The sink may end the walk by returning what it finds wrong, in a few words.
using JsonSink = const char* (*)(void* context, const JsonScalar& scalar);

JsonResult walk_json(const char* text, std::size_t size, JsonSink sink, void* context);
// For longer values: each comes in this buffer, which has room for the longest and an ending NUL.
JsonResult walk_json(const char* text, std::size_t size, JsonSink sink, void* context, char* buffer,
                     std::size_t room);

}  // namespace imprint_identity
