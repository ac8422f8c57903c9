#include <algorithm>
#include <deque>
#include <fmt/format.h>
#include <memory>
#include <unistd.h>

#include "base/mutex.h"
#include "base/text.h"
#include "base/threads.h"
#include "bays/bay_setup.h"
#include "cli/bench_keys.h"
#include "cli/commands.h"
#include "config/bays_file.h"
#include "station/surroundings.h"

namespace imprint::cli {

namespace {

// Lines that somebody types, taken by another thread than the one that reads them.
class TypedLines {
  public:
    [[nodiscard]] Result<void> start(const Log& log) {
        IMPRINT_TRY(reader_,
                    start_thread(
                        "reading the keys",
                        [this](const std::stop_token& stop) {
                            read_lines(
                                STDIN_FILENO,
                                [this](std::string_view line) {
                                    const Lock lock(mutex_);
                                    lines_.emplace_back(trimmed(line));
                                },
                                stop);
                            const Lock lock(mutex_);
                            ended_ = true;
                        },
                        [log](const Error& error) { log.warning("{}", error.describe()); }));
        return {};
    }

    [[nodiscard]] std::optional<std::string> next() {
        const Lock lock(mutex_);
        if (lines_.empty()) return std::nullopt;
        std::string line = std::move(lines_.front());
        lines_.pop_front();
        return line;
    }

    [[nodiscard]] bool ended() {
        const Lock lock(mutex_);
        return ended_ && lines_.empty();
    }

  private:
    Mutex mutex_;
    std::deque<std::string> lines_ IMPRINT_GUARDED_BY(mutex_);
    bool ended_ IMPRINT_GUARDED_BY(mutex_) = false;
    std::jthread reader_;
};

class SetupSession {
  public:
    SetupSession(Context& context, const prepare::StationSettings& station,
                 std::vector<std::string> names, config::BayPlaces fixed, config::BayPlaces of_file)
        : context_(context),
          file_(station.bays_file),
          names_(std::move(names)),
          is_counting_(names_.empty()),
          fixed_(std::move(fixed)),
          setup_(together(fixed_, std::move(of_file)), fixed_) {}

    [[nodiscard]] Result<int> run(transport::PortWatch& watch) {
        IMPRINT_CHECK(lines_.start(context_.log));
        // What is plugged in already is nobody's next bay.
        IMPRINT_TRY(const auto present, watch.next(Milliseconds(0), context_.stop));
        static_cast<void>(present);
        while (!is_done_ && next_name()) {
            say(fmt::format("Plug a board into bay {}. (Enter: leave it out; done: that is all)",
                            *setup_.expected()));
            while (setup_.expected() && !is_done_) {
                IMPRINT_TRY(const auto changes, watch.next(look_again, context_.stop));
                for (const auto& change : changes)
                    IMPRINT_CHECK(take(change));
                take_lines();
                if (context_.stop.stop_requested()) return exit_code(ErrorKind::interrupted);
            }
        }
        return 0;
    }

  private:
    static constexpr Milliseconds look_again{100};

    static config::BayPlaces together(config::BayPlaces one, config::BayPlaces other) {
        one.merge(other);
        return one;
    }

    void say(const std::string& text) const {
        context_.show(events::Note{.text = text}, text + '\n');
    }

    // False: there is none any more.
    [[nodiscard]] bool next_name() {
        if (is_counting_) return expect(setup_.next_number());
        while (!names_.empty()) {
            const std::string name = names_.front();
            names_.erase(names_.begin());
            if (expect(name)) return true;
        }
        return false;
    }

    [[nodiscard]] bool expect(const std::string& name) {
        const auto expected = setup_.expect(name);
        if (!expected) context_.log.warning("{}", expected.error().describe());
        return expected.has_value();
    }

    [[nodiscard]] Result<void> take(const transport::PortChange& change) {
        const auto learnt = setup_.take(change);
        if (!learnt) return {};
        const std::string text = fmt::format(
            "Bay {} is {}{}{}\n", learnt->bay, learnt->place, learnt->known ? " already" : "",
            learnt->port == learnt->place ? std::string() : fmt::format(" ({})", learnt->port));
        context_.out.event(
            {context_.clock.wall(),
             learnt->bay,
             {},
             events::BayNamed{.place = learnt->place, .port = learnt->port, .known = learnt->known},
             text});
        if (learnt->known) return {};
        config::BayPlaces bays = setup_.bays();
        for (const auto& [name, place] : fixed_)
            bays.erase(name);
        return config::write_bays_file(file_, bays);
    }

    void take_lines() {
        while (const auto line = lines_.next()) {
            if (*line == "done") {
                is_done_ = true;
            } else if (line->empty()) {
                setup_.skip();
            } else if (expect(*line)) {
                say(fmt::format("Plug a board into bay {}.", *line));
            }
        }
        // Names that were given are waited for, whoever listens.
        if (is_counting_ && lines_.ended()) is_done_ = true;
    }

    Context& context_;
    std::filesystem::path file_;
    std::vector<std::string> names_;
    bool is_counting_;
    config::BayPlaces fixed_;
    bays::BaySetup setup_;
    TypedLines lines_;
    bool is_done_ = false;
};

Result<int> set_up(Context& context, const std::vector<std::string>& names, bool anew) {
    IMPRINT_TRY(const config::Config config, context.config());
    const auto& station = config.settings.station;
    IMPRINT_TRY(auto of_file, config::read_bays_file(station.bays_file));
    config::BayPlaces fixed = station.configured_bays;
    if (anew) of_file.clear();
    // All names are looked at before the first board.
    bays::BaySetup trial({}, fixed);
    for (const auto& name : names) {
        if (std::ranges::count(names, name) > 1)
            return fail(ErrorKind::usage, "bay_twice", fmt::format("bay {} is named twice", name),
                        "name each bay once");
        IMPRINT_CHECK(trial.expect(name));
    }
    const auto surroundings = station::surroundings_of_this_process(config.settings, context.clock,
                                                                    context.log, context.stop);
    IMPRINT_TRY(const auto watch, surroundings.watch_ports({}));
    SetupSession session(context, station, names, std::move(fixed), std::move(of_file));
    return session.run(*watch);
}

}  // namespace

void add_station_setup(Command& station) {
    struct Options {
        std::vector<std::string> names;
        bool anew = false;
    };

    const auto options = std::make_shared<Options>();
    Command command = station.command(
        "setup", "Say which socket is which bay, by plugging boards in.",
        "imprint station setup                   # bays 1, 2, 3, …\n"
        "imprint station setup left right\n"
        "imprint station setup --anew            # forget those that were learnt before");
    command.option({"NAME", "NAME", "of the bays, in the order in which boards are plugged in"},
                   &options->names);
    command.option({"--anew", "", "begin without the bays that the file has"}, &options->anew);
    command.config_options().common_options();
    command.act(
        [options](Context& context) { return set_up(context, options->names, options->anew); });
}

}  // namespace imprint::cli
