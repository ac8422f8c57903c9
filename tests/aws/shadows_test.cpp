// Shadows as the product asks for them, of the local registry.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "aws/aws_shadows.h"
#include "aws/local_registry_test.h"

namespace imprint::aws {
namespace {

using nlohmann::json;

class ShadowsTest : public testing::LocalRegistryTest {
  protected:
    void SetUp() override {
        LocalRegistryTest::SetUp();
        shadows_.emplace(std::move(*iot_));
    }

    std::optional<AwsShadows> shadows_;
};

TEST_F(ShadowsTest, a_shadow_is_made_merged_and_found) {
    const auto none = shadows_->find("board", "credentials");
    ASSERT_TRUE(none) << none.error().describe();
    EXPECT_FALSE(*none);
    const auto made =
        shadows_->update("board", "credentials", R"({"state":{"desired":{"a":{"b":1},"c":2}}})");
    ASSERT_TRUE(made) << made.error().describe();
    EXPECT_EQ(made->version, 1);
    ASSERT_TRUE(shadows_->update("board", "credentials",
                                 R"({"state":{"desired":{"c":null}},"version":1})"));
    const auto found = shadows_->find("board", "credentials");
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->version, 2);
    EXPECT_EQ(json::parse((*found)->document)["state"]["delta"], json::parse(R"({"a":{"b":1}})"));
    const auto classic = shadows_->find("board", "");
    ASSERT_TRUE(classic);
    EXPECT_FALSE(*classic);
}

TEST_F(ShadowsTest, an_update_for_another_version_or_of_another_form_is_refused_by_its_name) {
    ASSERT_TRUE(shadows_->update("board", "n", R"({"state":{"desired":{"a":1}}})"));
    const auto late = shadows_->update("board", "n", R"({"state":{},"version":7})");
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, "ConflictException");
    const auto odd = shadows_->update("board", "n", R"({"state":{"wanted":{}}})");
    ASSERT_FALSE(odd);
    EXPECT_EQ(odd.error().code, "InvalidRequestException");
    EXPECT_THAT(odd.error().describe(), ::testing::HasSubstr("UpdateThingShadow board, n"));
}

}  // namespace
}  // namespace imprint::aws
