#include <algorithm>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/files.h"
#include "image/partition_table.h"

namespace imprint::image {
namespace {

struct Vector {
    std::string name;
    bool accepted = false;
};

void PrintTo(const Vector& vector, std::ostream* out) {
    *out << vector.name;
}

std::string path_of(const Vector& vector, std::string_view ending) {
    return std::string(IMPRINT_TEST_DATA "/image/partition-table/") + vector.name +
           std::string(ending);
}

std::vector<Vector> vectors() {
    std::vector<Vector> all;
    for (const auto& item :
         nlohmann::json::parse(read_text(path_of({"cases", true}, ".json")).value()))
        all.push_back({item.at("name"), item.at("accepted")});
    return all;
}

std::string name_of(const ::testing::TestParamInfo<Vector>& info) {
    std::string name = info.param.name;
    std::ranges::replace(name, '-', '_');
    return name;
}

class PartitionVectors : public ::testing::TestWithParam<Vector> {};

INSTANTIATE_TEST_SUITE_P(Reference, PartitionVectors, ::testing::ValuesIn(vectors()), name_of);

TEST_P(PartitionVectors, accepted_ones_are_the_references_byte_for_byte_and_refused_ones_refused) {
    const Vector& vector = GetParam();
    const auto table = PartitionTable::parse_csv(read_text(path_of(vector, ".csv")).value());
    ASSERT_EQ(table.has_value(), vector.accepted);
    if (!table) return;
    const Bytes expected = read_file(path_of(vector, ".bin")).value();
    EXPECT_TRUE(table->to_binary() == expected);

    const auto back = PartitionTable::parse_binary(expected);
    ASSERT_TRUE(back) << back.error().describe();
    EXPECT_EQ(back->partitions(), table->partitions());
    EXPECT_TRUE(back->verify({}));
    const auto again = PartitionTable::parse_csv(back->to_csv());
    ASSERT_TRUE(again) << again.error().describe();
    EXPECT_EQ(again->partitions(), table->partitions());
}

}  // namespace
}  // namespace imprint::image
