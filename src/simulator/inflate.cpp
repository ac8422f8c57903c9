#include "simulator/inflate.h"

#include <stdexcept>
#include <zlib.h>

namespace imprint::simulator {

struct Inflater::State {
    z_stream stream{};
    std::size_t header_bytes = 0;
    std::uint32_t header = 0;
    std::size_t adler_bytes = 0;
    std::uint32_t adler = 0;
    uLong computed = 1;
    bool data_done = false;
    bool broken = false;

    State() {
        if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw std::bad_alloc();
    }

    ~State() { inflateEnd(&stream); }

    State(const State&) = delete;
    State& operator=(const State&) = delete;
    State(State&&) = delete;
    State& operator=(State&&) = delete;
};

Inflater::Inflater() : state_(std::make_unique<State>()) {}

Inflater::~Inflater() = default;
Inflater::Inflater(Inflater&&) noexcept = default;
Inflater& Inflater::operator=(Inflater&&) noexcept = default;

void Inflater::restart() {
    state_ = std::make_unique<State>();
}

Inflater::Step Inflater::step(ByteView input, std::span<std::uint8_t> output) {
    State& s = *state_;
    Step step;
    if (s.broken) return {0, 0, Status::bad_data};
    while (s.header_bytes < 2) {
        if (step.consumed == input.size()) return step;
        s.header = s.header << 8 | input[step.consumed++];
        ++s.header_bytes;
    }
    // RFC 1950: method 8, a check that makes the header a multiple of 31, no dictionary.
    if ((s.header & 0x0F00) != 0x0800 || s.header % 31 != 0 || (s.header & 0x20) != 0) {
        step.status = Status::bad_header;
        return step;
    }
    if (!s.data_done) {
        const ByteView rest = input.subspan(step.consumed);
        s.stream.next_in = const_cast<Bytef*>(rest.data());
        s.stream.avail_in = static_cast<uInt>(rest.size());
        s.stream.next_out = output.data();
        s.stream.avail_out = static_cast<uInt>(output.size());
        const int result = inflate(&s.stream, Z_SYNC_FLUSH);
        step.consumed += rest.size() - s.stream.avail_in;
        step.produced = output.size() - s.stream.avail_out;
        s.computed = adler32(s.computed, output.data(), static_cast<uInt>(step.produced));
        if (result == Z_DATA_ERROR || result == Z_NEED_DICT) {
            s.broken = true;
            step.status = Status::bad_data;
            return step;
        }
        if (result != Z_STREAM_END) {
            step.status = s.stream.avail_out == 0 ? Status::more_room : Status::more_input;
            return step;
        }
        s.data_done = true;
    }
    while (s.adler_bytes < 4) {
        if (step.consumed == input.size()) {
            step.status = Status::data_done;
            return step;
        }
        s.adler = s.adler << 8 | input[step.consumed++];
        ++s.adler_bytes;
    }
    step.status = s.adler == s.computed ? Status::done : Status::bad_adler;
    return step;
}

}  // namespace imprint::simulator
