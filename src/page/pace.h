// How fast boards pass here, by those of the last half hour.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "base/clock.h"

namespace imprint::page {

class PassPace {
  public:
    // A lot is begun, or another one: what passed before says nothing of it.
    void begin(Instant now);
    void passed(Instant now);

    // Boards an hour; nothing: too little has been seen yet.
    [[nodiscard]] std::optional<double> an_hour(Instant now) const;
    // Until so many more have passed, by that pace; nothing: not known, or none are left.
    [[nodiscard]] std::optional<std::chrono::seconds> until(std::uint64_t boards,
                                                            Instant now) const;

  private:
    Instant began_;
    std::deque<Instant> passes_;
};

}  // namespace imprint::page
