#include "fleet/push.h"

#include <algorithm>
#include <deque>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "base/threads.h"
#include "fleet/former.h"
#include "prepare/registration.h"
#include "prepare/retirement.h"

namespace imprint::fleet {

namespace {

using ledger::CertificateState;

Result<Pushed> push(prepare::RecordedRegistry& registry, ledger::Ledger& ledger,
                    const ledger::QueuedRegistration& queued, const PushOptions& options) {
    const auto& certificate = queued.certificate;
    Pushed pushed{certificate.thing, certificate.id, queued.superseded, 0};
    if (queued.superseded) {
        IMPRINT_CHECK(prepare::retire_and_record(registry, ledger, certificate.thing,
                                                 certificate.id, options.log));
        return pushed;
    }
    IMPRINT_TRY(const prepare::ThingFacts facts, prepare::facts_from_json(queued.facts));
    IMPRINT_CHECK(registry.ensure_thing(facts.thing, facts.type, facts.attributes, facts.groups));
    IMPRINT_TRY(const std::string arn,
                registry.ensure_registered(certificate.id, queued.pem,
                                           facts.with_ca ? options.ca_pem : std::string()));
    IMPRINT_CHECK(registry.attach(certificate.id, arn, facts.thing, facts.policy));
    prepare::RivalRules rules = options.rivals;
    rules.made_at = certificate.requested_at;
    IMPRINT_TRY(const auto rivals,
                look_for_rivals(registry, ledger, certificate, rules, options.log));
    IMPRINT_CHECK(put_in_force(registry, ledger, certificate, rivals));
    IMPRINT_TRY(pushed.retired, retire_former(registry, ledger, certificate, rivals, options.log));
    IMPRINT_CHECK(registry.await_in_force(facts.thing, certificate.id, rules.confirm));
    IMPRINT_CHECK(ledger.certificate_state(certificate.row, CertificateState::proven));
    return pushed;
}

// Hands the queue out to the workers, each board to one of them at a time: a superseded
// certificate and its successor are never in two hands.
class Queue {
  public:
    explicit Queue(ledger::Ledger& ledger) : ledger_(ledger) {}

    [[nodiscard]] Result<std::optional<ledger::QueuedRegistration>> take() {
        const std::lock_guard lock(mutex_);
        if (waiting_.empty() && !at_end_) {
            IMPRINT_TRY(auto more, ledger_.queued_registrations(last_, page));
            at_end_ = more.size() < page;
            if (!more.empty()) last_ = more.back().certificate.row;
            for (auto& one : more)
                waiting_.push_back(std::move(one));
        }
        const auto free = std::ranges::find_if(
            waiting_, [&](const auto& one) { return !in_hand_.contains(one.certificate.mac); });
        if (free == waiting_.end()) return std::optional<ledger::QueuedRegistration>{};
        auto taken = std::move(*free);
        waiting_.erase(free);
        in_hand_.insert(taken.certificate.mac);
        return taken;
    }

    void give_back(const MacAddress& mac) {
        const std::lock_guard lock(mutex_);
        in_hand_.erase(mac);
    }

  private:
    static constexpr std::size_t page = 500;

    std::mutex mutex_;
    ledger::Ledger& ledger_;
    std::deque<ledger::QueuedRegistration> waiting_;
    std::set<MacAddress> in_hand_;
    std::int64_t last_ = 0;
    bool at_end_ = false;
};

}  // namespace

Result<PushSummary> push_queue(
    prepare::RecordedRegistry& registry, ledger::Ledger& ledger, const PushOptions& options,
    const std::function<void(const ledger::QueuedRegistration&, const Result<Pushed>&)>& visit) {
    Queue queue(ledger);
    PushSummary summary;
    std::mutex mutex;
    std::optional<Error> broken;  // the ledger's: nothing can go on
    const auto stop = [&] {
        const std::lock_guard lock(mutex);
        summary.stopped |= options.stopped();
        return summary.stopped || broken.has_value();
    };
    run_alike(options.workers, [&] {
        while (!stop()) {
            auto next = queue.take();
            if (!next) {
                const std::lock_guard lock(mutex);
                broken = std::move(next).error();
                return;
            }
            if (!*next) return;
            const auto pushed = push(registry, ledger, **next, options);
            queue.give_back((*next)->certificate.mac);
            const std::lock_guard lock(mutex);
            if (!pushed && pushed.error().kind == ErrorKind::ledger) broken = pushed.error();
            ++(!pushed ? summary.failed : pushed->superseded ? summary.superseded : summary.pushed);
            visit(**next, pushed);
        }
    });
    if (broken) return std::unexpected(*broken);
    return summary;
}

}  // namespace imprint::fleet
