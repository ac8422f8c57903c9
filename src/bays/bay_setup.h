// Bays get their names by what is plugged in: a port that comes while a name waits is where that
// bay is. It has neither ports nor a terminal: who watches ports tells it of them, from one thread
// at a time.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/error.h"
#include "transport/port_watch.h"

namespace imprint::bays {

// What a port that came has shown.
struct LearntBay {
    std::string bay;
    std::string place;  // as in station.bays: USB path, or port
    std::string port;
    bool known = false;  // the place had that name before
    bool operator==(const LearntBay&) const = default;
};

class BaySetup {
  public:
    // known: names that there are; fixed: those of them that are written elsewhere, and stay as
    // they are.
    explicit BaySetup(std::map<std::string, std::string> known,
                      std::map<std::string, std::string> fixed = {})
        : bays_(std::move(known)), fixed_(std::move(fixed)) {}

    // The next port that comes is this bay; one that has a place gets another. Errors (usage):
    // bay_twice (it was learnt in this setup, or is fixed), bad_usage (no name for a bay).
    [[nodiscard]] Result<void> expect(const std::string& name);

    void expect_nothing() { expected_.reset(); }

    // The name that waits gets no place now.
    void skip();

    [[nodiscard]] const std::optional<std::string>& expected() const { return expected_; }

    // Nothing: there is nothing to tell. A place that has a name keeps it: it is told, and the name
    // goes on waiting, unless it is its own.
    [[nodiscard]] std::optional<LearntBay> take(const transport::PortChange& change);

    // All names, with what was learnt.
    [[nodiscard]] const std::map<std::string, std::string>& bays() const { return bays_; }

    // The name that comes next where nobody says one: 1, 2, 3, …
    [[nodiscard]] std::string next_number() const;

  private:
    std::map<std::string, std::string> bays_;
    std::map<std::string, std::string> fixed_;
    std::map<std::string, std::string> learnt_;
    std::set<std::string> skipped_;
    std::optional<std::string> expected_;
    std::string told_;  // the place that was told last: a chip that resets itself comes again
};

}  // namespace imprint::bays
