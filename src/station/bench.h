// A bench where boards come and go: bays live on from board to board until somebody ends it. Which
// bay does what is decided by BayLife; here are its threads, its ports and its events.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/mac.h"
#include "base/mutex.h"
#include "bays/ports.h"
#include "events/event.h"
#include "station/bay_life.h"
#include "transport/port_watch.h"

namespace imprint::station {

// What is to be done with the board in a bay.
struct BoardOrder {
    bool again = false;       // also if it has passed
    std::string serial = {};  // that was scanned for it; empty: none was
    std::string lot = {};     // whose number it is: no board of another lot takes it
};

// The work in one bay at a time; called from the bays' threads.
class BayWorker {
  public:
    virtual ~BayWorker() = default;
    // Tells of the board by events, the last of them its outcome.
    [[nodiscard]] virtual Ending prepare(const bays::BayPort& bay, const BoardOrder& order,
                                         const events::EventSink& events,
                                         const std::stop_token& stop) = 0;
    // The board that answers there, if one does; it is left as it was.
    [[nodiscard]] virtual std::optional<MacAddress> ask(const bays::BayPort& bay,
                                                        const std::stop_token& stop) = 0;
};

struct BenchRules {
    BayRules bay;
    // Work that waits for the registry, and tells nothing for so long, is shown as waiting.
    Milliseconds slow{5000};
};

// What somebody at the bench wants of a bay.
struct BenchKey {
    enum class What : std::uint8_t { start, again, abort, off, on };
    What what = What::start;
    std::string bay;  // its name; empty: all
};

// A serial number from a label. It is for the board in `bay`; without one for the board that was
// refused for want of it, if there is exactly one, which is begun; otherwise for the next board
// that is begun. A board that ends before it was identified does not give it back, and neither does
// one that is taken out: whose label it was, only another scan can say.
struct ScannedSerial {
    std::string serial;
    std::string bay = {};  // its name, or empty
    std::string lot = {};  // the one that it was scanned in
};

// While bays get their names by what is plugged in, a port that comes where no board is is shown to
// this, on the bench's thread, and no board is begun in it.
struct Learnt {
    bool goes_on = true;                   // false: nobody sets bays up any more
    std::optional<std::string> name = {};  // of the bay that is there
};

using BayLearner = std::function<Learnt(const transport::PortChange&)>;

struct BenchSummary {
    unsigned passed = 0;
    unsigned failed = 0;
    unsigned skipped = 0;
    unsigned stopped = 0;
    bool interrupted = false;  // boards in hand were given up
};

class Bench {
  public:
    // names: of bays, with their ports or USB paths, as in station.bays. worker and clock outlive
    // it.
    Bench(const BenchRules& rules, std::map<std::string, std::string> names, BayWorker& worker,
          Clock& clock, events::EventSink events);

    ~Bench();
    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;
    Bench(Bench&&) = delete;
    Bench& operator=(Bench&&) = delete;

    // Until `ending` (boards in hand are finished first) or a stop (they are given up).
    // Errors: those of the watch.
    [[nodiscard]] Result<BenchSummary> run(transport::PortWatch& watch,
                                           const std::function<bool()>& ending,
                                           const std::stop_token& stop);

    // From any thread. False: no bay has that name; for all bays: none has been there yet.
    bool press(const BenchKey& key);
    bool scan(const ScannedSerial& scanned);

    // Empty: boards are begun again; those that came meanwhile are, once they are plugged in anew.
    // What it refers to outlives the bench, or the next call's arrival there.
    void learn(BayLearner learner);
    // The bay at this place is called so from now on; empty: as its port is.
    void name_place(const std::string& place, const std::string& name);

    // Those that have names, and those that have been there so far. From any thread.
    [[nodiscard]] std::vector<std::string> bays() const;

  private:
    struct Bay;

    // What a bay's thread has to tell.
    struct Done {
        Bay* bay = nullptr;
        Happening what;
    };

    struct WatchEnded {
        Error error;
    };

    struct PlaceNamed {
        std::string place;
        std::string name;
    };

    using Input = std::variant<transport::PortChange, Done, BenchKey, ScannedSerial, BayLearner,
                               PlaceNamed, WatchEnded>;

    [[nodiscard]] bool knows(const std::string& bay) const IMPRINT_REQUIRES(mutex_);
    void post(Input input);
    [[nodiscard]] std::optional<Input> take(Instant until);
    [[nodiscard]] Instant next_look() const;
    void watch_ports(transport::PortWatch& watch, const std::stop_token& stop);

    void take_in(const transport::PortChange& change);
    void take_in(const Done& done);
    void take_in(const BenchKey& key);
    void take_in(const ScannedSerial& scanned);
    void take_in(const BayLearner& learner);
    void take_in(const PlaceNamed& named);
    void take_in(const WatchEnded& ended);
    void look_at_bays();
    void give_up_boards();
    [[nodiscard]] bool any_at_work() const;

    [[nodiscard]] bays::BayPort port_of(const transport::FoundPort& port) const;
    [[nodiscard]] Bay& bay_at(const bays::BayPort& port);
    void happens(Bay& bay, const Happening& what);
    void carry_out(Bay& bay, Order order);
    void start(Bay& bay, bool again);
    [[nodiscard]] Bay* bay_for(const ScannedSerial& scanned) const;
    [[nodiscard]] ScannedSerial take_serial(Bay& bay);
    // Several boards were refused for want of a number: their bays.
    [[nodiscard]] std::size_t count_refused() const;
    [[nodiscard]] static bool is_refused(const Bay& bay);
    [[nodiscard]] Bay* bay_at_place(const std::string& place) const;
    // The learner has it: no board is begun.
    [[nodiscard]] bool is_learnt_from(const transport::PortChange& change);
    void call(Bay& bay, const std::string& name);
    void ask(Bay& bay);
    void count(const Ending& how);
    void tell_outcome(Bay& bay) const;
    void tell_changed(const Bay& bay) const;
    void tell(const std::string& bay, const std::optional<MacAddress>& mac,
              events::Body body) const;
    [[nodiscard]] events::EventSink sink_of(Bay& bay);

    BenchRules rules_;
    BayWorker& worker_;
    Clock& clock_;
    events::EventSink events_;

    // Of the thread in run():
    BenchSummary summary_;
    std::optional<Error> error_;
    bool ends_ = false;      // no board is begun any more
    ScannedSerial scanned_;  // for the next board; empty: none
    bool asks_bay_ = false;  // it is of one of several that were refused: no other board gets it
    BayLearner learner_;     // empty: nobody sets bays up

    mutable Mutex mutex_;
    std::condition_variable_any arrived_;
    std::deque<Input> inputs_ IMPRINT_GUARDED_BY(mutex_);
    std::set<std::string> known_ IMPRINT_GUARDED_BY(mutex_);               // names of bays
    std::map<std::string, std::string> names_ IMPRINT_GUARDED_BY(mutex_);  // with their places

    // Of the thread in run(). The last one: its threads use the others until they have ended.
    std::vector<std::unique_ptr<Bay>> bays_;
};

}  // namespace imprint::station
