#include <gmock/gmock.h>

#include "local_registry/registry_fixture.h"

namespace imprint::local_registry {
namespace {

using CertificatesTest = RegistryTest;

TEST_F(CertificatesTest, a_certificate_is_for_the_requests_key_and_named_by_its_digest) {
    const auto key = pki::PrivateKey::generate(pki::KeyKind::ec_p256);
    const json made =
        ok("POST", "/certificates", {{"certificateSigningRequest", key->request("0a1b2c3d4e5f")}});
    const auto info = pki::inspect_certificate(made["certificatePem"].get<std::string>());
    ASSERT_TRUE(info);
    EXPECT_EQ(made["certificateId"], info->id);
    EXPECT_EQ(made["certificateArn"], "arn:aws:iot:eu-west-1:000000000000:cert/" + info->id);
    EXPECT_EQ(info->public_pem, key->public_pem());
    EXPECT_EQ(info->subject_common_name, "0a1b2c3d4e5f");

    const json seen = ok("GET", "/certificates/" + info->id)["certificateDescription"];
    EXPECT_EQ(seen["status"], "INACTIVE");
    EXPECT_EQ(seen["certificatePem"], made["certificatePem"]);
    EXPECT_EQ(seen["certificateMode"], "DEFAULT");
    EXPECT_EQ(seen["ownedBy"], "000000000000");
    EXPECT_EQ(seen["customerVersion"], 1);
    EXPECT_EQ(seen["creationDate"], 1784019600.125);
    EXPECT_LT(seen["validity"]["notBefore"], seen["creationDate"]);
    // Until the end of 2049, as AWS IoT's.
    EXPECT_GT(seen["validity"]["notAfter"], 2524435200.0 - 2 * 86400);
    EXPECT_LT(seen["validity"]["notAfter"], 2524608000.0);
}

TEST_F(CertificatesTest, a_certificate_is_born_active_only_when_asked) {
    const std::string quiet = certificate(false);
    const std::string active = certificate(true);
    EXPECT_EQ(ok("GET", "/certificates/" + id_of(quiet))["certificateDescription"]["status"],
              "INACTIVE");
    EXPECT_EQ(ok("GET", "/certificates/" + id_of(active))["certificateDescription"]["status"],
              "ACTIVE");
}

TEST_F(CertificatesTest, a_request_that_is_none_is_refused) {
    EXPECT_EQ(refused("POST", "/certificates", {{"certificateSigningRequest", "none"}}),
              "InvalidRequestException");
    EXPECT_EQ(refused("POST", "/certificates", json::object()), "InvalidRequestException");
    EXPECT_EQ(
        refused("POST", "/certificates", {{"certificateSigningRequest", std::string(4097, 'x')}}),
        "InvalidRequestException");
    EXPECT_TRUE(ok("GET", "/certificates")["certificates"].empty());
}

TEST_F(CertificatesTest, a_key_that_aws_iot_does_not_take_is_refused) {
    const auto text = [](const std::string& name) {
        return read_text(std::string(IMPRINT_TEST_DATA "/local_registry/") + name).value();
    };
    for (const char* name : {"rsa1024.csr", "secp256k1.csr"})
        EXPECT_EQ(refused("POST", "/certificates", {{"certificateSigningRequest", text(name)}}),
                  "InvalidRequestException")
            << name;
    for (const char* name : {"rsa1024.pem", "secp256k1.pem", "ed25519.pem"})
        EXPECT_EQ(refused("POST", "/certificate/register-no-ca", {{"certificatePem", text(name)}}),
                  "CertificateValidationException")
            << name;
    EXPECT_EQ(refused("POST", "/cacertificate",
                      {{"caCertificate", text("rsa1024.pem")}, {"certificateMode", "SNI_ONLY"}}),
              "CertificateValidationException");
    EXPECT_TRUE(ok("GET", "/certificates")["certificates"].empty());
    for (const char* name : {"p384.pem", "p521.pem"})
        ok("POST", "/certificate/register-no-ca", {{"certificatePem", text(name)}});
}

TEST_F(CertificatesTest, keys_are_made_on_request_and_belong_to_the_certificate) {
    const json made = ok("POST", "/keys-and-certificate?setAsActive=true");
    const auto info = pki::inspect_certificate(made["certificatePem"].get<std::string>());
    ASSERT_TRUE(info);
    const std::string pem = made["keyPair"]["PrivateKey"];
    EXPECT_THAT(pem, testing::StartsWith("-----BEGIN RSA PRIVATE KEY-----"));
    const auto key = pki::PrivateKey::from_pem(Secret(pem));
    ASSERT_TRUE(key);
    EXPECT_EQ(key->public_pem(), info->public_pem);
    EXPECT_EQ(made["keyPair"]["PublicKey"], info->public_pem);
    const std::string id = made["certificateId"];
    const json seen = ok("GET", "/certificates/" + id);
    EXPECT_EQ(seen["certificateDescription"]["status"], "ACTIVE");
    EXPECT_THAT(seen.dump(), testing::Not(testing::HasSubstr("PRIVATE KEY")));
}

TEST_F(CertificatesTest, a_certificate_of_another_authority_can_be_registered_once) {
    const auto other = pki::Authority::create("Own CA", pki::KeyKind::ec_p256,
                                              std::chrono::days(10), clock_.wall());
    const auto key = pki::PrivateKey::generate(pki::KeyKind::ec_p256);
    const auto pem =
        other->issue_client(key->request("board"), std::chrono::days(5), clock_.wall());
    const json made = ok("POST", "/certificate/register-no-ca", {{"certificatePem", *pem}});
    const std::string id = made["certificateId"];
    EXPECT_EQ(id, pki::inspect_certificate(*pem)->id);
    const json seen = ok("GET", "/certificates/" + id)["certificateDescription"];
    EXPECT_EQ(seen["status"], "INACTIVE");
    EXPECT_EQ(seen["certificateMode"], "SNI_ONLY");
    const auto again = call("POST", "/certificate/register-no-ca", {{"certificatePem", *pem}});
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().name, "ResourceAlreadyExistsException");
    EXPECT_EQ(again.error().resource_id, id);
    EXPECT_EQ(again.error().resource_arn, made["certificateArn"].get<std::string>());
    EXPECT_EQ(refused("POST", "/certificate/register-no-ca", {{"certificatePem", "none"}}),
              "CertificateValidationException");
    EXPECT_EQ(refused("POST", "/certificate/register-no-ca",
                      {{"certificatePem", *pem}, {"status", "PENDING_TRANSFER"}}),
              "InvalidRequestException");
}

TEST_F(CertificatesTest, a_status_changes_until_it_is_revoked) {
    const std::string target = "/certificates/" + id_of(certificate());
    clock_.advance(Milliseconds(5000));
    ok("PUT", target + "?newStatus=ACTIVE");
    ok("PUT", target + "?newStatus=ACTIVE");
    const json seen = ok("GET", target)["certificateDescription"];
    EXPECT_EQ(seen["status"], "ACTIVE");
    EXPECT_EQ(seen["customerVersion"], 2);
    EXPECT_EQ(seen["lastModifiedDate"].get<double>() - seen["creationDate"].get<double>(), 5.0);
    ok("PUT", target + "?newStatus=INACTIVE");
    ok("PUT", target + "?newStatus=REVOKED");
    EXPECT_EQ(refused("PUT", target + "?newStatus=ACTIVE"), "CertificateStateException");
    ok("PUT", target + "?newStatus=REVOKED");
    EXPECT_EQ(refused("PUT", target + "?newStatus=PENDING_ACTIVATION"), "InvalidRequestException");
    EXPECT_EQ(refused("PUT", target), "InvalidRequestException");
    const std::string none = "/certificates/" + std::string(64, 'a');
    EXPECT_EQ(refused("PUT", none + "?newStatus=ACTIVE"), "ResourceNotFoundException");
    EXPECT_EQ(refused("GET", none), "ResourceNotFoundException");
    EXPECT_EQ(refused("GET", "/certificates/abc"), "InvalidRequestException");
}

TEST_F(CertificatesTest, an_id_is_found_in_either_case) {
    std::string id = id_of(certificate());
    for (char& c : id)
        c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    ok("GET", "/certificates/" + id);
}

TEST_F(CertificatesTest, what_is_active_or_attached_is_not_deleted) {
    const std::string arn = certificate(true);
    const std::string target = "/certificates/" + id_of(arn);
    ok("POST", "/things/a");
    ok("PUT", "/things/a/principals", nullptr, principal(arn));
    policy("p");
    ok("PUT", "/target-policies/p", {{"target", arn}});

    const auto active = call("DELETE", target + "?forceDelete=true");
    ASSERT_FALSE(active);
    EXPECT_EQ(active.error().name, "CertificateStateException");
    EXPECT_EQ(active.error().status, 406);
    ok("PUT", target + "?newStatus=INACTIVE");
    EXPECT_EQ(refused("DELETE", target), "DeleteConflictException");
    EXPECT_EQ(refused("DELETE", target + "?forceDelete=true"), "DeleteConflictException");
    ok("DELETE", "/things/a/principals", nullptr, principal(arn));
    EXPECT_EQ(refused("DELETE", target), "DeleteConflictException");
    ok("DELETE", target + "?forceDelete=true");
    EXPECT_EQ(refused("DELETE", target), "ResourceNotFoundException");
    EXPECT_TRUE(ok("POST", "/policy-targets/p")["targets"].empty());
}

TEST_F(CertificatesTest, the_list_is_newest_first_unless_asked_otherwise) {
    std::vector<std::string> made;
    for (int i = 0; i < 5; ++i)
        made.push_back(id_of(certificate()));
    const auto listed = [&](const std::string& query) {
        std::vector<std::string> ids;
        for (const auto& one : all_pages("GET", "/certificates?pageSize=2" + query, "certificates"))
            ids.push_back(one["certificateId"]);
        return ids;
    };
    EXPECT_EQ(listed("&isAscendingOrder=true"), made);
    EXPECT_EQ(listed(""), std::vector<std::string>(made.rbegin(), made.rend()));
    const json first = ok("GET", "/certificates")["certificates"][0];
    EXPECT_EQ(first["status"], "INACTIVE");
    EXPECT_EQ(first["certificateMode"], "DEFAULT");
    EXPECT_TRUE(first.contains("creationDate"));
    EXPECT_EQ(refused("GET", "/certificates?marker=eA=="), "InvalidRequestException");
}

TEST_F(CertificatesTest, a_page_goes_on_where_it_stopped_though_certificates_came_and_went) {
    std::vector<std::string> made;
    for (int i = 0; i < 4; ++i)
        made.push_back(id_of(certificate()));
    const json first = ok("GET", "/certificates?pageSize=2");
    ok("DELETE", "/certificates/" + made[2]);
    certificate();
    const json second = ok("GET", "/certificates?pageSize=2&marker=" +
                                      encoded(first["nextMarker"].get<std::string>()));
    ASSERT_EQ(second["certificates"].size(), 2U);
    EXPECT_EQ(second["certificates"][0]["certificateId"], made[1]);
    EXPECT_EQ(second["certificates"][1]["certificateId"], made[0]);
}

TEST_F(CertificatesTest, a_principal_is_attached_listed_and_detached_from_both_sides) {
    const std::string one = certificate();
    const std::string two = certificate();
    for (const char* thing : {"a", "b", "c"}) {
        ok("POST", fmt::format("/things/{}", thing));
        ok("PUT", fmt::format("/things/{}/principals", thing), nullptr, principal(one));
    }
    ok("PUT", "/things/a/principals", nullptr, principal(two));
    ok("PUT", "/things/a/principals", nullptr, principal(two));
    EXPECT_THAT(ok("GET", "/things/a/principals")["principals"].get<std::vector<std::string>>(),
                testing::UnorderedElementsAre(one, two));
    EXPECT_EQ(all_pages("GET", "/principals/things?maxResults=2", "things", principal(one)),
              json({"a", "b", "c"}));
    ok("DELETE", "/things/a/principals", nullptr, principal(one));
    ok("DELETE", "/things/a/principals", nullptr, principal(one));
    EXPECT_EQ(ok("GET", "/things/a/principals")["principals"], json({two}));
}

TEST_F(CertificatesTest, an_exclusive_thing_is_its_certificates_only_one) {
    const std::string arn = certificate();
    for (const char* thing : {"a", "b"})
        ok("POST", fmt::format("/things/{}", thing));
    const std::string exclusive = "?thingPrincipalType=EXCLUSIVE_THING";
    ok("PUT", "/things/a/principals" + exclusive, nullptr, principal(arn));
    ok("PUT", "/things/a/principals" + exclusive, nullptr, principal(arn));
    EXPECT_EQ(refused("PUT", "/things/b/principals", nullptr, principal(arn)),
              "InvalidRequestException");
    EXPECT_EQ(ok("GET", "/things/a/principals-v2")["thingPrincipalObjects"],
              json::array({{{"principal", arn}, {"thingPrincipalType", "EXCLUSIVE_THING"}}}));
    EXPECT_EQ(ok("GET", "/principals/things-v2", nullptr, principal(arn))["principalThingObjects"],
              json::array({{{"thingName", "a"}, {"thingPrincipalType", "EXCLUSIVE_THING"}}}));
    EXPECT_EQ(ok("GET", "/things/a/principals")["principals"], json({arn}));
    ok("DELETE", "/things/a/principals", nullptr, principal(arn));

    for (const char* thing : {"a", "b"})
        ok("PUT", fmt::format("/things/{}/principals", thing), nullptr, principal(arn));
    EXPECT_EQ(refused("PUT", "/things/b/principals" + exclusive, nullptr, principal(arn)),
              "InvalidRequestException")
        << "a has it too";
    EXPECT_EQ(
        refused("PUT", "/things/b/principals?thingPrincipalType=MINE", nullptr, principal(arn)),
        "InvalidRequestException");
    EXPECT_EQ(all_pages("GET", "/principals/things-v2?maxResults=1", "principalThingObjects",
                        principal(arn))
                  .size(),
              2U);
    EXPECT_TRUE(ok("GET", "/principals/things-v2" + exclusive, nullptr,
                   principal(arn))["principalThingObjects"]
                    .empty());
}

TEST_F(CertificatesTest, only_what_is_there_can_be_attached) {
    const std::string arn = certificate();
    const std::string none = "arn:aws:iot:eu-west-1:000000000000:cert/" + std::string(64, 'a');
    ok("POST", "/things/a");
    const std::string target = "/things/a/principals";
    EXPECT_EQ(refused("PUT", "/things/none/principals", nullptr, principal(arn)),
              "ResourceNotFoundException");
    EXPECT_EQ(refused("PUT", target, nullptr, principal(none)), "ResourceNotFoundException");
    EXPECT_EQ(
        refused("PUT", target, nullptr, principal("arn:aws:iot:us-east-1:000000000000:cert/a")),
        "InvalidRequestException");
    EXPECT_EQ(refused("PUT", target), "InvalidRequestException");
    EXPECT_EQ(refused("GET", "/things/none/principals"), "ResourceNotFoundException");
    EXPECT_EQ(refused("GET", "/principals/things", nullptr, principal(none)),
              "ResourceNotFoundException");
    EXPECT_EQ(refused("DELETE", "/things/none/principals", nullptr, principal(arn)),
              "ResourceNotFoundException");
}

}  // namespace
}  // namespace imprint::local_registry
