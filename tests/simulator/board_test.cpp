// Resets, boot modes, rates and the start of a stub, with a clock of the test's own.
#include "simulator/board.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_code.h"
#include "base/files.h"
#include "image/app_image.h"
#include "simulator/sample_firmware.h"
#include "simulator/wire_client.h"

namespace imprint::simulator {

namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using transport::Lines;

constexpr Lines idle{};
constexpr Lines only_dtr{.dtr = true, .rts = false};
constexpr Lines only_rts{.dtr = false, .rts = true};
constexpr Lines both{.dtr = true, .rts = true};

class TheBoard : public testing::Test {
  protected:
    void SetUp() override { create({}); }

    void create(const BoardOptions& options) {
        auto made = Board::create(options, [] {}, {});
        ASSERT_TRUE(made) << made.error().describe();
        board_ = std::move(*made);
        board_->power_on(now_);
    }

    void lines(Lines state) { board_->set_lines(state, now_); }

    void wait(Milliseconds time) {
        now_ += time;
        board_->tick(now_);
    }

    std::string output() { return std::string(as_text(joined(board_->take_output()))); }

    void enter_download_mode() {
        lines(only_rts);
        wait(100ms);
        lines(only_dtr);
        wait(50ms);
        lines(idle);
        EXPECT_THAT(output(), HasSubstr("waiting for download"));
    }

    std::vector<Bytes> send(ByteView bytes, std::uint32_t baud = 115200) {
        board_->receive(bytes, baud, now_);
        return frames(joined(board_->take_output()));
    }

    // Uploads code that greets, or does not, and jumps to it.
    std::vector<Bytes> run_from_ram(std::string_view code, std::uint32_t announced,
                                    std::uint32_t entry) {
        (void)send(sync_request());
        (void)send(request(Op::mem_begin, words({announced, 1, 0x1800, 0x400A8000})));
        (void)send(data_request(Op::mem_data, as_bytes(code), 0));
        return send(request(Op::mem_end, words({0, entry})));
    }

