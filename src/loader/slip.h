// SLIP framing of the serial protocol: bytes to frames and back, no I/O.
// Source: esptool docs/en/advanced-topics/serial-protocol.rst, "Low Level Protocol"; RFC 1055.
#pragma once

#include <cstddef>
#include <functional>

#include "base/bytes.h"

namespace imprint::loader {

// Delimiter, escaped content, delimiter.
[[nodiscard]] Bytes slip_frame(ByteView content);

// Cuts what a port gives into frames. Any text between two delimiters is a frame: so an answer is
// found behind a boot log, behind noise that looked like a delimiter, and behind the spare
// delimiters that the ROM sends after a change of its baud rate. The reader of a frame tells
// whether it is one.
class SlipDecoder {
  public:
    // A frame's content, and whether its escapes were well-formed. Empty frames are not told.
    using Sink = std::function<void(ByteView frame, bool well_formed)>;

    void feed(ByteView bytes, const Sink& sink);

    // What came behind the last delimiter: of a frame that is not complete, or of no frame at all.
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
