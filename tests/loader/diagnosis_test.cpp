#include "loader/diagnosis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loader/protocol.h"

namespace imprint::loader {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

Error heard(std::string_view text, bool was_reset = true) {
    const Error error =
        no_board({.port = "/dev/ttyUSB0", .heard = text, .attempts = 7, .was_reset = was_reset});
    EXPECT_EQ(error.code, text.empty() ? "board_silent" : "no_board");
    EXPECT_EQ(error.kind, ErrorKind::board);
    EXPECT_THAT(error.message, HasSubstr("/dev/ttyUSB0"));
    EXPECT_FALSE(error.hint.empty());
    return error;
}

TEST(Diagnosis, silence_is_power_or_wires) {
    const Error error = heard("");
    EXPECT_THAT(error.message, HasSubstr("nothing answers"));
    EXPECT_THAT(error.hint, AllOf(HasSubstr("power"), HasSubstr("TX and RX")));
    EXPECT_EQ(
        no_board({.port = "p", .heard = "", .attempts = 7, .was_reset = true, .was_late = true})
            .code,
        "no_board")
        << "where all is late, silence says nothing";
}

TEST(Diagnosis, a_boot_log_instead_of_the_loader_is_the_wiring_of_io0_and_en) {
    const Error error = heard(
        "ets Jul 29 2019 12:21:46\r\n\r\nrst:0x1 (POWERON_RESET),boot:0x13 "
        "(SPI_FAST_FLASH_BOOT)\r\nconfigsip: 0, SPIWP:0xee\r\n");
    EXPECT_THAT(error.message, HasSubstr("0x13 (SPI_FAST_FLASH_BOOT)"));
    EXPECT_THAT(error.hint, AllOf(HasSubstr("IO0"), HasSubstr("EN"), HasSubstr("eFuse")));
    EXPECT_THAT(heard("boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n", false).hint, HasSubstr("BOOT button"));
}

TEST(Diagnosis, a_loader_that_does_not_hear_is_the_line_to_it) {
    const Error error = heard(
        "rst:0x1 (POWERON_RESET),boot:0x3 (DOWNLOAD_BOOT(UART0/UART1/SDIO_REI_REO_V2))\r\nwaiting "
        "for download\r\n");
    EXPECT_THAT(error.message, HasSubstr("does not hear"));
    EXPECT_THAT(error.hint, HasSubstr("TX"));
}

// The ESP32's ROM with strap 0x0F.
TEST(Diagnosis, every_name_of_a_download_mode_is_a_loader) {
    for (const char* log : {"rst:0x1 (POWERON_RESET),boot:0xf (UART_BOOT(UART0))\r\n",
                            "rst:0x1 (POWERON),boot:0x4 (DOWNLOAD(USB/UART0/1))\r\n"}) {
        EXPECT_TRUE(is_log_of_loader(log)) << log;
        EXPECT_THAT(heard(log).message, HasSubstr("does not hear")) << log;
    }
    EXPECT_FALSE(is_log_of_loader("rst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n"));
}

TEST(Diagnosis, what_was_sent_and_comes_back_is_an_echo) {
    const Bytes sync = sync_request().encode();
    const Error whole = heard(as_text(sync));
    EXPECT_THAT(whole.message, HasSubstr("echo"));
    EXPECT_THAT(whole.hint, AllOf(HasSubstr("TX and RX"), HasSubstr("BASIC")));
    // As the ROM's BASIC gives it back, without what is no text.
    EXPECT_THAT(heard("> " + std::string(32, 'U')).message, HasSubstr("echo"));
}

TEST(Diagnosis, a_supply_that_breaks_down_is_power_and_no_wire) {
    for (const char* log : {"rst:0xf (RTCWDT_BROWN_OUT_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n",
                            "I (31) boot: ESP-IDF\r\nBrownout detector was triggered\r\n"}) {
        const Error error = heard(log);
        EXPECT_THAT(error.message, HasSubstr("supply")) << log;
        EXPECT_THAT(error.hint, AllOf(HasSubstr("current"), Not(HasSubstr("IO0")))) << log;
    }
}

TEST(Diagnosis, an_esp8266_is_named) {
    EXPECT_THAT(heard(" ets Jan  8 2013,rst cause:2, boot mode:(3,6)\r\n").message,
                HasSubstr("ESP8266"));
}

TEST(Diagnosis, a_server_that_is_slow_from_dtr_to_rts_is_told_as_such) {
    const SilentBoard slow{.port = "rfc2217://gate:4000",
                           .heard = "rst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n",
                           .attempts = 7,
                           .was_reset = true,
                           .lines_apart = Milliseconds(80)};
    EXPECT_THAT(no_board(slow).message, HasSubstr("80 ms from DTR to RTS"));
    EXPECT_THAT(no_board(slow).hint, AllOf(HasSubstr("BOOT"), Not(HasSubstr("eFuse"))));
    SilentBoard quick = slow;
    quick.lines_apart = Milliseconds(5);
    EXPECT_THAT(no_board(quick).message, Not(HasSubstr("DTR to RTS")));
}

TEST(Diagnosis, a_program_that_reads_along_is_named) {
    const Error error = heard("");
    const Error shared = with_other_user(error, "minicom (process 815)");
    EXPECT_THAT(shared.message, HasSubstr("minicom (process 815) has the port open too"));
    EXPECT_THAT(shared.hint, AllOf(HasSubstr("end minicom (process 815)"), HasSubstr(error.hint)))
        << "what else it may be is still said";
    EXPECT_EQ(with_other_user(error, "").message, error.message);
}

TEST(Diagnosis, console_text_is_a_program_that_was_not_reset) {
    const Error error = heard("I (12345) wifi: connected with home, aid = 2\r\n");
    EXPECT_THAT(error.message, HasSubstr("was not reset"));
    EXPECT_THAT(error.hint, HasSubstr("RTS to EN"));
}

TEST(Diagnosis, anything_else_is_noise) {
    EXPECT_THAT(heard("\x80\xFE\x80\x01\x80\x80\xF8").message, HasSubstr("7 bytes of noise"));
}

TEST(Diagnosis, a_log_without_end_is_not_quoted_whole) {
    const std::string log = "boot:0x" + std::string(5000, '1');
    EXPECT_LT(heard(log).message.size(), 200U);
}

}  // namespace
}  // namespace imprint::loader
