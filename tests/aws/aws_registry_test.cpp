// The sequences, against the local registry that Imprint brings along.
#include "aws/aws_registry.h"

#include <gmock/gmock.h>

#include "aws/local_registry_test.h"
#include "base/error_code.h"
#include "pki/certificate.h"
#include "pki/key.h"

namespace imprint::aws {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class AwsRegistryTest : public testing::LocalRegistryTest {
  protected:
    IssuedCertificate certificate() {
        key_.emplace(pki::PrivateKey::generate(pki::KeyKind::ec_p256).value());
        auto made = iot_->create_certificate_from_csr(key_->request("test"));
        EXPECT_TRUE(made) << made.error().describe();
        return std::move(made).value();
    }

    void policy(const std::string& name) {
        ASSERT_TRUE(iot_->create_policy(name,
                                        R"({"Version":"2012-10-17","Statement":[{"Effect":)"
                                        R"("Allow","Action":"iot:Connect","Resource":"*"}]})"));
    }

    std::optional<pki::PrivateKey> key_;
};

TEST_F(AwsRegistryTest, a_thing_type_is_made_once_and_a_deprecated_one_is_refused_with_its_mend) {
    EXPECT_TRUE(registry_->ensure_thing_type("T"));
    EXPECT_TRUE(registry_->ensure_thing_type("T"));
    EXPECT_FALSE(iot_->describe_thing_type("T")->deprecated);
    deprecate_thing_type("T");
    const auto refused = registry_->ensure_thing_type("T");
    ASSERT_FALSE(refused);
    EXPECT_EQ(code_of(refused), "thing_type_deprecated");
    EXPECT_THAT(refused.error().hint, ::testing::HasSubstr("--undo-deprecate"));
}

TEST_F(AwsRegistryTest, a_thing_is_brought_in_line_and_keeps_what_is_not_named) {
    ASSERT_TRUE(registry_->ensure_thing_type("T"));
    ASSERT_TRUE(registry_->ensure_groups({"g", "h"}));
    ASSERT_TRUE(iot_->create_thing("a", "", {{"own", "1"}, {"lot", "old"}}));
    for (int round = 0; round < 2; ++round)
        ASSERT_TRUE(registry_->ensure_thing("a", "T", {{"lot", "new"}}, {"g", "h"}));
    const auto thing = iot_->describe_thing("a");
    ASSERT_TRUE(thing);
    EXPECT_EQ(thing->type, "T");
    EXPECT_EQ(thing->attributes,
              (std::map<std::string, std::string>{{"own", "1"}, {"lot", "new"}}));
    EXPECT_EQ(thing->version, 2) << "the second round had nothing to change";
    EXPECT_THAT(iot_->list_thing_groups_for_thing("a").value(),
                ::testing::UnorderedElementsAre("g", "h"));
}

TEST_F(AwsRegistryTest, a_certificate_is_retired_from_any_point_of_its_life) {
    policy("p");
    ASSERT_TRUE(iot_->create_thing("a", "", {}));
    for (int reached = 0; reached < 4; ++reached) {
        const IssuedCertificate made = certificate();
        if (reached > 0) {
            ASSERT_TRUE(iot_->attach_policy("p", made.arn));
        }
        if (reached > 1) {
            ASSERT_TRUE(iot_->attach_thing_principal("a", made.arn));
        }
        if (reached > 2) {
            ASSERT_TRUE(iot_->update_certificate(made.id, CertificateStatus::active));
        }
        ASSERT_TRUE(registry_->retire(made.id, {"a"})) << reached;
        EXPECT_TRUE(is_not_found(iot_->describe_certificate(made.id).error()));
        EXPECT_TRUE(registry_->retire(made.id, {"a"})) << "and once more";
    }
    EXPECT_THAT(iot_->list_thing_principals("a").value(), IsEmpty());
}

TEST_F(AwsRegistryTest, former_certificates_are_all_but_the_one_to_keep) {
    policy("p");
    EXPECT_THAT(registry_->certificates_of("none", "").value(), IsEmpty());
    ASSERT_TRUE(iot_->create_thing("a", "", {}));
    const IssuedCertificate old = certificate();
    const IssuedCertificate kept = certificate();
    ASSERT_TRUE(registry_->attach(old.id, old.arn, "a", "p"));
    ASSERT_TRUE(registry_->attach(kept.id, kept.arn, "a", "p"));
    EXPECT_THAT(registry_->certificates_of("a", kept.id).value(), ElementsAre(old.id));
    EXPECT_THAT(iot_->list_attached_policies(old.arn).value(), ElementsAre("p"));
}

TEST_F(AwsRegistryTest, a_certificate_whose_answer_was_lost_is_found_by_its_public_key) {
    const WallTime before = clock_.wall();
    const IssuedCertificate mine = certificate();
    const std::string my_key = key_->public_pem();
    const IssuedCertificate other = certificate();
    EXPECT_EQ(registry_->find_orphan(my_key, before).value(), mine.id);
    EXPECT_EQ(registry_->find_orphan(key_->public_pem(), before).value(), other.id);
    const auto stranger = pki::PrivateKey::generate(pki::KeyKind::ec_p256);
    EXPECT_EQ(registry_->find_orphan(stranger->public_pem(), before).value(), std::nullopt);
    // An ACTIVE one is no orphan, and one from before the time is not looked for.
    ASSERT_TRUE(iot_->update_certificate(mine.id, CertificateStatus::active));
    EXPECT_EQ(registry_->find_orphan(my_key, before).value(), std::nullopt);
    EXPECT_EQ(registry_->find_orphan(key_->public_pem(), before + std::chrono::hours(1)).value(),
              std::nullopt);
}

}  // namespace
}  // namespace imprint::aws
