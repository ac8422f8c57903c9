// SLIP framing of the serial protocol: bytes to frames and back, no I/O.
// Source: esptool docs/en/advanced-topics/serial-protocol.rst, "Low Level Protocol"; RFC 1055.
#pragma once

#include <cstddef>
#include <functional>

#include "base/bytes.h"

namespace imprint::loader {

// Delimiter, escaped content, delimiter.
[[nodiscard]] Bytes slip_frame(ByteView content);

// Splits a port's input into frames. Any bytes between two delimiters count as a frame: so an
// answer is found after a boot log, after noise that looked like a delimiter, and after the extra
// delimiters that the ROM sends when its baud rate changes. The reader of a frame decides whether
// it is valid.
class SlipDecoder {
  public:
    // A frame's content, and whether its escapes were well-formed. Empty frames are not passed on.
    using Sink = std::function<void(ByteView frame, bool well_formed)>;

    void feed(ByteView bytes, const Sink& sink);

    // The bytes after the last delimiter: of an incomplete frame, or of no frame at all.
    [[nodiscard]] ByteView pending() const { return frame_; }

    void clear();

  private:
    // Longer than any answer: a flash sector is the largest.
    static constexpr std::size_t limit = 16384;

    Bytes frame_;
    bool escaped_ = false;
    bool well_formed_ = true;
};

}  // namespace imprint::loader
