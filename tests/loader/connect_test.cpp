// From a port to a board that is known and ready.
#include <utility>

#include "loader/fake_fixture.h"
#include "loader/slip.h"

namespace imprint::loader {
namespace {

using fake_testing::BoardTest;
using fake_testing::Fault;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using namespace std::chrono_literals;
using fake_testing::FakeBoard;
using fake_testing::FakeClock;
using fake_testing::Seen;

class Connect : public BoardTest {};

TEST_F(Connect, tells_who_the_board_is) {
    const Board board = connected();
    const BoardInfo& info = board.info();
    EXPECT_EQ(info.chip->key, "esp32");
    EXPECT_EQ(info.mac.id(), "240ac4012345");
    EXPECT_EQ(info.revision, 300);
    EXPECT_EQ(info.crystal_mhz, 40U);
    EXPECT_EQ(info.flash_id, 0x1640EFU);
    EXPECT_EQ(info.flash_size, 4U << 20);
    EXPECT_TRUE(info.security.known);
    EXPECT_FALSE(info.security.secure_boot);
    EXPECT_FALSE(info.security.flash_encryption);
    EXPECT_TRUE(board.stub_runs());
    EXPECT_EQ(board.baud(), 921600U);
}

TEST_F(Connect, without_a_stub_directory_the_rom_does_it) {
    options.stub_directory.clear();
    const Board board = connected();
    EXPECT_FALSE(board.stub_runs());
    EXPECT_EQ(board.baud(), 921600U);
    EXPECT_EQ(board.info().flash_size, 4U << 20);
    EXPECT_EQ(fake.count(Op::mem_begin), 0U);
}

TEST_F(Connect, a_stub_that_does_not_start_costs_speed_and_not_the_board) {
    fake.stub_starts = false;
    const Board board = connected();
    EXPECT_FALSE(board.stub_runs());
    EXPECT_TRUE(logged("going on with the ROM loader"));
    // At full speed, then slowly, then without it.
    EXPECT_EQ(fake.resets, 3U);
    EXPECT_EQ(board.info().flash_size, 4U << 20);
}

TEST_F(Connect, a_stub_upload_that_breaks_off_at_full_speed_is_tried_slowly) {
    fake.fault = [](const Seen& request, unsigned number) {
        return request.op == Op::mem_data && number == 0 ? Fault::lose_request : Fault::none;
    };
    EXPECT_TRUE(connected().stub_runs());
    EXPECT_EQ(fake.resets, 2U);
}

TEST_F(Connect, a_stub_upload_that_always_breaks_off_falls_back_too) {
    fake.fault = [](const Seen& request, unsigned) {
        return request.op == Op::mem_data ? Fault::lose_request : Fault::none;
    };
    EXPECT_FALSE(connected().stub_runs());
}

TEST_F(Connect, a_chip_without_a_stub_file_is_served_by_its_rom) {
    options.stub_directory = "/nowhere";
    EXPECT_FALSE(connected().stub_runs());
    EXPECT_TRUE(logged("esp32.json"));
}

TEST_F(Connect, a_stub_that_still_runs_is_taken_as_it_is) {
    fake.stub_runs_at_start = true;
    fake.port_traits = {.has_lines = false, .has_baud = false, .usb_serial_jtag = false};
    const Board board = connected();
    EXPECT_TRUE(board.stub_runs());
    EXPECT_EQ(fake.count(Op::mem_begin), 0U);
    EXPECT_EQ(board.info().crystal_mhz, 0U) << "its clocks are not the ROM's";
}

TEST_F(Connect, a_stub_that_was_cut_off_in_a_frame_is_found_again) {
    fake.stub_runs_at_start = true;
    fake.port_traits = {.has_lines = false, .has_baud = false, .usb_serial_jtag = false};
    for (const Bytes& torn : {Bytes{0xC0}, Bytes{0xC0, 0x00, 0x11, 0x55}, Bytes{0x01}, Bytes{}}) {
        ASSERT_TRUE(fake.write(torn));
        EXPECT_TRUE(connect()) << to_hex(torn);
    }
}

TEST_F(Connect, a_stub_that_answers_what_it_was_asked_before_is_brought_to_listen) {
    fake.stub_runs_at_start = true;
    fake.empty_frame_repeats = true;
    fake.port_traits = {.has_lines = false, .has_baud = false, .usb_serial_jtag = false};
    ASSERT_TRUE(connect());
    ASSERT_TRUE(fake.write(slip_frame(sync_request().encode())));
    // The delimiter that a SYNC begins with ends an empty frame now.
    ASSERT_TRUE(fake.write(Bytes{0xC0}));
    const unsigned before = fake.count(Op::sync);
    const auto board = connect();
    ASSERT_TRUE(board) << board.error().describe();
    EXPECT_GT(fake.count(Op::sync), before);
    EXPECT_EQ(board->info().mac, fake.mac);
}

TEST_F(Connect, a_loader_left_at_a_high_rate_is_found_without_reset) {
    {
        const Board first = connected();
        EXPECT_EQ(first.baud(), 921600U);
    }
    options.reset = false;
    const Board again = connected();
    EXPECT_TRUE(again.stub_runs());
    EXPECT_EQ(again.baud(), 921600U);
}

TEST_F(Connect, nothing_there_is_said_so) {
    fake.boot_log.clear();
    fake.loader_entered = true;
    fake.port_traits.has_lines = false;
    fake.fault = [](const Seen&, unsigned) { return Fault::lose_request; };
    const auto board = connect();
    expect_error(board, "no_board");
    EXPECT_THAT(board.error().message, HasSubstr("nothing answers on /dev/ttyFAKE0"));
}

// --- slowness that is not the board's -----------------------------------------------------------

TEST_F(Connect, a_board_whose_answers_are_long_under_way_is_found) {
    fake.under_way = 1200ms;
    EXPECT_EQ(connected().info().mac, fake.mac);
}

TEST_F(Connect, what_came_while_nobody_looked_came_in_time) {
    fake.under_way = 10ms;
    fake.reader_stalls = 5s;
    EXPECT_EQ(connected().info().mac, fake.mac);
}

// What is between looks at the lines now and then, and does not see what was between two looks.
class LinesSeenLate final : public transport::Port {
  public:
    LinesSeenLate(FakeBoard& board, FakeClock& clock, Milliseconds every)
        : board_(board), clock_(clock), every_(every) {}

