// Chips that are their own USB device: what DTR and RTS do there, and a port that goes with every
// reset and comes back under another name.
#include <fcntl.h>
#include <filesystem>
#include <poll.h>

#include "base/error_code.h"
#include "base/fd.h"
#include "loader/pty_fixture.h"
#include "simulator/sample_firmware.h"
#include "transport/port.h"

namespace imprint::loader {
namespace {

using namespace std::chrono_literals;
using simulator::UsbKind;
using ::testing::HasSubstr;

class OnUsb : public testing::OnPty {
  protected:
    void plug(std::string_view chip, UsbKind usb) {
        simulated_.chip = chip;
        simulated_.revision.reset();
        simulated_.usb = usb;
        simulated_.link = folder() / "bay";
        start();
    }

    // Another pair of eyes on the terminal that is there now.
    [[nodiscard]] Fd watch() const {
        return Fd(::open(simulated_.link.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
    }

    [[nodiscard]] static bool hung_up(const Fd& terminal) {
        pollfd look{terminal.get(), 0, 0};
        return ::poll(&look, 1, 0) == 1 && (look.revents & POLLHUP) != 0;
    }

    // What the board prints from now on, until it holds the text or the patience ends.
    std::string console_until(std::string_view wanted) {
        std::string all;
        std::array<std::uint8_t, 1024> part{};
        for (const Instant end = clock_.now() + 20s; clock_.now() < end;) {
            const auto got = transport::read_across_resets(*port_, part, 100ms);
            if (!got) return all + got.error().describe();
            all += as_text(ByteView(part).first(*got));
            if (all.find(wanted) != std::string::npos) break;
        }
        return all;
    }

    // A firmware that starts, in flash.
    void flash_firmware(Board& board) {
        const auto project = folder() / "project";
        ASSERT_TRUE(simulator::write_sample_firmware(project, "1.0.0", simulated_.chip));
        const auto build = project / "build";
        const auto boot = read_file(build / "bootloader" / "bootloader.bin");
        const auto table = read_file(build / "partition_table" / "partition-table.bin");
        const auto app = read_file(build / "aws_iot.bin");
        ASSERT_TRUE(boot && table && app);
        ASSERT_TRUE(board.write({"boot", board.info().chip->bootloader_offset, *boot}));
        ASSERT_TRUE(board.write({"table", 0x8000, *table}));
        ASSERT_TRUE(board.write({"app", 0x10000, *app}));
    }
};

TEST_F(OnUsb, a_port_that_leaves_with_each_reset_is_followed) {
    for (const char* chip : {"esp32s2", "esp32s3"}) {
        plug(chip, UsbKind::own);
        const Fd at_first = watch();
        Board board = connected();
        EXPECT_EQ(port_->traits().espressif_product, board.info().chip->id);
        EXPECT_EQ(board.info().mac, simulated_.mac);
        EXPECT_TRUE(hung_up(at_first)) << "the chip has left the bus";
        const Fd in_loader = watch();
        EXPECT_FALSE(hung_up(in_loader));
        flash_firmware(board);
        ASSERT_TRUE(board.run());
        EXPECT_TRUE(hung_up(in_loader));
        EXPECT_THAT(console_until("cpu_start"), HasSubstr("cpu_start")) << chip;
        // And once more, from a running application.
        EXPECT_EQ(connected().info().mac, simulated_.mac);
        std::filesystem::remove_all(folder() / "project");
        std::filesystem::remove(simulated_.flash_file);
    }
}

TEST_F(OnUsb, a_chip_whose_button_was_held_is_let_go_by_its_watchdog) {
    simulated_.boot_button_held = true;
    plug("esp32s3", UsbKind::own);
    Board board = connected();
    flash_firmware(board);
    ASSERT_TRUE(board.run());
    EXPECT_THAT(console_until("cpu_start"), HasSubstr("rst:0x10 (RTCWDT_RTC_RST)"));
}

TEST_F(OnUsb, the_serial_jtag_unit_resets_into_the_loader_and_out_of_it) {
    for (const char* chip : {"esp32s3", "esp32c3", "esp32c6"}) {
        plug(chip, UsbKind::serial_jtag);
        Board board = connected();
        EXPECT_TRUE(port_->traits().usb_serial_jtag);
        flash_firmware(board);
        ASSERT_TRUE(board.run());
        EXPECT_THAT(console_until("cpu_start"), HasSubstr("USB_UART_CHIP_RESET")) << chip;
        std::filesystem::remove_all(folder() / "project");
        std::filesystem::remove(simulated_.flash_file);
    }
}

TEST_F(OnUsb, a_button_that_was_held_is_no_trap_over_serial_jtag_where_a_watchdog_helps) {
    simulated_.boot_button_held = true;
    for (const char* chip : {"esp32s3", "esp32c3", "esp32c5", "esp32c61", "esp32p4"}) {
        plug(chip, UsbKind::serial_jtag);
        Board board = connected();
        flash_firmware(board);
        ASSERT_TRUE(board.run());
        const auto seen = board.look_started();
        ASSERT_TRUE(seen) << seen.error().describe();
        EXPECT_EQ(*seen, StartSeen::started) << chip;
        std::filesystem::remove_all(folder() / "project");
        std::filesystem::remove(simulated_.flash_file);
    }
}

TEST_F(OnUsb, where_none_helps_the_board_is_told_to_be_in_its_loader) {
    simulated_.boot_button_held = true;
    for (const char* chip : {"esp32c6", "esp32h2"}) {
        plug(chip, UsbKind::serial_jtag);
        Board board = connected();
        flash_firmware(board);
        ASSERT_TRUE(board.run());
        EXPECT_EQ(board.look_started().value(), StartSeen::in_loader) << chip;
        std::filesystem::remove_all(folder() / "project");
        std::filesystem::remove(simulated_.flash_file);
    }
}

TEST_F(OnUsb, a_board_on_a_bridge_is_seen_to_start) {
    start();
    Board board = connected();
    flash_firmware(board);
    ASSERT_TRUE(board.run());
    EXPECT_EQ(board.look_started().value(), StartSeen::started);
    // And one that stays in its loader is not.
    Board again = connected();
    EXPECT_EQ(again.look_started().value(), StartSeen::in_loader);
}

TEST_F(OnUsb, a_chip_that_does_not_come_back_is_told_as_gone) {
    plug("esp32s3", UsbKind::own);
    const Board board = connected();
    board_->pull_cable();
    const auto back = port_->await_return(100ms);
    ASSERT_FALSE(back);
    EXPECT_EQ(code_of(back), "port_gone");
    EXPECT_THAT(back.error().describe(), HasSubstr("did not come back"));
    ASSERT_TRUE(board_->plug_in());
    EXPECT_TRUE(port_->await_return(5s)) << "later it may";
    EXPECT_EQ(connected().info().mac, simulated_.mac);
}

TEST_F(OnUsb, a_bridge_that_is_pulled_is_not_waited_for) {
    start();
    const Board board = connected();
    board_->pull_cable();
    const auto again = Board::connect(*port_, options_, clock_, log_);
    ASSERT_FALSE(again);
    EXPECT_EQ(code_of(again), "port_gone");
    EXPECT_EQ(again.error().describe().find("come back"), std::string::npos);
}

TEST_F(OnUsb, only_chips_that_have_such_a_usb_are_simulated_with_it) {
    simulated_.usb = UsbKind::own;
    const auto board = simulator::PtyBoard::start(simulated_);
    ASSERT_FALSE(board);
    EXPECT_EQ(code_of(board), "chip_not_simulated");
}

}  // namespace
}  // namespace imprint::loader
