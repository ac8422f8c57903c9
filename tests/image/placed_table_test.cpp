// Which of two partition tables in a flash is the one that the bootloader uses.
#include "image/placed_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>

namespace imprint::image {
namespace {

using ::testing::ElementsAre;

PartitionTable table_of(const char* csv) {
    PartitionTable::Options options;
    options.verify = false;
    return PartitionTable::parse_csv(csv, options).value();
}

// The place of the table in force.
std::uint32_t in_force(const std::vector<PlacedTable>& tables,
                       const std::set<std::uint32_t>& images) {
    const auto* found =
        table_in_force(tables, [&](std::uint32_t at) { return images.contains(at); });
    return found != nullptr ? found->offset : 0;
}

constexpr const char* usual =
    "nvs, data, nvs, 0x9000, 0x6000,\n"
    "factory, app, factory, 0x10000, 1M,\n";
constexpr const char* behind_0xa000 =
    "nvs, data, nvs, 0xb000, 0x4000,\n"
    "factory, app, factory, 0x10000, 1M,\n";
constexpr const char* behind_0x10000 =
    "nvs, data, nvs, 0x11000, 0x6000,\n"
    "factory, app, factory, 0x20000, 1M,\n";

TEST(PlacedTable, the_only_one_is_in_force_wherever_it_stands) {
    EXPECT_EQ(in_force({}, {}), 0U);
    EXPECT_EQ(in_force({{0x8000, table_of(usual)}}, {}), 0x8000U);
    EXPECT_EQ(in_force({{0x10000, table_of(behind_0x10000)}}, {}), 0x10000U);
}

TEST(PlacedTable, one_whose_app_is_there_goes_before_one_that_was_left_behind) {
    const std::vector<PlacedTable> both{{0x8000, table_of(usual)},
                                        {0x10000, table_of(behind_0x10000)}};
    EXPECT_EQ(in_force(both, {0x20000}), 0x10000U);
    EXPECT_EQ(in_force(both, {}), 0x10000U) << "it stands where the former app would begin";
    EXPECT_EQ(in_force(both, {0x10000}), 0x8000U);
}

TEST(PlacedTable, one_that_stands_in_anothers_nvs_is_the_newer) {
    const std::vector<PlacedTable> both{{0x8000, table_of(usual)},
                                        {0xA000, table_of(behind_0xa000)}};
    EXPECT_EQ(in_force(both, {0x10000}), 0xA000U);
    // Nothing tells: the usual place.
    EXPECT_EQ(
        in_force({{0x8000, table_of(behind_0xa000)}, {0x9000, table_of(behind_0xa000)}}, {0x10000}),
        0x8000U);
}

TEST(PlacedTable, sound_ones_are_found_at_their_places) {
    Bytes flash(0x22000, 0xFF);
    const auto put = [&](std::size_t at, const Bytes& bytes) {
        std::ranges::copy(bytes, flash.begin() + static_cast<std::ptrdiff_t>(at));
    };
    const Bytes table = table_of(usual).to_binary();
    for (const std::size_t at : {0x7000U, 0x8000U, 0xC000U, 0x20000U, 0x21000U})
        put(at, table);
    flash[0xC000 + 4] ^= 1;
    const auto places = [](const std::vector<PlacedTable>& tables) {
        std::vector<std::uint32_t> all;
        for (const PlacedTable& one : tables)
            all.push_back(one.offset);
        return all;
    };
    EXPECT_THAT(places(tables_in(0, flash)), ElementsAre(0x8000U, 0x20000U));
    EXPECT_THAT(places(tables_in(0x1000, ByteView(flash).subspan(0x1000))),
                ElementsAre(0x8000U, 0x20000U));
    EXPECT_THAT(places(tables_in(0x8000, table)), ElementsAre(0x8000U));
    EXPECT_THAT(places(tables_in(0x30000, flash)), ElementsAre());
}

}  // namespace
}  // namespace imprint::image
