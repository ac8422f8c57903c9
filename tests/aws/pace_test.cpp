#include "aws/pace.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <queue>
#include <random>
#include <string>
#include <vector>

namespace imprint::aws {
namespace {

using namespace std::chrono_literals;

const Instant start{};

double seconds(Instant time) {
    return std::chrono::duration<double>(time - start).count();
}

// A service's quota: a bucket that holds one second's calls.
class Bucket {
  public:
    explicit Bucket(double quota) : quota_(quota), tokens_(quota) {}

    [[nodiscard]] bool take(Instant now) {
        tokens_ = std::min(quota_, tokens_ + seconds(now) * quota_ - filled_);
        filled_ = seconds(now) * quota_;
        if (tokens_ < 1) return false;
        tokens_ -= 1;
        return true;
    }

    void set_quota(double quota, Instant now) {
        quota_ = quota;
        filled_ = seconds(now) * quota;
        tokens_ = std::min(tokens_, quota);
    }

  private:
    double quota_;
    double tokens_;
    double filled_ = 0;
};

struct Load {
    std::vector<double> quotas;  // of the operations that each thing needs, in their order
    unsigned things = 0;
    unsigned workers = 64;
    Milliseconds latency{50};
    unsigned seed = 1;
};

struct Outcome {
    double took = 0;  // seconds
    unsigned calls = 0;
    unsigned refused = 0;
};

// Workers that register things, in time that is only counted.
Outcome run(const Load& load) {
    Pace pace;
    std::vector<Bucket> buckets(load.quotas.begin(), load.quotas.end());
    std::mt19937 random(load.seed);
    enum class Next { ask, arrive, answered };

    struct Event {
        Instant at;
        std::uint64_t order;
        unsigned operation;
        Next next;
        bool allowed;

        bool operator>(const Event& other) const {
            return std::tie(at, order) > std::tie(other.at, other.order);
        }
    };

    std::priority_queue<Event, std::vector<Event>, std::greater<>> events;
    std::uint64_t order = 0;
    unsigned left = load.things;
    Outcome outcome;
    for (unsigned i = 0; i < load.workers && left > 0; ++i, --left)
        events.push({start, order++, 0, Next::ask, false});
    const Milliseconds way = load.latency / 2;
    while (!events.empty()) {
        Event event = events.top();
        events.pop();
        outcome.took = seconds(event.at);
        const std::string name = "Operation" + std::to_string(event.operation);
        if (event.next == Next::ask) {
            const auto wait = pace.reserve(name, event.at);
            events.push({event.at + wait + way, order++, event.operation, Next::arrive, false});
        } else if (event.next == Next::arrive) {
            ++outcome.calls;
            const bool allowed = buckets[event.operation].take(event.at);
            outcome.refused += allowed ? 0 : 1;
            events.push({event.at + way, order++, event.operation, Next::answered, allowed});
        } else if (!event.allowed) {
            pace.throttled(name, event.at);
            const Milliseconds pause(std::uniform_int_distribution(50, 400)(random));
            events.push({event.at + pause, order++, event.operation, Next::ask, false});
        } else {
            pace.accepted(name, event.at);
            if (event.operation + 1 < load.quotas.size())
                events.push({event.at, order++, event.operation + 1, Next::ask, false});
            else if (left > 0) {
                --left;
                events.push({event.at, order++, 0, Next::ask, false});
            }
        }
    }
    return outcome;
}

TEST(Pace, two_thousand_things_take_hardly_longer_than_the_quotas_dictate) {
    for (const unsigned seed : {1U, 2U, 3U}) {
        Load load{.quotas = std::vector<double>(6, 100), .things = 2000, .seed = seed};
        const Outcome outcome = run(load);
        EXPECT_LT(outcome.took, 20.0 * 1.10);
        EXPECT_LT(outcome.refused, outcome.calls / 20) << outcome.calls;
    }
}

TEST(Pace, the_narrowest_of_aws_quotas_sets_the_time) {
    // CreateThing, RegisterCertificateWithoutCA, AttachPolicy, AttachThingPrincipal,
    // UpdateCertificate, ListThingPrincipals.
    Load load{.quotas = {100, 10, 15, 100, 10, 10}, .things = 600};
    const Outcome outcome = run(load);
    EXPECT_LT(outcome.took, 60 * 1.10);
    EXPECT_LT(outcome.refused, outcome.calls / 10);
}

TEST(Pace, a_few_bays_are_never_held_back_where_nothing_is_refused) {
    Load load{.quotas = std::vector<double>(6, 1000), .things = 100, .workers = 4};
    const Outcome outcome = run(load);
    EXPECT_EQ(outcome.refused, 0U);
    EXPECT_DOUBLE_EQ(outcome.took, 100 / 4 * 6 * 0.05);
}

TEST(Pace, follows_a_quota_that_changes) {
    Pace pace;
    Bucket bucket(50);
    Instant now = start;
    const auto drive = [&](std::chrono::seconds time) {
        unsigned allowed = 0;
        for (const Instant end = now + time; now < end;) {
            now += std::max(pace.reserve("CreateThing", now), 1ms);
            if (bucket.take(now)) {
                ++allowed;
                pace.accepted("CreateThing", now);
            } else {
                pace.throttled("CreateThing", now);
            }
        }
        return allowed;
    };
    EXPECT_GT(drive(20s), 50 * 20 * 0.95);
    bucket.set_quota(10, now);
    static_cast<void>(drive(10s));
    EXPECT_NEAR(*pace.rate("CreateThing"), 10, 2);
    EXPECT_GT(drive(20s), 10 * 20 * 0.93);
    bucket.set_quota(40, now);
    static_cast<void>(drive(60s));
    EXPECT_GT(drive(20s), 40 * 20 * 0.93);
}

TEST(Pace, one_refusal_out_of_the_blue_is_soon_forgotten) {
    Pace pace;
    pace.throttled("CreateThing", start);
    EXPECT_LE(*pace.rate("CreateThing"), 5);
    Instant now = start;
    while (now < start + 10s) {
        now += std::max(pace.reserve("CreateThing", now), 1ms);
        pace.accepted("CreateThing", now);
    }
    EXPECT_GT(*pace.rate("CreateThing"), 100);
    EXPECT_FALSE(pace.rate("AttachPolicy")) << "each operation has a rate of its own";
}

TEST(RetryQuota, is_spent_by_tries_and_given_back_by_what_goes_well) {
    RetryQuota quota;
    for (int i = 0; i < 100; ++i)
        EXPECT_TRUE(quota.take(false));
    EXPECT_FALSE(quota.take(false));
    quota.give_back(true);
    EXPECT_TRUE(quota.take(false));
    EXPECT_FALSE(quota.take(false));
    for (int i = 0; i < 10; ++i)
        quota.give_back(false);
    EXPECT_TRUE(quota.take(true));
    EXPECT_FALSE(quota.take(false));
    for (int i = 0; i < 10'000; ++i)
        quota.give_back(true);
    for (int i = 0; i < 50; ++i)
        EXPECT_TRUE(quota.take(true));
    EXPECT_FALSE(quota.take(true));
}

}  // namespace
}  // namespace imprint::aws
