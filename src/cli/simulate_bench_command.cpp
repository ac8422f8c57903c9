#include <fmt/format.h>
#include <memory>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/simulated_boards.h"
#include "simulator/auto_hands.h"
#include "simulator/bench.h"
#include "simulator/hands_server.h"

namespace imprint::cli {

namespace {

constexpr unsigned most_bays = 256;

struct BenchCommandOptions {
    simulator::BenchOptions bench;
    SimulatedBoardOptions board;
    std::string hands = "none";
    unsigned seed = 0;
    unsigned boards = 0;
    unsigned stay = 30;  // seconds
    bool ship = false;
};

events::HandAction action_of(simulator::Hand hand) {
    switch (hand) {
        case simulator::Hand::put:
            return events::HandAction::put;
        case simulator::Hand::take:
            return events::HandAction::take;
        case simulator::Hand::swap:
            return events::HandAction::swap;
        case simulator::Hand::break_cable:
            return events::HandAction::break_cable;
        case simulator::Hand::mend_cable:
            return events::HandAction::mend_cable;
    }
    return events::HandAction::put;
}

void tell(Context& context, const simulator::HandDone& done) {
    events::HandMoved moved{.action = action_of(done.move.what), .former = done.former};
    std::string text =
        fmt::format("{} {} {}", events::word_of(moved.action), done.bay, done.board.id());
    if (done.former) text += fmt::format(" for {}", done.former->id());
    const auto what = done.move.what;
    if (what == simulator::Hand::take || what == simulator::Hand::swap) {
        moved.seconds = std::chrono::duration<double>(done.move.stay).count();
        moved.long_enough = done.move.long_enough;
        text += fmt::format(" after {:.1f} s{}", *moved.seconds,
                            done.move.long_enough ? "" : ", too soon");
    }
    context.out.event({context.clock.wall(), done.bay, done.board, moved, text + '\n'});
}

Result<int> run_bench(Context& context, const BenchCommandOptions& options) {
    simulator::BenchOptions bench_options = options.bench;
    IMPRINT_TRY(bench_options.board, options.board.read(bench_options.base_mac));
    if (bench_options.bays == 0 || bench_options.bays > most_bays)
        return fail(ErrorKind::usage, "bad_usage",
                    fmt::format("--bays {}: from 1 to {}", bench_options.bays, most_bays));
    if (options.stay == 0)
        return fail(ErrorKind::usage, "bad_usage", "--stay 0: a board needs some time");
    IMPRINT_TRY(auto bench, simulator::Bench::open(bench_options, context.log));
    const auto socket = bench_options.directory / "hands.sock";
    IMPRINT_TRY(const auto hands, simulator::HandsServer::start(bench, socket, context.log));
    events::BenchReady ready{
        .directory = bench_options.directory.string(), .hands = socket.string(), .bays = {}};
    for (const auto& bay : bench.state().bays)
        ready.bays.push_back(bay.name);
    const std::string text = fmt::format("{} bays in {}, hands at {}\n", ready.bays.size(),
                                         ready.directory, ready.hands);
    context.show(std::move(ready), text);
    if (options.hands == "auto") {
        const simulator::AutoHandsOptions played{
            .plan = {.seed = options.seed,
                     .bays = bench_options.bays,
                     .boards = options.boards,
                     .stay = std::chrono::seconds(options.stay)},
            .ship = options.ship};
        IMPRINT_CHECK(simulator::play_operator(
            bench, played, [&](const simulator::HandDone& done) { tell(context, done); },
            context.clock, context.stop));
        return 0;
    }
    while (context.clock.sleep(std::chrono::hours(1), context.stop)) {
    }
    return 0;
}

}  // namespace

void add_simulate_bench(Command& group) {
    const auto options = std::make_shared<BenchCommandOptions>();
    options->bench.directory = "bench";
    Command command = group.command(
        "bench", "Run a bench whose boards somebody puts in and takes out, until ^C.",
        "imprint simulate bench --bays 4 --dir bench      # and then, in other terminals:\n"
        "imprint prepare --watch --set station.watch=bench\n"
        "echo put 1 | socat - UNIX:bench/hands.sock\n"
        "imprint simulate bench --hands auto --seed 7 --boards 100     # an operator is played");
    command.option({"--bays", "N", "how many sockets (4)"}, &options->bench.bays);
    command.option({"--dir", "DIR",
                    "folder for the links to boards that are in, their flash and hands.sock "
                    "(bench)"},
                   &options->bench.directory);
    command.option({.names = "--hands",
                    .type = "WHO",
                    .meaning = "none: hands.sock alone moves boards; auto: an operator is played",
                    .choices = {"none", "auto"}},
                   &options->hands);
    command.option({"--seed", "S", "of the operator who is played (0)"}, &options->seed);
    command.option({"--boards", "M", "auto: ends when so many boards are done (0: never)"},
                   &options->boards);
    command.option({"--stay", "SECONDS", "auto: that are long enough for a board (30)"},
                   &options->stay);
    command.option({"--ship", "", "auto: boards that are done leave, and their flash with them"},
                   &options->ship);
    options->board.add_to(command);
    command.common_options().act(
        [options](Context& context) { return run_bench(context, *options); });
}

}  // namespace imprint::cli
