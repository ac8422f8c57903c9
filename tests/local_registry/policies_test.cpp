#include <gmock/gmock.h>

#include "local_registry/registry_fixture.h"
#include "policy/document.h"

namespace imprint::local_registry {
namespace {

class PoliciesTest : public RegistryTest {
  protected:
    std::string names(const json& policies) {
        std::string text;
        for (const auto& one : policies)
            text += one["policyName"].get<std::string>() + " ";
        return text;
    }

    static std::string document(int number) {
        return fmt::format(
            R"({{"Version":"2012-10-17","Statement":[{{"Sid":"{}","Effect":"Allow","Action":"iot:Connect","Resource":"*"}}]}})",
            number);
    }

    static http::Fields old_principal(const std::string& arn) {
        return {{"x-amzn-iot-principal", arn}};
    }
};

TEST_F(PoliciesTest, a_policy_comes_back_as_it_was_written) {
    const json made = ok("POST", "/policies/factory@1", {{"policyDocument", document(1)}});
    EXPECT_EQ(made["policyArn"], "arn:aws:iot:eu-west-1:000000000000:policy/factory@1");
    EXPECT_EQ(made["policyVersionId"], "1");
    const json seen = ok("GET", "/policies/factory@1");
    EXPECT_EQ(seen["policyDocument"], document(1));
    EXPECT_EQ(seen["defaultVersionId"], "1");
    EXPECT_EQ(refused("POST", "/policies/factory@1", {{"policyDocument", document(1)}}),
              "ResourceAlreadyExistsException");
    EXPECT_EQ(refused("GET", "/policies/none"), "ResourceNotFoundException");
    EXPECT_EQ(refused("POST", "/policies/a%20b", {{"policyDocument", document(1)}}),
              "InvalidRequestException");
}

TEST_F(PoliciesTest, a_malformed_document_is_refused_and_nothing_kept) {
    for (const char* text :
         {"", "none", "[]", "{}", R"({"Statement":[]})",
          R"({"Version":"2020-01-01","Statement":[]})",
          R"({"Statement":{"Effect":"allow","Action":"iot:*","Resource":"*"}})",
          R"({"Statement":{"Effect":"Allow","Resource":"*"}})",
          R"({"Statement":{"Effect":"Allow","Action":[],"Resource":"*"}})",
          R"({"Statement":{"Effect":"Allow","Action":"connect","Resource":"*"}})",
          R"({"Statement":{"Effect":"Allow","Action":"iot:*"}})",
          R"({"Statement":{"Effect":"Allow","Action":"iot:*","Resource":"thing"}})",
          R"({"Statement":{"Effect":"Allow","Action":"iot:*","Resource":"*","Condition":1}})",
          R"({"Statement":{"Effect":"Allow","Action":"iot:*","Resource":"*","Principal":"*"}})",
          R"({"Statement":{"Effect":"Allow","Action":"iot:*","Resource":"*"},"Else":1})"})
        EXPECT_EQ(refused("POST", "/policies/p", {{"policyDocument", text}}),
                  "MalformedPolicyException")
            << text;
    EXPECT_EQ(refused("GET", "/policies/p"), "ResourceNotFoundException");
}

TEST_F(PoliciesTest, a_document_has_2048_characters_without_its_white_space) {
    const auto sized = [](std::size_t solid) {
        std::string text =
            R"({"Statement":{"Effect":"Allow","Action":"iot:*","Resource":"*","Sid":""}})";
        return text.insert(text.size() - 3, std::string(solid - text.size(), 's'));
    };
    EXPECT_TRUE(policy::parse(sized(2048) + std::string(500, '\n')));
    EXPECT_FALSE(policy::parse(sized(2049)));
}

TEST_F(PoliciesTest, five_versions_are_the_most_and_numbers_are_never_used_again) {
    ok("POST", "/policies/p", {{"policyDocument", document(1)}});
    for (int version = 2; version <= 5; ++version) {
        const json made =
            ok("POST", "/policies/p/version", {{"policyDocument", document(version)}});
        EXPECT_EQ(made["policyVersionId"], std::to_string(version));
        EXPECT_EQ(made["isDefaultVersion"], false);
    }
    const auto sixth = call("POST", "/policies/p/version", {{"policyDocument", document(6)}});
    ASSERT_FALSE(sixth);
    EXPECT_EQ(sixth.error().name, "VersionsLimitExceededException");
    EXPECT_EQ(sixth.error().status, 409);
    ok("DELETE", "/policies/p/version/5");
    EXPECT_EQ(ok("POST", "/policies/p/version?setAsDefault=true",
                 {{"policyDocument", document(6)}})["policyVersionId"],
              "6");
    EXPECT_EQ(ok("GET", "/policies/p")["policyDocument"], document(6));
    std::string listed;
    const json versions = ok("GET", "/policies/p/version");
    for (const auto& one : versions["policyVersions"])
        listed += one["versionId"].get<std::string>() + (one["isDefaultVersion"] ? "*" : "") + " ";
    EXPECT_EQ(listed, "6* 4 3 2 1 ");
}

TEST_F(PoliciesTest, the_default_version_can_be_set_but_not_deleted) {
    ok("POST", "/policies/p", {{"policyDocument", document(1)}});
    ok("POST", "/policies/p/version", {{"policyDocument", document(2)}});
    EXPECT_EQ(refused("DELETE", "/policies/p/version/1"), "DeleteConflictException");
    ok("PATCH", "/policies/p/version/2");
    EXPECT_EQ(ok("GET", "/policies/p")["defaultVersionId"], "2");
    EXPECT_EQ(ok("GET", "/policies/p/version/2")["isDefaultVersion"], true);
    EXPECT_EQ(ok("GET", "/policies/p/version/1")["policyDocument"], document(1));
    ok("DELETE", "/policies/p/version/1");
    EXPECT_EQ(refused("GET", "/policies/p/version/1"), "ResourceNotFoundException");
    EXPECT_EQ(refused("PATCH", "/policies/p/version/1"), "ResourceNotFoundException");
    EXPECT_EQ(refused("DELETE", "/policies/p/version/1"), "ResourceNotFoundException");
    EXPECT_EQ(refused("GET", "/policies/p/version/x"), "InvalidRequestException");
    EXPECT_EQ(refused("GET", "/policies/none/version"), "ResourceNotFoundException");
    EXPECT_EQ(refused("POST", "/policies/none/version", {{"policyDocument", document(1)}}),
              "ResourceNotFoundException");
    EXPECT_EQ(refused("POST", "/policies/p/version", {{"policyDocument", "{}"}}),
              "MalformedPolicyException");
}

TEST_F(PoliciesTest, a_policy_goes_when_it_is_detached_and_has_one_version) {
    const std::string arn = certificate();
    policy("p");
    ok("POST", "/policies/p/version", {{"policyDocument", document(2)}});
    ok("PUT", "/target-policies/p", {{"target", arn}});
    EXPECT_EQ(refused("DELETE", "/policies/p"), "DeleteConflictException");
    ok("POST", "/target-policies/p", {{"target", arn}});
    EXPECT_EQ(refused("DELETE", "/policies/p"), "DeleteConflictException");
    ok("DELETE", "/policies/p/version/2");
    ok("DELETE", "/policies/p");
    EXPECT_EQ(refused("DELETE", "/policies/p"), "ResourceNotFoundException");
    policy("p");
    EXPECT_EQ(ok("GET", "/policies/p/version")["policyVersions"].size(), 1U);
}

TEST_F(PoliciesTest, the_list_is_newest_first_unless_asked_otherwise) {
    for (const char* name : {"b", "a", "c"})
        policy(name);
    EXPECT_EQ(names(all_pages("GET", "/policies?pageSize=2", "policies")), "c a b ");
    EXPECT_EQ(names(all_pages("GET", "/policies?pageSize=2&isAscendingOrder=true", "policies")),
              "b a c ");
}

TEST_F(PoliciesTest, attachments_are_listed_from_both_sides) {
    const std::string one = certificate();
    const std::string two = certificate();
    for (const char* name : {"p", "q", "r"}) {
        policy(name);
        ok("PUT", fmt::format("/target-policies/{}", name), {{"target", one}});
    }
    ok("PUT", "/target-policies/p", {{"target", two}});
    ok("PUT", "/target-policies/p", {{"target", two}});
    EXPECT_EQ(
        names(all_pages("POST", "/attached-policies/" + encoded(one) + "?pageSize=2", "policies")),
        "p q r ");
    EXPECT_EQ(all_pages("POST", "/policy-targets/p?pageSize=2", "targets"), json({one, two}));
    ok("POST", "/target-policies/p", {{"target", one}});
    ok("POST", "/target-policies/p", {{"target", one}});
    EXPECT_EQ(ok("POST", "/policy-targets/p")["targets"], json({two}));
}

TEST_F(PoliciesTest, only_what_is_there_can_be_attached) {
    policy("p");
    const std::string arn = certificate();
    const std::string none = "arn:aws:iot:eu-west-1:000000000000:cert/" + std::string(64, 'a');
    EXPECT_EQ(refused("PUT", "/target-policies/none", {{"target", arn}}),
              "ResourceNotFoundException");
    EXPECT_EQ(refused("PUT", "/target-policies/p", {{"target", none}}),
              "ResourceNotFoundException");
    EXPECT_EQ(refused("PUT", "/target-policies/p", {{"target", "text"}}),
              "InvalidRequestException");
    EXPECT_EQ(refused("PUT", "/target-policies/p", json::object()), "InvalidRequestException");
    EXPECT_EQ(refused("PUT", "/target-policies/p",
                      {{"target", "arn:aws:iot:eu-west-1:000000000000:thinggroup/none"}}),
              "ResourceNotFoundException");
    EXPECT_EQ(refused("POST", "/attached-policies/" + encoded(none)), "ResourceNotFoundException");
    EXPECT_EQ(refused("POST", "/policy-targets/none"), "ResourceNotFoundException");
}

TEST_F(PoliciesTest, a_target_has_ten_policies_at_most) {
    const std::string arn = certificate();
    for (int i = 0; i < 11; ++i)
        policy(fmt::format("p{}", i));
    for (int i = 0; i < 10; ++i)
        ok("PUT", fmt::format("/target-policies/p{}", i), {{"target", arn}});
    ok("PUT", "/target-policies/p9", {{"target", arn}});
    EXPECT_EQ(refused("PUT", "/target-policies/p10", {{"target", arn}}), "LimitExceededException");
}

TEST_F(PoliciesTest, a_group_inherits_its_ancestors_policies) {
    ok("POST", "/thing-groups/root");
    ok("POST", "/thing-groups/leaf", {{"parentGroupName", "root"}});
    const std::string start = "arn:aws:iot:eu-west-1:000000000000:thinggroup/";
    for (const char* name : {"p", "q"})
        policy(name);
    ok("PUT", "/target-policies/p", {{"target", start + "root"}});
    ok("PUT", "/target-policies/q", {{"target", start + "leaf"}});
    const std::string target = "/attached-policies/" + encoded(start + "leaf");
    EXPECT_EQ(names(ok("POST", target)["policies"]), "q ");
    EXPECT_EQ(names(ok("POST", target + "?recursive=true")["policies"]), "q p ");
    EXPECT_EQ(ok("POST", "/policy-targets/p")["targets"], json({start + "root"}));
    ok("DELETE", "/thing-groups/leaf");
    EXPECT_TRUE(ok("POST", "/policy-targets/q")["targets"].empty());
}

TEST_F(PoliciesTest, the_older_name_of_an_attachment_does_the_same) {
    const std::string arn = certificate();
    policy("p");
    ok("PUT", "/principal-policies/p", nullptr, old_principal(arn));
    EXPECT_EQ(ok("POST", "/policy-targets/p")["targets"], json({arn}));
}

}  // namespace
}  // namespace imprint::local_registry
