// Who wins, side by side with botocore and with the AWS CLI's own copy of it: the same home, the
// same variables, the same services to ask.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <random>

#include <nlohmann/json.hpp>

#include "aws/credential_services.h"
#include "aws/providers/command_line.h"
#include "base/process.h"

namespace imprint::aws {
namespace {

using nlohmann::json;

struct Situation {
    const char* name;
    const char* wins;  // access key id; empty: an error, or nothing found
    std::string profile = {};
    std::map<std::string, std::string> variables = {};
    std::string credentials = {};  // of the file
    std::string config = {};
};

class PrecedenceTest : public testing::ProvidersTest {
  protected:
    // of_cli: the AWS CLI's own copy of botocore, which differs from the library's.
    json ask(const json& cases, bool of_cli = false) {
        write("cases.json", cases.dump());
        Command command{.arguments = {"/usr/bin/python3", "-B",
                                      IMPRINT_SOURCE_DIR "/tests/aws/botocore_answers.py",
                                      (home() / "cases.json").string()},
                        .directory = home(),
                        .environment = {}};
        if (of_cli) command.arguments.emplace_back("--cli");
        const auto done = run_command(command);
        EXPECT_TRUE(done) << done.error().describe();
        json answers = done ? json::parse(done->text, nullptr, false) : json();
        EXPECT_EQ(answers.size(), cases.size()) << (done ? done->text : "");
        return answers;
    }

    [[nodiscard]] static std::string section(const std::string& name, const std::string& rest) {
        return "[" + name + "]\n" + rest;
    }

    [[nodiscard]] static std::string role(const std::string& name, const std::string& source) {
        return "role_arn = arn:aws:iam::123456789012:role/" + name + "\n" + source + "\n";
    }

