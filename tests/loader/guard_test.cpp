#include "loader/guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace imprint::loader {
namespace {

using ::testing::HasSubstr;

class Guard : public ::testing::Test {
  protected:
    Guard() {
        info.chip = chip_by_key("esp32");
        info.flash_id = 0x1640EF;
        info.flash_size = info.flash_size_told = 4U << 20;
    }

    [[nodiscard]] FlashGuard guard(LoaderKind loader = LoaderKind::stub) const {
        return {"bay0", info, loader, consent};
    }

    // "" or the error's code.
    static std::string outcome(const Result<void>& result) {
        return result ? "" : result.error().code;
    }

    static FlashData at(std::uint32_t offset, std::size_t size = 0x1000) {
        return {"file", offset, Bytes(size, 7)};
    }

    void say_size(std::uint32_t size) { info.flash_size = info.flash_size_told = size; }

    BoardInfo info;
    FlashConsent consent;
};

TEST_F(Guard, an_open_board_takes_everything_inside_its_flash) {
    EXPECT_EQ(outcome(guard().write(at(0x1000))), "");
    EXPECT_EQ(outcome(guard().erase(0, 4U << 20)), "");
    EXPECT_EQ(outcome(guard().erase(0, (4U << 20) + 0x1000)), "flash_too_small");
    EXPECT_EQ(outcome(guard().write(at(0x3FF000, 0x1001))), "flash_too_small");
    EXPECT_EQ(outcome(guard().write(at(0x1800))), "flash_alignment");
    EXPECT_EQ(outcome(guard().erase(0x1000, 0x800)), "flash_alignment");
}

TEST_F(Guard, a_board_that_finds_no_flash_chip_is_not_written_to) {
    for (const std::uint32_t id : {0x000000U, 0xFFFFFFU}) {
        info.flash_id = id;
        for (const std::uint32_t size : {0U, 4U << 20}) {
            say_size(size);
            EXPECT_EQ(outcome(guard().write(at(0x1000))), "flash_missing");
            EXPECT_EQ(outcome(guard().write_encrypted(at(0x1000))), "flash_missing");
            EXPECT_EQ(outcome(guard().erase(0x1000, 0x1000)), "flash_missing");
        }
    }
}

TEST_F(Guard, nothing_that_a_secured_board_starts_from_is_ever_erased) {
    consent = {.plain_on_encrypted = true, .signed_bootloader = true};
    for (const auto& [boot, encryption, release] :
         {std::tuple(true, false, false), std::tuple(false, true, false),
          std::tuple(false, true, true), std::tuple(true, true, true)}) {
        info.security.secure_boot = boot;
        info.security.flash_encryption = encryption;
        info.security.flash_encryption_release = info.security.encrypted_writes_disabled = release;
        EXPECT_EQ(outcome(guard().erase(0, 4U << 20)), "chip_secured") << "all of it";
        EXPECT_EQ(outcome(guard().erase(0, 0x2000)), "chip_secured");
        EXPECT_EQ(outcome(guard().erase(0x1000, 0x7000)), "chip_secured");
        EXPECT_EQ(outcome(guard().erase(0x8000, 0x1000)), "chip_secured");
        EXPECT_EQ(outcome(guard().erase(0xF000, 0x1000)), "chip_secured") << "a table moved there";
        EXPECT_EQ(outcome(guard().erase(0x200000, 0x1000)), "");
    }
}

TEST_F(Guard, what_a_chip_encrypts_is_erased_only_where_it_is_said_to_be_plain) {
    info.security.flash_encryption = true;
    EXPECT_EQ(outcome(guard().erase(0x200000, 0x1000)), "chip_secured");
    EXPECT_EQ(outcome(guard().write(at(0x200000))), "chip_secured");
    consent.plain_on_encrypted = true;
    EXPECT_EQ(outcome(guard().erase(0x200000, 0x1000)), "");
    EXPECT_EQ(outcome(guard().write(at(0x200000))), "");
}

TEST_F(Guard, secure_boot_takes_a_bootloader_that_is_said_to_be_signed) {
    info.security.secure_boot = info.security.flash_encryption = true;
    EXPECT_EQ(outcome(guard().write_encrypted(at(0x1000))), "chip_secured");
    EXPECT_EQ(outcome(guard().write_encrypted(at(0x8000))), "");
    consent = {.plain_on_encrypted = true, .signed_bootloader = true};
    EXPECT_EQ(outcome(guard().write_encrypted(at(0x1000))), "");
    EXPECT_EQ(outcome(guard().write(at(0x1000))), "");
    consent.signed_bootloader = false;
    EXPECT_EQ(outcome(guard().write(at(0x1000))), "chip_secured");
}

TEST_F(Guard, what_wraps_is_refused) {
    say_size(32U << 20);
    const auto refused = guard().write(at(0x1000000));
    EXPECT_EQ(outcome(refused), "flash_out_of_reach");
    EXPECT_THAT(refused.error().describe(), HasSubstr("wrap"));
    EXPECT_EQ(outcome(guard().erase(0x1000000, 0x1000)), "flash_out_of_reach");
    EXPECT_EQ(outcome(guard().range(0xFFFFFF, 2)), "flash_out_of_reach");
    EXPECT_EQ(outcome(guard().write(at(0xFFF000))), "");
    say_size(0);
    EXPECT_EQ(outcome(guard().write(at(0x1000000))), "flash_out_of_reach") << "of unknown size";
}

TEST_F(Guard, a_stub_with_32_bits_reaches_all_of_it_and_its_rom_does_not) {
    say_size(32U << 20);
    for (const Chip& chip : chips()) {
        info.chip = &chip;
        const bool wide = chip.key == "esp32s3" || chip.key == "esp32c5" ||
                          chip.key == "esp32c61" || chip.key == "esp32p4";
        EXPECT_EQ(outcome(guard().write(at(0x1000000))), wide ? "" : "flash_out_of_reach")
            << chip.name;
        EXPECT_EQ(outcome(guard(LoaderKind::rom).write(at(0x1000000))), "flash_out_of_reach")
            << chip.name;
    }
}

}  // namespace
}  // namespace imprint::loader
