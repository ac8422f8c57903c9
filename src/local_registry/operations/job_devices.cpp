#include "local_registry/operations/job_devices.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <expected>
#include <fmt/format.h>
#include <optional>

#include <nlohmann/json.hpp>

#include "base/terminal_text.h"
#include "local_registry/operations/job_queue.h"
#include "local_registry/operations/operations.h"
#include "local_registry/store/things.h"

namespace imprint::local_registry::operations {

using nlohmann::json;

namespace {

constexpr std::string_view next_job = "$next";
constexpr std::size_t longest_token = 64;
constexpr std::size_t most_details = 10;
constexpr std::size_t longest_detail_key = 128;
constexpr std::size_t longest_detail = 1024;
constexpr std::int64_t longest_step = 10'080;  // minutes: seven days

struct JobRefusal {
    std::string code;  // "VersionMismatch"
    std::string message;
    json state;  // executionState, where the guide has it

    JobRefusal(std::string word, std::string text, json execution = {})
        : code(std::move(word)), message(std::move(text)), state(std::move(execution)) {}

    JobRefusal(const Error& error)  // NOLINT(google-explicit-constructor): for IMPRINT_TRY
        : code("InternalError"), message("Internal service failure"), reason(error.describe()) {}

    std::string reason;  // for the log
};

template <typename T>
using JobOutcome = std::expected<T, JobRefusal>;

std::unexpected<JobRefusal> bad_request(std::string message) {
    return std::unexpected(JobRefusal("InvalidRequest", std::move(message)));
}

std::unexpected<JobRefusal> no_execution(const std::string& job, const std::string& thing) {
    return std::unexpected(JobRefusal(
        "ResourceNotFound", fmt::format("There is no execution of job {} for {}", job, thing)));
}

json state_of(const ExecutionRecord& execution) {
    return {{"status", execution.status},
            {"statusDetails", execution.details},
            {"versionNumber", execution.version}};
}

// One of a request's members; nothing where it is missing or null.
JobOutcome<std::optional<std::int64_t>> number_member(const json& request, const char* name) {
    const auto found = request.find(name);
    if (found == request.end() || found->is_null()) return std::nullopt;
    if (!found->is_number_integer()) return bad_request(fmt::format("{} is no number", name));
    return found->get<std::int64_t>();
}

// The developer guide has a text here ("UpdateJobExecution", of the MQTT API), and AWS's own
// library for devices sends it so (Jobs-for-AWS-IoT-embedded-sdk, Jobs_UpdateMsg); others send a
// number.
JobOutcome<std::optional<std::int64_t>> expected_version(const json& request) {
    constexpr const char* name = "expectedVersion";
    const auto found = request.find(name);
    if (found == request.end() || !found->is_string()) return number_member(request, name);
    const auto& text = found->get_ref<const std::string&>();
    std::int64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, number);
    if (read.ec != std::errc() || read.ptr != end || number < 0)
        return bad_request(fmt::format("{} is no number", name));
    return number;
}

JobOutcome<bool> flag_member(const json& request, const char* name, bool otherwise) {
    const auto found = request.find(name);
    if (found == request.end() || found->is_null()) return otherwise;
    if (!found->is_boolean()) return bad_request(fmt::format("{} is neither true nor false", name));
    return found->get<bool>();
}

JobOutcome<std::optional<Attributes>> read_details(const json& request) {
    const auto found = request.find("statusDetails");
    if (found == request.end() || found->is_null()) return std::nullopt;
    if (!found->is_object() || found->size() > most_details)
        return bad_request(
            fmt::format("statusDetails has to be an object of {} members at most", most_details));
    Attributes details;
    for (const auto& [key, value] : found->items()) {
        if (key.empty() || key.size() > longest_detail_key || !value.is_string() ||
            value.get_ref<const std::string&>().empty() ||
            value.get_ref<const std::string&>().size() > longest_detail ||
            !std::ranges::all_of(key, [](char c) {
                return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == ':' || c == '_' ||
                       c == '-';
            }))
            return bad_request(fmt::format("statusDetails has an invalid member '{}'", key));
        details.emplace(key, value.get<std::string>());
    }
    return details;
}

JobOutcome<void> set_step_deadline(ExecutionRecord& execution, const json& request,
                                   std::int64_t now) {
    IMPRINT_TRY(const auto minutes, number_member(request, "stepTimeoutInMinutes"));
    if (!minutes) return {};
    if (*minutes == -1) {
        execution.step_deadline.reset();
        return {};
    }
    if (*minutes < 1 || *minutes > longest_step)
        return bad_request(
            fmt::format("stepTimeoutInMinutes has to be from 1 to {}", longest_step));
    execution.step_deadline = now + *minutes * 60'000;
    return {};
}

JobOutcome<JobRecord> job_of_execution(sqlite::Database& database,
                                       const ExecutionRecord& execution) {
    IMPRINT_TRY(auto job, find_job(database, execution.job));
    if (!job) return no_execution(execution.job, execution.thing);
    return *std::move(job);
}

// In a transaction of its own; what it changes in queues is told after it.
template <typename Work>
JobOutcome<json> with_queue(const Context& context, const std::string& thing, const Work& work) {
    return context.in_order([&]() -> JobOutcome<json> {
        std::vector<Announcement> notices;
        auto answer = context.store.write([&](sqlite::Database& database) -> JobOutcome<json> {
            IMPRINT_TRY(const auto found, find_thing(database, thing));
            if (!found)
                return std::unexpected(
                    JobRefusal("ResourceNotFound", fmt::format("Thing {} not found", thing)));
            IMPRINT_TRY(auto change, QueueChange::begin(context, database, {thing}));
            IMPRINT_TRY(auto said, work(database, change));
            IMPRINT_TRY(notices, change.end(database));
            return said;
        });
        if (!answer) return answer;
        for (auto& notice : notices)
            context.publish(std::move(notice));
        return answer;
    });
}

JobOutcome<json> pending_jobs(const Context& context, const std::string& thing,
                              const json& /*request*/) {
    return with_queue(
        context, thing, [&](sqlite::Database& database, QueueChange&) -> JobOutcome<json> {
            IMPRINT_TRY(const auto pending, pending_executions(database, thing));
            json answer{{"inProgressJobs", json::array()}, {"queuedJobs", json::array()}};
            for (const auto& execution : pending)
                answer[execution.status == "QUEUED" ? "queuedJobs" : "inProgressJobs"].push_back(
                    execution_summary(execution));
            return answer;
        });
}

JobOutcome<json> start_next_job(const Context& context, const std::string& thing,
                                const json& request) {
    return with_queue(
        context, thing, [&](sqlite::Database& database, QueueChange& change) -> JobOutcome<json> {
            IMPRINT_TRY(auto pending, pending_executions(database, thing));
            if (pending.empty()) return json::object();
            ExecutionRecord& execution = pending.front();
            IMPRINT_TRY(const auto job, job_of_execution(database, execution));
            IMPRINT_TRY(const auto details, read_details(request));
            if (execution.status == "QUEUED") {
                const std::int64_t now = context.now();
                execution.status = "IN_PROGRESS";
                execution.started = execution.updated = now;
                ++execution.version;
                if (details) execution.details = *details;
                if (job.timeout_minutes)
                    execution.job_deadline = now + *job.timeout_minutes * 60'000;
                IMPRINT_CHECK(set_step_deadline(execution, request, now));
                IMPRINT_CHECK(change.save(database, execution));
            }
            return json{{"execution", execution_data(execution, job.document, context.now())}};
        });
}

JobOutcome<json> describe_job_of_device(const Context& context, const std::string& thing,
                                        const std::string& job_id, const json& request,
                                        bool with_document) {
    return with_queue(
        context, thing, [&](sqlite::Database& database, QueueChange&) -> JobOutcome<json> {
            IMPRINT_TRY(const bool document,
                        flag_member(request, "includeJobDocument", with_document));
            IMPRINT_TRY(const auto number, number_member(request, "executionNumber"));
            std::optional<ExecutionRecord> execution;
            if (job_id == next_job) {
                IMPRINT_TRY(const auto pending, pending_executions(database, thing));
                if (pending.empty()) return json::object();
                execution = pending.front();
            } else {
                IMPRINT_TRY(execution, find_execution(database, job_id, thing));
                if (!execution || (number && *number != execution->number))
                    return no_execution(job_id, thing);
                if (!is_pending(execution->status))
                    return std::unexpected(JobRefusal(
                        "TerminalStateReached",
                        fmt::format("Job {} is {} for {}", job_id, execution->status, thing)));
            }
            IMPRINT_TRY(const auto job, job_of_execution(database, *execution));
            return json{{"execution",
                         execution_data(*execution, document ? job.document : "", context.now())}};
        });
}

JobOutcome<json> update_job_of_device(const Context& context, const std::string& thing,
                                      const std::string& job_id, const json& request) {
    constexpr std::array<std::string_view, 4> settable{"IN_PROGRESS", "FAILED", "SUCCEEDED",
                                                       "REJECTED"};
    return with_queue(
        context, thing, [&](sqlite::Database& database, QueueChange& change) -> JobOutcome<json> {
            const auto status = request.find("status");
            if (status == request.end() || !status->is_string() ||
                std::ranges::find(settable, status->get_ref<const std::string&>()) ==
                    settable.end())
                return bad_request("status has to be IN_PROGRESS, FAILED, SUCCEEDED or REJECTED");
            IMPRINT_TRY(const auto details, read_details(request));
            IMPRINT_TRY(const auto expected, expected_version(request));
            IMPRINT_TRY(const auto number, number_member(request, "executionNumber"));
            IMPRINT_TRY(const bool with_state,
                        flag_member(request, "includeJobExecutionState", false));
            IMPRINT_TRY(const bool with_document,
                        flag_member(request, "includeJobDocument", false));
            IMPRINT_TRY(auto execution, find_execution(database, job_id, thing));
            if (!execution || (number && *number != execution->number))
                return no_execution(job_id, thing);
            if (!is_pending(execution->status))
                return std::unexpected(
                    JobRefusal("InvalidStateTransition",
                               fmt::format("The execution is {} already", execution->status),
                               state_of(*execution)));
            if (expected && *expected != execution->version)
                return std::unexpected(
                    JobRefusal("VersionMismatch",
                               fmt::format("The execution has version {}, not {}",
                                           execution->version, *expected),
                               state_of(*execution)));
            IMPRINT_TRY(const auto job, job_of_execution(database, *execution));
            const std::int64_t now = context.now();
            if (execution->status == "QUEUED" && *status == "IN_PROGRESS") {
                execution->started = now;
                if (job.timeout_minutes)
                    execution->job_deadline = now + *job.timeout_minutes * 60'000;
            }
            execution->status = status->get<std::string>();
            if (details) execution->details = *details;
            execution->updated = now;
            ++execution->version;
            IMPRINT_CHECK(set_step_deadline(*execution, request, now));
            IMPRINT_CHECK(change.save(database, *execution));
            json answer = json::object();
            if (with_state) answer["executionState"] = state_of(*execution);
            if (with_document) answer["jobDocument"] = json::parse(job.document);
            return answer;
        });
}

struct JobQuestion {
    std::string thing;
    std::string job;   // empty: of none
    std::string verb;  // "get", "start-next", "update"
};

// "$aws/things/<thing>/jobs/get|start-next" or "…/jobs/<job>/get|update"
std::optional<JobQuestion> parse_job_topic(std::string_view topic) {
    constexpr std::string_view start = "$aws/things/";
    if (!topic.starts_with(start)) return std::nullopt;
    std::array<std::string_view, 4> levels{};
    std::size_t count = 0;
    for (std::string_view rest = topic.substr(start.size());; ++count) {
        if (count == levels.size()) return std::nullopt;
        levels[count] = rest.substr(0, rest.find('/'));
        if (levels[count].size() == rest.size()) break;
        rest.remove_prefix(levels[count].size() + 1);
    }
    ++count;
    if (count < 3 || levels[1] != "jobs" || levels[0].empty()) return std::nullopt;
    JobQuestion question{.thing = std::string(levels[0]), .job = {}, .verb = {}};
    if (count == 3) {
        question.verb = levels[2];
        if (question.verb != "get" && question.verb != "start-next") return std::nullopt;
        return question;
    }
    question.job = levels[2];
    question.verb = levels[3];
    if (question.job.empty() || (question.verb != "get" && question.verb != "update"))
        return std::nullopt;
    return question;
}

JobOutcome<json> read_job_request(std::string_view payload) {
    if (payload.empty()) return json::object();
    json request = json::parse(payload, nullptr, false);
    if (!request.is_object())
        return std::unexpected(JobRefusal("InvalidJson", "The payload is no JSON object"));
    return request;
}

// Empty: none.
JobOutcome<std::string> read_job_token(const JobOutcome<json>& request) {
    if (!request) return std::string();
    const auto found = request->find("clientToken");
    if (found == request->end() || found->is_null()) return std::string();
    if (!found->is_string() || found->get_ref<const std::string&>().size() > longest_token)
        return bad_request("clientToken has to be a text of 64 bytes at most");
    return found->get<std::string>();
}

JobOutcome<json> answer_job(const Context& context, const JobQuestion& question,
                            const JobOutcome<json>& request) {
    if (!request) return request;
    if (question.job.empty())
        return question.verb == "get" ? pending_jobs(context, question.thing, *request)
                                      : start_next_job(context, question.thing, *request);
    if (question.verb == "update")
        return update_job_of_device(context, question.thing, question.job, *request);
    return describe_job_of_device(context, question.thing, question.job, *request, true);
}

struct JobErrorName {
    std::string_view code;
    int status;
    std::string_view name;
};

constexpr std::array job_error_names{
    JobErrorName{"InvalidRequest", 400, "InvalidRequestException"},
    JobErrorName{"ResourceNotFound", 404, "ResourceNotFoundException"},
    JobErrorName{"InvalidStateTransition", 409, "InvalidStateTransitionException"},
    JobErrorName{"VersionMismatch", 409, "VersionConflictException"},
    JobErrorName{"TerminalStateReached", 410, "TerminalStateException"}};

// In the model's answers a document is text.
Outcome<json> to_model(JobOutcome<json> answer) {
    if (!answer) {
        const JobRefusal& refusal = answer.error();
        for (const auto& [code, status, name] : job_error_names)
            if (code == refusal.code) return refuse(status, name, refusal.message);
        return refuse(500, "InternalFailureException", refusal.reason);
    }
    const auto as_text = [](json& holder) {
        const auto document = holder.find("jobDocument");
        if (document != holder.end()) *document = document->dump();
    };
    as_text(*answer);
    const auto execution = answer->find("execution");
    if (execution != answer->end()) as_text(*execution);
    return *std::move(answer);
}

}  // namespace

