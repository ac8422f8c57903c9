#include "aws/credentials.h"

#include <gmock/gmock.h>

#include "aws/support.h"
#include "base/error_code.h"

namespace imprint::aws {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class CredentialsTest : public testing::HomeTest {
  protected:
    void keys_for(const std::string& section, const std::string& file = ".aws/credentials") {
        write(file, "[" + section + "]\naws_access_key_id = AK-" + section +
                        "\naws_secret_access_key = canary\n");
    }

    void keys_in_environment() {
        variables["AWS_ACCESS_KEY_ID"] = "AK-environment";
        variables["AWS_SECRET_ACCESS_KEY"] = "canary";
    }

    std::string found(const std::string& profile = "") {
        auto credentials = search(environment(), profile);
        return credentials ? credentials->access_key_id : credentials.error().code;
    }

    Error refused(const std::string& profile = "") {
        auto credentials = search(environment(), profile);
        EXPECT_FALSE(credentials);
        if (credentials) return {};
        EXPECT_EQ(credentials.error().kind, ErrorKind::registry);
        EXPECT_THAT(credentials.error().describe(), Not(HasSubstr("canary")));
        return std::move(credentials).error();
    }
};

TEST_F(CredentialsTest, the_environment_wins_over_files) {
    keys_for("default");
    EXPECT_EQ(found(), "AK-default");
    keys_in_environment();
    EXPECT_EQ(found(), "AK-environment");
}

// botocore#2001: `$(cat file)` of some shells, and secrets mounted as files, end with a line end.
TEST_F(CredentialsTest, a_line_end_behind_a_variable_is_no_part_of_it) {
    variables = {{"AWS_ACCESS_KEY_ID", "AK\r\n"},
                 {"AWS_SECRET_ACCESS_KEY", "canary\n"},
                 {"AWS_SESSION_TOKEN", "token\r"},
                 {"AWS_REGION", "eu-west-1\n"}};
    const auto found = search(environment(), "");
    ASSERT_TRUE(found) << found.error().describe();
    EXPECT_EQ(found->access_key_id, "AK");
    EXPECT_EQ(found->secret_access_key.reveal_text(), "canary");
    EXPECT_EQ(found->session_token.reveal_text(), "token");
    EXPECT_EQ(find_region(environment(), "").value(), "eu-west-1");
}

TEST_F(CredentialsTest, a_variable_that_no_header_can_carry_is_named) {
    for (const char* name : {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}) {
        keys_in_environment();
        variables["AWS_SESSION_TOKEN"] = "token";
        variables[name] = "canary\nx";
        const Error error = refused();
        EXPECT_EQ(error.code, "variable_damaged");
        EXPECT_THAT(error.message, HasSubstr(name));
    }
}

TEST_F(CredentialsTest, what_does_not_go_together_with_a_token_is_said) {
    const auto odd = [](const char* id, const char* token, const char* source) {
        Credentials credentials;
        credentials.access_key_id = id;
        credentials.session_token = Secret(std::string_view(token));
        credentials.source = source;
        return odd_token(credentials);
    };
    EXPECT_THAT(odd("ASIAX", "", "environment"), HasSubstr("missing: set AWS_SESSION_TOKEN"));
    EXPECT_THAT(odd("ASIAX", "", "profile p in f"), HasSubstr("set aws_session_token"));
    EXPECT_THAT(odd("AKIAX", "t", "environment"), HasSubstr("unset AWS_SESSION_TOKEN"));
    EXPECT_THAT(odd("AKIAX", "t", "profile p in f"), HasSubstr("take aws_session_token out"));
    EXPECT_EQ(odd("ASIAX", "t", "environment") + odd("AKIAX", "", "environment"), "");
}

TEST_F(CredentialsTest, a_profile_asked_for_by_name_wins_over_the_environment) {
    keys_in_environment();
    keys_for("factory");
    EXPECT_EQ(found("factory"), "AK-factory");
    variables["AWS_PROFILE"] = "factory";
    EXPECT_EQ(found(), "AK-environment");
}

TEST_F(CredentialsTest, the_profile_is_that_of_the_variable) {
    keys_for("factory");
    variables["AWS_PROFILE"] = "factory";
    EXPECT_EQ(found(), "AK-factory");
}

TEST_F(CredentialsTest, the_credentials_file_wins_over_the_config_file) {
    write(".aws/config",
          "[profile both]\naws_access_key_id=AK-config\naws_secret_access_key=canary\n"
          "[profile one]\naws_access_key_id=AK-one\naws_secret_access_key=canary\n");
    keys_for("both");
    EXPECT_EQ(found("both"), "AK-both");
    EXPECT_EQ(found("one"), "AK-one");
}

TEST_F(CredentialsTest, the_files_may_be_elsewhere) {
    keys_for("default", "else/keys");
    variables["AWS_SHARED_CREDENTIALS_FILE"] = "~/else/keys";
    EXPECT_EQ(found(), "AK-default");
    variables["AWS_SHARED_CREDENTIALS_FILE"] = (home() / "else/keys").string();
    EXPECT_EQ(found(), "AK-default");
}

TEST_F(CredentialsTest, a_session_comes_with_token_and_end) {
    keys_in_environment();
    variables["AWS_SESSION_TOKEN"] = "the token";
    variables["AWS_CREDENTIAL_EXPIRATION"] = "2026-07-14T09:30:00+00:00";
    const auto credentials = search(environment(), "");
    ASSERT_TRUE(credentials);
    EXPECT_EQ(credentials->session_token.reveal_text(), "the token");
    ASSERT_TRUE(credentials->expires);
    EXPECT_EQ(to_iso8601(*credentials->expires), "2026-07-14T09:30:00.000Z");
    const Credentials copy = credentials->copy();
    EXPECT_EQ(copy.secret_access_key.reveal_text(), "canary");
    EXPECT_EQ(copy.session_token.reveal_text(), "the token");
}

TEST_F(CredentialsTest, half_a_key_is_an_error_and_not_skipped) {
    variables["AWS_ACCESS_KEY_ID"] = "AK";
    keys_for("default");
    EXPECT_EQ(refused().code, "no_credentials");
    variables.clear();
    write(".aws/credentials", "[default]\naws_secret_access_key = canary\n");
    EXPECT_THAT(refused().message, HasSubstr("but no aws_access_key_id"));
}

TEST_F(CredentialsTest, nothing_found_says_where_it_looked) {
    const Error error = refused();
    EXPECT_EQ(error.code, "no_credentials");
    EXPECT_THAT(error.message, HasSubstr((home() / ".aws/credentials").string()));
    EXPECT_THAT(error.hint, HasSubstr("aws configure"));
}

TEST_F(CredentialsTest, a_missing_profile_is_named) {
    keys_for("default");
    EXPECT_EQ(refused("factry").code, "profile_missing");
    EXPECT_THAT(refused("factry").message, HasSubstr("\"factry\""));
}

TEST_F(CredentialsTest, a_role_that_wants_an_mfa_code_is_refused_with_the_way_to_hand_it_over) {
    write(".aws/config",
          "[profile p]\nrole_arn = arn:aws:iam::1:role/r\nmfa_serial = m\nsource_profile = k\n"
          "[profile k]\naws_access_key_id = AK\naws_secret_access_key = canary\n");
    const Error error = refused("p");
    EXPECT_EQ(error.code, "credentials_unsupported");
    EXPECT_THAT(error.message, HasSubstr("MFA"));
    EXPECT_THAT(error.hint, HasSubstr("export-credentials --profile p"));
}

// Each of them is a call within the last one.
TEST_F(CredentialsTest, a_very_long_chain_of_profiles_is_an_error_and_no_crash) {
    std::string config;
    for (int i = 0; i < 30'000; ++i)
        config += fmt::format(
            "[profile p{}]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = p{}\n", i, i + 1);
    write(".aws/config", config);
    const Error error = refused("p0");
    EXPECT_EQ(error.code, "profile_invalid");
    EXPECT_THAT(error.message, HasSubstr("profile \"p20\" comes after 20 others"));
}

TEST_F(CredentialsTest, the_region_comes_from_the_environment_then_the_profile) {
    EXPECT_EQ(code_of(find_region(environment(), "")), "no_region");
    write(".aws/config", "[default]\nregion=eu-central-1\n[profile p]\nregion=us-east-2\n");
    EXPECT_EQ(find_region(environment(), "").value(), "eu-central-1");
    EXPECT_EQ(find_region(environment(), "p").value(), "us-east-2");
    variables["AWS_DEFAULT_REGION"] = "ap-south-1";
    EXPECT_EQ(find_region(environment(), "p").value(), "ap-south-1");
    variables["AWS_REGION"] = "sa-east-1";
    EXPECT_EQ(find_region(environment(), "").value(), "sa-east-1");
}

}  // namespace
}  // namespace imprint::aws
