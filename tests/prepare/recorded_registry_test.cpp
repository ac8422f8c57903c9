// Every effect that a registry can have is written down before it happens.
#include "prepare/recorded_registry.h"

#include <gmock/gmock.h>

#include "aws/local_registry_test.h"
#include "ledger/sqlite_ledger.h"
#include "pki/certificate.h"
#include "pki/key.h"

namespace imprint::prepare {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* policy =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:Connect","Resource":"*"}]})";
constexpr const char* other_policy =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"iot:Connect","Resource":"*"}]})";

class RecordedRegistryTest : public aws::testing::LocalRegistryTest {
  protected:
    void SetUp() override {
        LocalRegistryTest::SetUp();
        ledger_ = *ledger::open_ledger(home() / "l.sqlite", clock_);
        run_ = *ledger_->begin_run({});
        recorded_.emplace(*registry_, ledger::EffectLog(*ledger_, {.run = run_}, {}));
    }

    // Since it was asked last; each has to be done.
    std::vector<std::string> rows() {
        std::vector<std::string> kinds;
        const auto effects = *ledger_->effects_of_run(run_);
        for (std::size_t i = told_; i < effects.size(); ++i) {
            EXPECT_TRUE(effects[i].done) << effects[i].kind;
            kinds.push_back(effects[i].kind + " " + effects[i].subject);
        }
        told_ = effects.size();
        return kinds;
    }

    std::unique_ptr<ledger::Ledger> ledger_;
    ledger::RunId run_ = 0;
    std::optional<RecordedRegistry> recorded_;
    std::size_t told_ = 0;
};

TEST_F(RecordedRegistryTest, the_life_of_a_certificate_leaves_a_row_for_each_of_its_steps) {
    auto& registry = *recorded_;
    ASSERT_TRUE(registry.ensure_thing_type("T"));
    ASSERT_TRUE(registry.ensure_groups({"g", "h"}));
    ASSERT_TRUE(registry.create_policy("p", policy));
    ASSERT_TRUE(registry.ensure_thing("a", "T", {}, {}));
    EXPECT_THAT(rows(), ElementsAre("create_thing_type T", "create_groups g h", "create_policy p",
                                    "create_thing a"));
    const auto key = pki::PrivateKey::generate(pki::KeyKind::ec_p256);
    const auto made = registry.issue(key->request("x"));
    ASSERT_TRUE(made);
    EXPECT_THAT(rows(), IsEmpty()) << "its row is the certificate's own";
    ASSERT_TRUE(registry.attach(made->id, made->arn, "a", "p"));
    ASSERT_TRUE(registry.activate(made->id));
    EXPECT_TRUE(registry.make_inactive(made->id).value());
    ASSERT_TRUE(registry.deactivate(made->id, {"a"}));
    ASSERT_TRUE(registry.retire(made->id, {"a"}));
    ASSERT_TRUE(registry.delete_thing("a"));
    EXPECT_THAT(rows(),
                ElementsAre("attach " + made->id, "activate " + made->id, "deactivate " + made->id,
                            "deactivate " + made->id, "retire " + made->id, "delete_thing a"));
}

TEST_F(RecordedRegistryTest, so_do_policies_and_certificates_of_ones_own_authority) {
    auto& registry = *recorded_;
    ASSERT_TRUE(registry.create_policy("p", policy));
    EXPECT_EQ(registry.add_policy_version("p", other_policy).value(), "2");
    ASSERT_TRUE(registry.set_default_policy_version("p", "1"));
    ASSERT_TRUE(registry.delete_policy_version("p", "2"));
    EXPECT_THAT(rows(), ElementsAre("create_policy p", "create_policy_version p",
                                    "set_default_policy_version p 1", "delete_policy_version p 2"));
    auto owner = pki::Authority::create("Owner", pki::KeyKind::ec_p256, std::chrono::days(30),
                                        clock_.wall());
    const auto key = pki::PrivateKey::generate(pki::KeyKind::ec_p256);
    const auto pem = owner->issue_client(key->request("x"), std::chrono::days(9), clock_.wall());
    const auto id = pki::inspect_certificate(*pem)->id;
    ASSERT_TRUE(registry.ensure_registered(id, *pem, ""));
    EXPECT_THAT(rows(), ElementsAre("register " + id));
}

TEST_F(RecordedRegistryTest, asking_leaves_no_row) {
    auto& registry = *recorded_;
    EXPECT_TRUE(registry.endpoint());
    EXPECT_TRUE(registry.find_thing("a"));
    EXPECT_TRUE(registry.find_thing_type("T"));
    EXPECT_TRUE(registry.find_policy("p"));
    EXPECT_TRUE(registry.find_certificate(std::string(64, 'a')));
    EXPECT_TRUE(registry.certificates_of("a"));
    EXPECT_TRUE(registry.count_principals("a"));
    EXPECT_TRUE(registry.things_of_type("T"));
    EXPECT_TRUE(registry.each_certificate([](const auto&) { return true; }));
    EXPECT_TRUE(registry.registration_code());
    EXPECT_THAT(rows(), IsEmpty());
}

}  // namespace
}  // namespace imprint::prepare
