// Credentials that end while a run goes on.
#include "aws/credential_source.h"

#include <atomic>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <latch>
#include <thread>

#include "aws/credential_services.h"
#include "aws/http_clients.h"
#include "aws/local_registry_test.h"
#include "base/error_code.h"
#include "local_registry/session_key.h"

namespace imprint::aws {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::ScriptedReply;
using testing::ScriptedServer;
using testing::SeenRequest;

class CredentialSourceTest : public ::testing::Test {
  protected:
    // The id counts up: AK0 is the first one.
    Credentials made(Milliseconds life) {
        Credentials credentials;
        credentials.access_key_id = fmt::format("AK{}", count_++);
        credentials.secret_access_key = Secret(std::string_view("canary-secret"));
        credentials.session_token = Secret(std::string_view("canary-session"));
        credentials.expires = clock_->wall() + life;
        credentials.source = "a test";
        return credentials;
    }

    CredentialSource source(Milliseconds life) {
        return {made(life),
                [this]() -> Result<Credentials> {
                    ++fetches_;
                    if (trouble_) return std::unexpected(*trouble_);
                    return made(next_life_);
                },
                clock_,
                Log([this](LogLevel, std::string_view line) { logged_.emplace_back(line); })};
    }

    static std::string id(const CredentialSource& source) {
        const auto current = source.get();
        return current ? (*current)->access_key_id : current.error().code;
    }

    static constexpr std::chrono::hours hour{1};
    std::shared_ptr<testing::JumpingClock> clock_ = std::make_shared<testing::JumpingClock>();
    int count_ = 0;
    std::atomic<int> fetches_ = 0;
    Milliseconds next_life_ = hour;
    std::optional<Error> trouble_;
    std::vector<std::string> logged_;
};

TEST_F(CredentialSourceTest, fixed_ones_stay) {
    const CredentialSource fixed = made(Milliseconds(1));
    clock_->pass(hour);
    EXPECT_EQ(id(fixed), "AK0");
    const auto current = fixed.get().value();
    EXPECT_EQ(fixed.renew(current).value(), current);
}

TEST_F(CredentialSourceTest, are_renewed_five_minutes_before_their_end_and_copies_see_it) {
    const CredentialSource one = source(hour);
    const CredentialSource other = one;
    const auto held = one.get().value();
    clock_->pass(std::chrono::minutes(54));
    EXPECT_EQ(id(one), "AK0");
    clock_->pass(std::chrono::minutes(1));
    EXPECT_EQ(id(one), "AK1");
    EXPECT_EQ(id(other), "AK1");
    EXPECT_EQ(fetches_, 1);
    EXPECT_EQ(held->access_key_id, "AK0") << "what is in use stays as it was";
    for (const auto& line : logged_)
        EXPECT_THAT(line, Not(HasSubstr("canary")));
}

TEST_F(CredentialSourceTest, a_failed_renewal_is_logged_while_the_old_ones_are_good_then_an_error) {
    const CredentialSource one = source(hour);
    trouble_ = Error{ErrorKind::registry, "sts_away", "STS is away", "", {}};
    clock_->pass(std::chrono::minutes(56));
    EXPECT_EQ(id(one), "AK0");
    EXPECT_EQ(id(one), "AK0");
    EXPECT_EQ(fetches_, 1) << "not again at each signing";
    EXPECT_THAT(logged_, Contains(HasSubstr("STS is away")));
    clock_->pass(std::chrono::minutes(2));
    EXPECT_EQ(id(one), "AK0");
    EXPECT_EQ(fetches_, 2);
    clock_->pass(std::chrono::minutes(2));
    const auto ended = one.get();
    ASSERT_FALSE(ended);
    EXPECT_EQ(code_of(ended), "sts_away");
    EXPECT_THAT(ended.error().describe(), HasSubstr("expired at 2026-07-14T01:00:00"));
    trouble_.reset();
    EXPECT_EQ(id(one), "AK1");
}

TEST_F(CredentialSourceTest, stale_ones_do_not_take_the_place_of_good_ones) {
    const CredentialSource one = source(hour);
    next_life_ = Milliseconds(0);
    clock_->pass(std::chrono::minutes(57));
    EXPECT_EQ(id(one), "AK0");
    clock_->pass(std::chrono::minutes(4));
    EXPECT_EQ(id(one), "credentials_expired");
}

TEST_F(CredentialSourceTest, one_thread_renews_for_all) {
    const CredentialSource one = source(hour);
    clock_->pass(hour);  // nobody may sign with the old ones
    std::vector<std::string> ids(8);
    std::latch together(static_cast<std::ptrdiff_t>(ids.size()));
    {
        std::vector<std::jthread> threads;
        for (auto& got : ids)
            threads.emplace_back([&] {
                together.arrive_and_wait();
                got = id(one);
            });
    }
    EXPECT_THAT(ids, ::testing::Each("AK1"));
    EXPECT_EQ(fetches_, 1);
}

TEST_F(CredentialSourceTest, nobody_waits_for_a_renewal_while_the_old_ones_are_good) {
    std::latch fetching(1);
    std::latch go_on(1);
    const CredentialSource one(
        made(hour),
        [&]() -> Result<Credentials> {
            fetching.count_down();
            go_on.wait();
            return made(hour);
        },
        clock_);
    clock_->pass(std::chrono::minutes(56));
    std::string renewed;
    {
        const std::jthread slow([&] { renewed = id(one); });
        fetching.wait();
        EXPECT_EQ(id(one), "AK0");
        go_on.count_down();
    }
    EXPECT_EQ(renewed, "AK1");
    EXPECT_EQ(id(one), "AK1");
}

TEST_F(CredentialSourceTest, what_the_service_refuses_is_fetched_again_once_for_all_who_held_it) {
    const CredentialSource one = source(hour);
    const auto refused = one.get().value();
    const auto others = one.renew(refused).value();
    EXPECT_EQ(others->access_key_id, "AK1");
    EXPECT_EQ(one.renew(refused).value(), others);
    EXPECT_EQ(fetches_, 1);
}

// The registry's side: takes AK1 and refuses AK0.
class ExpiredTokenTest : public CredentialSourceTest {
  protected:
    IotClient client(const CredentialSource& source) {
        IotClientOptions options;
        options.endpoint_url = server_.url();
        options.region = "eu-west-1";
        return {std::shared_ptr<http::Client>(make_registry_client()), source, options, *clock_};
    }

