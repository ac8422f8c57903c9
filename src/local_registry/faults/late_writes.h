// `lag`: a write is answered at once and takes effect later, like AWS IoT's DetachThingPrincipal
// ("This call is asynchronous", API reference). Until then every other operation, including its
// checks, and the broker see the previous state.
//
// How: the operation is executed and rolled back, which gives the answer and may refuse. Then it is
// stored, and executed again when it is due, with the same ids and certificates. If the state at
// that time refuses it (its thing no longer exists, say), it has no effect. A write waits for an
// earlier one to the same names, so that the last one counts; a repeat of a waiting one is answered
// and executed like any other.
#pragma once

#include <cstdint>
#include <limits>

#include "base/clock.h"
#include "base/log.h"
#include "base/mutex.h"
#include "http/message.h"
#include "local_registry/api/api.h"
#include "local_registry/operations/context.h"

namespace imprint::local_registry {

class LateWrites {
  public:
    // The API must outlive this.
    LateWrites(Context context, const Api& api, Log log);

    // For requests of writing operations.
    [[nodiscard]] http::Response handle(const http::Request& request, Milliseconds lag);

    // Executes what is due. To be called often; cheap if nothing is due.
    void apply_due();
    // Also executes what is due later: for a start without lag.
    void apply_all();

  private:
    void apply(std::int64_t until) IMPRINT_REQUIRES(mutex_);
    void replay(const std::string& request, const std::string& choices) IMPRINT_REQUIRES(mutex_);

    static constexpr std::int64_t unknown = std::numeric_limits<std::int64_t>::min();

    Context context_;
    const Api& api_;
    Log log_;
    Mutex mutex_;
    std::int64_t next_ IMPRINT_GUARDED_BY(mutex_) = unknown;  // nothing is due before this
};

}  // namespace imprint::local_registry
