#include "imprint_identity/identity.h"

namespace imprint_identity {

namespace {

// The head of an element of DER (X.690, section 8.1), which is in front of its content.
struct Element {
    std::uint8_t tag = 0;
    std::size_t head = 0;
    std::size_t size = 0;  // of the content
};

bool read_element(const char* bytes, std::size_t size, Element& into) {
    if (size < 2) return false;
    const auto at = [bytes](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
    into.tag = at(0);
    into.head = 2;
    into.size = at(1);
    if (into.size < 0x80) return true;
    // As many bytes of length follow; what would not need them is no DER.
    const std::size_t count = into.size & 0x7F;
    if (count == 0 || count > 3 || size < 2 + count) return false;
    into.size = 0;
    for (std::size_t i = 0; i < count; ++i)
        into.size = into.size << 8 | at(2 + i);
    into.head += count;
    return into.size >= 0x80 && into.size >> (8 * (count - 1)) != 0;
}

}  // namespace

bool is_der(const char* bytes, std::size_t size, PemKind kind) {
    constexpr std::uint8_t integer = 0x02;
    constexpr std::uint8_t sequence = 0x30;
    Element outer;
    if (!read_element(bytes, size, outer) || outer.tag != sequence ||
        outer.head + outer.size != size)
        return false;
    Element inner;
    if (!read_element(bytes + outer.head, outer.size, inner) ||
        inner.head + inner.size > outer.size)
        return false;
    // A certificate begins with what is signed, and a key with its version.
    return inner.tag == (kind == PemKind::certificate ? sequence : integer);
}

}  // namespace imprint_identity
