#include "loader/slip.h"

#include <algorithm>

namespace imprint::loader {

namespace {

constexpr std::uint8_t end = 0xC0;
constexpr std::uint8_t escape = 0xDB;
constexpr std::uint8_t escaped_end = 0xDC;
constexpr std::uint8_t escaped_escape = 0xDD;

}  // namespace

Bytes slip_frame(ByteView content) {
    Bytes frame;
    frame.reserve(content.size() + content.size() / 32 + 2);
    frame.push_back(end);
    for (const std::uint8_t byte : content) {
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

void SlipDecoder::feed(ByteView bytes, const Sink& sink) {
    for (const std::uint8_t byte : bytes) {
        if (byte == end) {
            if (!frame_.empty()) sink(frame_, well_formed_ && !escaped_);
            clear();
            continue;
        }
        if (frame_.size() >= limit) {
            // Never an answer: the oldest goes, so that pending() shows what came last.
            frame_.erase(frame_.begin(), frame_.begin() + limit / 2);
            well_formed_ = false;
        }
        if (escaped_) {
            escaped_ = false;
            if (byte == escaped_end) {
                frame_.push_back(end);
            } else if (byte == escaped_escape) {
                frame_.push_back(escape);
            } else {
                well_formed_ = false;
                frame_.push_back(byte);
            }
        } else if (byte == escape) {
            escaped_ = true;
        } else {
            frame_.push_back(byte);
        }
    }
}

void SlipDecoder::clear() {
    frame_.clear();
    escaped_ = false;
    well_formed_ = true;
}

}  // namespace imprint::loader
