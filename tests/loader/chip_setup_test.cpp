// What single chips need of a loader, beyond what their row says about registers.
#include "loader/chip_setup.h"

#include "loader/fake_fixture.h"

namespace imprint::loader::fake_testing {
namespace {

class ChipSetup : public BoardTest {
  protected:
    // A board of that chip, which tells its id; with its stub's file, unless that is called empty.
    void become(std::string_view key, std::uint32_t flags = 0, const std::string& stub = {}) {
        fake.chip = chip_by_key(key);
        fake.registers.clear();
        fake.security_info = Bytes(20);
        put_u32(*fake.security_info, 0, flags);
        put_u32(*fake.security_info, 12, fake.chip->id);
        fake.set_mac({{0xF4, 0x12, 0xFA, 0x00, 0x00, 0x07}});
        if (stub.empty()) return;
        const auto text = read_text(options.stub_directory / "esp32.json");
        EXPECT_TRUE(write_file(options.stub_directory / (stub + ".json"), *text));
    }

    // The values that were written to a register, in order.
    [[nodiscard]] std::vector<std::uint32_t> written(std::uint32_t address) const {
        std::vector<std::uint32_t> values;
        for (const Seen& one : fake.seen)
            if (one.op == Op::write_reg && one.word(0) == address) values.push_back(one.word(1));
        return values;
    }
};

TEST_F(ChipSetup, watchdogs_are_quieted_over_usb_serial_jtag_and_only_there) {
    options.reset = false;  // the fake board has a reset circuit, not that unit
    options.baud = 115200;
    fake.loader_entered = true;
    for (const Chip& chip : chips()) {
        if (!chip.usb_serial_jtag) continue;
        become(chip.key);
        fake.registers[chip.watchdog.config0] = 0x80001234;
        fake.registers[chip.super_watchdog.config] = 0x10;
        fake.seen.clear();
        fake.port_traits.usb_serial_jtag = false;
        static_cast<void>(connected());
        EXPECT_TRUE(written(chip.watchdog.config0).empty()) << chip.name;

        fake.port_traits.usb_serial_jtag = true;
        static_cast<void>(connected());
        EXPECT_THAT(written(chip.watchdog.config0), ::testing::ElementsAre(0U)) << chip.name;
        EXPECT_THAT(written(chip.watchdog.protect), ::testing::ElementsAre(rtc_watchdog_key, 0U))
            << chip.name;
        EXPECT_EQ(fake.registers[chip.super_watchdog.config],
                  0x10 | chip.super_watchdog.feeds_itself)
            << chip.name;
        EXPECT_THAT(written(chip.super_watchdog.protect),
                    ::testing::ElementsAre(chip.super_watchdog.key, 0U))
            << chip.name;
    }
}

TEST_F(ChipSetup, a_p4_that_starts_without_flash_supply_gets_it) {
    constexpr std::uint32_t ldo = 0x501151B8;
    become("esp32p4");
    fake.registers[0x5012D04C] = 3U << 4 | 1;  // 3.1
    fake.registers[ldo] = 0xFFU << 23 | 1;
    static_cast<void>(connected());
    EXPECT_EQ(fake.registers[0x5011010C], 1U);
    EXPECT_EQ(fake.registers[ldo], 1U) << "neither its target nor tied high";
    EXPECT_EQ(fake.registers[0x501153FC] & 3, 3U);

    fake.registers[ldo] = 7;
    fake.registers[0x5012D04C] = 3U << 4 | 2;  // 3.2, whose eFuse has the ROM do it
    fake.registers[0x5012D034] = 1U << 16;
    static_cast<void>(connected());
    EXPECT_EQ(fake.registers[ldo], 7U);
    EXPECT_EQ(fake.registers[0x501153FC] & 3, 0U);

    fake.seen.clear();
    fake.registers[0x5012D04C] = 3U << 4;  // 3.0
    static_cast<void>(connected());
    EXPECT_TRUE(written(ldo).empty());
}

TEST_F(ChipSetup, an_s3_under_secure_boot_starts_its_stub_by_another_way) {
    become("esp32s3", SecurityInfo::secure_boot, "esp32s3");
    fake.secure_boot_hook = fake.chip->stub.secure_boot_hook;
    const Board board = connected();
    EXPECT_TRUE(board.stub_runs());
    EXPECT_THAT(written(fake.secure_boot_hook), ::testing::ElementsAre(16U, 0U))
        << "the stub's entry, and back to what was there";
}

TEST_F(ChipSetup, blocks_are_small_where_the_chip_is_its_own_usb_port) {
    become("esp32s2", 0, "esp32s2");
    const auto largest_block = [&] {
        std::size_t largest = 0;
        for (const Seen& one : fake.seen)
            if (one.op == Op::flash_defl_data) largest = std::max(largest, one.data.size() - 16);
        return largest;
    };
    const FlashData region("app", 0x10000, firmware_like(100'000));
    ASSERT_TRUE(connected().write(region));
    EXPECT_EQ(largest_block(), 0x4000U);

    fake.seen.clear();
    fake.port_traits.espressif_product = fake.chip->id;
    ASSERT_TRUE(connected().write(region));
    EXPECT_EQ(largest_block(), 0x800U);
    EXPECT_TRUE(in_flash(region));
    const auto upload = std::ranges::find(fake.seen, Op::mem_begin, &Seen::op);
    ASSERT_NE(upload, fake.seen.end());
    EXPECT_EQ(upload->word(2), 0x800U);
}

TEST_F(ChipSetup, the_first_c2_runs_no_stub) {
    become("esp32c2", 0, "esp32c2");
    EXPECT_FALSE(connected().stub_runs());
    fake.registers[0x60008844] |= 1U << 20;  // 1.0
    EXPECT_TRUE(connected().stub_runs());
}

TEST_F(ChipSetup, an_early_p4_runs_a_stub_of_its_own) {
    become("esp32p4", 0, "esp32p4-rev1");
    fake.registers[0x5012D04C] = 1U << 4 | 3;  // 1.3
    EXPECT_TRUE(connected().stub_runs());
    fake.registers[0x5012D04C] = 3U << 4;  // 3.0: its file is not there
    EXPECT_FALSE(connected().stub_runs());
}

TEST_F(ChipSetup, the_first_s3_says_its_revision_by_its_block_version) {
    become("esp32s3");
    fake.registers[0x60007058] = 1U << 24;  // says 1.0
    EXPECT_EQ(connected().info().revision, 100);
    fake.registers[0x6000706C] = 1;
    fake.registers[0x60007050] = 1U << 24;
    EXPECT_EQ(connected().info().revision, 0);
}

// The ROM reckons with a crystal of 40 MHz: what it is asked for has to be wrong by as much.
TEST_F(ChipSetup, a_rom_that_takes_its_crystal_for_another_is_asked_for_another_rate) {
    struct Case {
        const char* key;
        std::uint32_t crystal;
        std::uint32_t told;  // PCR_SYSCLK_CONF_REG
        std::uint32_t asked;
    };

    for (const Case& one :
         {Case{"esp32c2", 26, 0, 921600 * 40U / 26}, Case{"esp32c2", 40, 0, 921600U},
          Case{"esp32c5", 48, 40U << 24, 921600U * 40 / 48},
          Case{"esp32c5", 40, 48U << 24, 921600U * 48 / 40},
          Case{"esp32c5", 48, 48U << 24, 921600U}, Case{"esp32c5", 48, 0, 921600U}}) {
        become(one.key);
        fake.registers[0x60000014] = one.crystal * 1'000'000 / 115200;
        fake.registers[0x60096110] = one.told;
        fake.rom_crystal = static_cast<std::uint32_t>(40'000'000ULL * one.asked / 921600);
        fake.seen.clear();
        const Board board = connected();
        EXPECT_EQ(board.info().crystal_mhz, one.crystal) << one.key;
        const auto asked = std::ranges::find(fake.seen, Op::change_baudrate, &Seen::op);
        ASSERT_NE(asked, fake.seen.end()) << one.key;
        EXPECT_EQ(asked->word(0), one.asked) << one.key;
    }
}

}  // namespace
}  // namespace imprint::loader::fake_testing
