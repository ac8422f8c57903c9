#include "flash/faults.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <random>
#include <vector>

#include "loader/board.h"
#include "simulator/virtual_board.h"

namespace imprint::bench {

namespace {

Bytes half_noise(std::size_t size, unsigned seed) {
    std::mt19937 random(seed);
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i)
        bytes[i] = static_cast<std::uint8_t>(i % 64 < 32 ? random() : i / 64);
    return bytes;
}

struct Ending {
    std::string how;  // "proven", or the error's code
    bool wrong = false;
    double seconds = 0;
    std::uint64_t bytes = 0;
    unsigned hurt = 0;
};

Ending flash_one(const std::filesystem::path& stubs, const std::vector<loader::FlashData>& regions,
                 unsigned seed) {
    simulator::BoardOptions options;
    options.mac =
        MacAddress{{0x24, 0x0A, 0xC4, static_cast<std::uint8_t>(seed >> 16 & 0x7F),
                    static_cast<std::uint8_t>(seed >> 8), static_cast<std::uint8_t>(seed)}};
    options.network = false;
    options.timings = simulator::Timings::esp32_with_w25q32();
    simulator::Faults faults;
    faults.seed = seed;
    faults.hurt_one_in = 10'000;
    faults.brown_outs = seed % 10 == 3 ? 1 : 0;
    faults.swapped = seed % 50 == 7;
    faults.within = Milliseconds(3000);
    auto board = simulator::VirtualBoard::create(options, faults).value();
    const Instant start = board->now();
    loader::ConnectOptions connect;
    connect.stub_directory = stubs;
    Ending ending;
    const auto work = [&]() -> Result<void> {
        IMPRINT_TRY(auto connected, loader::Board::connect(*board, connect, *board));
        for (const auto& region : regions)
            IMPRINT_CHECK(connected.write_difference(region));
        IMPRINT_CHECK(connected.prove());
        // As preparing does: the board that was proven is the one that was met.
        IMPRINT_TRY(const MacAddress mac, connected.read_mac());
        if (mac != connected.info().mac)
            return fail(ErrorKind::board, "board_swapped", "another board at the end");
        return {};
    };
    const auto done = work();
    ending.how = done ? "proven" : done.error().code;
    ending.seconds = std::chrono::duration<double>(board->now() - start).count();
    ending.bytes = board->bytes_down() + board->bytes_up();
    ending.hurt = board->hurt();
    if (done)
        for (const auto& region : regions)
            ending.wrong |= !std::ranges::equal(
                region.content(), board->flash().subspan(region.offset(), region.size()));
    return ending;
}

}  // namespace

bool flash_on_bad_lines(const std::filesystem::path& stubs, unsigned boards) {
    const std::vector<loader::FlashData> regions{{"bootloader", 0x1000, half_noise(26'000, 1)},
                                                 {"table", 0x8000, half_noise(3072, 2)},
                                                 {"app", 0x10000, half_noise(150'000, 3)}};
    std::map<std::string, unsigned> endings;
    unsigned wrong = 0;
    double longest = 0;
    std::uint64_t bytes = 0;
    std::uint64_t hurt = 0;
    for (unsigned seed = 0; seed < boards; ++seed) {
        const Ending ending = flash_one(stubs, regions, seed);
        ++endings[ending.how];
        wrong += ending.wrong ? 1 : 0;
        longest = std::max(longest, ending.seconds);
        bytes += ending.bytes;
        hurt += ending.hurt;
    }
    fmt::print(
        "{} boards, {} MB on the wire, {} bytes of it hurt, longest {:.1f} s of board time\n",
        boards, bytes >> 20, hurt, longest);
    for (const auto& [how, count] : endings)
        fmt::print("  {:20} {}\n", how, count);
    fmt::print("  called proven but wrong: {}\n", wrong);
    return wrong == 0;
}

}  // namespace imprint::bench
