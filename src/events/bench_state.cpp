#include "events/bench_state.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

namespace imprint::events {

namespace {

constexpr std::chrono::minutes lately{30};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// The number that the text begins with, without its zeros at the front.
std::string_view number_at(std::string_view text) {
    const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
    const std::size_t begin = std::min(text.find_first_not_of('0'), end);
    return text.substr(begin, end - begin);
}

// "bay 9" before "bay 10".
bool comes_before(std::string_view a, std::string_view b) {
    while (!a.empty() && !b.empty()) {
        if (is_digit(a.front()) && is_digit(b.front())) {
            const std::string_view one = number_at(a);
            const std::string_view other = number_at(b);
            if (one.size() != other.size()) return one.size() < other.size();
            if (one != other) return one < other;
            a.remove_prefix(std::min(a.find_first_not_of("0123456789"), a.size()));
            b.remove_prefix(std::min(b.find_first_not_of("0123456789"), b.size()));
            continue;
        }
        if (a.front() != b.front()) return a.front() < b.front();
        a.remove_prefix(1);
        b.remove_prefix(1);
    }
    return a.size() < b.size();
}

// What one event changes. Most of them say nothing of a bench.
class Change {
  public:
    Change(BenchState& state, const Event& event) : state_(state), event_(event) {}

    void operator()(const FirmwareReady& told) { state_.run.chip = told.chip; }

    void operator()(const RunStarted& told) {
        RunState run;
        run.version = told.version;
        run.lot = told.lot;
        run.endpoint = told.endpoint;
        run.firmware_commit = told.firmware_commit;
        run.chip = state_.run.chip;
        run.boards = told.boards;
        run.watch = told.watch;
        run.app = told.app;
        run.app_version = told.app_version;
        run.started = run.lot_began = event_.time;
        state_.run = std::move(run);
        state_.bays.clear();
        for (const auto& name : told.bays)
            state_.bays.push_back(fresh(name));
        if (told.watch)
            for (auto& bay : state_.bays)
                bay.outcome = BayOutcome::empty;
    }

    void operator()(const RunChanged& told) {
        if (told.lot != state_.run.lot) {
            state_.run.lot_target = state_.run.lot_passed = 0;
            state_.run.passed_lately.clear();
            state_.run.lot_began = event_.time;
        }
        state_.run.lot = told.lot;
        state_.run.firmware_commit = told.firmware_commit;
        state_.run.app = told.app;
        state_.run.app_version = told.app_version;
    }

    void operator()(const SerialScanned& told) {
        if (event_.bay.empty())
            state_.run.scanned = told.serial;
        else
            bay().scanned = told.serial;
    }

    void operator()(const RunFinished& told) {
        state_.run.passed = told.passed;
        state_.run.failed = told.failed;
        state_.run.skipped = told.skipped;
        state_.run.stopped = told.stopped;
        state_.run.empty = told.empty;
        state_.run.finished = event_.time;
    }

    void operator()(const Lot& told) {
        if (told.name.empty() || told.name != state_.run.lot) return;
        state_.run.lot_target = static_cast<std::uint64_t>(std::max<std::int64_t>(told.target, 0));
        state_.run.lot_passed = told.passed;
    }

    void operator()(const BoardStarted& told) {
        if (event_.bay.empty()) return;
        // A bay whose board is done has another one now.
        const auto former = std::ranges::find(state_.bays, event_.bay, &BayState::bay);
        if (former != state_.bays.end()) *former = after(*former);
        bay().port = told.port;
    }

    void operator()(const BoardIdentified& told) {
        if (event_.bay.empty()) return;
        BayState& bay = this->bay();
        bay.port = told.port;
        bay.chip = told.chip;
        bay.serial = told.serial.value_or("");
    }

    void operator()(const BoardStep& told) {
        if (event_.bay.empty()) return;
        BayState& bay = this->bay();
        bay.step = told.step;
        bay.done = bay.total = 0;
        bay.step_began = event_.time;
    }

    // Nothing but the measure: whatever else there is to know does not hang on progress that may
    // have been left out.
    void operator()(const BoardProgress& told) {
        const auto bay = std::ranges::find(state_.bays, event_.bay, &BayState::bay);
        if (bay == state_.bays.end()) return;
        bay->last = event_.time;
        // What goes on beside the step is not what the bay shows.
        if (bay->step != told.step) return;
        bay->done = told.done;
        bay->total = told.total;
    }

