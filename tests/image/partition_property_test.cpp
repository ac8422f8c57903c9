#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>  // leans on gtest.h

#include "image/partition_table.h"

namespace imprint::image {
namespace {

std::string any_csv() {
    const auto count = *rc::gen::inRange(1, 95);
    std::string csv;
    for (int i = 0; i < count; ++i) {
        const bool app = *rc::gen::weightedElement<bool>({{1, true}, {9, false}});
        const auto sectors = *rc::gen::inRange(3, 64);
        csv += fmt::format("p{},{},{},,{},{}\n", i, app ? "app" : "data",
                           app ? fmt::format("ota_{}", *rc::gen::inRange(0, 16))
                               : *rc::gen::element<std::string>("nvs", "fat", "spiffs", "phy", ""),
                           sectors * 4096,
                           *rc::gen::element<std::string>("", "encrypted", "encrypted:"));
    }
    return csv;
}

RC_GTEST_PROP(PartitionProperty, csv_and_binary_say_the_same_both_ways, ()) {
    const auto table = PartitionTable::parse_csv(any_csv());
    RC_ASSERT(table.has_value());
    const auto binary = PartitionTable::parse(table->to_binary(), {});
    RC_ASSERT(binary.has_value());
    RC_ASSERT(binary->partitions() == table->partitions());
    const auto csv = PartitionTable::parse_csv(binary->to_csv());
    RC_ASSERT(csv.has_value());
    RC_ASSERT(csv->partitions() == table->partitions());
    RC_ASSERT(csv->to_binary() == table->to_binary());
}

}  // namespace
}  // namespace imprint::image
