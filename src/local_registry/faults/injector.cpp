#include "local_registry/faults/injector.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "local_registry/api/authentication.h"
#include "local_registry/api/routes.h"

namespace imprint::local_registry {

namespace {

http::Answer refusal(int status, const char* name, const char* message, Milliseconds wait) {
    return {http::Response{.status = status,
                           .headers = {{"x-amzn-ErrorType", name}},
                           .content_type = "application/json",
                           .body = std::string(R"({"message":")") + message + R"("})"},
            {.delay = wait}};
}

// Alone. Whoever looks at jobs has those timed out whose time is over.
bool reads(std::string_view operation) {
    constexpr std::array<std::string_view, 3> verbs = {"Describe", "List", "Get"};
    if (operation.contains("Job")) return false;
    return std::ranges::any_of(verbs,
                               [&](std::string_view verb) { return operation.starts_with(verb); });
}

}  // namespace

FaultInjector::FaultInjector(FaultPlan plan, Clock& clock, Handlers handlers)
    : plan_(std::move(plan)),
      clock_(clock),
      handlers_(std::move(handlers)),
      random_(plan_.seed),
      calls_(plan_.rules.size()) {}

bool FaultInjector::strikes(std::size_t index, unsigned call) {
    const FaultRule& rule = plan_.rules[index];
    if (rule.first > 0) return call <= rule.first;
    if (rule.every > 0) return call % rule.every == 0;
    return std::uniform_real_distribution<double>()(random_) < rule.chance;
}

FaultInjector::Verdict FaultInjector::judge(std::string_view operation) {
    const Lock lock(mutex_);
    Verdict verdict;
    if (plan_.quota > 0) {
        const Instant now = clock_.now();
        // A new bucket is full.
        auto [found, is_new] =
            buckets_.try_emplace(std::string(operation), Bucket{plan_.quota, now});
        Bucket& bucket = found->second;
        const std::chrono::duration<double> passed = now - bucket.filled;
        bucket.filled = now;
        bucket.tokens = std::min(plan_.quota, bucket.tokens + passed.count() * plan_.quota);
        if (bucket.tokens < 1) {
            verdict.over_quota = true;
            return verdict;
        }
        bucket.tokens -= 1;
    }
    for (std::size_t i = 0; i < plan_.rules.size(); ++i) {
        const FaultRule& rule = plan_.rules[i];
        if (rule.operation != "*" && rule.operation != operation) continue;
        if (!strikes(i, ++calls_[i][std::string(operation)])) continue;
        verdict.faults.push_back(rule);
        if (rule.time < rule.most_time)
            verdict.faults.back().time = Milliseconds(std::uniform_int_distribution<std::int64_t>(
                rule.time.count(), rule.most_time.count())(random_));
    }
    return verdict;
}

http::Response FaultInjector::apply_fault(std::string_view operation, const http::Request& request,
                                          Milliseconds lag) {
    if (reads(operation))
        return handlers_.behind ? handlers_.behind(request) : handlers_.now(request);
    return handlers_.late ? handlers_.late(request, lag) : handlers_.now(request);
}

http::Answer FaultInjector::handle(const http::Request& request) {
    const auto match = match_route(request.method, request.raw_path(), plane_of(request));
    if (!match) return handlers_.now(request);
    const std::string_view operation = match->route->operation;
    const Verdict verdict = judge(operation);
    Milliseconds wait = plan_.latency;
    Milliseconds lag{0};
    bool lost = false;
    bool cut = false;
    if (verdict.over_quota) {
        return refusal(400, "ThrottlingException", "Rate exceeded", wait);
    }
    for (const auto& rule : verdict.faults) {
        switch (rule.fault) {
            case Fault::throttle:
                return refusal(400, "ThrottlingException", "Rate exceeded", wait);
            case Fault::error:
                return refusal(500, "InternalFailureException", "An unexpected error has occurred.",
                               wait);
            case Fault::lost:
                lost = true;
                break;
            case Fault::cut:
                cut = true;
                break;
            case Fault::delay:
                wait += rule.time;
                break;
            case Fault::lag:
                lag += rule.time;
                break;
        }
    }
    http::Answer answer = apply_fault(operation, request, lag);
    answer.delivery.delay = wait;
    answer.delivery.head = !lost;
    if (cut) answer.delivery.body_bytes = answer.response.body.size() / 2;
    return answer;
}

}  // namespace imprint::local_registry
