// `lag`: a write is answered at once and has its effect later, as AWS IoT's DetachThingPrincipal
// has it ("This call is asynchronous", API reference). Until then every other operation, with its
// checks too, and the broker see the state before it.
//
// How: the operation is carried out and undone, which gives the answer and may refuse; then it is
// kept, and carried out again when it is due, with the same ids and certificates. What its state
// then refuses (its thing is gone, say) has no effect. A write waits for the one before it to the
// same names, so that the last one counts; a repeat of one that waits is answered and carried out
// like any other.
#pragma once

#include <cstdint>
#include <limits>
#include <mutex>

#include "base/clock.h"
#include "base/log.h"
#include "http/message.h"
#include "local_registry/api/api.h"
#include "local_registry/operations/context.h"

namespace imprint::local_registry {

class LateWrites {
  public:
    // The API must outlive this.
    LateWrites(Context context, const Api& api, Log log);

    // For requests of operations that write.
    [[nodiscard]] http::Response handle(const http::Request& request, Milliseconds lag);

    // Carries out what is due. To be called often; cheap when nothing is.
    void apply_due();
    // Also what is due later: for a start without lag.
    void apply_all();

  private:
    void apply(std::int64_t until);
    void replay(const std::string& request, const std::string& choices);

    static constexpr std::int64_t unknown = std::numeric_limits<std::int64_t>::min();

    Context context_;
    const Api& api_;
    Log log_;
    std::mutex mutex_;
    std::int64_t next_ = unknown;  // not before then is anything due
};

}  // namespace imprint::local_registry
