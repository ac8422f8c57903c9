// Boards whose eFuses were burnt against strangers: what is told, what is written, what is refused.
#include <fmt/format.h>

#include "base/error_code.h"
#include "loader/pty_fixture.h"
#include "simulator/sample_firmware.h"

namespace imprint::loader {
namespace {

using namespace std::chrono_literals;
using simulator::FlashEncryption;
using ::testing::Contains;
using ::testing::HasSubstr;

class Secured : public testing::OnPty {
  protected:
    void plug(std::string_view chip, const simulator::Fuses& fuses) {
        simulated_.chip = chip;
        simulated_.revision.reset();
        simulated_.fuses = fuses;
        simulated_.flash_file = folder() / fmt::format("{}.flash", ++boards_);
        start();
    }

    [[nodiscard]] Bytes flash() const { return read_file(simulated_.flash_file).value(); }

    // As flasher_args.json has it: bootloader, table, application.
    std::vector<FlashData> firmware() {
        const auto project = folder() / fmt::format("project{}", boards_);
        EXPECT_TRUE(simulator::write_sample_firmware(project, "1.0.0", simulated_.chip));
        const auto build = project / "build";
        const std::uint32_t boot = chip_by_key(simulated_.chip)->bootloader_offset;
        return {
            {"boot", boot, read_file(build / "bootloader" / "bootloader.bin").value()},
            {"table", 0x8000, read_file(build / "partition_table" / "partition-table.bin").value()},
            {"app", 0x10000, read_file(build / "aws_iot.bin").value()}};
    }

    std::string console_until(std::string_view wanted) {
        std::string all;
        std::array<std::uint8_t, 1024> part{};
        for (const Instant end = clock_.now() + 20s; clock_.now() < end;) {
            const auto got = port_->read(part, 100ms);
            if (!got) return all + got.error().describe();
            all += as_text(ByteView(part).first(*got));
            if (all.find(wanted) != std::string::npos) break;
        }
        return all;
    }

    static void expect_refused(const auto& result, const std::string& why) {
        ASSERT_FALSE(result);
        EXPECT_EQ(code_of(result), "chip_secured");
        EXPECT_THAT(result.error().describe(), HasSubstr(why));
    }

