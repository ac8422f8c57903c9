// From a port to a board that is known and ready.
#include "loader/connect_fixture.h"
#include "loader/slip.h"

namespace imprint::loader {
namespace {

using testing::Connect;
using testing::Fault;
using ::testing::HasSubstr;
using Seen = testing::FaultyPort::Seen;

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

TEST_F(Connect, a_blank_chip_has_no_key_in_a_block_that_it_does_not_have) {
    for (const char* chip : {"esp32c3", "esp32c6", "esp32h2"}) {
        simulated.chip = chip;
        write_stub(chip, chip);
        const Board board = connected_anew();
        ASSERT_TRUE(board.info().security.known) << chip;
        EXPECT_THAT(board.info().security.key_purposes, ::testing::Each(0)) << chip;
        EXPECT_EQ(board.info().security.key_purposes.size(), 6U) << chip;
    }
}

TEST_F(Connect, without_a_stub_directory_the_rom_does_it) {
    options.stub_directory.clear();
    const Board board = connected();
    EXPECT_FALSE(board.stub_runs());
    EXPECT_EQ(board.baud(), 921600U);
    EXPECT_EQ(board.info().flash_size, 4U << 20);
    EXPECT_EQ(wire.count(Op::mem_begin), 0U);
}

TEST_F(Connect, a_stub_that_does_not_start_costs_speed_and_not_the_board) {
    simulated.damaged_stub_ram = true;
    const Board board = connected();
    EXPECT_FALSE(board.stub_runs());
    EXPECT_TRUE(logged("going on with the ROM loader"));
    // At full speed, then slowly, then without it.
    EXPECT_EQ(wire.resets, 3U);
    EXPECT_EQ(board.info().flash_size, 4U << 20);
}

TEST_F(Connect, a_stub_upload_that_breaks_off_at_full_speed_is_tried_slowly) {
    wire.fault = [](const Seen& request, unsigned number) {
        return request.op == Op::mem_data && number == 0 ? Fault::lose_request : Fault::none;
    };
    EXPECT_TRUE(connected().stub_runs());
    EXPECT_EQ(wire.resets, 2U);
}

TEST_F(Connect, a_stub_upload_that_always_breaks_off_falls_back_too) {
    wire.fault = [](const Seen& request, unsigned) {
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
    leave_in_stub();
    const Board board = connected();
    EXPECT_TRUE(board.stub_runs());
    EXPECT_EQ(wire.count(Op::mem_begin), 0U);
    EXPECT_EQ(board.info().crystal_mhz, 0U) << "its clocks are not the ROM's";
}

// For a port where nobody can reset it again, and at the rate at which it will be looked for.
TEST_F(Connect, a_board_that_is_to_stay_is_found_in_its_loader) {
    for (const bool stub : {true, false}) {
        if (!stub) options.stub_directory.clear();
        plug();
        Board board = connected();
        EXPECT_EQ(board.baud(), 921600U);
        ASSERT_TRUE(board.stay());
        EXPECT_EQ(board.baud(), 115200U);
        const unsigned resets = wire.resets;
        options.reset = false;
        Board again = connected();
        EXPECT_EQ(again.stub_runs(), stub);
        EXPECT_EQ(wire.resets, resets);
        options.reset = true;
    }
}

TEST_F(Connect, a_stub_that_was_cut_off_in_a_frame_is_found_again) {
    leave_in_stub();
    for (const Bytes& torn : {Bytes{0xC0}, Bytes{0xC0, 0x00, 0x11, 0x55}, Bytes{0x01}, Bytes{}}) {
        ASSERT_TRUE(wire.write(torn));
        EXPECT_TRUE(connect()) << to_hex(torn);
    }
}

TEST_F(Connect, a_stub_that_answers_what_it_was_asked_before_is_brought_to_listen) {
    simulated.former_stub = true;
    leave_in_stub();
    ASSERT_TRUE(connect());
    ASSERT_TRUE(wire.write(slip_frame(sync_request().encode())));
    // The delimiter that a SYNC begins with ends an empty frame now.
    ASSERT_TRUE(wire.write(Bytes{0xC0}));
    const unsigned before = wire.count(Op::sync);
    const auto board = connect();
    ASSERT_TRUE(board) << board.error().describe();
    EXPECT_GT(wire.count(Op::sync), before);
    EXPECT_EQ(board->info().mac, chip().mac());
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
    simulated.boot_button_held = true;
    wire.port_traits.has_lines = false;
    wire.fault = [](const Seen&, unsigned) { return Fault::lose_request; };
    const auto board = connect();
    expect_error(board, "board_silent");
    EXPECT_THAT(board.error().message, HasSubstr("nothing answers on " + chip().name()));
}

TEST_F(Connect, a_board_whose_lines_are_not_wired_is_told_from_a_dead_one) {
    wire.lines_wired = false;
    const auto board = connect();
    expect_error(board, "no_board");
    EXPECT_THAT(board.error().hint, HasSubstr("EN"));
}

TEST_F(Connect, a_board_whose_io0_is_not_wired_shows_its_boot_mode) {
    wire.io0_wired = false;
    const auto board = connect();
    expect_error(board, "no_board");
    EXPECT_THAT(board.error().message, HasSubstr("0x13 (SPI_FAST_FLASH_BOOT)"));
    EXPECT_THAT(board.error().hint, HasSubstr("DTR to IO0"));
    EXPECT_EQ(wire.line_changes.back(), transport::Lines{}) << "it is left to run";
}

TEST_F(Connect, a_cable_that_carries_no_high_rate_is_used_at_a_lower_one) {
    simulated.cable_carries = 500'000;
    const Board board = connected();
    EXPECT_EQ(board.baud(), 460800U);
    EXPECT_TRUE(board.stub_runs());
    EXPECT_TRUE(logged("connecting at 921600 baud failed"));
    const auto of_the_rate = std::ranges::count_if(
        lines, [](const std::string& line) { return line.contains("921600 baud failed"); });
    EXPECT_EQ(of_the_rate, 1) << "one sentence of it";
    for (const auto& line : lines)
        EXPECT_EQ(line.find(wire.name()), line.rfind(wire.name())) << "the port once: " << line;
}

TEST_F(Connect, the_roms_idea_of_its_clock_is_corrected) {
    options.stub_directory.clear();
    // 793 × 15625 × 133 / 40: the ROM measures 41.2 MHz.
    simulated.words = {{0x3FF5F06C, 793U << 7}, {0x3FF5A010, 133}};
    simulated.rom_crystal_hz = 793ULL * 15625 * 133 / 40;
    EXPECT_EQ(connected().baud(), 921600U);
    const auto asked = std::ranges::find(wire.seen, Op::change_baudrate, &Seen::op);
    ASSERT_NE(asked, wire.seen.end());
    EXPECT_NEAR(asked->word(0), 921600 * 1.03, 2000);
}

TEST_F(Connect, a_26_mhz_crystal_is_seen) {
    simulated.crystal_hz = 26'000'000;
    // 1293 × 15625 × 52 / 40: the ROM measures 26.26 MHz.
    simulated.words[0x3FF5F06C] = 1293U << 7;
    simulated.rom_crystal_hz = 1293ULL * 15625 * 52 / 40;
    const Board board = connected();
    EXPECT_EQ(board.info().crystal_mhz, 26U);
    EXPECT_EQ(board.baud(), 921600U);
}

TEST_F(Connect, a_flipped_bit_in_the_mac_is_read_again) {
    wire.fault = [done = false](const Seen& request, unsigned) mutable {
        const bool first_mac = request.op == Op::read_reg && request.word(0) == 0x3FF5A004 && !done;
        done = done || first_mac;
        return first_mac ? Fault::damage_reply : Fault::none;
    };
    EXPECT_EQ(connected().info().mac.id(), "240ac4012345");
}

TEST_F(Connect, a_reply_that_lost_a_byte_is_no_reply) {
    wire.fault = [](const Seen& request, unsigned) {
        return request.op == Op::read_reg && request.word(0) == 0x3FF5A004 ? Fault::shorten_reply
                                                                           : Fault::none;
    };
    expect_error(connect(), "board_lost");
}

TEST_F(Connect, a_mac_that_never_fits_its_check_is_refused) {
    const std::uint32_t right = chip().word(0x3FF5A008);
    simulated.words[0x3FF5A008] = right ^ 1U << 16;
    plug();
    expect_error(connect(), "mac_damaged");
}

TEST_F(Connect, a_board_without_a_mac_is_refused) {
    simulated.mac = {};
    expect_error(connect(), "mac_damaged");
}

TEST_F(Connect, flash_encryption_and_secure_boot_are_read_from_efuse) {
    simulated.words = {{0x3FF5A000, 1U << 20}, {0x3FF5A018, 1U << 5}};
    SecurityState state = connected_anew().info().security;
    EXPECT_TRUE(state.flash_encryption);
    EXPECT_FALSE(state.flash_encryption_release);
    EXPECT_TRUE(state.secure_boot);

    // All burnt, which is final, no plain access; and revision 0 knows no v2.
    simulated.words = {{0x3FF5A000, 0x7FU << 20}, {0x3FF5A018, 7U << 7 | 1U << 5}};
    simulated.revision = 0;
    state = connected_anew().info().security;
    EXPECT_TRUE(state.flash_encryption);
    EXPECT_TRUE(state.flash_encryption_release);
    EXPECT_FALSE(state.secure_boot);

    simulated.words = {{0x3FF5A000, 3U << 20}};  // an even number of bits: off again
    EXPECT_FALSE(connected_anew().info().security.flash_encryption);
}

TEST_F(Connect, an_unknown_chip_is_named_by_its_mark) {
    simulated.words[0x40001000] = 0x12345678;
    const auto board = connect();
    expect_error(board, "chip_unknown");
    EXPECT_THAT(board.error().message, HasSubstr("0x12345678"));
}

TEST_F(Connect, a_newer_chip_is_known_by_its_id_and_its_rom_takes_five_words) {
    simulated.chip = "esp32s3";
    simulated.words[0x40001000] = 0x09090909;  // a revision whose mark is not in the table
    simulated.fuses.secure_boot = true;
    simulated.mac = {{0xF4, 0x12, 0xFA, 0x00, 0x00, 0x07}};
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
    simulated.chip = "esp32c3";
    simulated.fuses.secure_download = true;
    auto board = connect();
    expect_error(board, "chip_secured");
    EXPECT_THAT(board.error().message, HasSubstr("ESP32-C3"));

    simulated.chip = "esp32s2";  // which tells no id
    plug();
    board = connect();
    expect_error(board, "chip_secured");
    EXPECT_THAT(board.error().message, HasSubstr("ESP32-S2"));
}

TEST_F(Connect, a_missing_flash_chip_shows_when_it_is_to_be_written) {
    simulated.flash_missing = true;
    Board board = connected();
    EXPECT_EQ(board.info().flash_id, 0xFFFFFFU);
    EXPECT_EQ(board.info().flash_size, 0U);
    expect_error(board.write(FlashData("app", 0x1000, Bytes(10))), "flash_missing");
}

TEST_F(Connect, a_pulled_cable_ends_it_at_once) {
    wire.fault = [](const Seen& request, unsigned) {
        return request.op == Op::mem_begin ? Fault::unplug : Fault::none;
    };
    expect_error(connect(), "port_gone");
}

TEST_F(Connect, a_stop_is_heard_and_lets_the_board_out_of_reset) {
    const std::stop_source stop;
    stop.request_stop();
    expect_error(connect(stop.get_token()), "interrupted", ErrorKind::interrupted);

    const std::stop_source later;
    wire.on_reset = [&] { later.request_stop(); };
    expect_error(connect(later.get_token()), "interrupted", ErrorKind::interrupted);
    EXPECT_EQ(wire.line_changes.back(), transport::Lines{});
}

}  // namespace
}  // namespace imprint::loader
