// AWS's partitions: groups of regions with accounts, names (ARNs) and domains of their own. Which
// one a region is in decides what its ARNs begin with, and where its services are.
// Source: botocore/data/partitions.json of botocore 1.43.11 (id, regionRegex, dnsSuffix,
// dualStackDnsSuffix); the services without a FIPS address of their own: the
// endpoint-rule-set-1.json of sts, sso and sso-oidc there.
#pragma once

#include <string>
#include <string_view>

namespace imprint::policy {

struct Partition {
    std::string_view id;            // "aws-cn": the second part of its ARNs
    std::string_view region_start;  // of its regions' names; empty for "aws", the rest
    std::string_view domain;        // "amazonaws.com.cn"
    std::string_view dual_stack;    // the domain of addresses that also have IPv6
    bool usual_is_fips = false;     // STS and IAM Identity Center: no "-fips" in their names
};

// A region that no row knows is taken to be of "aws", as botocore does.
[[nodiscard]] const Partition& partition_of(std::string_view region);
// By its id; null: there is none of that name.
[[nodiscard]] const Partition* find_partition(std::string_view id);

// "arn:aws-cn:iot:cn-north-1:123456789012:"
[[nodiscard]] std::string iot_arn_start(std::string_view region, std::string_view account);

}  // namespace imprint::policy
