#include "policy/partition.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace imprint::policy {

namespace {

constexpr std::array partitions{
    Partition{.id = "aws", .region_start = "", .domain = "amazonaws.com", .dual_stack = "api.aws"},
    Partition{.id = "aws-cn",
              .region_start = "cn-",
              .domain = "amazonaws.com.cn",
              .dual_stack = "api.amazonwebservices.com.cn"},
    Partition{.id = "aws-us-gov",
              .region_start = "us-gov-",
              .domain = "amazonaws.com",
              .dual_stack = "api.aws",
              .usual_is_fips = true},
    Partition{.id = "aws-eusc",
              .region_start = "eusc-",
              .domain = "amazonaws.eu",
              .dual_stack = "api.amazonwebservices.eu"},
    Partition{.id = "aws-iso",
              .region_start = "us-iso-",
              .domain = "c2s.ic.gov",
              .dual_stack = "api.aws.ic.gov"},
    Partition{.id = "aws-iso-b",
              .region_start = "us-isob-",
              .domain = "sc2s.sgov.gov",
              .dual_stack = "api.aws.scloud"},
    Partition{.id = "aws-iso-e",
              .region_start = "eu-isoe-",
              .domain = "cloud.adc-e.uk",
              .dual_stack = "api.cloud-aws.adc-e.uk"},
    Partition{.id = "aws-iso-f",
              .region_start = "us-isof-",
              .domain = "csp.hci.ic.gov",
              .dual_stack = "api.aws.hci.ic.gov"},
};

}  // namespace

const Partition& partition_of(std::string_view region) {
    for (const auto& row : partitions)
        if (!row.region_start.empty() && region.starts_with(row.region_start)) return row;
    return partitions.front();
}

const Partition* find_partition(std::string_view id) {
    const auto* const row = std::ranges::find(partitions, id, &Partition::id);
    return row == partitions.end() ? nullptr : row;
}

std::string iot_arn_start(std::string_view region, std::string_view account) {
    return fmt::format("arn:{}:iot:{}:{}:", partition_of(region).id, region, account);
}

}  // namespace imprint::policy
