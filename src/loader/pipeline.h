// Requests to a stub, sent ahead of its replies as far as its receive buffers allow.
//
// The stub has two buffers; what exceeds them is lost silently. It acknowledges a block before it
// inflates and writes it. So a block occupies its buffer until the next request is acknowledged,
// and that acknowledgement carries the block's error and waits for its work. A block that arrived
// damaged has changed nothing and is sent again. Nothing else is sent again, for the stub does not
// check the sequence number: a block repeated after a lost acknowledgement would be written twice
// (esp-flasher-stub src/command_handler.c, s_flash_defl_data; src/frame_buffer.c).
//
// To Espressif's former stub nothing is sent ahead of an acknowledgement (Connection::takes_ahead);
// its writing is still overlapped by the next request's transmission.
#pragma once

#include <deque>

#include "base/clock.h"
#include "base/error.h"
#include "loader/connection.h"
#include "loader/protocol.h"

namespace imprint::loader {

inline constexpr int block_attempts = 3;  // for a block that arrived damaged

// Errors: loader_refused, line_damaged (kind board), and the connection's.
class Pipeline {
  public:
    // `busy`: how long the stub may still be busy with a block that was sent before; 0: it is idle.
    Pipeline(Connection& link, Milliseconds busy)
        : link_(&link), writing_(busy.count() > 0), work_(busy) {}

    ~Pipeline();
    Pipeline(const Pipeline&) = delete;
    Pipeline& operator=(const Pipeline&) = delete;
    Pipeline(Pipeline&&) = delete;
    Pipeline& operator=(Pipeline&&) = delete;

    // A request that is acknowledged when it is done.
    [[nodiscard]] Result<void> send(Request request);
    // One of the *_DATA. `work`: how long the stub may be busy with it after its acknowledgement.
    [[nodiscard]] Result<void> send_block(Request request, Milliseconds work);
    // Once all is acknowledged: returns how long the last block may still take.
    [[nodiscard]] Result<Milliseconds> finish();

  private:
    struct Sent {
        Request request;
        bool is_block = false;
        Milliseconds work{0};
    };

    [[nodiscard]] Result<void> post(Sent sent);
    [[nodiscard]] Result<void> settle();

    Connection* link_;
    std::deque<Sent> sent_;  // not acknowledged yet
    bool writing_;           // the last acknowledged request is a block
    Milliseconds work_;
};

}  // namespace imprint::loader