    int boards_ = 0;
};

TEST_F(Secured, the_chip_encrypts_in_development_mode_and_starts_what_was_written) {
    for (const char* chip : {"esp32", "esp32s2", "esp32s3", "esp32c3", "esp32c6"}) {
        plug(chip, {.flash_encryption = FlashEncryption::development});
        Board board = connected();
        EXPECT_TRUE(board.stub_runs());
        EXPECT_TRUE(board.info().security.flash_encryption);
        EXPECT_FALSE(board.info().security.flash_encryption_release);
        EXPECT_FALSE(board.info().security.encrypted_writes_disabled);
        for (const FlashData& region : firmware()) {
            expect_refused(board.write(region), "encrypts its flash");
            ASSERT_TRUE(board.write_encrypted(region)) << chip;
            const Bytes now = flash();
            EXPECT_FALSE(std::ranges::equal(region.content(),
                                            ByteView(now).subspan(region.offset(), region.size())))
                << "plain in flash";
        }
        ASSERT_TRUE(board.run());
        EXPECT_THAT(console_until("cpu_start"), HasSubstr("cpu_start")) << chip;
    }
}

TEST_F(Secured, the_rom_alone_encrypts_too_but_for_the_esp32s) {
    options_.stub_directory.clear();
    plug("esp32c3", {.flash_encryption = FlashEncryption::development});
    Board board = connected();
    for (const FlashData& region : firmware())
        ASSERT_TRUE(board.write_encrypted(region));
    ASSERT_TRUE(board.run());
    EXPECT_THAT(console_until("cpu_start"), HasSubstr("cpu_start"));

    plug("esp32", {.flash_encryption = FlashEncryption::development});
    expect_refused(connected().write_encrypted({"app", 0x10000, Bytes(4096, 7)}),
                   "by its stub only");
}

TEST_F(Secured, what_is_meant_plain_is_written_and_proven) {
    plug("esp32s3", {.flash_encryption = FlashEncryption::development});
    options_.consent.plain_on_encrypted = true;
    Board board = connected();
    const FlashData region("storage", 0x200000, testing::firmware_like(50'000, 3));
    const auto written = board.write_difference(region);
    ASSERT_TRUE(written) << written.error().describe();
    expect_in_flash(region);
}

TEST_F(Secured, release_mode_takes_nothing_but_what_is_meant_plain) {
    for (const char* chip : {"esp32", "esp32s2", "esp32s3", "esp32c2", "esp32c3", "esp32c5",
                             "esp32c6", "esp32c61", "esp32h2", "esp32p4"}) {
        plug(chip, {.flash_encryption = FlashEncryption::release});
        Board board = connected();
        EXPECT_TRUE(board.info().security.flash_encryption_release) << chip;
        EXPECT_TRUE(board.info().security.encrypted_writes_disabled) << chip;
        const FlashData region("app", 0x10000, Bytes(4096, 7));
        expect_refused(board.write(region), "encrypts its flash");
        expect_refused(board.write_difference(region), "encrypts its flash");
        expect_refused(board.write_encrypted(region), "release mode");
        EXPECT_EQ(flash(), Bytes(simulated_.flash_size, 0xFF)) << "nothing was touched";
    }
}

TEST_F(Secured, what_a_secured_board_starts_from_is_neither_erased_nor_written_over) {
    for (const char* chip : {"esp32", "esp32s3"}) {
        for (const simulator::Fuses& fuses :
             {simulator::Fuses{.secure_boot = true},
              simulator::Fuses{.flash_encryption = FlashEncryption::development},
              simulator::Fuses{.flash_encryption = FlashEncryption::release},
              simulator::Fuses{.secure_boot = true,
                               .flash_encryption = FlashEncryption::release}}) {
            simulated_.flash_file = folder() / fmt::format("{}.flash", boards_ + 1);
            const Bytes stands(simulated_.flash_size, 0xA5);
            ASSERT_TRUE(write_file(simulated_.flash_file, ByteView(stands)));
            plug(chip, fuses);
            Board board = connected();
            expect_refused(board.erase(0x0, 0x2000), "never start again");
            expect_refused(board.erase(0x1000, 0x7000), "never start again");
            expect_refused(board.erase(0, simulated_.flash_size), "never start again");
            EXPECT_FALSE(board.write({"boot", board.info().chip->bootloader_offset, Bytes(99)}));
            EXPECT_EQ(flash(), stands);
        }
    }
}

TEST_F(Secured, a_chip_that_does_not_encrypt_is_not_asked_to) {
    plug("esp32s3", {});
    expect_refused(connected().write_encrypted({"app", 0x10000, Bytes(4096, 7)}),
                   "does not encrypt its flash");
}

TEST_F(Secured, secure_boot_is_told_and_the_stub_starts_all_the_same) {
    for (const char* chip : {"esp32", "esp32s2", "esp32s3", "esp32c6"}) {
        plug(chip, {.secure_boot = true});
        const Board board = connected();
        EXPECT_TRUE(board.info().security.secure_boot) << chip;
        EXPECT_TRUE(board.stub_runs()) << chip;
        if (board.info().chip->tells_security) {
            EXPECT_THAT(board.info().security.key_purposes, Contains(9)) << chip;
        }
    }
}

TEST_F(Secured, an_unsigned_bootloader_does_not_start_there) {
    plug("esp32s3", {.secure_boot = true});
    options_.consent.signed_bootloader = true;
    Board board = connected();
    for (const FlashData& region : firmware())
        ASSERT_TRUE(board.write(region));
    ASSERT_TRUE(board.run());
    EXPECT_THAT(console_until("failed"), HasSubstr("secure boot verification failed"));
}

TEST_F(Secured, in_secure_download_mode_only_chip_and_state_are_told) {
    for (const char* chip : {"esp32s2", "esp32s3", "esp32c3", "esp32c6", "esp32p4"}) {
        plug(chip, {.secure_boot = true, .secure_download = true});
        const auto refused = Board::connect(*port_, options_, clock_, log_);
        expect_refused(refused, "secure download mode");
        ConnectOptions look = options_;
        look.look_only = true;
        auto board = Board::connect(*port_, look, clock_, log_);
        ASSERT_TRUE(board) << chip << ": " << board.error().describe();
        EXPECT_EQ(board->info().chip->key, chip);
        EXPECT_TRUE(board->info().security.secure_download_mode);
        EXPECT_TRUE(board->info().security.secure_boot);
        EXPECT_EQ(board->info().mac, MacAddress{});
        // And is not left in its loader.
        ASSERT_TRUE(board->run());
        EXPECT_THAT(console_until("invalid header"), HasSubstr("invalid header")) << chip;
    }
}

TEST_F(Secured, key_blocks_have_names) {
    EXPECT_EQ(key_purpose_name(0), "");
    EXPECT_EQ(key_purpose_name(4), "XTS_AES_128_KEY");
    EXPECT_EQ(key_purpose_name(10), "SECURE_BOOT_DIGEST1");
    EXPECT_EQ(key_purpose_name(99), "purpose 99");
}

}  // namespace
}  // namespace imprint::loader
