// Flashing against the least time that wire and flash allow, and against esptool-js.
//   flash_bench STUB_DIRECTORY                  boards whose time jumps: the same on every machine;
//                                               at 921600 baud, and at 2 Mbaud
//   flash_bench STUB_DIRECTORY --peer SCRIPT    the same boards in real time behind terminals, this
//                                               loader and esptool-js by turns, medians of three
//   flash_bench STUB_DIRECTORY --faults BOARDS  one byte in 10,000 lost, doubled, changed or late
#include <algorithm>
#include <array>
#include <cstdio>
#include <fmt/format.h>
#include <functional>
#include <string_view>

#include "base/files.h"
#include "base/process.h"
#include "flash/bound.h"
#include "flash/faults.h"
#include "flash/firmware.h"
#include "loader/board.h"
#include "simulator/virtual_board.h"

namespace {

using namespace imprint;

constexpr std::uint32_t usual_baud = 921'600;
constexpr std::uint32_t fast_baud = 2'000'000;

simulator::BoardOptions board_options() {
    simulator::BoardOptions options;
    options.mac = *parse_mac("24:0a:c4:12:ab:cd");
    options.network = false;
    options.timings = simulator::Timings::esp32_with_w25q32();
    return options;
}

// Seconds from the first touch of the lines to the last proof, and the last proof's part of it.
struct Took {
    double all = 0;
    double proof = 0;
};

Took flash(transport::Port& port, Clock& clock, const std::filesystem::path& stubs,
           const bench::Firmware& firmware, std::uint32_t baud = usual_baud) {
    const Instant start = clock.now();
    loader::ConnectOptions options;
    options.baud = baud;
    options.stub_directory = stubs;
    auto board = loader::Board::connect(port, options, clock);
    if (!board) throw std::runtime_error(board.error().describe());
    for (const auto& region : firmware.regions) {
        const auto written = board->write_difference(region);
        if (!written) throw std::runtime_error(written.error().describe());
    }
    const Instant written = clock.now();
    const auto proven = board->prove();
    if (!proven) throw std::runtime_error(proven.error().describe());
    const Instant end = clock.now();
    return {std::chrono::duration<double>(end - start).count(),
            std::chrono::duration<double>(end - written).count()};
}

struct Case {
    const char* name;
    bench::Bound bound;
    double bar_of_bound;
    double bar_of_peer;
    double aim_of_peer;
};

struct Cases {
    bench::Firmware first = bench::make_firmware(1);
    bench::Firmware second = bench::make_firmware(2);
    std::array<Case, 3> cases;

    explicit Cases(const std::filesystem::path& stubs, std::uint32_t baud = usual_baud) {
        const auto timings = simulator::Timings::esp32_with_w25q32();
        const std::vector<loader::FlashData> changed{second.regions[3].slice(0, 0x2000)};
        const auto bound = [&](std::span<const loader::FlashData> send, std::uint32_t dirty) {
            return bench::lower_bound(send, dirty, first.regions, stubs, baud, timings);
        };
        cases = {{{"blank board", bound(first.regions, 0), 1.10, 0.85, 0.70},
                  {"nothing changed", bound({}, 0), 0, 0.20, 0.10},
                  {"credentials changed", bound(changed, 0x2000), 1.25, 1.0 / 3, 0.20}}};
    }
};

void report(const Case& one, const Took& took_and_proof, double peer) {
    constexpr double proof_bar = 0.1;
    const bench::Bound& bound = one.bound;
    const double took = took_and_proof.all;
    fmt::print("{:20} {:7.3f} s, {:.3f} of the bound", one.name, took, took / bound.total());
    if (one.bar_of_bound > 0) fmt::print(" (bar {:.2f})", one.bar_of_bound);
    if (peer > 0)
        fmt::print("; esptool-js {:7.3f} s, {:.3f} of it (bar {:.3f}, aim {:.2f})", peer,
                   took / peer, one.bar_of_peer, one.aim_of_peer);
    fmt::print(
        "\n{:20} {:7.3f} s = {:.3f} reset + {:.3f} stub + {:.3f} wire + {:.3f} flash + "
        "{:.3f} proof\n",
        "  bound", bound.total(), bound.reset, bound.stub, bound.wire, bound.flash, bound.prove);
    fmt::print(
        "{:20} {:7.3f} s for all regions after the last write: {:.3f} s more than hashing "
        "them once (bar {:.1f})\n",
        "  proof", took_and_proof.proof, took_and_proof.proof - bound.prove, proof_bar);
}

void in_virtual_time(const std::filesystem::path& stubs) {
    const Cases all(stubs);
    for (const auto& region : all.first.regions)
        fmt::print("  {:22} {:8} bytes at {:#8x}, {:.3f} of it compressed\n", region.label(),
                   region.size(), region.offset(),
                   static_cast<double>(region.compressed().size()) / region.size());
    auto board = simulator::VirtualBoard::create(board_options()).value();
    report(all.cases[0], flash(*board, *board, stubs, all.first), 0);
    report(all.cases[1], flash(*board, *board, stubs, all.first), 0);
    report(all.cases[2], flash(*board, *board, stubs, all.second), 0);

    fmt::print("  at {} baud\n", fast_baud);
    const Cases fast(stubs, fast_baud);
    auto other = simulator::VirtualBoard::create(board_options()).value();
    report(fast.cases[0], flash(*other, *other, stubs, fast.first, fast_baud), 0);
}

double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
}