    ScriptedServer server_{[](const SeenRequest& request) -> ScriptedReply {
        if (request.headers.at("authorization").find("AK0/") != std::string::npos)
            return {403,
                    R"({"message":"The security token canary-session is expired"})",
                    {{"x-amzn-ErrorType", "ExpiredTokenException"}}};
        return {200, R"({"endpointAddress":"host"})"};
    }};
};

TEST_F(ExpiredTokenTest, an_expired_token_is_renewed_and_the_call_made_again) {
    IotClient iot = client(source(hour));
    EXPECT_EQ(iot.describe_endpoint().value(), "host");
    EXPECT_EQ(iot.describe_endpoint().value(), "host");
    EXPECT_EQ(fetches_, 1);
    EXPECT_EQ(server_.seen().size(), 3);
}

TEST_F(ExpiredTokenTest, without_others_the_first_answer_stands) {
    count_ = 0;
    IotClient fixed = client(made(hour));
    EXPECT_EQ(code_of(fixed.describe_endpoint()), "ExpiredTokenException");
    EXPECT_EQ(server_.seen().size(), 1);
    count_ = 0;
    const CredentialSource same(
        made(hour),
        [this]() -> Result<Credentials> {
            count_ = 0;
            return made(hour);
        },
        clock_);
    EXPECT_EQ(code_of(client(same).describe_endpoint()), "ExpiredTokenException");
    EXPECT_EQ(server_.seen().size(), 2);
    count_ = 0;
    trouble_ =
        Error{ErrorKind::registry, "sso_login_needed", "signed out", "run: aws sso login", {}};
    const auto refused = client(source(hour)).describe_endpoint();
    EXPECT_EQ(code_of(refused), "sso_login_needed");
    EXPECT_THAT(refused.error().describe(), Not(HasSubstr("canary")));
}

TEST_F(ExpiredTokenTest, a_call_waits_out_a_token_service_that_is_away_for_a_moment) {
    count_ = 1;
    int calls = 0;
    const CredentialSource one(
        made(Milliseconds(0)),
        [&]() -> Result<Credentials> {
            if (++calls < 3)
                return fail(ErrorKind::registry, "registry_reply_lost", "STS went silent");
            return made(hour);
        },
        clock_);
    EXPECT_EQ(code_of(client(one).create_keys_and_certificate()), "registry_answer_damaged")
        << "sent, though it may be sent only once: nothing had gone out before";
    EXPECT_EQ(calls, 3);
    EXPECT_EQ(server_.seen().size(), 1);
}

class SessionTest : public testing::LocalRegistryTest {
  protected:
    // As `imprint registry key` made them so long ago.
    Result<Credentials> made(std::chrono::seconds ago) {
        IMPRINT_TRY(const auto key,
                    local_registry::make_session_key(state(), std::chrono::seconds(900), {},
                                                     clock_.wall() - ago));
        Credentials credentials;
        credentials.access_key_id = key.id;
        credentials.secret_access_key = key.secret.copy();
        credentials.session_token = key.session_token.copy();
        credentials.source = "a test";
        return credentials;
    }
};

TEST_F(SessionTest, a_run_goes_on_when_the_registry_calls_its_session_expired) {
    IotClientOptions options;
    options.endpoint_url = service_->endpoint_url();
    options.region = "eu-west-1";
    const auto http = std::shared_ptr<http::Client>(make_registry_client());
    IotClient ended(http, made(std::chrono::hours(1)).value(), options, clock_);
    EXPECT_EQ(code_of(ended.create_thing("board", "", {})), "ExpiredTokenException");
    IotClient renewed(
        http,
        {made(std::chrono::hours(1)).value(), [this] { return made(std::chrono::seconds(0)); },
         std::make_shared<SystemClock>()},
        options, clock_);
    EXPECT_TRUE(renewed.create_thing("board", "", {}));
    EXPECT_TRUE(renewed.describe_thing("board"));
}

class FoundSourceTest : public testing::ProvidersTest {};

TEST_F(FoundSourceTest, is_searched_again_when_it_ends_and_stays_with_its_source) {
    played_.expires = "2026-07-14T01:00:00Z";
    write(".aws/config",
          "[profile p]\nrole_arn = a/r\nsource_profile = k\n[profile k]\n" + keys("AK-k"));
    const auto source = find_credential_source(environment(), "p", {}, services());
    ASSERT_TRUE(source) << source.error().describe();
    EXPECT_EQ(source->get().value()->access_key_id, "AK-r-by-AK-k");
    EXPECT_EQ(played_.seen().size(), 1);
    clock_->pass(std::chrono::minutes(56));
    EXPECT_EQ(source->get().value()->access_key_id, "AK-r-by-AK-k");
    EXPECT_EQ(played_.seen().size(), 2);
    // In the middle of the run somebody gives the profile keys of another account.
    write(".aws/config", "[profile p]\n" + keys("AK-other"));
    clock_->pass(std::chrono::minutes(2));
    EXPECT_EQ(source->get().value()->access_key_id, "AK-r-by-AK-k");
    clock_->pass(std::chrono::minutes(3));
    const auto changed = source->get();
    ASSERT_FALSE(changed);
    EXPECT_EQ(code_of(changed), "credentials_changed");
    for (const auto& line : logged_)
        EXPECT_THAT(line, Not(HasSubstr("canary")));
}

}  // namespace
}  // namespace imprint::aws
