#include "fleet/push.h"

#include <algorithm>
#include <deque>
#include <fmt/format.h>
#include <optional>
#include <set>
#include <utility>

#include "base/mutex.h"
#include "base/threads.h"
#include "fleet/former.h"
#include "fleet/progress.h"
#include "prepare/registration.h"
#include "prepare/retirement.h"

namespace imprint::fleet {

namespace {

// What the ledger says of it now: the queue was read a while ago, and meanwhile another process may
// have prepared the board again, or retired its thing. Nothing: it is not queued any more.
Result<std::optional<ledger::QueuedRegistration>> look_again(
    ledger::Ledger& ledger, const ledger::QueuedRegistration& queued) {
    const std::int64_t row = queued.certificate.row;
    IMPRINT_TRY(auto now, ledger.queued_registrations(row - 1, 1));
    if (now.empty() || now.front().certificate.row != row)
        return std::optional<ledger::QueuedRegistration>{};
    if (now.front().certificate.in_hand)
        return fail(ErrorKind::board, "board_twice",
                    fmt::format("board {} is being prepared", queued.certificate.mac.id()),
                    "push again once it is done");
    return std::move(now.front());
}

Result<PushReport> push(prepare::RecordedRegistry& registry, ledger::Ledger& ledger,
                        const ledger::QueuedRegistration& queued, const PushOptions& options) {
    const auto& certificate = queued.certificate;
    PushReport pushed{certificate.thing, certificate.id, queued.superseded, 0};
    const auto take_back = [&]() -> Result<PushReport> {
        IMPRINT_CHECK(prepare::retire_and_record(registry, ledger, certificate.thing,
                                                 certificate.id, options.log));
        pushed.superseded = true;
        return pushed;
    };
    if (queued.superseded) return take_back();
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
    // What has happened to it while it came into force: a board that has another certificate now,
    // or that is retired, must not leave this one ACTIVE.
    const auto still = look_again(ledger, queued);
    if (!still) {
        IMPRINT_CHECK(registry.for_rollback().make_inactive(certificate.id));
        return std::unexpected(still.error());
    }
    if (!*still || (*still)->superseded) return take_back();
    IMPRINT_TRY(pushed.retired, retire_former(registry, ledger, certificate, rivals, options.log));
    IMPRINT_CHECK(registry.await_in_force(facts.thing, certificate.id, rules.confirm));
    IMPRINT_TRY(const bool is_proven, ledger.registered(certificate.row));
    if (!is_proven) return take_back();
    return pushed;
}

// Hands the queue out to the workers, each board to one of them at a time: a superseded
// certificate and its successor are never in two hands.
class Queue {
  public:
    explicit Queue(ledger::Ledger& ledger) : ledger_(ledger) {}

    [[nodiscard]] Result<std::optional<ledger::QueuedRegistration>> take() {
        const Lock lock(mutex_);
        if (waiting_.empty() && !at_end_) {
            IMPRINT_TRY(auto more, ledger_.queued_registrations(last_, page));
            at_end_ = more.size() < page;
            if (!more.empty()) last_ = more.back().certificate.row;
            for (auto& one : more)
                waiting_.push_back(std::move(one));
        }
        const auto free =
            std::ranges::find_if(waiting_, [&](const auto& one) IMPRINT_REQUIRES(mutex_) {
                return !in_hand_.contains(one.certificate.mac);
            });
        if (free == waiting_.end()) return std::optional<ledger::QueuedRegistration>{};
        auto taken = std::move(*free);
        waiting_.erase(free);
        in_hand_.insert(taken.certificate.mac);
        return taken;
    }

    void give_back(const MacAddress& mac) {
        const Lock lock(mutex_);
        in_hand_.erase(mac);
    }

  private:
    static constexpr std::size_t page = 500;

    ledger::Ledger& ledger_;
    Mutex mutex_;
    std::deque<ledger::QueuedRegistration> waiting_ IMPRINT_GUARDED_BY(mutex_);
    std::set<MacAddress> in_hand_ IMPRINT_GUARDED_BY(mutex_);
    std::int64_t last_ IMPRINT_GUARDED_BY(mutex_) = 0;
    bool at_end_ IMPRINT_GUARDED_BY(mutex_) = false;
};

}  // namespace

Result<PushSummary> push_queue(prepare::RecordedRegistry& registry, ledger::Ledger& ledger,
                               const PushOptions& options,
                               const std::function<void(const ledger::QueuedRegistration&,
                                                        const Result<PushReport>&)>& visit) {
    Queue queue(ledger);
    Progress<PushSummary> progress;
    run_alike(options.workers, [&] {
        while (!progress.is_over(options.stopped)) {
            auto next = queue.take();
            if (!next) {
                const Lock lock(progress.mutex);
                progress.broken = std::move(next).error();
                return;
            }
            if (!*next) return;
            const auto fresh = look_again(ledger, **next);
            if (fresh && !*fresh) {
                queue.give_back((*next)->certificate.mac);
                continue;
            }
            const auto pushed = fresh ? push(registry, ledger, **fresh, options)
                                      : Result<PushReport>(std::unexpected(fresh.error()));
            queue.give_back((*next)->certificate.mac);
            const Lock lock(progress.mutex);
            if (!pushed && pushed.error().kind == ErrorKind::ledger)
                progress.broken = pushed.error();
            PushSummary& summary = progress.summary;
            ++(!pushed ? summary.failed : pushed->superseded ? summary.superseded : summary.pushed);
            visit(**next, pushed);
        }
    });
    return progress.result();
}

}  // namespace imprint::fleet
