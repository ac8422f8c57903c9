#include "loader/diagnosis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace imprint::loader {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

Error heard(std::string_view text, bool was_reset = true) {
    const Error error = no_board({"/dev/ttyUSB0", text, 7, was_reset, false});
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
    EXPECT_EQ(no_board({"/dev/ttyUSB0", "", 7, true, true}).code, "no_board")
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
