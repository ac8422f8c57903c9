// What the ROMs of the simulated chips say, by chip.
#include "simulator/chip_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>

#include "base/error_code.h"
#include "simulator/chip_names.h"
#include "simulator/rom_loader.h"
#include "simulator/wire_client.h"

namespace imprint::simulator {

namespace {

using ::testing::SizeIs;

class EveryRom : public testing::TestWithParam<ChipModel> {
  protected:
    EveryRom()
        : chip_(*parse_mac("24:0a:c4:12:ab:cd"), GetParam().revision, *Flash::blank(4U << 20),
                GetParam()),
          rom_(chip_) {
        (void)send(sync_request());
        (void)send(request(Op::spi_attach, words({0, 0})));
    }

    std::vector<Bytes> send(ByteView bytes) {
        for (const std::uint8_t byte : bytes)
            EXPECT_EQ(rom_.receive(byte), Loader::running);
        return frames(joined(chip_.uart.take()));
    }

    // The first of a reply's status bytes, which stand at its end; 0: done.
    static std::uint8_t status(const Bytes& frame) {
        return frame.at(frame.size() - GetParam().status_size);
    }

    std::uint8_t begin(Op op, std::initializer_list<std::uint32_t> values) {
        const auto replies = send(request(op, words(values)));
        EXPECT_THAT(replies, SizeIs(1));
        return replies.empty() ? 0xFF : status(replies[0]);
    }

