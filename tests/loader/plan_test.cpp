#include "loader/plan.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>

#include "base/error_code.h"

namespace imprint::loader {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::uint32_t base = 0x10000;

Bytes noise(std::size_t size, unsigned seed = 1) {
    std::mt19937 random(seed);
    Bytes bytes(size);
    for (std::uint8_t& byte : bytes)
        byte = static_cast<std::uint8_t>(random());
    return bytes;
}

// What is in flash from `base` on, and what was asked about it.
struct FlashInMemory {
    Bytes flash;
    unsigned questions = 0;
    std::uint64_t hashed = 0;

    Result<RegionPlan> plan(const FlashData& region, const PlanLimits& limits = {}) {
        return plan_region(
            region,
            [this](std::uint32_t offset, std::uint32_t size) -> Result<Md5> {
                ++questions;
                hashed += size;
                return md5(ByteView(flash).subspan(offset - base, size));
            },
            limits);
    }

    Result<RegionPlan> search(const FlashData& region) {
        return search_region(
            region,
            [this](std::uint32_t offset, std::uint32_t size) -> Result<Md5> {
                ++questions;
                return md5(ByteView(flash).subspan(offset - base, size));
            },
            {}, Whole::differs);
    }
};

void change(Bytes& flash, std::uint32_t sector) {
    flash[sector * flash_sector + 5] ^= 0xFF;
}

TEST(FlashPlan, nothing_is_written_where_all_is_there) {
    const FlashData region("app", base, noise(1 << 20));
    FlashInMemory chip{Bytes(region.content().begin(), region.content().end())};
    const auto plan = chip.plan(region);
    ASSERT_TRUE(plan);
    EXPECT_THAT(plan->ranges, IsEmpty());
    EXPECT_EQ(plan->bytes_to_write(), 0U);
    EXPECT_LE(chip.questions, 4U);
}

TEST(FlashPlan, a_blank_flash_costs_one_question_and_a_foreign_one_three) {
    const FlashData region("app", base, noise(1 << 20));
    for (const auto& [found, questions] :
         {std::pair(Bytes(1 << 20, 0xFF), 1U), std::pair(noise(1 << 20, 2), 3U)}) {
        FlashInMemory chip{found};
        const auto plan = chip.plan(region);
        ASSERT_TRUE(plan);
        EXPECT_THAT(plan->ranges, ElementsAre(FlashRange{base, 1 << 20}));
        EXPECT_TRUE(plan->all_used);
        EXPECT_FALSE(plan->proven);
        EXPECT_EQ(chip.questions, questions);
    }
}

// Two full sectors, a third with a little in it, and then a mark at the start of each.
Bytes file_system(unsigned seed) {
    Bytes content(1 << 18, 0xFF);
    const Bytes files = noise(2 * flash_sector + 700, seed);
    std::ranges::copy(files, content.begin());
    for (std::size_t at = 3 * flash_sector; at < content.size(); at += flash_sector)
        content[at + 254] = static_cast<std::uint8_t>(at >> 12);
    return content;
}

TEST(FlashPlan, other_files_in_the_same_file_system_cost_the_files) {
    const FlashData region("credentials", base, file_system(1));
    FlashInMemory chip{file_system(2)};
    const auto plan = chip.plan(region);
    ASSERT_TRUE(plan);
    EXPECT_THAT(plan->ranges, ElementsAre(FlashRange{base, 3 * flash_sector}));
    EXPECT_FALSE(plan->all_used);
    EXPECT_FALSE(plan->proven);
    EXPECT_LE(chip.questions, 3U);
    EXPECT_LE(chip.hashed, 3 * flash_sector);
}

TEST(FlashPlan, blanks_are_not_in_the_quick_plan_but_found_by_the_search) {
    Bytes content = noise(1 << 18);
    std::fill(content.begin() + 8 * flash_sector, content.begin() + 40 * flash_sector, 0xFF);
    const FlashData region("app", base, content);
    FlashInMemory chip{Bytes(1 << 18, 0)};
    const auto quick = chip.plan(region);
    ASSERT_TRUE(quick);
    EXPECT_THAT(quick->ranges,
                ElementsAre(FlashRange{base, 8 * flash_sector},
                            FlashRange{base + 40 * flash_sector, 24 * flash_sector}));
    std::ranges::copy(content, chip.flash.begin());
    std::fill(chip.flash.begin() + 8 * flash_sector, chip.flash.begin() + 40 * flash_sector, 0);
    const auto rest = search_region(region, [&](std::uint32_t offset, std::uint32_t size) {
        return Result<Md5>(md5(ByteView(chip.flash).subspan(offset - base, size)));
    });
    ASSERT_TRUE(rest);
    EXPECT_LE(rest->ranges.front().offset, base + 8 * flash_sector);
    EXPECT_GE(rest->bytes_to_write(), 32 * flash_sector);
}

TEST(FlashPlan, a_changed_page_costs_a_sector) {
    const FlashData region("app", base, noise(1 << 20));
    FlashInMemory chip{Bytes(region.content().begin(), region.content().end())};
    change(chip.flash, 77);
    const auto quick = chip.plan(region);
    ASSERT_TRUE(quick);
    EXPECT_THAT(quick->ranges, IsEmpty()) << "where it looks, nothing has changed";
    EXPECT_FALSE(quick->proven);
    const auto plan = chip.search(region);
    ASSERT_TRUE(plan);
    EXPECT_THAT(plan->ranges, ElementsAre(FlashRange{base + 77 * flash_sector, flash_sector}));
}

TEST(FlashPlan, an_interrupted_write_goes_on_about_where_it_was) {
    const FlashData region("app", base, noise(1 << 20));
    FlashInMemory chip{Bytes(region.content().begin(), region.content().end())};
    std::fill(chip.flash.begin() + 700'000, chip.flash.end(), 0xFF);
    const auto plan = chip.plan(region);
    ASSERT_TRUE(plan);
    ASSERT_EQ(plan->ranges.size(), 1U);
    EXPECT_LE(plan->ranges[0].offset, base + 700'000);
    EXPECT_GT(plan->ranges[0].offset, base + 700'000 - 3 * flash_sector);
    EXPECT_EQ(plan->ranges[0].offset + plan->ranges[0].size, base + (1 << 20));
    EXPECT_LT(chip.hashed, 5U << 20);
}

TEST(FlashPlan, neighbours_are_written_together) {
    const FlashData region("app", base, noise(1 << 18));
    FlashInMemory chip{Bytes(region.content().begin(), region.content().end())};
    change(chip.flash, 31);
    change(chip.flash, 32);
    const auto plan = chip.plan(region);
    ASSERT_TRUE(plan);
    EXPECT_THAT(plan->ranges, ElementsAre(FlashRange{base + 31 * flash_sector, 2 * flash_sector}));
}

TEST(FlashPlan, a_small_region_is_one_question_or_two) {
    const FlashData region("table", base, noise(flash_sector));
    FlashInMemory same{Bytes(region.content().begin(), region.content().end())};
    EXPECT_THAT(same.plan(region)->ranges, IsEmpty());
    EXPECT_EQ(same.questions, 1U);
    FlashInMemory other{Bytes(flash_sector, 0)};
    EXPECT_THAT(other.plan(region)->ranges, ElementsAre(FlashRange{base, flash_sector}));
    EXPECT_EQ(other.questions, 1U);
}

TEST(FlashPlan, an_empty_region_asks_nothing) {
    FlashInMemory chip;
    EXPECT_THAT(chip.plan(FlashData("", base, {}))->ranges, IsEmpty());
    EXPECT_EQ(chip.questions, 0U);
}

TEST(FlashPlan, questions_are_bounded_and_what_is_undecided_is_written) {
    const FlashData region("app", base, noise(1 << 20));
    FlashInMemory chip{Bytes(region.content().begin(), region.content().end())};
    for (std::uint32_t sector = 0; sector < 256; sector += 9)
        change(chip.flash, sector);
    const auto plan = chip.plan(region, {.questions = 20, .fruitless_halvings = 100});
    ASSERT_TRUE(plan);
    EXPECT_LE(chip.questions, 20U);
    EXPECT_GT(plan->bytes_to_write(), 29 * flash_sector);
}

TEST(FlashPlan, an_error_of_the_chip_is_passed_on) {
    const FlashData region("app", base, noise(1 << 20));
    const auto plan = plan_region(region, [](auto, auto) -> Result<Md5> {
        return fail(ErrorKind::board, "board_lost", "gone");
    });
    ASSERT_FALSE(plan);
    EXPECT_EQ(code_of(plan), "board_lost");
}

// Whatever differs, carrying the plan out makes flash what it should be.
TEST(FlashPlan, carried_out_it_always_leads_to_the_content) {
    std::mt19937 generator(5);
    const auto below = [&](std::uint32_t limit) {
        return std::uniform_int_distribution<std::uint32_t>(0, limit - 1)(generator);
    };
    for (int round = 0; round < 150; ++round) {
        const std::uint32_t sectors = 1 + below(150);
        Bytes content = noise(std::size_t{sectors} * flash_sector, static_cast<unsigned>(round));
        const FlashData region("x", base, content);
        FlashInMemory chip{std::move(content)};
        for (unsigned i = 0, changes = below(12); i < changes; ++i) {
            const std::uint32_t from = below(sectors);
            const std::uint32_t to = std::min(sectors, from + 1 + below(1U << i % 7));
            for (std::uint32_t sector = from; sector < to; ++sector)
                change(chip.flash, sector);
        }
        // The quick plan, and where that was too quick, the thorough one.
        for (const bool thorough : {false, true}) {
            if (thorough && std::ranges::equal(chip.flash, region.content())) break;
            chip.questions = 0;
            const auto plan = thorough ? chip.search(region) : chip.plan(region);
            ASSERT_TRUE(plan);
            ASSERT_FALSE(plan->proven && !std::ranges::equal(chip.flash, region.content()));
            std::uint64_t end = 0;
            for (const FlashRange& range : plan->ranges) {
                ASSERT_GE(range.offset, end == 0 ? base : end + 1) << "ranges overlap or touch";
                ASSERT_EQ(range.offset % flash_sector, 0U);
                ASSERT_EQ(range.size % flash_sector, 0U);
                end = range.offset + range.size;
                ASSERT_LE(end, base + region.size());
                std::ranges::copy(region.content().subspan(range.offset - base, range.size),
                                  chip.flash.begin() + (range.offset - base));
            }
            ASSERT_LE(chip.questions, PlanLimits{}.questions);
        }
        ASSERT_TRUE(std::ranges::equal(chip.flash, region.content())) << "round " << round;
    }
}

}  // namespace
}  // namespace imprint::loader
