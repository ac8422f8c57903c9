// Text into a buffer that always ends with a NUL; JSON's strings among it.
#pragma once

#include <cstddef>

#include "common.h"

namespace imprint_identity {

class TextWriter {
  public:
    // room: at least 1, the ending NUL counted.
    TextWriter(char* into, std::size_t room);

    // Something did not fit.
    [[nodiscard]] bool full() const { return full_; }

    [[nodiscard]] std::size_t size() const { return size_; }

    void add(char c);
    void add(const char* text);
    // In quotes (RFC 8259, section 7).
    void add_string(const char* text);
    // In quotes, as lower-case hex.
    void add_digest(const Crypto::Digest& digest);

  private:
    char* into_;
    std::size_t room_;
    std::size_t size_ = 0;
    bool full_ = false;
};

}  // namespace imprint_identity
