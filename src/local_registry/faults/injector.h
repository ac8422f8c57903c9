// Sits between the socket and the API, and executes a fault plan.
#pragma once

#include <functional>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "http/message.h"
#include "http/server.h"
#include "local_registry/faults/plan.h"

namespace imprint::local_registry {

class FaultInjector {
  public:
    using Handler = std::function<http::Response(const http::Request&)>;

    using LateHandler = std::function<http::Response(const http::Request&, Milliseconds lag)>;

    struct Handlers {
        Handler now;
        Handler behind;    // with a state up to plan.stale old; only for reads
        LateHandler late;  // with a delayed effect; for all writes
    };

    // behind and late may be missing: `now` is used then.
    FaultInjector(FaultPlan plan, Clock& clock, Handlers handlers);

    // May be called from many threads. Also returns how much of the answer is sent, and when.
    [[nodiscard]] http::Answer handle(const http::Request& request);

  private:
    struct Bucket {
        double tokens = 0;
        Instant filled;
    };

    struct Verdict {
        bool over_quota = false;
        std::vector<FaultRule> faults;
    };

    [[nodiscard]] Verdict judge(std::string_view operation);
    [[nodiscard]] http::Response apply_fault(std::string_view operation,
                                             const http::Request& request, Milliseconds lag);
    [[nodiscard]] bool strikes(std::size_t rule, unsigned call) IMPRINT_REQUIRES(mutex_);

    FaultPlan plan_;
    Clock& clock_;
    Handlers handlers_;
    Mutex mutex_;
    std::mt19937_64 random_ IMPRINT_GUARDED_BY(mutex_);
    std::map<std::string, Bucket, std::less<>> buckets_ IMPRINT_GUARDED_BY(mutex_);
    // For each rule.
    std::vector<std::map<std::string, unsigned, std::less<>>> calls_ IMPRINT_GUARDED_BY(mutex_);
};

}  // namespace imprint::local_registry
