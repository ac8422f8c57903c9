#include "aws/credential_source.h"

#include <fmt/format.h>
#include <optional>
#include <utility>

#include "aws/endpoint.h"
#include "aws/http_clients.h"
#include "aws/providers/search.h"
#include "base/mutex.h"

namespace imprint::aws {

namespace {

constexpr Milliseconds renew_before{300'000};
// Nearer to the end than this, nobody signs with the old ones while others are being fetched.
constexpr Milliseconds wait_before{60'000};
constexpr Milliseconds between_attempts{60'000};

bool same(const Credentials& one, const Credentials& other) {
    return one.access_key_id == other.access_key_id &&
           one.session_token.reveal_text() == other.session_token.reveal_text() &&
           one.secret_access_key.reveal_text() == other.secret_access_key.reveal_text();
}

}  // namespace

class CredentialSource::State {
  public:
    State(Credentials first, Fetch fetch, std::shared_ptr<Clock> clock, Log log)
        : fetch_(std::move(fetch)),
          clock_(std::move(clock)),
          log_(std::move(log)),
          current_(std::make_shared<const Credentials>(std::move(first))) {}

    [[nodiscard]] Result<Current> get() {
        Current now_held = held();
        if (!fetch_ || !ends_within(*now_held, renew_before)) return now_held;
        if (ends_within(*now_held, wait_before)) {
            const Lock fetching(fetching_);
            return renew_if_due();
        }
        if (!fetching_.try_lock()) return now_held;
        const Lock fetching(fetching_, std::adopt_lock);
        return renew_if_due();
    }

    [[nodiscard]] Result<Current> renew(const Current& refused) {
        if (!fetch_) return refused;
        const Lock fetching(fetching_);
        if (Current latest = held(); latest != refused && !same(*latest, *refused)) return latest;
        auto fresh = fetch();
        if (fresh && same(**fresh, *refused)) return refused;
        return fresh;
    }

  private:
    [[nodiscard]] Result<Current> renew_if_due() IMPRINT_REQUIRES(fetching_) {
        Current latest = held();
        if (!ends_within(*latest, renew_before)) return latest;
        const bool good = !ends_within(*latest, Milliseconds(0));
        if (good && attempt_ && clock_->now() < *attempt_ + between_attempts) return latest;
        auto fresh = fetch();
        if (!fresh) {
            if (!good)
                return with_context(std::move(fresh).error(),
                                    fmt::format("renewing credentials that expired at {}",
                                                to_iso8601(*latest->expires)));
            log_.warning("credentials of {} could not be renewed, and expire at {}: {}",
                         latest->source, to_iso8601(*latest->expires), fresh.error().describe());
            return latest;
        }
        return fresh;
    }

    [[nodiscard]] Current held() const {
        const Lock lock(mutex_);
        return current_;
    }

    [[nodiscard]] bool ends_within(const Credentials& credentials, Milliseconds time) const {
        return credentials.expires && *credentials.expires - clock_->wall() <= time;
    }

    [[nodiscard]] Result<Current> fetch() IMPRINT_REQUIRES(fetching_) {
        attempt_ = clock_->now();
        IMPRINT_TRY(Credentials found, fetch_());
        if (ends_within(found, Milliseconds(0)))
            return fail(ErrorKind::registry, "credentials_expired",
                        fmt::format("the credentials from {} expired at {}", found.source,
                                    to_iso8601(*found.expires)),
                        "get new ones the way you got these, and run again");
        auto fresh = std::make_shared<const Credentials>(std::move(found));
        log_.debug("credentials of {} renewed: access key {}", fresh->source, fresh->access_key_id);
        const Lock lock(mutex_);
        current_ = fresh;
        return fresh;
    }

    Fetch fetch_;
    std::shared_ptr<Clock> clock_;
    Log log_;
    Mutex fetching_;  // held while fetch_ runs
    std::optional<Instant> attempt_ IMPRINT_GUARDED_BY(fetching_);
    mutable Mutex mutex_;
    Current current_ IMPRINT_GUARDED_BY(mutex_);
};

CredentialSource::CredentialSource(Credentials fixed)
    : state_(std::make_shared<State>(std::move(fixed), nullptr, nullptr, Log{})) {}

CredentialSource::CredentialSource(Credentials first, Fetch fetch, std::shared_ptr<Clock> clock,
                                   Log log)
    : state_(std::make_shared<State>(std::move(first), std::move(fetch), std::move(clock),
                                     std::move(log))) {}

Result<CredentialSource::Current> CredentialSource::get() const {
    return state_->get();
}

Result<CredentialSource::Current> CredentialSource::renew(const Current& refused) const {
    return state_->renew(refused);
}

Result<CredentialServices> network_services(const CredentialEnvironment& environment,
                                            const std::string& profile, Log log,
                                            const std::stop_token& stop) {
    IMPRINT_TRY(http::CurlOptions trust, find_trust(environment, profile));
    trust.stop = stop;
    CredentialServices services;
    services.cloud = make_registry_client(trust);
    services.machine = make_metadata_client(stop);
    services.clock = std::make_shared<SystemClock>();
    services.log = std::move(log);
    services.stop = stop;
    return services;
}

Result<CredentialSource> find_credential_source(const CredentialEnvironment& environment,
                                                const std::string& profile,
                                                const std::string& region,
                                                const CredentialServices& services) {
    IMPRINT_TRY(Credentials first, search_credentials(environment, profile, region, services));
    auto again = [environment, profile, region, services,
                  source = first.source]() -> Result<Credentials> {
        IMPRINT_TRY(Credentials found, search_credentials(environment, profile, region, services));
        // A run that began in one account does not go on in another because a file has changed.
        if (found.source != source)
            return fail(ErrorKind::registry, "credentials_changed",
                        fmt::format("there are no longer credentials from {}, but from {}", source,
                                    found.source),
                        "run again to use them");
        return found;
    };
    return CredentialSource(std::move(first), std::move(again), services.clock, services.log);
}

}  // namespace imprint::aws
