// The authority's certificate, wherever it is shown: to AWS, on boards, in staged images.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_code.h"
#include "base/files.h"
#include "pki/certificate.h"
#include "prepare/identity.h"

namespace imprint::prepare {
namespace {

using std::chrono::days;

class ShownAuthorityTest : public testing::Test {
  protected:
    ShownAuthorityTest()
        : folder_(*TemporaryDirectory::create()),
          owner_(*pki::Authority::create("Owner", pki::KeyKind::ec_p256, days(30), now_)) {
        settings_.issue = Issue::minted;
        settings_.ca.certificate = folder_.path() / "ca.pem";
        settings_.ca.registration = Registration::just_in_time;
    }

    void put(std::string_view text) const {
        ASSERT_TRUE(write_file(settings_.ca.certificate, text));
    }

    const WallTime now_ = std::chrono::system_clock::now();
    TemporaryDirectory folder_;
    pki::Authority owner_;
    IdentitySettings settings_;
};

TEST_F(ShownAuthorityTest, is_the_certificate_alone_and_never_with_a_key) {
    put("# CANARY\n" + owner_.certificate_pem());
    for (const auto issue : {Issue::own_ca, Issue::minted})
        for (const auto way : {Registration::with_ca, Registration::just_in_time}) {
            settings_.issue = issue;
            settings_.ca.registration = way;
            const auto shown = shown_authority(settings_, now_);
            ASSERT_TRUE(shown) << shown.error().describe();
            EXPECT_EQ(*shown, owner_.certificate_pem());
        }
    put(owner_.certificate_pem() + std::string(owner_.key_pem().reveal_text()));
    EXPECT_EQ(code_of(shown_authority(settings_, now_)), "certificate_with_key");
    // Asked before the first board, by doctor too.
    EXPECT_EQ(code_of(largest_identity(settings_, nullptr, nullptr, {}, now_)),
              "certificate_with_key");
}

TEST_F(ShownAuthorityTest, one_that_is_not_good_now_is_not_shown) {
    put(owner_.certificate_pem());
    EXPECT_EQ(code_of(shown_authority(settings_, now_ + days(31))), "authority_expired");
    EXPECT_EQ(code_of(shown_authority(settings_, now_ - days(1))), "authority_not_yet_valid");
}

}  // namespace
}  // namespace imprint::prepare
