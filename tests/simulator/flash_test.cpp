#include "simulator/flash.h"

#include <gtest/gtest.h>

namespace imprint::simulator {

TEST(Flash, programming_clears_bits_and_only_erasing_sets_them) {
    auto flash = Flash::blank(1U << 20);
    ASSERT_TRUE(flash);
    flash->program(0x1000, Bytes{0xF0, 0x0F});
    flash->program(0x1000, Bytes{0x3C, 0xFF});
    EXPECT_EQ(flash->read(0x1000, 3), (Bytes{0x30, 0x0F, 0xFF}));
    flash->erase_sector(0x1FFF);
    EXPECT_EQ(flash->read(0x1000, 2), (Bytes{0xFF, 0xFF}));
}

}  // namespace imprint::simulator