    Result<std::size_t> read(std::span<std::uint8_t> into, Milliseconds patience) override {
        IMPRINT_CHECK(look());
        return board_.read(into, patience);
    }

    Result<void> write(ByteView bytes) override {
        IMPRINT_CHECK(look());
        return board_.write(bytes);
    }

    Result<void> set_lines(transport::Lines lines) override {
        IMPRINT_CHECK(look());
        lines_ = lines;
        return {};
    }

    Result<void> set_baud(std::uint32_t baud) override { return board_.set_baud(baud); }

    Result<void> discard_input() override { return board_.discard_input(); }

    [[nodiscard]] const transport::PortTraits& traits() const override { return board_.traits(); }

    [[nodiscard]] const std::string& name() const override { return board_.name(); }

  private:
    [[nodiscard]] Result<void> look() {
        const auto number = clock_.now().time_since_epoch() / every_;
        if (number == std::exchange(last_, number) || lines_ == seen_) return {};
        seen_ = lines_;
        return board_.set_lines(lines_);
    }

    FakeBoard& board_;
    FakeClock& clock_;
    Milliseconds every_;
    std::int64_t last_ = 0;
    transport::Lines lines_;
    transport::Lines seen_;
};

TEST_F(Connect, a_reset_is_seen_also_where_lines_are_looked_at_late) {
    LinesSeenLate port(fake, clock, 700ms);
    const auto board = Board::connect(port, options, clock, log, {});
    ASSERT_TRUE(board) << board.error().describe();
    EXPECT_EQ(board->info().mac, fake.mac);
}

TEST_F(Connect, where_all_is_late_the_computer_is_named_before_the_wires) {
    fake.under_way = 1200ms;
    // Two answers come, when nobody waits for them any more.
    fake.fault = [](const Seen& request, unsigned number) {
        return request.op != Op::sync || number > 1 ? Fault::lose_request : Fault::none;
    };
    const auto late = connect();
    expect_error(late, "no_board");
    EXPECT_THAT(late.error().message, HasSubstr("came late"));
    EXPECT_THAT(late.error().hint, StartsWith("this computer, or the network"));
}

TEST_F(Connect, an_answer_that_does_not_come_is_the_computers_too_where_others_were_late) {
    fake.under_way = 2500ms;
    fake.fault = [](const Seen& request, unsigned) {
        return request.op == Op::sync ? Fault::none : Fault::lose_request;
    };
    const auto late = connect();
    expect_error(late, "board_lost");
    EXPECT_THAT(late.error().hint, StartsWith("this computer, or the network"));
}

TEST_F(Connect, a_computer_that_sleeps_too_long_is_named_before_the_wires) {
    fake.io0_wired = false;
    clock.oversleeps = 300ms;
    const auto board = connect();
    expect_error(board, "no_board");
    EXPECT_THAT(board.error().hint, StartsWith("this computer, or the network"));
    EXPECT_THAT(board.error().hint, HasSubstr("DTR to IO0"));
}

TEST_F(Connect, a_board_whose_lines_are_not_wired_is_told_from_a_dead_one) {
    fake.lines_wired = false;
    const auto board = connect();
    expect_error(board, "no_board");
    EXPECT_THAT(board.error().hint, HasSubstr("EN"));
}

TEST_F(Connect, a_board_whose_io0_is_not_wired_shows_its_boot_mode) {
    fake.io0_wired = false;
    const auto board = connect();
    expect_error(board, "no_board");
    EXPECT_THAT(board.error().message, HasSubstr("0x13 (SPI_FAST_FLASH_BOOT)"));
    EXPECT_THAT(board.error().hint, HasSubstr("DTR to IO0"));
    EXPECT_EQ(fake.line_changes.back(), transport::Lines{}) << "it is left to run";
}

TEST_F(Connect, a_cable_that_carries_no_high_rate_is_used_at_a_lower_one) {
    fake.deaf_above = 500'000;
    const Board board = connected();
    EXPECT_EQ(board.baud(), 460800U);
    EXPECT_TRUE(board.stub_runs());
    EXPECT_TRUE(logged("connecting at 921600 baud failed"));
}

TEST_F(Connect, the_roms_idea_of_its_clock_is_corrected) {
    options.stub_directory.clear();
    // 793 × 15625 × 133 / 40: the ROM measures 41.2 MHz.
    fake.registers[0x3FF5F06C] = 793U << 7;
    fake.registers[0x3FF5A010] = 133;
    fake.rom_crystal = 793ULL * 15625 * 133 / 40;
    EXPECT_EQ(connected().baud(), 921600U);
    const auto asked = std::ranges::find(fake.seen, Op::change_baudrate, &Seen::op);
    ASSERT_NE(asked, fake.seen.end());
    EXPECT_NEAR(asked->word(0), 921600 * 1.03, 2000);
}

TEST_F(Connect, a_26_mhz_crystal_is_seen) {
    fake.registers[0x3FF40014] = 26'000'000 / 115200;
    EXPECT_EQ(connected().info().crystal_mhz, 26U);
}

TEST_F(Connect, a_flipped_bit_in_the_mac_is_read_again) {
    fake.fault = [](const Seen& request, unsigned) {
        static bool done = false;
        const bool first_mac = request.op == Op::read_reg && request.word(0) == 0x3FF5A004 && !done;
        done = done || first_mac;
        return first_mac ? Fault::damage_reply : Fault::none;
    };
    EXPECT_EQ(connected().info().mac.id(), "240ac4012345");
}

TEST_F(Connect, a_reply_that_lost_a_byte_is_no_reply) {
    fake.fault = [](const Seen& request, unsigned) {
        return request.op == Op::read_reg && request.word(0) == 0x3FF5A004 ? Fault::shorten_reply
                                                                           : Fault::none;
    };
    expect_error(connect(), "board_lost");
}

TEST_F(Connect, a_mac_that_never_fits_its_check_is_refused) {
    fake.registers[0x3FF5A008] ^= 1U << 16;
    expect_error(connect(), "mac_damaged");
}

TEST_F(Connect, a_board_without_a_mac_is_refused) {
    fake.set_mac({});
    expect_error(connect(), "mac_damaged");
}

TEST_F(Connect, flash_encryption_and_secure_boot_are_read_from_efuse) {
    fake.registers[0x3FF5A000] = 1U << 20;
    fake.registers[0x3FF5A018] = 1U << 5;
    SecurityState state = connected().info().security;
    EXPECT_TRUE(state.flash_encryption);
    EXPECT_FALSE(state.flash_encryption_release);
    EXPECT_TRUE(state.secure_boot);

    fake.registers[0x3FF5A000] = 0x7FU << 20;                     // all burnt: final
    fake.registers[0x3FF5A018] = 7U << 7;                         // and no plain access
    fake.registers[0x3FF5A014] = fake.registers[0x3FF5A00C] = 0;  // revision 0 knows no v2
    state = connected().info().security;
    EXPECT_TRUE(state.flash_encryption);
    EXPECT_TRUE(state.flash_encryption_release);
    EXPECT_FALSE(state.secure_boot);

    fake.registers[0x3FF5A000] = 3U << 20;  // an even number of bits: off again
    EXPECT_FALSE(connected().info().security.flash_encryption);
}

TEST_F(Connect, an_unknown_chip_is_named_by_its_mark) {
    fake.registers[0x40001000] = 0x12345678;
    const auto board = connect();
    expect_error(board, "chip_unknown");
    EXPECT_THAT(board.error().message, HasSubstr("0x12345678"));
}

TEST_F(Connect, a_newer_chip_is_known_by_its_id_and_its_rom_takes_five_words) {
    fake.chip = chip_by_key("esp32s3");
    fake.registers[0x40001000] = 0x09090909;  // a revision whose mark is not in the table
    fake.security_info = Bytes(20);
    put_u32(*fake.security_info, 0, SecurityInfo::secure_boot);
    put_u32(*fake.security_info, 12, 9);
    fake.registers[0x60007058] = 0;
    fake.registers[0x60007050] = 2U << 18;
    fake.set_mac({{0xF4, 0x12, 0xFA, 0x00, 0x00, 0x07}});
    Board board = connected();
    EXPECT_EQ(board.info().chip->key, "esp32s3");
    EXPECT_EQ(board.info().mac.id(), "f412fa000007");
    EXPECT_EQ(board.info().revision, 2);
    EXPECT_EQ(board.info().crystal_mhz, 40U);
    EXPECT_TRUE(board.info().security.secure_boot);
    EXPECT_FALSE(board.stub_runs()) << "the folder has none for it";
    const FlashData region("app", 0x10000, firmware_like(50'000));
    ASSERT_TRUE(board.write(region));
    EXPECT_TRUE(in_flash(region));
}

TEST_F(Connect, secure_download_mode_is_a_clear_refusal) {
    fake.reads_registers = false;
    fake.security_info = Bytes(20);
    put_u32(*fake.security_info, 0, SecurityInfo::secure_download);
    put_u32(*fake.security_info, 12, 5);
    auto board = connect();
    expect_error(board, "chip_secured");
    EXPECT_THAT(board.error().message, HasSubstr("ESP32-C3"));

    fake.security_info->resize(12);  // the S2 tells no id
    board = connect();
    expect_error(board, "chip_secured");
    EXPECT_THAT(board.error().message, HasSubstr("ESP32-S2"));
}

TEST_F(Connect, a_missing_flash_chip_shows_when_it_is_to_be_written) {
    fake.flash_id = 0xFFFFFF;
    Board board = connected();
    EXPECT_EQ(board.info().flash_size, 0U);
    expect_error(board.write(FlashData("app", 0x1000, Bytes(10))), "flash_missing");
}

TEST_F(Connect, a_pulled_cable_ends_it_at_once) {
    fake.fault = [](const Seen& request, unsigned) {
        return request.op == Op::mem_begin ? Fault::unplug : Fault::none;
    };
    expect_error(connect(), "port_gone");
}

TEST_F(Connect, a_stop_is_heard_and_lets_the_board_out_of_reset) {
    const std::stop_source stop;
    stop.request_stop();
    expect_error(connect(stop.get_token()), "interrupted", ErrorKind::interrupted);

    const std::stop_source later;
    fake.on_reset = [&] { later.request_stop(); };
    expect_error(connect(later.get_token()), "interrupted", ErrorKind::interrupted);
    EXPECT_EQ(fake.line_changes.back(), transport::Lines{});
}

}  // namespace
}  // namespace imprint::loader
