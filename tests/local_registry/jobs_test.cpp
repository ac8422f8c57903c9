// Jobs: by their control plane, by the devices' topics and by the devices' data plane, and what
// each device is told of its queue.
#include <gmock/gmock.h>

#include "local_registry/operations/device_questions.h"
#include "local_registry/registry_fixture.h"

namespace imprint::local_registry {
namespace {

class JobsTest : public RegistryTest {
  protected:
    void SetUp() override {
        for (const char* thing : {"a", "b"})
            ok("POST", std::string("/things/") + thing);
    }

    static std::string thing_arn(const std::string& thing) {
        return "arn:aws:iot:eu-west-1:000000000000:thing/" + thing;
    }

    void job(const std::string& id, const std::vector<std::string>& things = {"a"},
             const json& more = json::object()) {
        json body{{"targets", json::array()}, {"document", R"({"do":"it"})"}};
        for (const auto& thing : things)
            body["targets"].push_back(thing_arn(thing));
        body.update(more);
        ok("PUT", "/jobs/" + id, body);
        clock_.advance(std::chrono::seconds(1));
    }

    // The topic behind "$aws/things/" of the only answer, and its payload.
    std::pair<std::string, json> asked(const std::string& topic, const json& payload = nullptr) {
        const std::string whole = "$aws/things/" + topic;
        operations::answer_device(context(), whole, payload.is_null() ? "" : payload.dump());
        std::pair<std::string, json> answer;
        notices_.clear();
        for (const auto& one : published()) {
            const std::string short_topic = one.topic.substr(12);
            if (one.topic.starts_with(whole))
                answer = {short_topic, json::parse(one.payload)};
            else
                notices_.emplace_back(short_topic, json::parse(one.payload));
        }
        return answer;
    }

    json accepted(const std::string& topic, const json& payload = nullptr) {
        const auto [answer, body] = asked(topic, payload);
        EXPECT_EQ(answer, topic + "/accepted") << body;
        return body;
    }

    std::string rejected(const std::string& topic, const json& payload = nullptr) {
        const auto [answer, body] = asked(topic, payload);
        EXPECT_EQ(answer, topic + "/rejected") << body;
        return body.value("code", "");
    }

    // "<topic>: <ids in progress> | <ids queued>", or the next one's id.
    std::vector<std::string> told() {
        for (const auto& one : published())
            notices_.emplace_back(one.topic.substr(12), json::parse(one.payload));
        std::vector<std::string> lines;
        for (const auto& [topic, body] : notices_) {
            std::string line = topic + ":";
            if (topic.ends_with("next")) {
                line += " " + (body.contains("execution")
                                   ? body["execution"]["jobId"].get<std::string>()
                                   : "none");
            } else {
                for (const char* status : {"IN_PROGRESS", "QUEUED"})
                    for (const auto& one : body["jobs"].value(status, json::array()))
                        line += fmt::format(" {}{}", one["jobId"].get<std::string>(),
                                            *status == 'I' ? "*" : "");
            }
            lines.push_back(line);
        }
        notices_.clear();
        return lines;
    }

    std::string status_of(const std::string& id, const std::string& thing = "a") {
        return ok("GET", "/things/" + thing + "/jobs/" + id)["execution"]["status"];
    }

