#include <gmock/gmock.h>

#include "local_registry/registry_fixture.h"

namespace imprint::local_registry {
namespace {

using std::chrono::days;

class CaCertificatesTest : public RegistryTest {
  protected:
    static pki::Authority authority(const std::string& name, WallTime now) {
        return *pki::Authority::create(name, pki::KeyKind::ec_p256, days(100), now);
    }

    std::string issue(const pki::Authority& by, const std::string& name) {
        return *by.issue_client(key_->request(name), days(5), clock_.wall());
    }

    // Registered by proof of its key; gives its id.
    std::string register_ca(const pki::Authority& ca, const std::string& query = "") {
        const std::string code = ok("GET", "/registrationcode")["registrationCode"];
        return ok("POST", "/cacertificate" + query,
                  {{"caCertificate", ca.certificate_pem()},
                   {"verificationCertificate", issue(ca, code)}})["certificateId"];
    }

    json described(const std::string& id) {
        return ok("GET", "/cacertificate/" + id)["certificateDescription"];
    }

    Result<pki::PrivateKey> key_ = pki::PrivateKey::generate(pki::KeyKind::ec_p256);
    pki::Authority ca_ = authority("Own CA", clock_.wall());
};

TEST_F(CaCertificatesTest, a_registration_code_stays) {
    const std::string code = ok("GET", "/registrationcode")["registrationCode"];
    EXPECT_THAT(code, testing::MatchesRegex("[0-9a-f]{64}"));
    EXPECT_EQ(ok("GET", "/registrationcode")["registrationCode"], code);
}

TEST_F(CaCertificatesTest, a_ca_is_registered_by_proof_of_its_key) {
    const std::string id = register_ca(ca_, "?setAsActive=true&allowAutoRegistration=true");
    EXPECT_EQ(id, pki::inspect_certificate(ca_.certificate_pem())->id);
    const json seen = described(id);
    EXPECT_EQ(seen["status"], "ACTIVE");
    EXPECT_EQ(seen["autoRegistrationStatus"], "ENABLE");
    EXPECT_EQ(seen["certificateMode"], "DEFAULT");
    EXPECT_EQ(seen["certificateArn"], "arn:aws:iot:eu-west-1:000000000000:cacert/" + id);
    EXPECT_EQ(seen["certificatePem"], ca_.certificate_pem());
    EXPECT_EQ(seen["customerVersion"], 1);
}

TEST_F(CaCertificatesTest, of_what_is_sent_nothing_but_the_certificate_is_kept) {
    const std::string canary = "-----BEGIN PRIVATE KEY-----\nCANARY\n-----END PRIVATE KEY-----\n";
    const std::string code = ok("GET", "/registrationcode")["registrationCode"];
    const std::string id = ok("POST", "/cacertificate?setAsActive=true",
                              {{"caCertificate", ca_.certificate_pem() + canary},
                               {"verificationCertificate", issue(ca_, code)}})["certificateId"];
    EXPECT_EQ(described(id)["certificatePem"], ca_.certificate_pem());
    const std::string pem = issue(ca_, "board");
    const std::string other = issue(ca_, "other");
    for (const auto& [path, body] :
         {std::pair("/certificate/register",
                    json{{"certificatePem", "words\n" + pem + canary},
                         {"caCertificatePem", ca_.certificate_pem() + canary}}),
          std::pair("/certificate/register-no-ca", json{{"certificatePem", other + canary}})}) {
        const std::string one = ok("POST", path, body)["certificateId"];
        const json seen = ok("GET", "/certificates/" + one)["certificateDescription"];
        EXPECT_EQ(seen["certificatePem"],
                  path == std::string_view("/certificate/register") ? pem : other);
    }
}

TEST_F(CaCertificatesTest, without_the_proof_it_is_refused) {
    const std::string code = ok("GET", "/registrationcode")["registrationCode"];
    const json own{{"caCertificate", ca_.certificate_pem()}};
    EXPECT_EQ(refused("POST", "/cacertificate", own), "InvalidRequestException");
    json body = own;
    body["verificationCertificate"] = issue(ca_, "another name");
    EXPECT_EQ(refused("POST", "/cacertificate", body), "RegistrationCodeValidationException");
    body["verificationCertificate"] = issue(authority("Stranger", clock_.wall()), code);
    EXPECT_EQ(refused("POST", "/cacertificate", body), "CertificateValidationException");
    // One with the CA's name, but not its key.
    body["verificationCertificate"] = issue(authority("Own CA", clock_.wall()), code);
    EXPECT_EQ(refused("POST", "/cacertificate", body), "CertificateValidationException");
    body["verificationCertificate"] = "none";
    EXPECT_EQ(refused("POST", "/cacertificate", body), "CertificateValidationException");
    body["verificationCertificate"] = issue(ca_, code);
    body["certificateMode"] = "SNI_ONLY";
    EXPECT_EQ(refused("POST", "/cacertificate", body), "InvalidRequestException");
    body["certificateMode"] = "NONE";
    EXPECT_EQ(refused("POST", "/cacertificate", body), "InvalidRequestException");
    EXPECT_EQ(refused("POST", "/cacertificate",
                      {{"caCertificate", issue(ca_, "board")}, {"certificateMode", "SNI_ONLY"}}),
              "CertificateValidationException")
        << "a device's certificate is no CA's";
    EXPECT_TRUE(ok("GET", "/cacertificates")["certificates"].empty());
}

TEST_F(CaCertificatesTest, with_sni_only_there_is_no_proof) {
    const json made =
        ok("POST", "/cacertificate",
           {{"caCertificate", ca_.certificate_pem()}, {"certificateMode", "SNI_ONLY"}});
    EXPECT_EQ(described(made["certificateId"])["certificateMode"], "SNI_ONLY");
    EXPECT_EQ(described(made["certificateId"])["status"], "INACTIVE");
    const auto again =
        call("POST", "/cacertificate",
             {{"caCertificate", ca_.certificate_pem()}, {"certificateMode", "SNI_ONLY"}});
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().name, "ResourceAlreadyExistsException");
    EXPECT_EQ(again.error().resource_id, made["certificateId"].get<std::string>());
}

TEST_F(CaCertificatesTest, ten_of_one_name_are_the_most) {
    for (int i = 0; i < 10; ++i)
        ok("POST", "/cacertificate",
           {{"caCertificate", authority("Own CA", clock_.wall()).certificate_pem()},
            {"certificateMode", "SNI_ONLY"}});
    const auto more =
        call("POST", "/cacertificate",
             {{"caCertificate", ca_.certificate_pem()}, {"certificateMode", "SNI_ONLY"}});
    ASSERT_FALSE(more);
    EXPECT_EQ(more.error().name, "LimitExceededException");
    EXPECT_EQ(more.error().status, 410);
    EXPECT_EQ(all_pages("GET", "/cacertificates?pageSize=2", "certificates").size(), 10U);
}

TEST_F(CaCertificatesTest, status_and_auto_registration_change) {
    const std::string id = register_ca(ca_);
    const std::string target = "/cacertificate/" + id;
    ok("PUT", target + "?newStatus=ACTIVE&newAutoRegistrationStatus=ENABLE",
       {{"registrationConfig",
         {{"templateBody", "{}"}, {"roleArn", "arn:aws:iam::000000000000:role/x"}}}});
    json seen = ok("GET", target);
    EXPECT_EQ(seen["certificateDescription"]["status"], "ACTIVE");
    EXPECT_EQ(seen["certificateDescription"]["autoRegistrationStatus"], "ENABLE");
    EXPECT_EQ(seen["certificateDescription"]["customerVersion"], 2);
    EXPECT_EQ(seen["registrationConfig"]["templateBody"], "{}");
    EXPECT_EQ(refused("DELETE", target), "CertificateStateException");
    ok("PUT", target + "?newStatus=INACTIVE", {{"removeAutoRegistration", true}});
    seen = ok("GET", target);
    EXPECT_EQ(seen["certificateDescription"]["autoRegistrationStatus"], "DISABLE");
    EXPECT_FALSE(seen.contains("registrationConfig"));
    EXPECT_EQ(refused("PUT", target + "?newStatus=REVOKED"), "InvalidRequestException");
    EXPECT_EQ(refused("PUT", target, {{"registrationConfig", {{"templateName", "none"}}}}),
              "ResourceNotFoundException");
    ok("DELETE", target);
    EXPECT_EQ(refused("GET", target), "ResourceNotFoundException");
    EXPECT_EQ(refused("PUT", target + "?newStatus=ACTIVE"), "ResourceNotFoundException");
    EXPECT_EQ(refused("DELETE", target), "ResourceNotFoundException");
}

TEST_F(CaCertificatesTest, a_certificate_is_registered_under_the_ca_that_signed_it) {
    const std::string ca = register_ca(ca_, "?setAsActive=true");
    const std::string pem = issue(ca_, "board");
    const json made = ok("POST", "/certificate/register", {{"certificatePem", pem}});
    const std::string id = made["certificateId"];
    const json seen = ok("GET", "/certificates/" + id)["certificateDescription"];
    EXPECT_EQ(seen["caCertificateId"], ca);
    EXPECT_EQ(seen["status"], "INACTIVE");
    EXPECT_EQ(seen["certificateMode"], "DEFAULT");
    const auto again = call("POST", "/certificate/register", {{"certificatePem", pem}});
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().name, "ResourceAlreadyExistsException");
    EXPECT_EQ(again.error().resource_arn, made["certificateArn"].get<std::string>());