    void operator()(const BoardConsole& told) {
        if (!event_.bay.empty()) bay().console = told.line;
    }

    void operator()(const BoardPassed& told) {
        if (event_.bay.empty()) return;
        BayState& bay = this->bay();
        bay.outcome = BayOutcome::passed;
        bay.thing = told.thing;
        bay.certificate_id = told.certificate_id;
        bay.seconds = told.seconds;
        bay.serial = told.serial.value_or(bay.serial);
        ++state_.run.passed;
        auto& passed = state_.run.passed_lately;
        std::erase_if(passed, [&](WallTime time) { return event_.time - time > lately; });
        passed.push_back(event_.time);
    }

    void operator()(const BoardFailed& told) {
        if (event_.bay.empty()) return;
        BayState& bay = this->bay();
        bay.outcome = BayOutcome::failed;
        bay.error_code = told.code;
        bay.reason = told.reason;
        bay.hint = told.hint;
        ++state_.run.failed;
    }

    void operator()(const BoardSkipped& told) {
        if (event_.bay.empty()) return;
        BayState& bay = this->bay();
        bay.outcome = BayOutcome::skipped;
        bay.thing = told.thing;
        bay.certificate_id = told.certificate_id;
        bay.passed_at = told.passed;
        ++state_.run.skipped;
    }

    void operator()(const BoardStopped&) {
        if (event_.bay.empty()) return;
        bay().outcome = BayOutcome::stopped;
        ++state_.run.stopped;
    }

    void operator()(const BayEmpty& told) {
        if (event_.bay.empty()) return;
        BayState& bay = this->bay();
        bay.outcome = BayOutcome::empty;
        bay.reason = told.reason;
        bay.hint = told.hint;
        if (!state_.run.watch) {
            ++state_.run.empty;
            return;
        }
        // At a bench somebody has just plugged a board in.
        bay.outcome = BayOutcome::failed;
        bay.error_code = "board_silent";
        ++state_.run.failed;
    }

    // The bay keeps its board and its result under its new name.
    void operator()(const BayNamed& told) {
        if (!state_.run.watch || told.known) return;
        const bool is_there = state_.bay(told.former) != nullptr;
        if (is_there && told.former != event_.bay) {
            std::erase_if(state_.bays, [&](const BayState& bay) { return bay.bay == event_.bay; });
            std::ranges::find(state_.bays, told.former, &BayState::bay)->bay = event_.bay;
        }
        if (state_.bay(event_.bay) == nullptr) bay().outcome = BayOutcome::empty;
        bay().place = told.place;
    }

    // What a board came to is told by events of its own.
    void operator()(const BayChanged& told) {
        BayState& bay = this->bay();
        bay.port = told.port;
        bay.place = told.place;
        switch (told.status) {
            case BayStatus::empty:
                bay = after(bay);
                bay.outcome = BayOutcome::empty;
                return;
            case BayStatus::at_work:
                if (is_result(bay.outcome)) bay = after(bay);
                bay.outcome = BayOutcome::working;
                break;
            case BayStatus::waiting:
                bay.outcome = BayOutcome::waiting;
                break;
            case BayStatus::off:
                bay = after(bay);
                bay.outcome = BayOutcome::off;
                break;
            case BayStatus::failed:
                bay.outcome = BayOutcome::failed;
                bay.error_code = told.code;
                break;
            case BayStatus::passed:
            case BayStatus::stopped:
                return;
        }
        bay.in_a_row = told.in_a_row;
        bay.reason = told.reason;
        bay.hint = told.hint;
    }

    void operator()(const auto&) {}

  private:
    static bool is_result(BayOutcome outcome) {
        using enum BayOutcome;
        return outcome == passed || outcome == failed || outcome == skipped || outcome == stopped;
    }

    // The bay when the board that is in it has left.
    [[nodiscard]] BayState after(const BayState& former) const {
        BayState bay = fresh(former.bay);
        bay.last_outcome = former.last_outcome;
        bay.last_mac = former.last_mac;
        bay.last_serial = former.last_serial;
        bay.place = former.place;
        bay.scanned = former.scanned;
        if (is_result(former.outcome)) {
            bay.last_outcome = former.outcome;
            bay.last_mac = former.mac;
            bay.last_serial = former.serial;
        }
        bay.last = event_.time;
        return bay;
    }

