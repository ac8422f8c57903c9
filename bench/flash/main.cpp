// Flashing against the least time that wire and flash allow: on simulated boards whose time jumps,
// so that the figures are the same on every machine.
//   flash_bench STUB_DIRECTORY
#include <cstdio>
#include <fmt/format.h>

#include "flash/bound.h"
#include "flash/firmware.h"
#include "loader/board.h"
#include "simulator/virtual_board.h"

namespace {

using namespace imprint;

constexpr std::uint32_t baud = 921'600;

struct Bench {
    std::filesystem::path stubs;
    simulator::Timings timings = simulator::Timings::esp32_with_w25q32();
    std::unique_ptr<simulator::VirtualBoard> board;

    void fresh_board() {
        simulator::BoardOptions options;
        options.mac = *parse_mac("24:0a:c4:12:ab:cd");
        options.network = false;
        options.timings = timings;
        board = simulator::VirtualBoard::create(options).value();
    }

    // Seconds from the first touch of the lines to the last proof.
    double flash(const bench::Firmware& firmware) {
        const Instant start = board->now();
        loader::ConnectOptions options;
        options.baud = baud;
        options.stub_directory = stubs;
        auto connected = loader::Board::connect(*board, options, *board);
        if (!connected) throw std::runtime_error(connected.error().describe());
        const double connecting = std::chrono::duration<double>(board->now() - start).count();
        for (const auto& region : firmware.regions) {
            const Instant began = board->now();
            const auto written = connected->write_difference(region);
            if (!written) throw std::runtime_error(written.error().describe());
            fmt::print("    {:22} {:.3f} s, {} bytes written\n", region.label(),
                       std::chrono::duration<double>(board->now() - began).count(),
                       written->written);
        }
        const double all = std::chrono::duration<double>(board->now() - start).count();
        fmt::print("    connected after {:.3f} s\n", connecting);
        return all;
    }

    void report(const char* name, double took, const bench::Bound& bound) const {
        fmt::print(
            "{:22} {:7.3f} s   bound {:7.3f} s ({:.3f} reset, {:.3f} stub, {:.3f} wire, {:.3f} "
            "flash, {:.3f} proof)   {:.3f} x\n",
            name, took, bound.total(), bound.reset, bound.stub, bound.wire, bound.flash,
            bound.prove, took / bound.total());
    }
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    Bench bench;
    bench.stubs = argv[1];
    const auto first = bench::make_firmware(1);
    const auto second = bench::make_firmware(2);
    for (const auto& region : first.regions)
        fmt::print("{:22} {:8} bytes, compressed {:.3f}\n", region.label(), region.size(),
                   static_cast<double>(region.compressed().size()) / region.size());
    bench.fresh_board();
    const double blank = bench.flash(first);
    bench.report(
        "blank board", blank,
        bench::lower_bound(first.regions, 0, first.regions, bench.stubs, baud, bench.timings));
    const double same = bench.flash(first);
    bench.report("nothing changed", same,
                 bench::lower_bound({}, 0, first.regions, bench.stubs, baud, bench.timings));
    const double changed = bench.flash(second);
    const std::vector<loader::FlashData> sectors{second.regions[3].slice(0, 0x2000)};
    bench.report(
        "credentials changed", changed,
        bench::lower_bound(sectors, 0x2000, first.regions, bench.stubs, baud, bench.timings));
    return 0;
}
