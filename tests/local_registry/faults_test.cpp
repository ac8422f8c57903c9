#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "local_registry/faults/injector.h"
#include "local_registry/faults/plan.h"

namespace imprint::local_registry {
namespace {

using ::testing::HasSubstr;

class TestClock : public Clock {
  public:
    [[nodiscard]] Instant now() const override { return now_; }

    [[nodiscard]] WallTime wall() const override { return {}; }

    bool sleep(Milliseconds time, const std::stop_token&) override {
        now_ += time;
        return true;
    }

    Instant now_;
};

class InjectorTest : public testing::Test {
  protected:
    FaultInjector& injector(const std::string& plan) {
        auto parsed = parse_fault_plan(plan, "plan");
        EXPECT_TRUE(parsed) << parsed.error().describe();
        injector_.emplace(
            *parsed, clock_,
            FaultInjector::Handlers{.now =
                                        [this](const http::Request&) {
                                            ++carried_out_;
                                            return reply("now");
                                        },
                                    .behind = [](const http::Request&) { return reply("behind"); },
                                    .late = late(*parsed)});
        return *injector_;
    }

    FaultInjector::LateHandler late(const FaultPlan& plan) {
        if (!plan.lags()) return {};
        return [this](const http::Request&, Milliseconds lag) {
            lags_.push_back(lag.count());
            return reply("late");
        };
    }

    static http::Response reply(const std::string& body) {
        http::Response response;
        response.body = body;
        return response;
    }

    static http::Request create() { return {"POST", "/things/a", {}, {}}; }

    static http::Request describe() { return {"GET", "/things/a", {}, {}}; }

