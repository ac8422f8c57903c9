// Espressif's former stub, of esptool up to 4.x: it loses a request that another one follows at
// once. The wire has to take its time for that to be seen.
#include "loader/board_fixture.h"

namespace imprint::loader {
namespace {

class FormerStub : public testing::BoardTest {
  protected:
    FormerStub() {
        simulated.former_stub = true;
        simulated.timings = simulator::Timings::esp32_with_w25q32();
    }

    // Without the wire that may be hurt: its requests arrive one at a time.
    Board met() {
        auto board = Board::connect(chip(), options, chip(), log);
        if (!board) throw std::runtime_error(board.error().describe());
        return *std::move(board);
    }

    // Used sectors with blank ones between them: as many pieces.
    static Bytes sparse(unsigned pieces) {
        Bytes bytes(static_cast<std::size_t>(pieces) * 4 * flash_sector, 0xFF);
        for (unsigned i = 0; i < pieces; ++i) {
            const Bytes used = firmware_like(700 + 900 * i, i);
            std::ranges::copy(used,
                              bytes.begin() + static_cast<std::ptrdiff_t>(i) * 4 * flash_sector);
        }
        return bytes;
    }
};

// It would clear the status register of a flash that is only to be read.
TEST_F(FormerStub, is_not_asked_to_begin_a_write_for_the_sake_of_a_higher_rate) {
    options.climb_to = 3'000'000;
    Board board = connected();
    ASSERT_TRUE(board.stub_runs());
    EXPECT_EQ(board.baud(), options.baud);
    EXPECT_EQ(wire.count(Op::flash_begin), 0U);
}

TEST_F(FormerStub, writes_a_region_of_several_pieces_at_the_first_try) {
    const FlashData region("spiffs", 0x190000, sparse(12));
    ASSERT_GT(region.pieces().size(), 8U);
    Board board = met();
    ASSERT_TRUE(board.stub_runs());
    ASSERT_TRUE(board.write(region));
    EXPECT_TRUE(in_flash(region));
    EXPECT_FALSE(logged("trying again"));
}

TEST_F(FormerStub, writes_what_differs_in_a_flash_that_is_used) {
    fill_flash(0x5A);
    Board board = met();
    const FlashData app("app", 0x10000, firmware_like(200'000));
    const FlashData table("table", 0x8000, firmware_like(3072, 2));
    const FlashData sparse_one("spiffs", 0x190000, sparse(6));
    for (const FlashData& region : {app, table, sparse_one})
        ASSERT_TRUE(board.write_difference(region));
    ASSERT_TRUE(board.prove());
    for (const FlashData& region : {app, table, sparse_one})
        EXPECT_TRUE(in_flash(region)) << region.label();
    EXPECT_FALSE(logged("trying again"));
}

TEST_F(FormerStub, a_write_that_the_flash_refuses_is_found_all_the_same) {
    Board board = met();
    const FlashData region("app", 0x10000, firmware_like(100'000));
    chip().fail_next_program();
    ASSERT_TRUE(board.write_difference(region));
    ASSERT_TRUE(board.prove());
    EXPECT_TRUE(in_flash(region));
}

TEST_F(FormerStub, its_successor_still_gets_requests_ahead) {
    simulated.former_stub = false;
    const FlashData region("spiffs", 0x190000, sparse(12));
    Board board = met();
    const Instant start = chip().now();
    ASSERT_TRUE(board.write(region));
    const auto ahead = chip().now() - start;
    simulated.former_stub = true;
    plug();
    Board other = met();
    const Instant again = chip().now();
    ASSERT_TRUE(other.write(region));
    EXPECT_LT(ahead, chip().now() - again) << "in the board's time, which nothing else moves";
}

}  // namespace
}  // namespace imprint::loader
