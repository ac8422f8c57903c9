// Inflates a zlib stream that arrives in pieces, as the loaders do it (their tinfl): the two header
// bytes, the deflate data, and an Adler-32 that only some of them check.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/bytes.h"

namespace imprint::simulator {

class Inflater {
  public:
    enum class Status {
        more_input,  // all input is used up
        more_room,   // the output is full
        data_done,   // the deflate data is complete; the Adler-32 may still be missing
        done,        // with its Adler-32
        bad_header,
        bad_data,
        bad_adler,
    };

    struct Step {
        std::size_t consumed = 0;
        std::size_t produced = 0;
        Status status = Status::more_input;
    };

    Inflater();
    ~Inflater();
    Inflater(Inflater&&) noexcept;
    Inflater& operator=(Inflater&&) noexcept;

    void restart();
    [[nodiscard]] Step step(ByteView input, std::span<std::uint8_t> output);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace imprint::simulator