    std::vector<std::pair<std::string, json>> notices_;
};

TEST_F(JobsTest, a_device_is_told_starts_and_finishes) {
    job("one", {"a", "b"});
    EXPECT_THAT(told(), testing::ElementsAre("a/jobs/notify: one", "a/jobs/notify-next: one",
                                             "b/jobs/notify: one", "b/jobs/notify-next: one"));
    const json started =
        accepted("a/jobs/start-next", {{"clientToken", "t"}, {"statusDetails", {{"step", "1"}}}});
    EXPECT_EQ(started["clientToken"], "t");
    EXPECT_EQ(started["timestamp"], context().now() / 1000);
    const json& execution = started["execution"];
    EXPECT_EQ(execution["jobId"], "one");
    EXPECT_EQ(execution["thingName"], "a");
    EXPECT_EQ(execution["status"], "IN_PROGRESS");
    EXPECT_EQ(execution["jobDocument"], json({{"do", "it"}}));
    EXPECT_EQ(execution["versionNumber"], 2);
    EXPECT_EQ(execution["statusDetails"], json({{"step", "1"}}));
    EXPECT_EQ(execution["startedAt"], context().now() / 1000);
    EXPECT_THAT(told(), testing::ElementsAre("a/jobs/notify: one*"));
    const json done = accepted("a/jobs/one/update", {{"status", "SUCCEEDED"},
                                                     {"expectedVersion", 2},
                                                     {"includeJobExecutionState", true},
                                                     {"includeJobDocument", true}});
    EXPECT_EQ(done["executionState"], json::parse(R"({"status":"SUCCEEDED",
        "statusDetails":{"step":"1"},"versionNumber":3})"));
    EXPECT_EQ(done["jobDocument"], json({{"do", "it"}}));
    EXPECT_THAT(told(), testing::ElementsAre("a/jobs/notify:", "a/jobs/notify-next: none"));
    EXPECT_FALSE(accepted("a/jobs/start-next").contains("execution"));
    const json before = ok("GET", "/jobs/one")["job"];
    EXPECT_EQ(before["status"], "IN_PROGRESS");
    EXPECT_EQ(before["jobProcessDetails"]["numberOfSucceededThings"], 1);
    EXPECT_EQ(before["jobProcessDetails"]["numberOfQueuedThings"], 1);
    accepted("b/jobs/one/update", {{"status", "FAILED"}});
    const json after = ok("GET", "/jobs/one")["job"];
    EXPECT_EQ(after["status"], "COMPLETED");
    EXPECT_TRUE(after.contains("completedAt"));
}

TEST_F(JobsTest, those_in_progress_come_first_and_the_rest_in_the_order_of_their_making) {
    for (const char* id : {"one", "two", "three"})
        job(id);
    told();
    EXPECT_EQ(accepted("a/jobs/$next/get")["execution"]["jobId"], "one");
    accepted("a/jobs/two/update", {{"status", "IN_PROGRESS"}});
    EXPECT_THAT(told(),
                testing::ElementsAre("a/jobs/notify: two* one three", "a/jobs/notify-next: two"));
    const json pending = accepted("a/jobs/get", {{"clientToken", "t"}});
    EXPECT_EQ(pending["inProgressJobs"][0]["jobId"], "two");
    EXPECT_EQ(pending["queuedJobs"].size(), 2U);
    EXPECT_EQ(pending["clientToken"], "t");
    EXPECT_EQ(accepted("a/jobs/start-next")["execution"]["jobId"], "two");
    EXPECT_THAT(told(), testing::IsEmpty()) << "it goes on with what it has begun";
    const json without = accepted("a/jobs/three/get", {{"includeJobDocument", false}})["execution"];
    EXPECT_EQ(without["status"], "QUEUED");
    EXPECT_FALSE(without.contains("jobDocument"));
}

TEST_F(JobsTest, an_expected_version_may_be_a_text_as_aws_own_library_sends_it) {
    job("one");
    operations::answer_device(context(), "$aws/things/a/jobs/one/update",
                              R"({"status":"SUCCEEDED","expectedVersion":"1"})");
    EXPECT_EQ(status_of("one"), "SUCCEEDED");
}

TEST_F(JobsTest, what_cannot_be_is_rejected_by_the_services_words) {
    job("one");
    accepted("a/jobs/one/update", {{"status", "IN_PROGRESS"}});
    EXPECT_EQ(rejected("a/jobs/none/get"), "ResourceNotFound");
    EXPECT_EQ(rejected("a/jobs/none/update", {{"status", "FAILED"}}), "ResourceNotFound");
    EXPECT_EQ(rejected("b/jobs/one/get"), "ResourceNotFound") << "another's";
    EXPECT_EQ(rejected("nobody/jobs/get"), "ResourceNotFound");
    EXPECT_EQ(rejected("a/jobs/one/update", json::object()), "InvalidRequest");
    for (const char* status : {"QUEUED", "CANCELED", "TIMED_OUT", "DONE"})
        EXPECT_EQ(rejected("a/jobs/one/update", {{"status", status}}), "InvalidRequest") << status;
    for (const json& odd :
         {json{{"expectedVersion", "2x"}}, json{{"expectedVersion", ""}},
          json{{"expectedVersion", "-2"}}, json{{"expectedVersion", "99999999999999999999"}},
          json{{"expectedVersion", 1.5}}, json{{"executionNumber", "1"}},
          json{{"statusDetails", {{"a b", "x"}}}}, json{{"statusDetails", {{"a", 1}}}},
          json{{"statusDetails", {{"a", ""}}}},
          json{{"statusDetails", {{"a", std::string(1025, 'x')}}}}, json{{"statusDetails", "x"}},
          json{{"stepTimeoutInMinutes", 0}}, json{{"stepTimeoutInMinutes", 10'081}},
          json{{"includeJobDocument", 1}}, json{{"clientToken", 1}},
          json{{"clientToken", std::string(65, 't')}}}) {
        json request{{"status", "SUCCEEDED"}};
        request.update(odd);
        EXPECT_EQ(rejected("a/jobs/one/update", request), "InvalidRequest") << odd;
    }
    operations::answer_device(context(), "$aws/things/a/jobs/get", "no JSON");
    EXPECT_EQ(json::parse(published().at(0).payload)["code"], "InvalidJson");
    const auto [topic, body] =
        asked("a/jobs/one/update", {{"status", "SUCCEEDED"}, {"expectedVersion", 7}});
    EXPECT_EQ(body["code"], "VersionMismatch");
    EXPECT_EQ(body["executionState"]["versionNumber"], 2);
    EXPECT_EQ(rejected("a/jobs/one/update", {{"status", "SUCCEEDED"}, {"expectedVersion", "7"}}),
              "VersionMismatch");
    EXPECT_EQ(status_of("one"), "IN_PROGRESS") << "none of it changed anything";
    accepted("a/jobs/one/update", {{"status", "REJECTED"}});
    EXPECT_EQ(rejected("a/jobs/one/update", {{"status", "IN_PROGRESS"}}), "InvalidStateTransition");
    EXPECT_EQ(rejected("a/jobs/one/get"), "TerminalStateReached");
    for (const char* other : {"$aws/things/a/jobs/notify", "$aws/things/a/jobs/get/accepted",
                              "$aws/things/a/jobs/one/get/rejected", "$aws/things/a/jobs//get",
                              "$aws/things/a/jobs/one/start-next", "$aws/things/a/jobs"})
        operations::answer_device(context(), other, "{}");
    EXPECT_THAT(published(), testing::IsEmpty()) << "no questions";
}

TEST_F(JobsTest, an_execution_whose_time_is_over_is_timed_out) {
    job("slow", {"a"}, {{"timeoutConfig", {{"inProgressTimeoutInMinutes", 10}}}});
    job("other");
    EXPECT_EQ(accepted("a/jobs/start-next")["execution"]["approximateSecondsBeforeTimedOut"], 600);
    accepted("a/jobs/slow/update", {{"status", "IN_PROGRESS"}, {"stepTimeoutInMinutes", 2}});
    clock_.advance(std::chrono::seconds(119));
    EXPECT_EQ(accepted("a/jobs/slow/get")["execution"]["approximateSecondsBeforeTimedOut"], 1);
    accepted("a/jobs/slow/update", {{"status", "IN_PROGRESS"}, {"stepTimeoutInMinutes", 20}});
    clock_.advance(std::chrono::minutes(9));
    told();
    // The job's own time is over. Whoever asks next has it noticed.
    EXPECT_TRUE(accepted("b/jobs/get")["queuedJobs"].empty());
    EXPECT_THAT(told(), testing::ElementsAre("a/jobs/notify: other", "a/jobs/notify-next: other"));
    EXPECT_EQ(status_of("slow"), "TIMED_OUT");
    EXPECT_EQ(ok("GET", "/jobs/slow")["job"]["status"], "COMPLETED");
    EXPECT_EQ(rejected("a/jobs/slow/update", {{"status", "SUCCEEDED"}}), "InvalidStateTransition");
}

TEST_F(JobsTest, a_group_is_all_of_its_things_at_that_moment) {
    ok("POST", "/thing-groups/lines");
    ok("POST", "/thing-groups/line-1", {{"parentGroupName", "lines"}});
    ok("PUT", "/thing-groups/addThingToThingGroup",
       {{"thingGroupName", "line-1"}, {"thingName", "b"}});
    const std::string arn = "arn:aws:iot:eu-west-1:000000000000:thinggroup/lines";
    ok("PUT", "/jobs/one",
       {{"targets", {arn, thing_arn("a"), thing_arn("b")}}, {"document", "{}"}});
    EXPECT_EQ(ok("GET", "/jobs/one/things")["executionSummaries"].size(), 2U);
    ok("POST", "/thing-groups/none");
    ok("PUT", "/jobs/empty",
       {{"targets", {"arn:aws:iot:eu-west-1:000000000000:thinggroup/none"}}, {"document", "{}"}});
    EXPECT_EQ(ok("GET", "/jobs/empty")["job"]["status"], "COMPLETED");
}

TEST_F(JobsTest, what_a_job_cannot_be_is_refused) {
    const json right{{"targets", {thing_arn("a")}}, {"document", "{}"}};
    const auto with = [&](const json& more) {
        json body = right;
        body.update(more);
        return refused("PUT", "/jobs/one", body);
    };
    EXPECT_EQ(refused("PUT", "/jobs/a.b", right), "InvalidRequestException");
    EXPECT_EQ(with({{"targets", json::array()}}), "InvalidRequestException");
    EXPECT_EQ(with({{"targets", {"a"}}}), "InvalidRequestException");
    EXPECT_EQ(with({{"targets", {thing_arn("none")}}}), "ResourceNotFoundException");
    EXPECT_EQ(with({{"document", "no JSON"}}), "InvalidRequestException");
    EXPECT_EQ(with({{"document", nullptr}}), "InvalidRequestException");
    EXPECT_EQ(with({{"document", std::string(40'000, ' ') + "{}"}}), "InvalidRequestException");
    EXPECT_EQ(with({{"targetSelection", "CONTINUOUS"}}), "InvalidRequestException");
    EXPECT_EQ(with({{"abortConfig", json::object()}}), "InvalidRequestException");
    EXPECT_EQ(with({{"timeoutConfig", {{"inProgressTimeoutInMinutes", 0}}}}),
              "InvalidRequestException");
    EXPECT_THAT(published(), testing::IsEmpty());
    EXPECT_EQ(refused("GET", "/jobs/one"), "ResourceNotFoundException");
    ok("PUT", "/jobs/one", right);
    EXPECT_EQ(refused("PUT", "/jobs/one", right), "ResourceAlreadyExistsException");
}

TEST_F(JobsTest, a_cancelled_job_leaves_those_alone_that_have_begun_unless_it_is_forced) {
    job("one", {"a", "b"});
    accepted("a/jobs/start-next");
    told();
    EXPECT_EQ(ok("PUT", "/jobs/one/cancel", {{"reasonCode", "STOP"}, {"comment", "c"}})["jobId"],
              "one");
    EXPECT_THAT(told(), testing::ElementsAre("b/jobs/notify:", "b/jobs/notify-next: none"));
    EXPECT_EQ(status_of("one", "b"), "CANCELED");
    EXPECT_EQ(status_of("one", "a"), "IN_PROGRESS");
    const json seen = ok("GET", "/jobs/one")["job"];
    EXPECT_EQ(seen["status"], "CANCELED");
    EXPECT_EQ(seen["reasonCode"], "STOP");
    EXPECT_EQ(seen["comment"], "c");
    EXPECT_EQ(seen["forceCanceled"], false);
    EXPECT_EQ(refused("PUT", "/jobs/one/cancel"), "InvalidRequestException");
    accepted("a/jobs/one/update", {{"status", "SUCCEEDED"}});
    EXPECT_EQ(ok("GET", "/jobs/one")["job"]["status"], "CANCELED");
    job("two", {"a", "b"});
    accepted("a/jobs/start-next");
    ok("PUT", "/jobs/two/cancel?force=true");
    EXPECT_EQ(status_of("two", "a"), "CANCELED");
    EXPECT_EQ(ok("GET", "/things/a/jobs/two")["execution"]["forceCanceled"], true);
    EXPECT_EQ(ok("GET", "/things/b/jobs/two")["execution"]["forceCanceled"], false);
}

TEST_F(JobsTest, one_execution_is_cancelled_and_a_job_deleted) {
    job("one", {"a", "b"});
    accepted("a/jobs/start-next");
    EXPECT_EQ(refused("PUT", "/things/a/jobs/one/cancel"), "InvalidStateTransitionException");
    EXPECT_EQ(refused("PUT", "/things/b/jobs/one/cancel", {{"expectedVersion", 7}}),
              "VersionConflictException");
    ok("PUT", "/things/b/jobs/one/cancel");
    EXPECT_EQ(refused("DELETE", "/jobs/one"), "InvalidStateTransitionException");
    told();
    ok("DELETE", "/jobs/one?force=true");
    EXPECT_THAT(told(), testing::ElementsAre("a/jobs/notify:", "a/jobs/notify-next: none"));
    EXPECT_EQ(refused("GET", "/jobs/one"), "ResourceNotFoundException");
    EXPECT_EQ(refused("GET", "/things/a/jobs/one"), "ResourceNotFoundException");
    EXPECT_EQ(refused("DELETE", "/jobs/one"), "ResourceNotFoundException");
}

TEST_F(JobsTest, jobs_and_executions_are_listed_page_by_page) {
    for (const char* id : {"one", "two", "three"})
        job(id, {"a", "b"});
    EXPECT_EQ(all_pages("GET", "/jobs?maxResults=2", "jobs")[0]["jobId"], "three");
    EXPECT_EQ(all_pages("GET", "/jobs?maxResults=2", "jobs").size(), 3U);
    EXPECT_EQ(all_pages("GET", "/things/a/jobs?maxResults=2", "executionSummaries").size(), 3U);
    EXPECT_EQ(all_pages("GET", "/jobs/one/things?maxResults=1", "executionSummaries").size(), 2U);
    accepted("a/jobs/start-next");
    EXPECT_EQ(ok("GET", "/things/a/jobs?status=IN_PROGRESS")["executionSummaries"].size(), 1U);
    EXPECT_EQ(ok("GET", "/things/a/jobs?jobId=two")["executionSummaries"][0]["jobId"], "two");
    EXPECT_EQ(ok("GET", "/jobs?status=COMPLETED")["jobs"], json::array());
    EXPECT_EQ(refused("GET", "/jobs?status=NONE"), "InvalidRequestException");
    EXPECT_EQ(refused("GET", "/things/none/jobs"), "ResourceNotFoundException");
    EXPECT_EQ(refused("GET", "/jobs/none/things"), "ResourceNotFoundException");
    EXPECT_EQ(ok("GET", "/jobs/one/job-document")["document"], R"({"do":"it"})");
}

TEST_F(JobsTest, a_device_may_ask_over_https_too) {
    job("one");
    const auto device = [this](const std::string& method, const std::string& target,
                               const json& body = nullptr) -> Outcome<json> {
        const http::Request request{.method = method,
                                    .target = target,
                                    .headers = {},
                                    .body = body.is_null() ? "" : body.dump()};
        const auto match = match_route(method, request.raw_path(), Plane::jobs_data);
        if (!match) return refuse(404, "UnknownOperationException", target);
        IMPRINT_TRY(const auto input, Input::read(request, match->places, match->route->body));
        return match->route->run(context(), input);
    };
    EXPECT_EQ((*device("GET", "/things/a/jobs"))["queuedJobs"][0]["jobId"], "one");
    const auto started = device("PUT", "/things/a/jobs/$next", {{"statusDetails", {{"s", "1"}}}});
    ASSERT_TRUE(started);
    EXPECT_EQ((*started)["execution"]["jobDocument"], R"({"do":"it"})") << "a text in the model";
    const auto described = device("GET", "/things/a/jobs/%24next?includeJobDocument=true");
    ASSERT_TRUE(described) << described.error().message;
    EXPECT_EQ((*described)["execution"]["status"], "IN_PROGRESS");
    EXPECT_EQ(device("POST", "/things/a/jobs/one", {{"status", "FAILED"}, {"expectedVersion", 9}})
                  .error()
                  .name,
              "VersionConflictException");
    EXPECT_TRUE(device("POST", "/things/a/jobs/one", {{"status", "SUCCEEDED"}}));
    EXPECT_EQ(device("POST", "/things/a/jobs/one", {{"status", "FAILED"}}).error().name,
              "InvalidStateTransitionException");
    EXPECT_EQ(device("GET", "/things/a/jobs/one").error().status, 410);
    EXPECT_EQ(device("GET", "/things/a/jobs/none").error().name, "ResourceNotFoundException");
}

}  // namespace
}  // namespace imprint::local_registry
