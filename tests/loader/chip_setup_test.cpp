// What single chips need of a loader, beyond what their row says about registers.
#include "loader/chip_setup.h"

#include "loader/board_fixture.h"
#include "loader/slip.h"
#include "loader/stub.h"

namespace imprint::loader::testing {
namespace {

class ChipSetup : public BoardTest {
  protected:
    using Seen = FaultyPort::Seen;

    // A board of that chip, plugged in once it is asked for; with its stub's file, unless that is
    // called empty.
    void become(std::string_view key, const std::string& stub = {}) {
        simulated = {};
        simulated.network = false;
        simulated.chip = key;
        simulated.mac = {{0xF4, 0x12, 0xFA, 0x00, 0x00, 0x07}};
        if (!stub.empty()) write_stub(stub, key);
    }

    // The next connect() begins with this board, as it was when its power came.
    Board connected_anew() {
        plug();
        wire.seen.clear();
        return connected();
    }

    // What stands in a register before anybody looks at it.
    void set_register(std::uint32_t address, std::uint32_t value) {
        ASSERT_TRUE(chip().write(slip_frame(sync_request().encode())));
        ASSERT_TRUE(chip().write(
            slip_frame(request(Op::write_reg, {address, value, 0xFFFFFFFF, 0}).encode())));
        ASSERT_TRUE(chip().discard_input());
        ASSERT_EQ(chip().word(address), value);
    }

