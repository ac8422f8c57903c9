// By which certificates a board trusts its broker, where nothing is said of it.
#include <chrono>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

#include "prepare/cloud.h"

namespace imprint::prepare {
namespace {

constexpr WallTime in_2026{std::chrono::seconds{1767225600}};

std::size_t certificates_in(const std::string& pem) {
    constexpr std::string_view begin = "-----BEGIN CERTIFICATE-----";
    std::size_t count = 0;
    for (auto at = pem.find(begin); at != std::string::npos; at = pem.find(begin, at + 1))
        ++count;
    return count;
}

TEST(RootCa, boards_of_aws_get_both_that_its_endpoints_chain_to) {
    RegistrySettings registry;
    registry.provider = Provider::aws;
    const auto root = find_root_ca(registry, "", in_2026);
    ASSERT_TRUE(root.has_value()) << root.error().describe();
    EXPECT_EQ(certificates_in(root->pem), 2U);
    EXPECT_THAT(root->notes, testing::IsEmpty()) << "Amazon's are good until 2038 and 2040";
    EXPECT_LT(root->pem.size(), 8192U) << "what a board reads";
}

TEST(RootCa, a_file_that_is_named_is_taken_instead) {
    RegistrySettings registry;
    registry.provider = Provider::aws;
    const auto root =
        find_root_ca(registry, "/usr/share/ca-certificates/mozilla/Amazon_Root_CA_3.crt", in_2026);
    ASSERT_TRUE(root.has_value()) << root.error().describe();
    EXPECT_EQ(certificates_in(root->pem), 1U);
}

}  // namespace
}  // namespace imprint::prepare