class Peer {
  public:
    Peer(std::string script, const Cases& all) : script_(std::move(script)) {
        write("first", all.first);
        write("second", all.second);
    }

    double flash(const std::filesystem::path& port, const std::string& which) {
        std::vector<std::string> command{"node", script_, port.string()};
        for (const auto& [offset, name] : files_) {
            command.push_back(offset);
            command.push_back((folder_.path() / which / name).string());
        }
        const auto done = run_command({command, {}, {}, {}});
        if (!done || done->status != 0)
            throw std::runtime_error(done ? done->text : done.error().describe());
        return std::stod(done->text);
    }

  private:
    void write(const std::string& which, const bench::Firmware& firmware) {
        std::filesystem::create_directory(folder_.path() / which);
        files_.clear();
        for (const auto& region : firmware.regions) {
            static_cast<void>(
                write_file(folder_.path() / which / region.label(), region.content()).value());
            files_.emplace_back(std::to_string(region.offset()), region.label());
        }
    }

    std::string script_;
    TemporaryDirectory folder_ = TemporaryDirectory::create("imprint-bench").value();
    std::vector<std::pair<std::string, std::string>> files_;
};

void against_the_peer(const std::filesystem::path& stubs, const std::string& script) {
    constexpr int rounds = 3;
    const Cases all(stubs);
    Peer peer(script, all);
    SystemClock clock;
    std::array<std::vector<double>, 3> ours;
    std::array<std::vector<double>, 3> proofs;
    std::array<std::vector<double>, 3> theirs;
    const std::array firmware{&all.first, &all.first, &all.second};
    const std::array<std::string, 3> names{"first", "first", "second"};
    for (int round = 0; round < rounds; ++round) {
        auto mine = simulator::PtyBoard::start(board_options()).value();
        auto other = simulator::PtyBoard::start(board_options()).value();
        for (std::size_t i = 0; i < 3; ++i) {
            auto port = transport::open_port(mine.path()).value();
            const Took took = flash(*port, clock, stubs, *firmware[i]);
            ours[i].push_back(took.all);
            proofs[i].push_back(took.proof);
            port.reset();
            theirs[i].push_back(peer.flash(other.path(), names[i]));
        }
    }
    for (std::size_t i = 0; i < 3; ++i)
        report(all.cases[i], {median(ours[i]), median(proofs[i])}, median(theirs[i]));
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (arguments.size() == 1) {
        in_virtual_time(arguments[0]);
        return 0;
    }
    if (arguments.size() == 3 && arguments[1] == "--peer") {
        against_the_peer(arguments[0], arguments[2]);
        return 0;
    }
    if (arguments.size() == 3 && arguments[1] == "--faults")
        return bench::flash_on_bad_lines(arguments[0],
                                         static_cast<unsigned>(std::stoul(arguments[2])))
                   ? 0
                   : 1;
    fmt::print(stderr, "flash_bench STUB_DIRECTORY [--peer SCRIPT | --faults BOARDS]\n");
    return 2;
}
