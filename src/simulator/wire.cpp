#include "simulator/wire.h"

#include <utility>

namespace imprint::simulator {

namespace {

constexpr std::uint8_t slip_end = 0xC0;
constexpr std::uint8_t slip_escape = 0xDB;
constexpr std::uint8_t escaped_end = 0xDC;
constexpr std::uint8_t escaped_escape = 0xDD;

}  // namespace

std::optional<Bytes> SlipReceiver::receive(std::uint8_t byte) {
    if (state_ == State::idle) {
        if (byte == slip_end) {
            frame_.clear();
            state_ = State::inside;
        }
        return std::nullopt;
    }
    if (state_ == State::inside && byte == slip_end) {
        if (frame_.empty() && empty_ == Empty::opens) return std::nullopt;
        state_ = State::idle;
        if (empty_ == Empty::repeats && frame_.empty()) frame_ = former_;
        if (empty_ == Empty::repeats) former_ = frame_;
        if (frame_.empty()) return std::nullopt;
        return std::exchange(frame_, {});
    }
    if (state_ == State::inside && byte == slip_escape) {
        state_ = State::escaped;
        return std::nullopt;
    }
    if (state_ == State::escaped) {
        if (byte != escaped_end && byte != escaped_escape) {
            state_ = State::idle;
            return std::nullopt;
        }
        byte = byte == escaped_end ? slip_end : slip_escape;
        state_ = State::inside;
    }
    if (frame_.size() == capacity_)
        state_ = State::idle;
    else
        frame_.push_back(byte);
    return std::nullopt;
}

Bytes slip_frame(ByteView content) {
    Bytes frame;
    frame.reserve(content.size() + content.size() / 64 + 2);
    frame.push_back(slip_end);
    for (const std::uint8_t byte : content) {
        if (byte == slip_end) {
            frame.push_back(slip_escape);
            frame.push_back(escaped_end);
        } else if (byte == slip_escape) {
            frame.push_back(slip_escape);
            frame.push_back(escaped_escape);
        } else {
            frame.push_back(byte);
        }
    }
    frame.push_back(slip_end);
    return frame;
}

std::uint8_t data_checksum(ByteView data) {
    std::uint8_t sum = 0xEF;
    for (const std::uint8_t byte : data)
        sum ^= byte;
    return sum;
}

}  // namespace imprint::simulator
