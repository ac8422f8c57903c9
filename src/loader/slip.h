// SLIP framing (RFC 1055), as the loaders use it: C0 on both sides of a frame.
#pragma once

#include <deque>

#include "base/bytes.h"

namespace imprint::loader {

[[nodiscard]] Bytes slip_encode(ByteView payload);

// Bytes in, whole frames out. Never fails: what is outside frames (boot messages, noise) is kept
// apart, a frame with a wrong escape or beyond the largest size is dropped.
class SlipDecoder {
  public:
    static constexpr std::size_t largest_frame = 1U << 17;

    void feed(ByteView bytes);

    [[nodiscard]] bool has_frame() const { return !frames_.empty(); }

    [[nodiscard]] Bytes take_frame();

    // The last bytes that stood outside any frame: what a board prints when it is not in its
    // loader.
    [[nodiscard]] const Bytes& stray() const { return stray_; }

    void reset();

  private:
    enum class State { outside, inside, escaped, spoiled };
    State state_ = State::outside;
    Bytes frame_;
    std::deque<Bytes> frames_;
    Bytes stray_;
};

}  // namespace imprint::loader
