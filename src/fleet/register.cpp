#include "fleet/register.h"

#include <deque>
#include <optional>
#include <utility>

#include "base/mac.h"
#include "base/mutex.h"
#include "base/threads.h"
#include "fleet/progress.h"
#include "fleet/provisioning_template.h"
#include "prepare/registration.h"

namespace imprint::fleet {

namespace {

Result<void> register_stepwise(prepare::RecordedRegistry& registry,
                               const prepare::IdentitySettings& settings,
                               const RegisterOptions& options, const minted::MintedIdentity& one) {
    const auto mac = parse_mac(one.mac).value_or(MacAddress{});
    const auto facts = prepare::thing_facts(settings, mac, one.thing, options.lot);
    IMPRINT_CHECK(registry.ensure_thing(facts.thing, facts.type, facts.attributes, facts.groups));
    IMPRINT_TRY(const std::string arn,
                registry.ensure_registered(one.certificate_id, one.certificate_pem,
                                           facts.with_ca ? options.ca_pem : std::string()));
    return registry.attach(one.certificate_id, arn, facts.thing, facts.policy);
}

class Source {
  public:
    explicit Source(minted::MintedStore& store) : store_(store) {}

    [[nodiscard]] Result<std::optional<minted::MintedIdentity>> take() {
        const Lock lock(mutex_);
        if (waiting_.empty() && !at_end_) {
            constexpr std::size_t page = 500;
            IMPRINT_TRY(auto more, store_.page(last_, page, true));
            at_end_ = more.size() < page;
            if (!more.empty()) last_ = more.back().number;
            for (auto& one : more)
                waiting_.push_back(std::move(one));
        }
        if (waiting_.empty()) return std::optional<minted::MintedIdentity>{};
        std::optional taken(std::move(waiting_.front()));
        waiting_.pop_front();
        return taken;
    }

  private:
    minted::MintedStore& store_;
    Mutex mutex_;
    std::deque<minted::MintedIdentity> waiting_ IMPRINT_GUARDED_BY(mutex_);
    std::int64_t last_ IMPRINT_GUARDED_BY(mutex_) = 0;
    bool at_end_ IMPRINT_GUARDED_BY(mutex_) = false;
};

}  // namespace

Result<RegisterSummary> register_identities(
    prepare::RecordedRegistry& registry, minted::MintedStore& store,
    const prepare::IdentitySettings& settings, const RegisterOptions& options,
    const std::function<void(const minted::MintedIdentity&, const Result<void>&)>& visit) {
    const std::string form =
        options.one_call ? provisioning_template(settings, options.lot, options.ca_pem, false) : "";
    Source source(store);
    Progress<RegisterSummary> progress;
    const auto register_one = [&](const minted::MintedIdentity& one) -> Result<void> {
        if (!options.one_call) return register_stepwise(registry, settings, options, one);
        return registry.register_by_template(one.thing, form, template_parameters(settings, one));
    };
    run_alike(options.workers, [&] {
        while (!progress.is_over(options.stopped)) {
            auto next = source.take();
            if (next && !*next) return;
            Result<void> done;
            Result<void> kept;
            if (next) {
                done = register_one(**next);
                if (done) kept = store.registered((*next)->number);
            }
            const Lock lock(progress.mutex);
            if (!next || !kept) {
                progress.broken = next ? kept.error() : next.error();
                return;
            }
            ++(done ? progress.summary.registered : progress.summary.failed);
            visit(**next, done);
        }
    });
    return progress.result();
}

}  // namespace imprint::fleet
