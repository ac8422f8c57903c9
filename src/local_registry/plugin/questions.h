// What clients ask the registry's services, on the way there: in order, and never lost without a
// word.
#pragma once

#include <cstddef>
#include <deque>

#include "local_registry/broker/arrivals.h"

namespace imprint::local_registry {

class Questions {
  public:
    // Those that wait while the registry is busy.
    static constexpr std::size_t most_waiting = 1000;

    // False: too many wait, or it is too large. The client is to be told.
    [[nodiscard]] bool ask(Asked asked, ArrivalChannel& channel);
    // To be called often.
    void pass_on(ArrivalChannel& channel);

  private:
    std::deque<Asked> waiting_;
};

}  // namespace imprint::local_registry
