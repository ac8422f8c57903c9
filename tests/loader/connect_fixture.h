// What the tests of connecting begin with.
#pragma once

#include "loader/board_fixture.h"

namespace imprint::loader::testing {

class Connect : public BoardTest {
  protected:
    // A board that was left in its stub, at the end of a port that knows neither lines nor rates.
    void leave_in_stub() {
        options.baud = 115200;
        ASSERT_TRUE(connected().stub_runs());
        wire.port_traits = {};
        wire.seen.clear();
    }

    Board connected_anew() {
        plug();
        return connected();
    }
};

}  // namespace imprint::loader::testing
