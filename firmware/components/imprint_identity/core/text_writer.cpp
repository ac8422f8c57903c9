#include "text_writer.h"

#include <cstdint>
#include <cstdio>

namespace imprint_identity {

TextWriter::TextWriter(char* into, std::size_t room) : into_(into), room_(room) {
    *into_ = '\0';
}

void TextWriter::add(char c) {
    if (size_ + 1 >= room_) {
        full_ = true;
        return;
    }
    into_[size_++] = c;
    into_[size_] = '\0';
}

void TextWriter::add(const char* text) {
    while (*text != '\0')
        add(*text++);
}

void TextWriter::add_string(const char* text) {
    add('"');
    for (; *text != '\0'; ++text) {
        const auto byte = static_cast<unsigned char>(*text);
        if (byte == '"' || byte == '\\') add('\\');
        if (byte >= 0x20) {
            add(*text);
            continue;
        }
        char escaped[8];
        (void)std::snprintf(escaped, sizeof(escaped), "\\u%04x", unsigned{byte});
        add(byte == '\n' ? "\\n" : escaped);
    }
    add('"');
}

void TextWriter::add_digest(const Crypto::Digest& digest) {
    Hex hex;
    to_hex(digest, hex);
    add('"');
    add(hex);
    add('"');
}

}  // namespace imprint_identity