    const json second =
        ok("POST", "/certificate/register?setAsActive=true",
           {{"certificatePem", issue(ca_, "second")}, {"caCertificatePem", ca_.certificate_pem()}});
    const json third = ok("POST", "/certificate/register",
                          {{"certificatePem", issue(ca_, "third")}, {"status", "ACTIVE"}});
    certificate();
    const json listed = all_pages(
        "GET", "/certificates-by-ca/" + ca + "?pageSize=2&isAscendingOrder=true", "certificates");
    ASSERT_EQ(listed.size(), 3U);
    EXPECT_EQ(listed[0]["certificateId"], id);
    EXPECT_EQ(listed[1]["certificateId"], second["certificateId"]);
    EXPECT_EQ(listed[1]["status"], "ACTIVE");
    EXPECT_EQ(listed[2]["status"], "ACTIVE");
    EXPECT_TRUE(ok("GET", "/certificates-by-ca/" + std::string(64, 'a'))["certificates"].empty());
}

TEST_F(CaCertificatesTest, a_certificate_whose_ca_is_not_known_or_not_active_is_refused) {
    const std::string pem = issue(ca_, "board");
    const json body{{"certificatePem", pem}};
    EXPECT_EQ(refused("POST", "/certificate/register", body), "CertificateValidationException");
    const std::string id = register_ca(ca_);
    const auto inactive = call("POST", "/certificate/register", body);
    ASSERT_FALSE(inactive);
    EXPECT_EQ(inactive.error().name, "CertificateStateException");
    EXPECT_EQ(inactive.error().status, 406);
    ok("PUT", "/cacertificate/" + id + "?newStatus=ACTIVE");
    // Signed by somebody who only calls himself so.
    const auto impostor = authority("Own CA", clock_.wall());
    EXPECT_EQ(refused("POST", "/certificate/register", {{"certificatePem", issue(impostor, "x")}}),
              "CertificateValidationException");
    EXPECT_EQ(refused("POST", "/certificate/register",
                      {{"certificatePem", pem}, {"caCertificatePem", impostor.certificate_pem()}}),
              "CertificateValidationException");
    EXPECT_EQ(refused("POST", "/certificate/register",
                      {{"certificatePem", pem}, {"caCertificatePem", "none"}}),
              "CertificateValidationException");
    EXPECT_EQ(refused("POST", "/certificate/register", {{"certificatePem", "none"}}),
              "CertificateValidationException");
    EXPECT_EQ(refused("POST", "/certificate/register",
                      {{"certificatePem", pem}, {"status", "PENDING_ACTIVATION"}}),
              "InvalidRequestException");
    EXPECT_TRUE(ok("GET", "/certificates")["certificates"].empty());
    ok("POST", "/certificate/register", body);
}

TEST_F(CaCertificatesTest, of_two_cas_with_one_name_the_right_one_has_to_be_named) {
    const auto other = authority("Own CA", clock_.wall());
    register_ca(ca_, "?setAsActive=true");
    ok("POST", "/cacertificate?setAsActive=true",
       {{"caCertificate", other.certificate_pem()}, {"certificateMode", "SNI_ONLY"}});
    const std::string pem = issue(other, "board");
    const auto unclear = call("POST", "/certificate/register", {{"certificatePem", pem}});
    ASSERT_FALSE(unclear);
    EXPECT_EQ(unclear.error().name, "CertificateConflictException");
    EXPECT_EQ(unclear.error().status, 409);
    const json made = ok("POST", "/certificate/register",
                         {{"certificatePem", pem}, {"caCertificatePem", other.certificate_pem()}});
    // In the mode of its CA.
    EXPECT_EQ(ok("GET", "/certificates/" +
                            made["certificateId"]
                                .get<std::string>())["certificateDescription"]["certificateMode"],
              "SNI_ONLY");
}

}  // namespace
}  // namespace imprint::local_registry