    [[nodiscard]] std::vector<Situation> situations() const;
};

const std::string process =
    "credential_process = /bin/echo '{\"Version\": 1, \"AccessKeyId\": \"AK-process\", "
    "\"SecretAccessKey\": \"canary-secret\"}'\n";
const std::string sso =
    "sso_start_url = https://x.example/start\nsso_region = eu-west-1\nsso_account_id = 7\n"
    "sso_role_name = seer\n";
const std::string sso_session_user =
    "sso_session = line\nsso_account_id = 7\nsso_role_name = seer\n";
const std::string sso_session =
    "[sso-session line]\nsso_start_url = https://x.example/start\nsso_region = eu-west-1\n";

std::vector<Situation> PrecedenceTest::situations() const {
    using Variables = std::map<std::string, std::string>;
    const Variables env = {{"AWS_ACCESS_KEY_ID", "AK-env"},
                           {"AWS_SECRET_ACCESS_KEY", "canary-secret"}};
    const Variables web = {{"AWS_WEB_IDENTITY_TOKEN_FILE", (home() / "web-token").string()},
                           {"AWS_ROLE_ARN", "arn:aws:iam::1:role/env-role"}};
    const Variables container = {
        {"AWS_CONTAINER_CREDENTIALS_FULL_URI", played_.url() + "/container"}};
    const Variables instance = {{"AWS_EC2_METADATA_DISABLED", "false"},
                                {"AWS_EC2_METADATA_SERVICE_ENDPOINT", played_.url() + "/"}};
    const auto both = [](Variables one, const Variables& other) {
        one.insert(other.begin(), other.end());
        return one;
    };
    const std::string web_token = "web_identity_token_file = " + (home() / "web-token").string();
    const std::string of_k = role("r", "source_profile = k");
    const std::string k = section("k", keys("AK-k"));
    return {
        {"nothing at all", ""},
        {"variables before everything", "AK-env", "",
         both(env, both(web, both(container, instance))), section("default", keys("AK-file")),
         section("default", of_k + sso + process)},
        {"a role of the default profile before its keys",
         "AK-r-by-AK-k",
         "",
         {},
         k + section("default", keys("AK-file")),
         section("default", of_k)},
        {"a profile by name passes over the variables", "AK-r-by-AK-k", "p", env, k,
         section("profile p", of_k)},
        {"a profile by variable does not", "AK-env", "", both(env, {{"AWS_PROFILE", "p"}}), k,
         section("profile p", of_k)},
        {"a role before web identity by variables", "AK-r-by-AK-k", "", web, k,
         section("default", of_k)},
        {"web identity by variables before the keys of files", "AK-env-role-by-web-identity", "",
         web, section("default", keys("AK-file")), section("default", sso + process)},
        {"a profile by name passes over web identity by variables", "AK-file", "p", web,
         section("p", keys("AK-file"))},
        {"web identity of a profile, though it has role_arn", "AK-r-by-web-identity", "p", env,
         section("p", keys("AK-file")), section("profile p", role("r", web_token))},
        {"the token of the environment with the profile's role",
         "AK-r-by-web-identity",
         "",
         {{"AWS_WEB_IDENTITY_TOKEN_FILE", (home() / "web-token").string()}, {"AWS_PROFILE", "p"}},
         "",
         section("profile p", role("r", web_token + "-missing"))},
        {"web identity without a role", "", "p", {}, "", section("profile p", web_token + "\n")},
        {"a sign-in before keys of both files",
         "AK-seer-in-7",
         "p",
         {},
         section("p", keys("AK-file")),
         section("profile p", sso + process)},
        {"a sign-in by session",
         "AK-seer-in-7",
         "p",
         {},
         section("p", keys("AK-file")),
         section("profile p", sso_session_user) + sso_session},
        {"a session that is not there",
         "",
         "p",
         {},
         section("p", keys("AK-file")),
         section("profile p", sso_session_user)},
        {"a session and a profile that disagree",
         "",
         "p",
         {},
         "",
         section("profile p", sso_session_user + "sso_region = us-east-1\n") + sso_session},
        {"a sign-in without its region",
         "",
         "p",
         {},
         section("p", keys("AK-file")),
         section("profile p", "sso_account_id = 7\nsso_role_name = x\nsso_start_url = y\n")},
        {"a session alone is no way to keys",
         "AK-file",
         "p",
         {},
         section("p", keys("AK-file")),
         section("profile p", "sso_session = line\n") + sso_session},
        {"the credentials file before a process",
         "AK-file",
         "p",
         {},
         section("p", keys("AK-file")),
         section("profile p", process)},
        {"a process before keys of the config file",
         "AK-process",
         "p",
         {},
         "",
         section("profile p", keys("AK-config") + process)},
        {"a process that stands in the credentials file",
         "AK-process",
         "p",
         {},
         section("p", process),
         section("profile p", keys("AK-config"))},
        {"a process that fails is not passed over",
         "",
         "p",
         {},
         "",
         section("profile p", keys("AK-config") + "credential_process = /bin/false\n")},
        {"keys of the config file before a container", "AK-config", "", container, "",
         section("default", keys("AK-config"))},
        {"a container before an instance", "AK-container", "", both(container, instance)},
        {"a container for a profile without keys", "AK-container", "p", both(env, container), "",
         section("profile p", "region = eu-west-1\n")},
        {"a container at another machine",
         "",
         "",
         {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://192.0.2.1/container"}}},
        {"an instance last of all", "AK-instance", "", instance},
        {"an instance that is not to be asked", "", "",
         both({{"AWS_EC2_METADATA_DISABLED", "TRUE"}}, instance)},
        {"old files before a container", "AK-boto", "",
         both(container, {{"BOTO_CONFIG", (home() / "boto").string()}})},
        {"the oldest file before the old ones",
         "AK-ec2",
         "",
         {{"BOTO_CONFIG", (home() / "boto").string()},
          {"AWS_CREDENTIAL_FILE", (home() / "ec2").string()}}},
        {"a role through a role",
         "AK-r-by-AK-middle-by-AK-k",
         "p",
         {},
         k,
         section("profile p", role("r", "source_profile = m")) +
             section("profile m", role("middle", "source_profile = k"))},
        {"a source with keys of its own uses them, not its role",
         "AK-r-by-AK-m",
         "p",
         {},
         section("m", keys("AK-m")),
         section("profile p", role("r", "source_profile = m")) +
             section("profile m", role("middle", "source_profile = p"))},
        {"a profile that is its own source",
         "AK-r-by-AK-p",
         "p",
         {},
         section("p", keys("AK-p")),
         section("profile p", role("r", "source_profile = p"))},
        {"its own source without keys",
         "",
         "p",
         {},
         "",
         section("profile p", role("r", "source_profile = p"))},
        {"a circle",
         "",
         "p",
         {},
         "",
         section("profile p", role("r", "source_profile = m")) +
             section("profile m", role("m", "source_profile = p"))},
        {"a source that is not there",
         "",
         "p",
         {},
         "",
         section("profile p", role("r", "source_profile = nobody"))},
        {"a role without a source",
         "",
         "p",
         {},
         section("p", keys("AK-p")),
         section("profile p", role("r", ""))},
        {"two sources", "", "p", env, k,
         section("profile p", of_k + "credential_source = Environment\n")},
        {"a role by the variables, though the profile is named", "AK-r-by-AK-env", "p", env, "",
         section("profile p", role("r", "credential_source = Environment"))},
        {"a role by no variables",
         "",
         "p",
         {},
         "",
         section("profile p", role("r", "credential_source = Environment"))},
        {"a role by the container", "AK-r-by-AK-container", "p", container, "",
         section("profile p", role("r", "credential_source = EcsContainer"))},
        {"a role by the instance", "AK-r-by-AK-instance", "p", instance, "",
         section("profile p", role("r", "credential_source = Ec2InstanceMetadata"))},
        {"a role by something unheard of", "", "p", env, "",
         section("profile p", role("r", "credential_source = environment"))},
        {"a role by a process",
         "AK-r-by-AK-process",
         "p",
         {},
         "",
         section("profile p", role("r", "source_profile = m")) + section("profile m", process)},
        {"a role by a sign-in",
         "AK-r-by-AK-seer-in-7",
         "p",
         {},
         "",
         section("profile p", role("r", "source_profile = m")) + section("profile m", sso)},
        {"a role by web identity",
         "AK-r-by-AK-middle-by-web-identity",
         "p",
         {},
         "",
         section("profile p", role("r", "source_profile = m")) +
             section("profile m", role("middle", web_token))},
        {"a role that may not be assumed",
         "",
         "p",
         {},
         k + section("p", keys("AK-p")),
         section("profile p", role("denied", "source_profile = k"))},
        {"a role that a role may not assume",
         "",
         "p",
         {},
         k,
         section("profile p", role("denied", "source_profile = m")) +
             section("profile m", role("middle", "source_profile = k"))},
        {"a web identity that is not accepted",
         "",
         "p",
         {},
         section("p", keys("AK-p")),
         section("profile p", role("denied", web_token))},
        {"a role in the credentials file", "AK-r-by-AK-k", "p", {}, k + section("p", of_k)},
        {"the two files' halves of a role",
         "AK-r-by-AK-k",
         "p",
         {},
         k + section("p", "source_profile = k\n"),
         section("profile p", role("r", "source_profile = nobody"))},
        {"an MFA code that nobody types",
         "",
         "p",
         {},
         k,
         section("profile p", of_k + "mfa_serial = arn:aws:iam::1:mfa/me\n")},
        {"a profile that is not there, with keys in the environment", "", "nobody", env},
    };
}

TEST_F(PrecedenceTest, the_same_access_key_wins_as_with_the_aws_cli) {
    write("web-token", "canary-web");
    write("boto", section("Credentials", keys("AK-boto")));
    write("ec2", "AWSAccessKeyId=AK-ec2\nAWSSecretKey = canary-secret\n");
    const auto all = situations();
    json asked = json::array();
    for (std::size_t i = 0; i < all.size(); ++i) {
        const std::string folder = fmt::format("case{}", i);
        write(folder + "/.aws/credentials", all[i].credentials);
        write(folder + "/.aws/config", all[i].config);
        for (const char* name : {"line", "https://x.example/start"}) {
            sign_in(name, "2099-01-01T00:00:00Z");
            std::filesystem::create_directories(home() / folder / ".aws/sso/cache");
            std::filesystem::copy_file(home() / sign_in_path(name),
                                       home() / folder / sign_in_path(name));
        }
        auto given = all[i].variables;
        given["AWS_DEFAULT_REGION"] = "eu-west-1";
        asked.push_back({{"what", "resolved"},
                         {"home", (home() / folder).string()},
                         {"profile", all[i].profile},
                         {"endpoint", played_.url()},
                         {"variables", given}});
    }
    const json answers = ask(asked);
    const json cli_answers = ask(asked, true);
    const auto usual = variables;
    for (std::size_t i = 0; i < all.size(); ++i) {
        SCOPED_TRACE(all[i].name);
        variables = usual;
        for (const auto& [name, value] : all[i].variables)
            variables[name] = value;
        CredentialEnvironment there = environment();
        there.home = home() / fmt::format("case{}", i);
        const auto search = [&]() -> Result<CredentialSource::Current> {
            IMPRINT_TRY(const auto source,
                        find_credential_source(there, all[i].profile, {}, services()));
            return source.get();
        };
        const auto ours = search();
        const json& theirs = answers.at(i);
        const json their_id = theirs.contains("error") ? json() : theirs["id"];
        EXPECT_EQ(their_id.is_string() ? their_id.get<std::string>() : "", all[i].wins) << theirs;
        const json& cli = cli_answers.at(i);
        const json cli_id = cli.contains("error") ? json() : cli["id"];
        EXPECT_EQ(cli_id, their_id) << cli;
        EXPECT_EQ(ours ? (*ours)->access_key_id : "", all[i].wins)
            << (ours ? "" : ours.error().describe());
        if (!ours) {
            EXPECT_THAT(ours.error().describe(), ::testing::Not(::testing::HasSubstr("canary")));
        } else if (their_id.is_string()) {
            EXPECT_EQ((*ours)->secret_access_key.reveal_text(),
                      theirs["secret"].get<std::string>());
            EXPECT_EQ((*ours)->session_token.reveal_text(), theirs["token"].get<std::string>());
        }
    }
    EXPECT_GE(all.size(), 40);
}

TEST_F(PrecedenceTest, command_lines_come_apart_as_with_python) {
    std::mt19937 random(20260714);
    constexpr std::string_view letters = "ab \t\n'\"\\\\$#x";
    std::vector<std::string> lines = {"",      "a b",       "'a b' c", "a\"b c\"d", "\"a\\\"b\"",
                                      "\"\\a", "a '' \"\"", "a\\ b",   "'",         "a\\"};
    for (int i = 0; i < 500; ++i) {
        std::string line(random() % 12, ' ');
        for (char& c : line)
            c = letters[random() % letters.size()];
        lines.push_back(std::move(line));
    }
    json asked = json::array();
    for (const auto& line : lines)
        asked.push_back({{"what", "split"}, {"line", line}});
    const json answers = ask(asked);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto parts = split_command_line(lines[i]);
        EXPECT_EQ(parts ? json(*parts) : json(), answers.at(i)) << lines[i];
    }
}

}  // namespace
}  // namespace imprint::aws
