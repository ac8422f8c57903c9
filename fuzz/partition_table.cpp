// Partition tables, binary and CSV. What is taken as sound can be written, and is the same then.
#include "image/partition_table.h"

#include "target.h"

using namespace imprint;

void imprint::fuzz::run(ByteView input) {
    if (const auto table = image::PartitionTable::parse_binary(input)) {
        const Bytes binary = table->to_binary();
        const auto again = image::PartitionTable::parse_binary(binary);
        require(again.has_value());
        require(again->to_binary() == binary);
    }
    image::PartitionTable::Options options;
    if (const auto table = image::PartitionTable::parse_csv(as_text(input), options)) {
        const auto again = image::PartitionTable::parse_binary(table->to_binary());
        require(again.has_value());
        require(again->to_binary() == table->to_binary());
    }
}
