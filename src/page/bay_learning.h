// Bays that get their names in the browser: "plug a board into bay 1, now bay 2…". What is learnt
// goes into the file that `imprint station setup` writes.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/mutex.h"
#include "bays/bay_setup.h"
#include "config/bays_file.h"
#include "page/station_json.h"
#include "prepare/settings.h"
#include "station/bench.h"
#include "transport/port_watch.h"

namespace imprint::page {

// Thread-safe.
class BayLearning {
  public:
    // told: what is waited for, and what was learnt, as docs/api.md has it; null: nothing.
    // clock outlives it.
    BayLearning(const prepare::StationSettings& station, const Clock& clock,
                std::function<void(Json)> told);

    // The next port that comes is this bay. Errors: those of BaySetup::expect, read_bays_file.
    [[nodiscard]] Result<void> expect(const std::string& name);
    void end();

    // Of a port that has come while a name waits: the name that its place has now. It is over where
    // nobody has named or plugged in anything for five minutes: a browser that was closed must not
    // hold up the bench.
    [[nodiscard]] station::Learnt take(const transport::PortChange& change);
    // By hand; an empty name takes it away. Errors (usage): bay_twice, bad_usage; those of the
    // file.
    [[nodiscard]] Result<void> name(const std::string& place, const std::string& name);

    [[nodiscard]] std::map<std::string, std::string> bays() const;

    // Whether imprint.toml names it: it is changed there.
    [[nodiscard]] bool is_fixed(const std::string& name) const { return fixed_.contains(name); }

  private:
    [[nodiscard]] Result<void> keep() IMPRINT_REQUIRES(mutex_);

    const std::filesystem::path file_;
    const Clock& clock_;
    const std::function<void(Json)> told_;
    const config::BayPlaces fixed_;  // by imprint.toml
    mutable Mutex mutex_;
    config::BayPlaces bays_ IMPRINT_GUARDED_BY(mutex_);
    std::optional<bays::BaySetup> setup_ IMPRINT_GUARDED_BY(mutex_);  // while somebody sets up
    Instant last_ IMPRINT_GUARDED_BY(mutex_);                         // that anything was done
};

}  // namespace imprint::page