bool answer_on_job_topic(const Context& context, std::string_view topic, std::string_view payload,
                         const Log& log) {
    const auto question = parse_job_topic(topic);
    if (!question) return false;
    const auto request = read_job_request(payload);
    const auto token = read_job_token(request);
    const JobOutcome<json> answer =
        token ? answer_job(context, *question, request) : std::unexpected(token.error());
    json said =
        answer ? *answer : json{{"code", answer.error().code}, {"message", answer.error().message}};
    if (!answer) {
        if (!answer.error().state.is_null()) said["executionState"] = answer.error().state;
        log.info("{}", without_steering(
                           fmt::format("job '{}' of '{}': {}", question->job, question->thing,
                                       answer.error().reason.empty() ? answer.error().message
                                                                     : answer.error().reason)));
    }
    said["timestamp"] = context.now() / 1000;
    if (token && !token->empty()) said["clientToken"] = *token;
    context.publish({.topic = fmt::format("{}/{}", topic, answer ? "accepted" : "rejected"),
                     .payload = said.dump(-1, ' ', false, json::error_handler_t::replace)});
    return true;
}

Outcome<json> get_pending_job_executions(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto thing, input.required(member::thing_name));
    return to_model(pending_jobs(context, thing, json::object()));
}

Outcome<json> start_next_pending_job_execution(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto thing, input.required(member::thing_name));
    return to_model(start_next_job(context, thing, input.body()));
}

Outcome<json> describe_job_execution_of_device(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto thing, input.required(member::thing_name));
    IMPRINT_TRY(const auto job, input.required(member::job_id_or_next));
    IMPRINT_TRY(const bool document, input.flag(member::include_job_document));
    IMPRINT_TRY(const auto number, input.number(member::execution_number));
    json request = json::object();
    if (number) request["executionNumber"] = *number;
    return to_model(describe_job_of_device(context, thing, job, request, document));
}

Outcome<json> update_job_execution(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto thing, input.required(member::thing_name));
    IMPRINT_TRY(const auto job, input.required(member::job_id));
    return to_model(update_job_of_device(context, thing, job, input.body()));
}

}  // namespace imprint::local_registry::operations
