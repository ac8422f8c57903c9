#include "pki/request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_code.h"

namespace imprint::pki {
namespace {

// Made by `openssl req -new -multivalue-rdn -subj …`.
constexpr const char* one_name = R"(-----BEGIN CERTIFICATE REQUEST-----
MIHLMHMCAQAwETEPMA0GA1UEAwwGbGFtcC0xMFkwEwYHKoZIzj0CAQYIKoZIzj0D
AQcDQgAEOkTMIxwvzl1zQfG/dCbMae14BTBV19oauZ0G7LSzyCJAyk60+e52lhg1
RqagcGEFJhw7aaS5G54b3yv0PtDoKaAAMAoGCCqGSM49BAMCA0gAMEUCIQCx0sfn
5auZKLxHz3mZXQ6vxBz55tk+3vnF1uipqMd1FwIgcoB5+9OqKFAW5JXuXNcdmVf9
JrVAEcP/kLVtPRF8pwg=
-----END CERTIFICATE REQUEST-----
)";
// /CN=lamp-1/CN=lamp-2
constexpr const char* two_names = R"(-----BEGIN CERTIFICATE REQUEST-----
MIHcMIGEAgEAMCIxDzANBgNVBAMMBmxhbXAtMTEPMA0GA1UEAwwGbGFtcC0yMFkw
EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEOkTMIxwvzl1zQfG/dCbMae14BTBV19oa
uZ0G7LSzyCJAyk60+e52lhg1RqagcGEFJhw7aaS5G54b3yv0PtDoKaAAMAoGCCqG
SM49BAMCA0cAMEQCIGWYglwFpzsyDCr+khVsJYoQv5pV0+BEnVrR+foVHpI8AiAc
NXnbmW58/0txVzd8kxde/dtH0q5J24RWdflJHXOGow==
-----END CERTIFICATE REQUEST-----
)";
// /CN=lamp-1+CN=lamp-2
constexpr const char* two_names_in_one_part = R"(-----BEGIN CERTIFICATE REQUEST-----
MIHbMIGCAgEAMCAxHjANBgNVBAMMBmxhbXAtMTANBgNVBAMMBmxhbXAtMjBZMBMG
ByqGSM49AgEGCCqGSM49AwEHA0IABDpEzCMcL85dc0Hxv3QmzGnteAUwVdfaGrmd
Buy0s8giQMpOtPnudpYYNUamoHBhBSYcO2mkuRueG98r9D7Q6CmgADAKBggqhkjO
PQQDAgNIADBFAiBPzWENU2v1JgfrJwZZJnRC1P8qr4S8+7ldDDFomyraqgIhAORn
euPBISR0CcnlH/C1R/d/NgUQ01GKiKWNYatX+t9T
-----END CERTIFICATE REQUEST-----
)";
// /CN=lamp-1/O=x/CN=lamp-1
constexpr const char* one_name_twice = R"(-----BEGIN CERTIFICATE REQUEST-----
MIHpMIGQAgEAMC4xDzANBgNVBAMMBmxhbXAtMTEKMAgGA1UECgwBeDEPMA0GA1UE
AwwGbGFtcC0xMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEOkTMIxwvzl1zQfG/
dCbMae14BTBV19oauZ0G7LSzyCJAyk60+e52lhg1RqagcGEFJhw7aaS5G54b3yv0
PtDoKaAAMAoGCCqGSM49BAMCA0gAMEUCIH3flRb89q8tpvJHAgCoPY5Kh8yJP4Nn
SYOV5Fpe+iGFAiEAtvc4Kwt/fTXUzUrgqzr/LJq+32NjqWPhX7o/39zYnxc=
-----END CERTIFICATE REQUEST-----
)";

TEST(RequestTest, a_request_has_one_common_name) {
    const auto sound = inspect_request(one_name);
    ASSERT_TRUE(sound) << sound.error().describe();
    EXPECT_EQ(sound->common_name, "lamp-1");
    for (const char* pem : {two_names, two_names_in_one_part, one_name_twice}) {
        const auto refused = inspect_request(pem);
        ASSERT_EQ(code_of(refused), "request_invalid");
        EXPECT_THAT(refused.error().message, ::testing::HasSubstr("two common names"));
    }
}

}  // namespace
}  // namespace imprint::pki
