// The station as browsers follow it: a snapshot, and then what changes, without a gap. Server-sent
// events as the HTML standard has them (section 9.2); what is in them: docs/api.md.
//
// Each message has a number, and the last ones are kept: a browser that reconnects names the last
// one that it has. A snapshot and the messages after it are taken under one lock, so that nothing
// lies between them.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "events/bench_state.h"
#include "events/event.h"
#include "http/body_stream.h"
#include "http/message.h"
#include "page/lights.h"
#include "page/metrics.h"
#include "page/station_json.h"
#include "report/told.h"

namespace imprint::page {

struct FeedOptions {
    Json station;       // as in the snapshot
    std::string epoch;  // of this start of the station; letters and digits
    bool has_printer = false;
    std::size_t kept = 4096;  // messages for those who reconnect
    std::size_t most_followers = 64;
};

// Who follows: what its snapshot says of its login, and whether that goes on.
struct Follower {
    Json login;
    std::function<bool()> may_go_on = [] { return true; };
};

// Thread-safe.
class Feed {
  public:
    // clock outlives it.
    Feed(FeedOptions options, const Clock& clock);

    void take(const events::Event& event);
    // The chosen lot as the ledger has it now; nothing: none is chosen.
    void set_lot(const std::optional<report::ToldLot>& lot);
    // Empty: the ledger can be read.
    void set_ledger_trouble(const std::string& why);
    // What the set-up of bays waits for and has learnt; null: nobody sets them up.
    void set_learning(Json learning);

    [[nodiscard]] events::BenchState bench() const;
    [[nodiscard]] Json snapshot(const Json& login) const;
    [[nodiscard]] Figures figures() const;

    // last: the number that the browser had last, as it was sent; empty: it has none. The stream
    // begins with what was missed, or with a snapshot. 503: too many follow already.
    [[nodiscard]] http::Response follow(std::string_view last, Follower follower);
    // A comment to each, so that a dead connection is noticed; those that may not go on are ended.
    void beat();
    // No more: each stream ends.
    void close();

    [[nodiscard]] std::size_t followers() const;

  private:
    struct Following {
        std::uint64_t number = 0;
        http::BodyWriter writer;
        Follower who;
    };

    [[nodiscard]] std::set<std::uint64_t> ended_logins() const;
    void send(const Json& change) IMPRINT_REQUIRES(mutex_);
    void send_snapshots() IMPRINT_REQUIRES(mutex_);
    [[nodiscard]] Json snapshot_now(const Json& login) const IMPRINT_REQUIRES(mutex_);
    [[nodiscard]] std::string id() const IMPRINT_REQUIRES(mutex_);
    [[nodiscard]] std::optional<std::uint64_t> number_after(std::string_view last) const
        IMPRINT_REQUIRES(mutex_);
    [[nodiscard]] std::string beginning(std::string_view last, const Follower& follower) const
        IMPRINT_REQUIRES(mutex_);
    [[nodiscard]] Json lot_now() const IMPRINT_REQUIRES(mutex_);
    void put_lot(Json& change) IMPRINT_REQUIRES(mutex_);

    const FeedOptions options_;
    const Clock& clock_;
    mutable Mutex mutex_;
    events::BenchState state_ IMPRINT_GUARDED_BY(mutex_);
    std::optional<report::ToldLot> lot_ IMPRINT_GUARDED_BY(mutex_);
    Json told_lot_ IMPRINT_GUARDED_BY(mutex_);  // as the followers have it
    Lights lights_ IMPRINT_GUARDED_BY(mutex_);
    PassSeconds seconds_ IMPRINT_GUARDED_BY(mutex_);
    Json learning_ IMPRINT_GUARDED_BY(mutex_);
    std::deque<Json> said_ IMPRINT_GUARDED_BY(mutex_);
    std::uint64_t number_ IMPRINT_GUARDED_BY(mutex_) = 0;  // of the last message
    std::deque<std::string> kept_ IMPRINT_GUARDED_BY(mutex_);
    std::vector<Following> followers_ IMPRINT_GUARDED_BY(mutex_);
    std::uint64_t last_follower_ IMPRINT_GUARDED_BY(mutex_) = 0;
    bool closed_ IMPRINT_GUARDED_BY(mutex_) = false;
};

}  // namespace imprint::page