    // The values that were written to a register, in order.
    [[nodiscard]] std::vector<std::uint32_t> written(std::uint32_t address) const {
        std::vector<std::uint32_t> values;
        for (const Seen& one : wire.seen)
            if (one.op == Op::write_reg && one.word(0) == address) values.push_back(one.word(1));
        return values;
    }
};

TEST_F(ChipSetup, watchdogs_are_quieted_over_usb_serial_jtag_and_only_there) {
    options.reset = false;  // which would forget the registers
    options.baud = 115200;
    for (const Chip& chip_row : chips()) {
        if (!chip_row.usb_serial_jtag) continue;
        become(chip_row.key);
        simulated.boot_button_held = true;
        wire.port_traits.usb_serial_jtag = false;
        static_cast<void>(connected_anew());
        EXPECT_TRUE(written(chip_row.watchdog.config0).empty()) << chip_row.name;

        simulated.usb = simulator::UsbKind::serial_jtag;
        wire.port_traits.usb_serial_jtag = true;
        plug();
        set_register(chip_row.super_watchdog.config, 0x10);
        wire.seen.clear();
        static_cast<void>(connected());
        EXPECT_THAT(written(chip_row.watchdog.config0), ::testing::ElementsAre(0U))
            << chip_row.name;
        EXPECT_THAT(written(chip_row.watchdog.protect),
                    ::testing::ElementsAre(rtc_watchdog_key, 0U))
            << chip_row.name;
        EXPECT_EQ(chip().word(chip_row.super_watchdog.config),
                  0x10 | chip_row.super_watchdog.feeds_itself)
            << chip_row.name;
        EXPECT_THAT(written(chip_row.super_watchdog.protect),
                    ::testing::ElementsAre(chip_row.super_watchdog.key, 0U))
            << chip_row.name;
    }
}

TEST_F(ChipSetup, a_p4_that_starts_without_flash_supply_gets_it) {
    constexpr std::uint32_t ldo = 0x501151B8;
    options.reset = false;  // which would forget the registers
    become("esp32p4");
    simulated.boot_button_held = true;
    simulated.revision = 301;
    plug();
    set_register(ldo, 0xFFU << 23 | 1);
    static_cast<void>(connected());
    EXPECT_EQ(chip().word(0x5011010C), 1U);
    EXPECT_EQ(chip().word(ldo), 1U) << "neither its target nor tied high";
    EXPECT_EQ(chip().word(0x501153FC) & 3, 3U);

    simulated.revision = 302;
    simulated.words[0x5012D034] = 1U << 16;  // an eFuse has the ROM do it
    plug();
    set_register(ldo, 7);
    set_register(0x501153FC, 3);
    static_cast<void>(connected());
    EXPECT_EQ(chip().word(ldo), 7U);
    EXPECT_EQ(chip().word(0x501153FC) & 3, 0U);

    simulated.revision = 300;
    simulated.words.clear();
    static_cast<void>(connected_anew());
    EXPECT_TRUE(written(ldo).empty());
}

TEST_F(ChipSetup, an_s3_under_secure_boot_starts_its_stub_by_another_way) {
    become("esp32s3", "esp32s3");
    simulated.fuses.secure_boot = true;
    const Board board = connected_anew();
    EXPECT_TRUE(board.stub_runs());
    const auto stub = load_stub(folder(), "esp32s3").value();
    EXPECT_THAT(written(board.info().chip->stub.secure_boot_hook),
                ::testing::ElementsAre(stub.entry, 0U))
        << "the stub's entry, and back to what was there";
}

TEST_F(ChipSetup, blocks_are_small_where_the_chip_is_its_own_usb_port) {
    become("esp32s2", "esp32s2");
    const auto largest_block = [&] {
        std::size_t largest = 0;
        for (const Seen& one : wire.seen)
            if (one.op == Op::flash_defl_data) largest = std::max(largest, one.data.size() - 16);
        return largest;
    };
    const FlashData region("app", 0x10000, firmware_like(100'000));
    ASSERT_TRUE(connected_anew().write(region));
    EXPECT_EQ(largest_block(), 0x4000U);

    simulated.usb = simulator::UsbKind::own;
    simulated.boot_button_held = true;
    options.reset = false;
    wire.port_traits.espressif_product = chip_by_key("esp32s2")->id;
    ASSERT_TRUE(connected_anew().write(region));
    EXPECT_EQ(largest_block(), 0x800U);
    EXPECT_TRUE(in_flash(region));
    const auto upload = std::ranges::find(wire.seen, Op::mem_begin, &Seen::op);
    ASSERT_NE(upload, wire.seen.end());
    EXPECT_EQ(upload->word(2), 0x800U);
}

TEST_F(ChipSetup, the_first_c2_runs_no_stub) {
    become("esp32c2", "esp32c2");
    simulated.revision = 0;
    EXPECT_FALSE(connected_anew().stub_runs());
    simulated.revision = 100;
    EXPECT_TRUE(connected_anew().stub_runs());
}

TEST_F(ChipSetup, an_early_p4_runs_a_stub_of_its_own) {
    become("esp32p4", "esp32p4-rev1");
    simulated.revision = 103;
    EXPECT_TRUE(connected_anew().stub_runs());
    simulated.revision = 300;  // its file is not there
    EXPECT_FALSE(connected_anew().stub_runs());
}

TEST_F(ChipSetup, the_first_s3_says_its_revision_by_its_block_version) {
    become("esp32s3");
    simulated.revision = 100;  // as it says
    EXPECT_EQ(connected_anew().info().revision, 100);
    simulated.words = {{0x6000706C, 1}, {0x60007050, 1U << 24}};
    EXPECT_EQ(connected_anew().info().revision, 0);
}

// The ROM reckons with a crystal of 40 MHz: what it is asked for has to be wrong by as much.
TEST_F(ChipSetup, a_rom_that_takes_its_crystal_for_another_is_asked_for_another_rate) {
    struct Case {
        const char* key;
        std::uint32_t crystal;
        std::uint32_t taken_for;
        std::uint32_t told;  // PCR_SYSCLK_CONF_REG
        std::uint32_t asked;
    };

    for (const Case& one :
         {Case{"esp32c2", 26, 40, 0, 921600 * 40U / 26}, Case{"esp32c2", 40, 40, 0, 921600U},
          Case{"esp32c5", 48, 40, 40U << 24, 921600U * 40 / 48},
          Case{"esp32c5", 40, 48, 48U << 24, 921600U * 48 / 40},
          Case{"esp32c5", 48, 48, 48U << 24, 921600U}, Case{"esp32c5", 48, 48, 0, 921600U}}) {
        become(one.key);
        simulated.crystal_hz = one.crystal * 1'000'000;
        simulated.rom_crystal_hz = one.taken_for * 1'000'000;
        if (one.key == std::string_view("esp32c5")) simulated.words[0x60096110] = one.told;
        const Board board = connected_anew();
        EXPECT_EQ(board.baud(), 921600U) << one.key;
        EXPECT_EQ(board.info().crystal_mhz, one.crystal) << one.key;
        const auto asked = std::ranges::find(wire.seen, Op::change_baudrate, &Seen::op);
        ASSERT_NE(asked, wire.seen.end()) << one.key;
        EXPECT_EQ(asked->word(0), one.asked) << one.key;
    }
}

}  // namespace
}  // namespace imprint::loader::testing