    Chip chip_;
    RomLoader rom_;
};

TEST_P(EveryRom, tells_its_id_if_it_knows_the_command) {
    const auto replies = send(request(Op::get_security_info));
    ASSERT_FALSE(replies.empty());
    const std::size_t size = GetParam().security_info_size;
    if (size == 0) {
        EXPECT_EQ(replies[0][1], static_cast<std::uint8_t>(Op::spi_attach)) << "the last command";
        EXPECT_EQ(status(replies[0]), 1);
        return;
    }
    EXPECT_EQ(status(replies[0]), 0);
    EXPECT_EQ(replies[0].size(), request_header + size + GetParam().status_size);
    if (size == 20) {
        EXPECT_EQ(get_u32(replies[0], request_header + 12), GetParam().id);
    }
    // As blank C3s, C6s and H2s answer: see chip_model.cpp.
    const auto key = GetParam().key;
    const bool says_twelve = key == "esp32c3" || key == "esp32c6" || key == "esp32h2";
    EXPECT_EQ(replies[0][request_header + 5 + 6], says_twelve ? 12 : 0);
}

// Who asks the loader and who reads the eFuses are told the same.
TEST_P(EveryRom, tells_in_its_efuses_what_it_tells_of_its_security) {
    const ChipModel& model = GetParam();
    const auto field = [](const Chip& chip, const EfuseField& where) {
        return chip.memory.read(where.address) >> where.shift & ((1U << where.bits) - 1);
    };
    for (const bool secured : {false, true}) {
        Fuses fuses;
        if (secured) fuses = {true, FlashEncryption::release, false};
        const Chip chip(*parse_mac("24:0a:c4:12:ab:cd"), model.revision, *Flash::blank(1U << 20),
                        model, {}, fuses);
        const Bytes info = chip.security_info();
        if (info.empty()) {
            EXPECT_EQ(field(chip, {0x3FF5A018, 4, 1}), secured ? 1U : 0U) << "ABS_DONE_0";
            EXPECT_EQ(field(chip, {0x3FF5A014, 28, 4}), secured ? 15U : 0U) << "CRYPT_CONFIG";
            EXPECT_EQ(field(chip, {0x3FF5A000, 16, 1}), secured ? 1U : 0U) << "BLK1 is hidden";
            continue;
        }
        EXPECT_EQ(field(chip, model.secure_boot_enabled), info[0] & 1U);
        EXPECT_EQ(field(chip, model.crypt_count), info[4]);
        EXPECT_EQ(info[0] & 1U, secured ? 1U : 0U);
        EXPECT_EQ(info[4], secured ? 7 : 0);
        if (model.key == "esp32c2") continue;  // its key blocks have no purposes
        EXPECT_EQ(field(chip, model.purposes[0]), info[5]);
        EXPECT_EQ(field(chip, model.purposes[1]), info[6]);
        EXPECT_EQ(info[5], secured ? 4 : 0);
        EXPECT_EQ(info[6], secured ? 9 : 0);
    }
}

TEST_P(EveryRom, takes_the_encrypted_word_if_it_is_no_esp32) {
    for (const Op op : {Op::flash_begin, Op::flash_defl_begin}) {
        const bool five = begin(op, {0x1000, 4, 0x400, 0x10000, 0}) == 0;
        EXPECT_EQ(five, !GetParam().is_esp32());
    }
    EXPECT_NE(begin(Op::flash_begin, {0x1000}), 0);
    EXPECT_EQ(begin(Op::mem_begin, {16, 1, 0x1800, GetParam().ram.front().start}), 0);
    EXPECT_NE(begin(Op::mem_begin, {16, 1, 0x1800, GetParam().ram.front().start, 0}), 0);
}

TEST_P(EveryRom, has_its_mac_and_revision_in_efuse) {
    const ChipModel& model = GetParam();
    const Memory& memory = chip_.memory;
    EXPECT_EQ(memory.read(model.mac_register), 0xC412ABCDU);
    EXPECT_EQ(memory.read(model.mac_register + 4) & 0xFFFF, 0x240AU);
    const auto field = [&](const EfuseField& one) {
        return one.bits == 0 ? 0U : memory.read(one.address) >> one.shift & ((1U << one.bits) - 1);
    };
    EXPECT_EQ(field(model.minor_low) | field(model.minor_high) << model.minor_low.bits,
              model.revision % 100U);
    if (model.is_esp32()) return;
    EXPECT_EQ(field(model.major_low) | field(model.major_high) << model.major_low.bits,
              model.revision / 100U);
}

TEST_P(EveryRom, reaches_the_flashs_id_by_its_spi_controller) {
    const SpiRegisters& spi = GetParam().spi;
    Memory& memory = chip_.memory;
    memory.write(spi.miso_bits, 23);
    memory.write(spi.user, 1U << 31 | 1U << 28);
    memory.write(spi.user2, 7U << 28 | 0x9F);
    memory.write(spi.word0, 0);
    memory.write(spi.command, 1U << 18);
    EXPECT_EQ(memory.read(spi.word0), 0x1640EFU);
}

INSTANTIATE_TEST_SUITE_P(Chips, EveryRom, testing::ValuesIn(chip_models()), chip_name);

TEST(ChipModels, share_neither_id_nor_name_nor_mark) {
    std::set<std::uint16_t> ids;
    std::set<std::string_view> keys;
    std::set<std::uint32_t> magics;
    for (const ChipModel& model : chip_models()) {
        EXPECT_TRUE(ids.insert(model.id).second) << model.key;
        EXPECT_TRUE(keys.insert(model.key).second) << model.key;
        EXPECT_TRUE(magics.insert(model.magic).second) << model.key;
    }
}

TEST(ChipModels, that_there_are_not_are_refused_with_those_that_there_are) {
    const auto none = find_chip_model("esp8266");
    ASSERT_FALSE(none);
    EXPECT_EQ(code_of(none), "chip_not_simulated");
    EXPECT_THAT(none.error().hint, testing::HasSubstr("esp32p4"));
}

// 74880, which is known from its boards: the ROM reckons with 40 MHz and has 26.
TEST(ChipModels, a_c2_starts_at_an_odd_rate) {
    EXPECT_EQ((*find_chip_model("esp32c2"))->banner_baud(), 74880U);
    EXPECT_EQ((*find_chip_model("esp32s3"))->banner_baud(), 115200U);
}

}  // namespace

}  // namespace imprint::simulator
