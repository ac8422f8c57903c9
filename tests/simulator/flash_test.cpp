#include "simulator/flash.h"

#include <csignal>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error_code.h"
#include "base/files.h"

namespace imprint::simulator {

namespace {

TEST(Flash, programming_clears_bits_and_only_erasing_sets_them) {
    auto flash = Flash::blank(1U << 20);
    ASSERT_TRUE(flash);
    flash->program(0x1000, Bytes{0xF0, 0x0F});
    flash->program(0x1000, Bytes{0x3C, 0xFF});
    EXPECT_EQ(flash->read(0x1000, 3), (Bytes{0x30, 0x0F, 0xFF}));
    flash->erase_sector(0x1FFF);
    EXPECT_EQ(flash->read(0x1000, 2), (Bytes{0xFF, 0xFF}));
}

TEST(Flash, erasing_takes_whole_units_and_nothing_beside_them) {
    auto flash = Flash::blank(1U << 20);
    flash->program(0, Bytes(flash->size(), 0));
    flash->erase_sector(0x20123);
    EXPECT_EQ(flash->read(0x1FFFF, 2), (Bytes{0x00, 0xFF}));
    EXPECT_EQ(flash->read(0x20FFF, 2), (Bytes{0xFF, 0x00}));
    flash->erase_block(0x34567);
    EXPECT_EQ(flash->read(0x2FFFF, 2), (Bytes{0x00, 0xFF}));
    EXPECT_EQ(flash->read(0x3FFFF, 2), (Bytes{0xFF, 0x00}));
    flash->erase_chip();
    EXPECT_EQ(flash->read(0, flash->size()), Bytes(flash->size(), 0xFF));
}

// W25Q32JV datasheet, "Status Register Memory Protection": BP2 to BP0 and TB.
TEST(Flash, what_is_protected_takes_neither_data_nor_an_erase) {
    auto flash = Flash::blank(4U << 20);
    flash->program(0x3FF000, Bytes{0x55});
    flash->status().set(0, 4U << 2);  // the upper eighth
    flash->program(0x37FFFF, Bytes{0x11, 0x22});
    EXPECT_EQ(flash->read(0x37FFFF, 2), (Bytes{0x11, 0xFF}));
    flash->erase_sector(0x3FF000);
    flash->erase_chip();
    EXPECT_EQ(flash->read(0x3FF000, 1), Bytes{0x55});
    flash->status().set(0, 4U << 2 | 1U << 5);  // the lower one
    EXPECT_TRUE(flash->status().protects(0x7FFFF, 4U << 20));
    EXPECT_FALSE(flash->status().protects(0x80000, 4U << 20));
    flash->status().unlock();
    flash->erase_chip();
    EXPECT_EQ(flash->read(0x3FF000, 1), Bytes{0xFF});
}

TEST(Flash, one_whose_protection_is_locked_keeps_it) {
    auto flash = Flash::blank(1U << 20);
    flash->status().lock();
    flash->status().unlock();
    flash->status().set(0, 0);
    EXPECT_TRUE(flash->program(0, Bytes{0})) << "nobody is told";
    EXPECT_EQ(flash->read(0, 1), Bytes{0xFF});
}

TEST(Flash, it_may_have_another_vendors_id) {
    auto flash = Flash::blank(4U << 20);
    EXPECT_EQ(flash->jedec_id(), 0x1640EFU);
    flash->take_id(0x164020);
    EXPECT_EQ(flash->jedec_id(), 0x164020U);
}

TEST(Flash, addresses_wrap_at_the_chips_end) {
    auto flash = Flash::blank(1U << 20);
    flash->program(flash->size() - 1, Bytes{0x11, 0x22});
    EXPECT_EQ(flash->read(0, 1), Bytes{0x22});
    EXPECT_EQ(flash->read(2 * flash->size() - 1, 2), (Bytes{0x11, 0x22}));
}

TEST(Flash, addresses_wrap_where_a_loader_sends_no_more_bits) {
    auto flash = Flash::blank(32U << 20);
    flash->program(16U << 20, Bytes{0x11});
    EXPECT_EQ(flash->read(0, 1), Bytes{0x11});
    flash->take_addresses_of(32);
    EXPECT_EQ(flash->read(16U << 20, 1), Bytes{0xFF});
    flash->claim(8U << 20);
    EXPECT_EQ(flash->jedec_id(), 0x1740EFU) << "another size than it has";
}

TEST(Flash, its_jedec_id_names_its_size) {
    EXPECT_EQ(Flash::blank(32U << 20)->jedec_id(), 0x1940EFU);
    EXPECT_EQ(Flash::blank(4U << 20)->jedec_id(), 0x1640EFU);
    EXPECT_EQ(Flash::blank(16U << 20)->jedec_id(), 0x1840EFU);
}

TEST(Flash, a_size_that_no_chip_has_is_refused) {
    for (const std::uint32_t size : {0U, 1000U, 3U << 20, 256U << 20})
        EXPECT_EQ(code_of(Flash::blank(size)), "flash_size") << size;
}

class FlashFile : public testing::Test {
  protected:
    TemporaryDirectory folder_ = *TemporaryDirectory::create();
    std::filesystem::path path_ = folder_.path() / "flash.bin";
};

TEST_F(FlashFile, is_blank_when_new_and_holds_every_change_at_once) {
    auto flash = Flash::in_file(path_, 1U << 20);
    ASSERT_TRUE(flash) << flash.error().describe();
    EXPECT_EQ(*read_file(path_), Bytes(1U << 20, 0xFF));
    flash->program(0x2000, Bytes{1, 2, 3});
    // Read while the flash is still open: nothing waits to be written at the end.
    const Bytes content = *read_file(path_);
    EXPECT_EQ(Bytes(content.begin() + 0x2000, content.begin() + 0x2003), (Bytes{1, 2, 3}));
}

TEST_F(FlashFile, is_kept_for_the_next_board) {
    Flash::in_file(path_, 1U << 20)->program(7, Bytes{0x55});
    EXPECT_EQ(Flash::in_file(path_, 1U << 20)->read(7, 1), Bytes{0x55});
}

TEST_F(FlashFile, outlives_a_killed_process) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        Flash::in_file(path_, 1U << 20)->program(7, Bytes{0x55});
        ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    const auto flash = Flash::in_file(path_, 1U << 20);
    ASSERT_TRUE(flash) << flash.error().describe();
    EXPECT_EQ(flash->read(7, 1), Bytes{0x55});
}

TEST_F(FlashFile, belongs_to_one_board_at_a_time) {
    const auto flash = Flash::in_file(path_, 1U << 20);
    ASSERT_TRUE(flash);
    EXPECT_EQ(code_of(Flash::in_file(path_, 1U << 20)), "flash_file_busy");
}

TEST_F(FlashFile, of_another_size_is_refused_untouched) {
    ASSERT_TRUE(write_file(path_, "precious"));
    EXPECT_EQ(code_of(Flash::in_file(path_, 1U << 20)), "flash_size");
    EXPECT_EQ(*read_text(path_), "precious");
}

TEST(FlashFault, where_no_chip_is_all_reads_as_ones_and_nothing_is_taken) {
    Flash flash = *Flash::blank(1U << 20);
    flash.take_away();
    EXPECT_EQ(flash.jedec_id(), 0xFFFFFFU);
    EXPECT_FALSE(flash.program(0x1000, Bytes{0x12}));
    EXPECT_EQ(flash.read(0x1000, 1), Bytes{0xFF});
}

}  // namespace

}  // namespace imprint::simulator
