// The same cases to botocore, which is under the AWS CLI and boto3: equal signatures for random
// requests, and the same credentials and region for the same files and environment.
#include <fmt/format.h>
#include <random>

#include <nlohmann/json.hpp>

#include "aws/endpoint.h"
#include "aws/signature.h"
#include "aws/support.h"
#include "base/process.h"
#include "http/url.h"

namespace imprint::aws {
namespace {

using nlohmann::json;

class BotocoreTest : public testing::HomeTest {
  protected:
    json ask(const json& cases) {
        write("cases.json", cases.dump());
        const auto done =
            run_command({.arguments = {"/usr/bin/python3", "-B",
                                       IMPRINT_SOURCE_DIR "/tests/aws/botocore_answers.py",
                                       (home() / "cases.json").string()},
                         .directory = home(),
                         .environment = {}});
        EXPECT_TRUE(done) << done.error().describe();
        json answers = done ? json::parse(done->text, nullptr, false) : json();
        EXPECT_EQ(answers.size(), cases.size()) << (done ? done->text : "");
        return answers;
    }
};

std::string random_text(std::mt19937& random, std::string_view alphabet, std::size_t longest) {
    std::string text(random() % (longest + 1), ' ');
    for (char& c : text)
        c = alphabet[random() % alphabet.size()];
    return text;
}

TEST_F(BotocoreTest, signs_random_requests_alike) {
    constexpr std::string_view letters = "abcXYZ019-._~";
    constexpr std::string_view any = "abcXYZ019-._~ /:@+&=%$!*'()\"{}[]|<>äß€";
    std::mt19937 random(20260714);
    std::vector<http::ClientRequest> requests;
    json cases = json::array();
    for (int i = 0; i < 200; ++i) {
        const auto pick = [&random](auto... choices) {
            return std::array{std::string(choices)...}[random() % sizeof...(choices)];
        };
        http::ClientRequest request;
        request.method = pick("GET", "POST", "PUT", "PATCH", "DELETE");
        request.url = "https://" + pick("iot.eu-west-1.amazonaws.com", "127.0.0.1:8443",
                                        "iot.eu-west-1.amazonaws.com:443");
        for (unsigned n = random() % 4; n > 0; --n)
            request.url += "/" + http::percent_encode(random_text(random, any, 12));
        char mark = '?';
        for (unsigned n = random() % 4; n > 0; --n) {
            request.url += fmt::format("{}{}={}", mark,
                                       http::percent_encode("k" + random_text(random, letters, 5)),
                                       http::percent_encode(random_text(random, any, 9)));
            mark = '&';
        }
        if (random() % 2 == 0)
            request.headers.emplace_back("x-amzn-principal", "arn:aws:iot:eu-west-1:1:cert/" +
                                                                 random_text(random, letters, 20));
        if (random() % 3 == 0)
            request.headers.emplace_back("x-spaced", "a " + random_text(random, "a ", 9) + "b");
        if (request.method != "GET" && random() % 2 == 0) {
            request.headers.emplace_back("content-type", "application/json");
            request.body = json{{"text", random_text(random, letters, 60)}}.dump();
        }
        const std::string token = random() % 2 == 0 ? "" : random_text(random, letters, 30);
        cases.push_back({{"what", "signature"},
                         {"method", request.method},
                         {"url", request.url},
                         {"headers", request.headers},
                         {"body", request.body},
                         {"id", "AKIDEXAMPLE"},
                         {"secret", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"},
                         {"token", token},
                         {"region", "eu-west-1"}});
        Credentials credentials = testing::some_credentials();
        credentials.session_token = Secret(std::string_view(token));
        sign(request, credentials, {"eu-west-1", "iot"}, testing::JumpingClock().wall());
        requests.push_back(std::move(request));
    }
    const json answers = ask(cases);
    for (std::size_t i = 0; i < requests.size(); ++i)
        EXPECT_EQ(requests[i].headers.back().second, answers.at(i).get<std::string>())
            << cases[i].dump(1);
}

struct Case {
    std::string profile;
    std::map<std::string, std::string> variables;
    std::string credentials;
    std::string config;
};

std::string section(const std::string& name, const std::string& rest) {
    return "[" + name + "]\n" + rest;
}

std::string keys(const std::string& name) {
    return fmt::format("aws_access_key_id = AK{0}\naws_secret_access_key = SK{0}\n", name);
}

// Every mixture of: a profile asked for, the two variables for one, keys and token in the
// environment, and what stands in the two files.
std::vector<Case> mixtures() {
    std::vector<Case> cases;
    for (unsigned bits = 0; bits < 256; ++bits) {
        const auto has = [bits](unsigned bit) { return (bits >> bit & 1U) != 0; };
        Case one;
        if (has(0)) one.profile = "p";
        if (has(1)) one.variables["AWS_PROFILE"] = "p";
        if (has(2)) one.variables["AWS_DEFAULT_PROFILE"] = "q";
        if (has(3)) {
            one.variables["AWS_ACCESS_KEY_ID"] = "AKenv";
            one.variables["AWS_SECRET_ACCESS_KEY"] = "SKenv";
            one.variables["AWS_SESSION_TOKEN"] = has(4) ? "token" : "";
            one.variables["AWS_DEFAULT_REGION"] = "us-west-1";
        }
        if (has(4)) one.credentials += section("default", keys("default"));
        if (has(5)) one.credentials += section("p", keys("p") + "aws_session_token = tp\n");
        if (has(6))
            one.config += section("profile p", keys("cp") + "region = eu-west-2\n") +
                          section("default", "region = eu-west-3\n");
        if (has(7))
            one.config += section("profile q", keys("cq") + "region=eu-north-1\noutput = json\n") +
                          section("profile other", "s3 =\n  max_queue_size = 10\n");
        cases.push_back(std::move(one));
    }
    return cases;
}

TEST_F(BotocoreTest, finds_the_same_credentials_and_region) {
    const auto cases = mixtures();
    json asked = json::array();
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const std::string folder = fmt::format("case{}", i);
        write(folder + "/.aws/credentials", cases[i].credentials);
        write(folder + "/.aws/config", cases[i].config);
        asked.push_back({{"what", "resolved"},
                         {"home", (home() / folder).string()},
                         {"profile", cases[i].profile},
                         {"variables", cases[i].variables}});
    }
    const json answers = ask(asked);
    int with_credentials = 0;
    for (std::size_t i = 0; i < cases.size(); ++i) {
        variables = cases[i].variables;
        CredentialEnvironment there = environment();
        there.home = home() / fmt::format("case{}", i);
        const auto credentials = search(there, cases[i].profile);
        const auto region = find_region(there, cases[i].profile);
        const json& theirs = answers.at(i);
        if (theirs.contains("error")) {
            EXPECT_FALSE(credentials) << asked[i].dump(1) << theirs;
            continue;
        }
        EXPECT_EQ(credentials ? json(credentials->access_key_id) : json(), theirs["id"])
            << asked[i].dump(1);
        if (credentials && theirs["id"].is_string()) {
            ++with_credentials;
            EXPECT_EQ(credentials->secret_access_key.reveal_text(),
                      theirs["secret"].get<std::string>());
            EXPECT_EQ(credentials->session_token.reveal_text(), theirs["token"].get<std::string>());
        }
        EXPECT_EQ(region.value_or(""), theirs["region"].get<std::string>()) << asked[i].dump(1);
    }
    EXPECT_GT(with_credentials, 100);
}

// Debian's botocore is older than three of the partitions, and takes their regions for "aws".
TEST_F(BotocoreTest, finds_the_same_addresses) {
    const std::array services{std::pair{"iot", &iot_service}, std::pair{"sts", &sts_service},
                              std::pair{"iot-data", &iot_data_service}};
    std::vector<std::string> ours;
    json asked = json::array();
    for (const char* region : {"us-east-1", "eu-west-1", "cn-north-1", "us-gov-west-1",
                               "us-gov-east-1", "us-iso-east-1", "us-isob-east-1", "xx-new-9"}) {
        for (unsigned i = 0; i < 4 * services.size(); ++i) {
            const auto& [name, service] = services[i / 4];
            variables = {{"AWS_USE_FIPS_ENDPOINT", (i & 1U) != 0 ? "true" : "false"},
                         {"AWS_USE_DUALSTACK_ENDPOINT", (i & 2U) != 0 ? "true" : "false"}};
            asked.push_back({{"what", "endpoint"},
                             {"service", name},
                             {"region", region},
                             {"home", home().string()},
                             {"variables", variables}});
            const auto files = read_profile(environment(), "");
            ASSERT_TRUE(files);
            ours.push_back(service_endpoint(environment(), *files, *service, region).value());
        }
    }
    const json answers = ask(asked);
    int compared = 0;
    for (std::size_t i = 0; i < ours.size(); ++i) {
        if (answers.at(i).is_null()) continue;
        ++compared;
        EXPECT_EQ(ours[i], answers[i].get<std::string>()) << asked[i].dump();
    }
    EXPECT_GE(compared, 50) << answers.dump();
}

// What a person's editor and habits make of the files.
TEST_F(BotocoreTest, reads_the_same_forms_of_a_credentials_file) {
    const std::string id = "aws_access_key_id";
    const std::string secret = "aws_secret_access_key";
    const std::vector<std::string> files = {
        "[default]\n    " + id + " = AK\n    " + secret + " = SK\n",
        "[default]\n\t" + id + " = AK\n\t" + secret + " = SK\n",
        "[default]\n  " + id + " = AK\n" + secret + " = SK\n",
        "[default]\n" + id + " = AK\n  " + secret + " = SK\n",
        "[default]\n" + id + ": AK\n" + secret + ": SK=:\n",
        "[default]\n" + id + "=AK\r\n" + secret + "=SK\r\n",
        "[default]\r" + id + "=AK\r" + secret + "=SK\r",
        "[default]\n" + id + "   = AK   \n" + secret + " =   SK\n",
        "[default]\n" + id + "=AK\n# a comment\n\n  ; another\n" + secret + "=SK\n",
        "[default]\nregion =\n  x = 1\n" + id + "=AK\n" + secret + "=SK\n",
        "[default]\n" + id + "=AK\n" + secret + "=SK\n[default]\nregion=x\n",
        "[default]\n" + id + "=AK\n" + id + "=AK\n" + secret + "=SK\n",
        "\xEF\xBB\xBF[default]\n" + id + "=AK\n" + secret + "=SK\n",
        "[default]\n" + id + "=AK\nnonsense\n" + secret + "=SK\n",
    };
    json asked = json::array();
    for (std::size_t i = 0; i < files.size(); ++i) {
        write(fmt::format("file{}/.aws/credentials", i), files[i]);
        asked.push_back({{"what", "resolved"},
                         {"home", (home() / fmt::format("file{}", i)).string()},
                         {"profile", ""},
                         {"variables", json::object()}});
    }
    const json answers = ask(asked);
    for (std::size_t i = 0; i < files.size(); ++i) {
        CredentialEnvironment there = environment();
        there.home = home() / fmt::format("file{}", i);
        const auto credentials = search(there, "");
        const json& theirs = answers.at(i);
        if (!theirs.contains("id") || theirs["id"].is_null()) {
            EXPECT_FALSE(credentials) << files[i] << theirs;
        } else if (credentials) {
            EXPECT_EQ(credentials->access_key_id, theirs["id"]) << files[i];
            EXPECT_EQ(credentials->secret_access_key.reveal_text(),
                      theirs["secret"].get<std::string>())
                << files[i];
        } else {
            ADD_FAILURE() << files[i] << theirs << credentials.error().describe();
        }
    }
}

}  // namespace
}  // namespace imprint::aws
