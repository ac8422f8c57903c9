#include "loader/slip.h"

#include <utility>

namespace imprint::loader {

namespace {

constexpr std::uint8_t end = 0xC0;
constexpr std::uint8_t escape = 0xDB;
constexpr std::uint8_t escaped_end = 0xDC;
constexpr std::uint8_t escaped_escape = 0xDD;
constexpr std::size_t most_stray = 1024;

}  // namespace

Bytes slip_encode(ByteView payload) {
    Bytes frame;
    frame.reserve(payload.size() + payload.size() / 64 + 8);
    frame.push_back(end);
    for (const std::uint8_t byte : payload) {
        if (byte == end || byte == escape) {
            frame.push_back(escape);
            frame.push_back(byte == end ? escaped_end : escaped_escape);
        } else {
            frame.push_back(byte);
        }
    }
    frame.push_back(end);
    return frame;
}

void SlipDecoder::feed(ByteView bytes) {
    for (const std::uint8_t byte : bytes) {
        if (byte == end) {
            // An empty frame is the end of one and the start of the next, or a spare C0.
            if (state_ == State::inside && !frame_.empty()) {
                frames_.push_back(std::exchange(frame_, {}));
                state_ = State::outside;
            } else {
                frame_.clear();
                state_ = State::inside;
            }
            continue;
        }
        switch (state_) {
            case State::outside:
                if (stray_.size() >= most_stray)
                    stray_.erase(stray_.begin(), stray_.begin() + most_stray / 2);
                stray_.push_back(byte);
                break;
            case State::inside:
                if (byte == escape)
                    state_ = State::escaped;
                else
                    frame_.push_back(byte);
                break;
            case State::escaped:
                state_ = State::inside;
                if (byte == escaped_end)
                    frame_.push_back(end);
                else if (byte == escaped_escape)
                    frame_.push_back(escape);
                else
                    state_ = State::spoiled;
                break;
            case State::spoiled:
                break;
        }
        if (frame_.size() > largest_frame) state_ = State::spoiled;
        // Boot text that follows a stray C0 would otherwise be swallowed as a frame for ever.
        if (state_ == State::spoiled) frame_.clear();
    }
}

Bytes SlipDecoder::take_frame() {
    Bytes frame = std::move(frames_.front());
    frames_.pop_front();
    return frame;
}

void SlipDecoder::reset() {
    state_ = State::outside;
    frame_.clear();
    frames_.clear();
    stray_.clear();
}

}  // namespace imprint::loader