    Instant now_{};
    std::unique_ptr<Board> board_;
};

TEST_F(TheBoard, without_firmware_tries_for_ever_at_a_bearable_rate) {
    EXPECT_THAT(output(), HasSubstr("rst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n"
                                    "invalid header: 0xffffffff\r\n"));
    wait(100ms);
    EXPECT_THAT(output(), IsEmpty());
    wait(1s);
    EXPECT_THAT(output(), HasSubstr("rst:0x10 (RTCWDT_RTC_RESET)"));
}

TEST_F(TheBoard, boots_from_flash_when_only_en_is_pulled) {
    (void)output();
    lines(only_rts);
    wait(100ms);
    EXPECT_THAT(output(), IsEmpty());
    lines(idle);
    EXPECT_THAT(output(), IsEmpty()) << "EN rises slowly";
    wait(50ms);
    EXPECT_THAT(output(), HasSubstr("(SPI_FAST_FLASH_BOOT)"));
}

TEST_F(TheBoard, goes_to_the_loader_by_the_classic_reset_also_when_the_lines_change_one_by_one) {
    (void)output();
    lines(idle);
    lines(only_rts);
    wait(100ms);
    lines(both);  // neither EN nor IO0 is pulled, but EN is not up yet
    wait(3ms);
    lines(only_dtr);
    wait(50ms);
    lines(idle);
    EXPECT_THAT(output(), HasSubstr("boot:0x3 (DOWNLOAD_BOOT(UART0/UART1/SDIO_REI_REO_V2))\r\n"
                                    "waiting for download\r\n"));
}

TEST_F(TheBoard, boots_from_flash_when_io0_comes_too_late) {
    (void)output();
    lines(only_rts);
    wait(100ms);
    lines(both);
    wait(50ms);
    lines(only_dtr);
    wait(50ms);
    EXPECT_THAT(output(), HasSubstr("(SPI_FAST_FLASH_BOOT)"));
}

TEST_F(TheBoard, dtr_alone_changes_nothing) {
    (void)output();
    enter_download_mode();
    lines(only_dtr);
    wait(50ms);
    EXPECT_EQ(send(sync_request()).size(), 8U);
}

TEST_F(TheBoard, the_rom_takes_on_the_rate_of_the_first_sync) {
    enter_download_mode();
    EXPECT_EQ(send(sync_request(), 460800).size(), 8U);
    EXPECT_EQ(board_->chip().uart.baud(), 460800U);
    EXPECT_EQ(send(sync_request(), 115200).size(), 0U) << "and keeps it";
    EXPECT_EQ(send(sync_request(), 460800).size(), 8U);
}

TEST_F(TheBoard, a_change_of_rate_in_the_rom_is_as_far_off_as_its_measure_of_the_crystal) {
    enter_download_mode();
    (void)send(sync_request());
    (void)send(request(Op::change_baudrate, words({921600, 0})));
    EXPECT_EQ(board_->chip().uart.baud(), 921600ULL * 40'000'000 / esp32_model().rom_crystal_hz);
    EXPECT_EQ(send(sync_request(), 921600).size(), 8U) << "1 % is borne";
}

TEST_F(TheBoard, starts_a_stub_that_was_uploaded_whole) {
    enter_download_mode();
    const auto replies = run_from_ram("code, then OHAI and code", 24, 0x400A8004);
    ASSERT_EQ(replies.size(), 2U);
    EXPECT_EQ(as_text(replies[1]), "OHAI");
    const auto synced = send(sync_request());
    ASSERT_EQ(synced.size(), 8U);
    EXPECT_EQ(get_u32(synced[0], 4), 0U) << "the value 0 says that a stub answers";
}

TEST_F(TheBoard, hangs_when_the_upload_is_short_of_bytes_or_the_entry_lies_elsewhere) {
    enter_download_mode();
    EXPECT_EQ(run_from_ram("code, then OHAI", 16, 0x400A8004).size(), 1U);
    EXPECT_THAT(send(sync_request()), IsEmpty());
    enter_download_mode();
    EXPECT_EQ(run_from_ram("code, then OHAI", 15, 0x400A9000).size(), 1U);
    EXPECT_THAT(send(sync_request()), IsEmpty());
    enter_download_mode();
    EXPECT_EQ(run_from_ram("code that says nothing", 22, 0x400A8004).size(), 1U);
    EXPECT_THAT(send(sync_request()), IsEmpty());
}

TEST_F(TheBoard, with_damaged_ram_runs_no_stub_and_its_rom_goes_on_after_a_reset) {
    BoardOptions options;
    options.damaged_stub_ram = true;
    create(options);
    enter_download_mode();
    EXPECT_EQ(run_from_ram("OHAI", 4, 0x400A8000).size(), 1U);
    EXPECT_THAT(send(sync_request()), IsEmpty());
    enter_download_mode();
    EXPECT_EQ(send(sync_request()).size(), 8U);
}

TEST_F(TheBoard, a_soft_reset_out_of_the_loader_comes_back_to_it) {
    enter_download_mode();
    (void)send(sync_request());
    (void)send(request(Op::flash_begin, words({0, 0, 0x400, 0})));
    board_->receive(request(Op::flash_end, words({0})), 115200, now_);
    EXPECT_THAT(output(), HasSubstr("rst:0x3 (SW_RESET),boot:0x3 (DOWNLOAD_BOOT"));
}

TEST_F(TheBoard, without_power_hears_and_says_nothing) {
    board_->power_off();
    (void)output();
    lines(only_rts);
    wait(100ms);
    lines(idle);
    wait(2s);
    board_->receive(sync_request(), 115200, now_);
    EXPECT_THAT(output(), IsEmpty());
    board_->power_on(now_);
    EXPECT_THAT(output(), HasSubstr("POWERON_RESET"));
}

TEST_F(TheBoard, of_a_chip_that_is_not_simulated_is_refused) {
    BoardOptions options;
    options.chip = "esp8266";
    EXPECT_EQ(code_of(Board::create(options, [] {}, {})), "chip_not_simulated");
    options.chip = "esp32c2";
    options.revision = 400;  // two bits for it
    EXPECT_EQ(code_of(Board::create(options, [] {}, {})), "chip_not_simulated");
    options.revision = 102;
    EXPECT_TRUE(Board::create(options, [] {}, {}));
}

// esptool's watchdog_reset: RTC_CNTL_WDTCONFIG1_REG is 2000 cycles, and then more is sent.
TEST_F(TheBoard, a_watchdog_takes_its_time_and_the_loader_answers_until_it_bites) {
    enter_download_mode();
    (void)send(sync_request());
    const auto write = [&](std::uint32_t address, std::uint32_t value) {
        const auto replies = send(request(Op::write_reg, words({address, value, 0xFFFFFFFF, 0})));
        EXPECT_EQ(replies.size(), 1U);
    };
    write(0x3FF48090, 2000);
    write(0x3FF4808C, 1U << 31);
    write(0x3FF480A4, 0);
    wait(10ms);
    EXPECT_EQ(send(sync_request()).size(), 8U);
    wait(10ms);
    EXPECT_THAT(output(), HasSubstr("rst:0x10 (RTCWDT_RTC_RESET),boot:0x13"));
    // One that is turned off in time does not bite.
    enter_download_mode();
    (void)send(sync_request());
    write(0x3FF48090, 2000);
    write(0x3FF4808C, 1U << 31);
    write(0x3FF4808C, 0);
    wait(100ms);
    EXPECT_EQ(send(sync_request()).size(), 8U);
}

}  // namespace

}  // namespace imprint::simulator