    [[nodiscard]] BayState fresh(const std::string& name) const {
        BayState bay;
        bay.bay = name;
        bay.started = event_.time;
        return bay;
    }

    // At a bench, those that have no name in the configuration come in their own order, whichever
    // of them has the first board.
    [[nodiscard]] std::vector<BayState>::iterator place_for(const std::string& name) const {
        if (!state_.run.watch) return state_.bays.end();
        const auto named = std::min<std::size_t>(state_.run.boards, state_.bays.size());
        return std::find_if(
            state_.bays.begin() + static_cast<std::ptrdiff_t>(named), state_.bays.end(),
            [&name](const BayState& other) { return comes_before(name, other.bay); });
    }

    BayState& bay() {
        auto found = std::ranges::find(state_.bays, event_.bay, &BayState::bay);
        if (found == state_.bays.end())
            found = state_.bays.insert(place_for(event_.bay), fresh(event_.bay));
        found->last = event_.time;
        if (event_.mac) found->mac = event_.mac;
        return *found;
    }

    BenchState& state_;
    const Event& event_;
};

}  // namespace

unsigned BayState::percent() const {
    if (total == 0) return 0;
    return static_cast<unsigned>(std::min(done, total) * 100 / total);
}

// Most of the time goes by while firmware and credentials are written, and until the board has
// started: each step ends where the next one begins.
unsigned BayState::percent_of_all() const {
    if (!step) return 0;
    const auto within = [this](unsigned from, unsigned to) {
        return from + (to - from) * percent() / 100;
    };
    switch (*step) {
        case Step::identify:
            return 1;
        case Step::firmware:
            return within(4, 76);
        case Step::identity:
            return 76;
        case Step::credentials:
            return within(76, 84);
        case Step::activate:
        case Step::queue:
            return 85;
        case Step::proof:
            return 87;
        case Step::verify:
            return 90;
        case Step::retire:
            return 98;
        case Step::read:
        case Step::erase:
            return percent();
    }
    return 0;
}

double BayState::bytes_a_second() const {
    const std::chrono::duration<double> took = last - step_began;
    if (done == 0 || took.count() <= 0) return 0;
    return static_cast<double>(done) / took.count();
}

const BayState* BenchState::bay(std::string_view name) const {
    const auto found = std::ranges::find(bays, name, &BayState::bay);
    return found == bays.end() ? nullptr : &*found;
}

std::chrono::seconds expected_left(const BenchState& state, WallTime now) {
    double seconds = 0;
    unsigned passed = 0;
    std::optional<WallTime> last_began;
    for (const auto& bay : state.bays) {
        if (bay.outcome == BayOutcome::passed) {
            seconds += bay.seconds;
            ++passed;
        }
        if (bay.outcome == BayOutcome::working && bay.step)
            last_began = std::max(last_began.value_or(bay.started), bay.started);
    }
    if (passed == 0 || !last_began) return std::chrono::seconds(0);
    const std::chrono::duration<double> so_far = now - *last_began;
    const double left = seconds / passed - so_far.count();
    return std::chrono::seconds(std::lround(std::max(left, 0.0)));
}

std::optional<double> passes_an_hour(const RunState& run, WallTime now) {
    constexpr int least = 2;  // boards, of which a rate says something
    // A bench that has just begun has been idle for most of the time. A clock that was set back
    // makes the span negative.
    constexpr std::chrono::seconds least_span{30};
    if (!run.lot_began) return std::nullopt;
    const auto span = std::min<WallTime::duration>(now - *run.lot_began, lately);
    const auto count = std::ranges::count_if(
        run.passed_lately, [&](WallTime time) { return time <= now && now - time <= lately; });
    if (count < least || span < least_span) return std::nullopt;
    return static_cast<double>(count) /
           std::chrono::duration<double, std::ratio<3600>>(span).count();
}

std::optional<WallTime> expected_end(const RunState& run, std::uint64_t left, WallTime now) {
    const auto rate = passes_an_hour(run, now);
    if (!rate || left == 0) return std::nullopt;
    return now + std::chrono::seconds(std::lround(static_cast<double>(left) / *rate * 3600));
}

BenchState apply(BenchState state, const Event& event) {
    visit(Change(state, event), event.body);
    return state;
}

}  // namespace imprint::events