    TestClock clock_;
    int carried_out_ = 0;
    std::vector<std::int64_t> lags_;
    std::optional<FaultInjector> injector_;
};

TEST_F(InjectorTest, a_quota_is_a_bucket_for_each_operation) {
    FaultInjector& injector = this->injector("quota = 10");
    const auto allowed = [&](const http::Request& request, int calls) {
        int count = 0;
        for (int i = 0; i < calls; ++i)
            count += injector.handle(request).response.status == 200 ? 1 : 0;
        return count;
    };
    EXPECT_EQ(allowed(create(), 25), 10);
    EXPECT_EQ(allowed(describe(), 25), 10);
    clock_.now_ += Milliseconds(500);
    EXPECT_EQ(allowed(create(), 25), 5);
    const http::Response refused = injector.handle(create()).response;
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(refused.headers.front().second, "ThrottlingException");
    EXPECT_EQ(carried_out_, 15);
}

TEST_F(InjectorTest, rules_strike_the_calls_that_they_name) {
    FaultInjector& injector = this->injector(R"(
        [[fault]]
        operation = "CreateThing"
        what = "error"
        first = 2
        [[fault]]
        what = "lost"
        every = 3
        [[fault]]
        operation = "CreateThing"
        what = "delay"
        every = 5
        ms = 700
    )");
    std::vector<int> statuses;
    std::vector<bool> lost;
    std::vector<std::int64_t> waits;
    for (int i = 0; i < 6; ++i) {
        const http::Answer answer = injector.handle(create());
        statuses.push_back(answer.response.status);
        lost.push_back(!answer.delivery.head);
        EXPECT_EQ(answer.delivery.body_bytes, std::nullopt);
        waits.push_back(answer.delivery.delay.count());
    }
    EXPECT_THAT(statuses, testing::ElementsAre(500, 500, 200, 200, 200, 200));
    EXPECT_TRUE(lost[2]);
    EXPECT_FALSE(lost[3]);
    EXPECT_TRUE(lost[5]);
    EXPECT_EQ(carried_out_, 4);
    EXPECT_THAT(waits, testing::ElementsAre(0, 0, 0, 0, 700, 0));
    EXPECT_EQ(injector.handle(describe()).response.status, 200);
}

TEST_F(InjectorTest, a_cut_answer_gets_half_through) {
    FaultInjector& injector = this->injector("[[fault]]\nwhat = \"cut\"\nevery = 2");
    EXPECT_EQ(injector.handle(create()).delivery.body_bytes, std::nullopt);
    const http::Answer cut = injector.handle(create());
    EXPECT_TRUE(cut.delivery.head);
    EXPECT_EQ(cut.response.body, "now");
    EXPECT_EQ(cut.delivery.body_bytes, 1U);
    EXPECT_EQ(carried_out_, 2);
}

TEST_F(InjectorTest, chances_are_those_of_their_seed) {
    const auto strikes = [this](const std::string& seed) {
        FaultInjector& injector =
            this->injector("seed = " + seed + "\n[[fault]]\nwhat = \"throttle\"\nchance = 0.3");
        std::vector<bool> struck;
        for (int i = 0; i < 200; ++i)
            struck.push_back(injector.handle(create()).response.status != 200);
        return struck;
    };
    const auto one = strikes("7");
    EXPECT_EQ(one, strikes("7"));
    EXPECT_NE(one, strikes("8"));
    EXPECT_NEAR(static_cast<double>(std::ranges::count(one, true)), 60, 25);
}

TEST_F(InjectorTest, reads_are_behind_and_writes_are_not) {
    FaultInjector& injector = this->injector("stale = 500\nlatency = 20");
    EXPECT_EQ(injector.handle(describe()).response.body, "behind");
    EXPECT_EQ(injector.handle({"GET", "/jobs/one", {}, {}}).response.body, "now")
        << "whoever looks at jobs may change them";
    const http::Answer written = injector.handle(create());
    EXPECT_EQ(written.response.body, "now");
    EXPECT_EQ(written.delivery.delay, Milliseconds(20));
}

TEST_F(InjectorTest, lag_is_of_the_writes_that_it_names_and_all_writes_have_their_order) {
    FaultInjector& injector = this->injector(R"(
        [[fault]]
        operation = "CreateThing"
        what = "lag"
        ms = 3000
    )");
    EXPECT_EQ(injector.handle(create()).response.body, "late");
    EXPECT_EQ(injector.handle({"DELETE", "/things/a", {}, {}}).response.body, "late");
    EXPECT_EQ(injector.handle(describe()).response.body, "behind");
    EXPECT_THAT(lags_, testing::ElementsAre(3000, 0));
    EXPECT_EQ(injector.handle(create()).delivery.delay, Milliseconds(0))
        << "the answer does not wait";
}

TEST_F(InjectorTest, a_lag_is_drawn_from_its_range_by_the_seed) {
    const auto drawn = [this](const std::string& seed) {
        FaultInjector& injector =
            this->injector("seed = " + seed + "\n[[fault]]\nwhat = \"lag\"\nms = [100, 5000]");
        lags_.clear();
        for (int i = 0; i < 200; ++i)
            EXPECT_EQ(injector.handle(create()).response.status, 200);
        return lags_;
    };
    const auto one = drawn("7");
    EXPECT_EQ(one, drawn("7"));
    EXPECT_NE(one, drawn("8"));
    EXPECT_THAT(one, testing::Each(testing::AllOf(testing::Ge(100), testing::Le(5000))));
    EXPECT_LT(*std::ranges::min_element(one), 1000);
    EXPECT_GT(*std::ranges::max_element(one), 4000);
}

TEST(FaultPlan, says_what_is_wrong_with_it_and_where) {
    const auto why = [](const char* text) {
        const auto plan = parse_fault_plan(text, "faults.toml");
        EXPECT_FALSE(plan) << text;
        return plan ? std::string() : plan.error().message;
    };
    EXPECT_THAT(why("quota = -1"), HasSubstr("faults.toml line 1: quota has to be a number"));
    EXPECT_THAT(why("latency = \"x\""), HasSubstr("latency has to be a number"));
    EXPECT_THAT(why("\nspeed = 1"), HasSubstr("line 2: there is no key \"speed\""));
    EXPECT_THAT(why("fault = 1"), HasSubstr("write [[fault]]"));
    EXPECT_THAT(why("[[fault]]\nwhat = \"x\"\nfirst = 1"), HasSubstr("throttle, error, lost"));
    EXPECT_THAT(why("[[fault]]\nwhat = \"error\""), HasSubstr("one of first, every and chance"));
    EXPECT_THAT(why("[[fault]]\nwhat = \"error\"\nfirst = 1\nevery = 2"), HasSubstr("say one of"));
    EXPECT_THAT(why("[[fault]]\noperation = \"Creat\"\nwhat = \"error\"\nfirst = 1"),
                HasSubstr("\"Creat\" is no operation"));
    for (const char* ms : {"[1]", "[2, 1]", "[0, 60001]", "[\"a\", 2]", "[1, 2, 3]"})
        EXPECT_THAT(why((std::string("[[fault]]\nwhat = \"lag\"\nms = ") + ms).c_str()),
                    HasSubstr("line 3: ms has to be"))
            << ms;
    EXPECT_THAT(why("= 1"), HasSubstr("faults.toml line 1"));
    std::string deep = "\na";
    for (int i = 0; i < 200'000; ++i)
        deep += ".a";
    EXPECT_THAT(why((deep + " = 1").c_str()), HasSubstr("line 2: a key of too many parts"));
}

}  // namespace
}  // namespace imprint::local_registry
