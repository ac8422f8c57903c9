#include "loader/flash_probe.h"

#include <array>
#include <gtest/gtest.h>
#include <random>

namespace imprint::loader {
namespace {

constexpr std::array landmarks{0x1000U, 0x8000U, 0x10000U};

// A flash that answers behind its end as it does in front of it.
struct Flash {
    Bytes content;
    unsigned questions = 0;
    std::uint64_t hashed = 0;

    explicit Flash(std::size_t size) : content(size, 0xFF) {}

    void fill(std::size_t from, std::size_t size, unsigned seed) {
        std::mt19937 random(seed);
        for (std::size_t i = 0; i < size; ++i)
            content[from + i] = static_cast<std::uint8_t>(random());
    }

    std::optional<std::uint32_t> size_if_told(std::uint32_t told) {
        const auto found = find_flash_size(
            told, landmarks, [this](std::uint32_t offset, std::uint32_t size) -> Result<Md5> {
                ++questions;
                hashed += size;
                Bytes range(size);
                for (std::uint32_t i = 0; i < size; ++i)
                    range[i] = content[(offset + i) % content.size()];
                return md5(range);
            });
        return found.value();
    }
};

TEST(FlashProbe, an_id_that_tells_the_truth_costs_two_short_questions) {
    Flash flash(4U << 20);
    flash.fill(0x1000, 26'000, 1);
    EXPECT_EQ(flash.size_if_told(4U << 20), 4U << 20);
    EXPECT_EQ(flash.questions, 2U);
    EXPECT_LE(flash.hashed, 0x800U);
}

TEST(FlashProbe, an_id_that_tells_too_much_is_found_out) {
    for (const unsigned told : {8U, 16U, 32U}) {
        Flash flash(4U << 20);
        flash.fill(0x8000, 3000, 1);
        EXPECT_EQ(flash.size_if_told(told << 20), 4U << 20);
    }
}

TEST(FlashProbe, a_blank_flash_tells_nothing) {
    Flash flash(4U << 20);
    flash.fill(0x100000, 1000, 1);
    EXPECT_EQ(flash.size_if_told(16U << 20), std::nullopt);
}

TEST(FlashProbe, what_stands_there_twice_is_no_wrap) {
    // The same firmware in both halves, and other data: a backup, as some projects keep one.
    Flash flash(4U << 20);
    flash.fill(0x1000, 200'000, 1);
    flash.fill(0x201000, 200'000, 1);
    flash.fill(0x180000, 100, 2);
    EXPECT_EQ(flash.size_if_told(4U << 20), 4U << 20);
}

TEST(FlashProbe, a_pattern_that_fills_the_flash_tells_nothing) {
    Flash flash(4U << 20);
    std::ranges::fill(flash.content, std::uint8_t{0x5A});
    EXPECT_EQ(flash.size_if_told(4U << 20), std::nullopt);
}

}  // namespace
}  // namespace imprint::loader
