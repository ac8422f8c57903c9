// The control plane's side of jobs.
// Sources: the service model of AWS IoT, 2015-05-28; developer guide, "Jobs" ("Create and manage
// jobs", "Job execution states").
#include "local_registry/store/jobs.h"

#include <array>
#include <fmt/format.h>
#include <set>

#include <nlohmann/json.hpp>

#include "local_registry/operations/job_queue.h"
#include "local_registry/operations/operations.h"
#include "local_registry/operations/rules.h"
#include "local_registry/store/thing_groups.h"

namespace imprint::local_registry::operations {

using nlohmann::json;

namespace {

constexpr std::size_t most_targets = 100;
constexpr std::int64_t longest_timeout = 10'080;  // minutes: seven days
constexpr std::int64_t most_things = 100'000;
constexpr std::array<std::string_view, 5> job_statuses{"IN_PROGRESS", "CANCELED", "COMPLETED",
                                                       "DELETION_IN_PROGRESS", "SCHEDULED"};
constexpr std::array<std::string_view, 8> execution_statuses{
    "QUEUED", "IN_PROGRESS", "SUCCEEDED", "FAILED", "TIMED_OUT", "REJECTED", "REMOVED", "CANCELED"};
// What a job may have at AWS and has no effect here: told, rather than forgotten.
constexpr std::array<const char*, 7> absent_members{
    "documentSource",           "jobTemplateArn",   "jobExecutionsRolloutConfig", "abortConfig",
    "jobExecutionsRetryConfig", "schedulingConfig", "documentParameters"};

Outcome<JobRecord> required_job(sqlite::Database& database, const std::string& id) {
    IMPRINT_TRY(auto record, find_job(database, id));
    if (!record) return not_found(fmt::format("Job {} not found", id));
    return *std::move(record);
}

Outcome<std::vector<std::string>> read_targets(const Input& input) {
    const auto found = input.body().find("targets");
    if (found == input.body().end() || !found->is_array() || found->empty() ||
        found->size() > most_targets)
        return invalid_request(
            fmt::format("targets has to be a list of 1 to {} ARNs", most_targets));
    std::vector<std::string> targets;
    for (const auto& target : *found) {
        if (!target.is_string()) return invalid_request("targets has to be a list of ARNs");
        targets.push_back(target.get<std::string>());
    }
    return targets;
}

Outcome<std::set<std::string>> things_of(const Context& context, sqlite::Database& database,
                                         const std::vector<std::string>& targets) {
    std::set<std::string> things;
    for (const auto& target : targets) {
        const auto resource = parse_arn(context.region, target);
        if (resource && resource->kind == ResourceKind::thing) {
            IMPRINT_CHECK(required_thing(database, resource->name));
            things.insert(resource->name);
        } else if (resource && resource->kind == ResourceKind::thing_group) {
            IMPRINT_TRY(const auto group, find_thing_group(database, resource->name));
            if (!group) return not_found(fmt::format("Thing group {} not found", resource->name));
            IMPRINT_TRY(auto members,
                        list_things_of_group(database, resource->name, true, "", most_things));
            things.insert(members.begin(), members.end());
        } else {
            return invalid_request(
                fmt::format("'{}' is not the ARN of a thing or a thing group here", target));
        }
    }
    return things;
}

json job_names(const Context& context, const JobRecord& job) {
    json names{{"jobArn", context.arn(ResourceKind::job, job.id)}, {"jobId", job.id}};
    if (!job.description.empty()) names["description"] = job.description;
    return names;
}

void add_time(json& object, const char* name, const std::optional<std::int64_t>& time) {
    if (time) object[name] = to_timestamp(*time);
}

json summary_of(const ExecutionRecord& execution) {
    json summary{{"status", execution.status},
                 {"queuedAt", to_timestamp(execution.queued)},
                 {"lastUpdatedAt", to_timestamp(execution.updated)},
                 {"executionNumber", execution.number}};
    add_time(summary, "startedAt", execution.started);
    return summary;
}

Outcome<json> count_executions(sqlite::Database& database, const std::string& job) {
    constexpr std::array<std::pair<std::string_view, const char*>, 8> counts{
        {{"CANCELED", "numberOfCanceledThings"},
         {"SUCCEEDED", "numberOfSucceededThings"},
         {"FAILED", "numberOfFailedThings"},
         {"REJECTED", "numberOfRejectedThings"},
         {"QUEUED", "numberOfQueuedThings"},
         {"IN_PROGRESS", "numberOfInProgressThings"},
         {"REMOVED", "numberOfRemovedThings"},
         {"TIMED_OUT", "numberOfTimedOutThings"}}};
    json details = json::object();
    for (const auto& [status, name] : counts) {
        IMPRINT_TRY(
            const auto all,
            list_executions(database, {.job = job, .thing = {}, .status = std::string(status)}, 0,
                            most_things));
        details[name] = all.size();
    }
    return details;
}

// Changes queues, and tells it after the commit.
template <typename Work>
Outcome<json> change_queues(const Context& context, const Work& work) {
    return context.in_order([&]() -> Outcome<json> {
        std::vector<Announcement> notices;
        auto output = context.store.write(
            [&](sqlite::Database& database) { return work(database, notices); });
        if (!output) return output;
        for (auto& notice : notices)
            context.publish(std::move(notice));
        return output;
    });
}

// Looks at the clock before anything is read.
template <typename Read>
Outcome<json> read_jobs(const Context& context, const Read& read) {
    return change_queues(
        context,
        [&](sqlite::Database& database, std::vector<Announcement>& notices) -> Outcome<json> {
            IMPRINT_TRY(const auto change, QueueChange::begin(context, database, {}));
            IMPRINT_TRY(notices, change.end(database));
            return read(database);
        });
}

// Of one execution or of all of a job.
Result<void> cancel(QueueChange& change, sqlite::Database& database, ExecutionRecord execution,
                    std::int64_t now) {
    execution.forced = execution.status == "IN_PROGRESS";
    execution.status = "CANCELED";
    execution.updated = now;
    ++execution.version;
    return change.save(database, std::move(execution));
}

Outcome<std::set<std::string>> things_of_job(sqlite::Database& database, const std::string& job) {
    IMPRINT_TRY(const auto executions,
                list_executions(database, {.job = job, .thing = {}, .status = {}}, 0, most_things));
    std::set<std::string> things;
    for (const auto& execution : executions)
        things.insert(execution.thing);
    return things;
}

}  // namespace

Outcome<json> create_job(const Context& context, const Input& input) {
    JobRecord job;
    job.created = job.updated = context.now();
    IMPRINT_TRY(job.id, input.required(member::job_id));
    IMPRINT_TRY(job.targets, read_targets(input));
    for (const char* name : absent_members)
        if (input.body().contains(name))
            return invalid_request(fmt::format("the local registry has no {} of jobs", name));
    IMPRINT_TRY(job.document, input.required(member::job_document));
    if (!json::parse(job.document, nullptr, false).is_object())
        return invalid_request("The job document is no JSON object");
    IMPRINT_TRY(const auto description, input.optional(member::job_description));
    job.description = description.value_or("");
    constexpr std::array<std::string_view, 2> selections{"SNAPSHOT", "CONTINUOUS"};
    IMPRINT_TRY(const auto selection, input.choice(member::target_selection, selections));
    if (selection == "CONTINUOUS")
        return invalid_request("the local registry has no continuous jobs: use SNAPSHOT");
    IMPRINT_TRY(const auto timeout, input.structure("timeoutConfig"));
    if (timeout) {
        IMPRINT_TRY(job.timeout_minutes, timeout->number(member::in_progress_timeout));
    }
    if (job.timeout_minutes && (*job.timeout_minutes < 1 || *job.timeout_minutes > longest_timeout))
        return invalid_request(
            fmt::format("inProgressTimeoutInMinutes has to be from 1 to {}", longest_timeout));
    return change_queues(
        context,
        [&](sqlite::Database& database, std::vector<Announcement>& notices) -> Outcome<json> {
            IMPRINT_TRY(const auto existing, find_job(database, job.id));
            if (existing)
                return already_exists(fmt::format("Job {} already exists", job.id), job.id,
                                      context.arn(ResourceKind::job, job.id));
            IMPRINT_TRY(const auto things, things_of(context, database, job.targets));
            IMPRINT_TRY(const auto change, QueueChange::begin(context, database, things));
            if (things.empty()) {
                job.status = "COMPLETED";
                job.completed = job.created;
            }
            IMPRINT_CHECK(insert_job(database, job));
            for (const auto& thing : things) {
                ExecutionRecord execution;
                execution.job = job.id;
                execution.thing = thing;
                execution.queued = execution.updated = job.created;
                IMPRINT_CHECK(insert_execution(database, execution));
            }
            IMPRINT_TRY(notices, change.end(database));
            return job_names(context, job);
        });
}

Outcome<json> describe_job(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto id, input.required(member::job_id));
    return read_jobs(context, [&](sqlite::Database& database) -> Outcome<json> {
        IMPRINT_TRY(const auto job, required_job(database, id));
        json told = job_names(context, job);
        told["targets"] = job.targets;
        told["targetSelection"] = "SNAPSHOT";
        told["status"] = job.status;
        told["createdAt"] = to_timestamp(job.created);
        told["lastUpdatedAt"] = to_timestamp(job.updated);
        add_time(told, "completedAt", job.completed);
        if (job.status == "CANCELED") told["forceCanceled"] = job.forced;
        if (job.reason) told["reasonCode"] = *job.reason;
        if (job.comment) told["comment"] = *job.comment;
        if (job.timeout_minutes)
            told["timeoutConfig"] = {{"inProgressTimeoutInMinutes", *job.timeout_minutes}};
        IMPRINT_TRY(told["jobProcessDetails"], count_executions(database, id));
        return json{{"job", std::move(told)}};
    });
}

Outcome<json> get_job_document(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto id, input.required(member::job_id));
    IMPRINT_TRY(const auto job, context.store.read([&](sqlite::Database& database) {
        return required_job(database, id);
    }));
    return json{{"document", job.document}};
}

constexpr std::array<std::string_view, 2> target_selections{"CONTINUOUS", "SNAPSHOT"};

// What there is none of here, and so finds nothing: a namespace, a group's jobs, continuous ones.
Outcome<bool> asks_for_what_is_absent(const Input& input) {
    IMPRINT_TRY(const auto selection,
                input.choice(member::target_selection_in_query, target_selections));
    IMPRINT_TRY(const auto group, input.optional(member::jobs_group_name));
    IMPRINT_TRY(const auto group_id, input.optional(member::jobs_group_id));
    IMPRINT_TRY(const auto name_space, input.optional(member::namespace_id));
    return selection == "CONTINUOUS" || group || group_id || name_space;
}

Outcome<json> list_jobs(const Context& context, const Input& input) {
    IMPRINT_TRY(const bool is_absent, asks_for_what_is_absent(input));
    IMPRINT_TRY(const auto status, input.choice(member::status_in_query, job_statuses));
    IMPRINT_TRY(const auto page, read_page(input, PageStyle::token));
    IMPRINT_TRY(const auto before, after_number(page));
    return read_jobs(context, [&](sqlite::Database& database) -> Outcome<json> {
        if (is_absent) return json{{"jobs", json::array()}};
        IMPRINT_TRY(auto jobs, local_registry::list_jobs(database, before, status, page.size + 1));
        const auto cut = cut_page(std::move(jobs), page, [](const JobRecord& last) {
            return std::to_string(last.number);
        });
        json output{{"jobs", json::array()}};
        for (const auto& job : cut.items) {
            json told{{"jobArn", context.arn(ResourceKind::job, job.id)},
                      {"jobId", job.id},
                      {"targetSelection", "SNAPSHOT"},
                      {"status", job.status},
                      {"createdAt", to_timestamp(job.created)},
                      {"lastUpdatedAt", to_timestamp(job.updated)}};
            add_time(told, "completedAt", job.completed);
            output["jobs"].push_back(std::move(told));
        }
        add_token(output, "nextToken", cut.next);
        return output;
    });
}

// Executions that are in progress go on, unless it is forced.
Outcome<json> cancel_job(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto id, input.required(member::job_id));
    IMPRINT_TRY(const bool force, input.flag(member::force));
    IMPRINT_TRY(const auto reason, input.optional(member::reason_code));
    IMPRINT_TRY(const auto comment, input.optional(member::comment));
    return change_queues(
        context,
        [&](sqlite::Database& database, std::vector<Announcement>& notices) -> Outcome<json> {
            IMPRINT_TRY(JobRecord job, required_job(database, id));
            if (job.status != "IN_PROGRESS")
                return invalid_request(
                    fmt::format("Job {} cannot be canceled: it is {}", id, job.status));
            IMPRINT_TRY(auto things, things_of_job(database, id));
            IMPRINT_TRY(auto change, QueueChange::begin(context, database, std::move(things)));
            job.status = "CANCELED";
            job.forced = force;
            job.reason = reason;
            job.comment = comment;
            job.updated = context.now();
            job.completed = job.updated;
            IMPRINT_CHECK(update_job(database, job));
            IMPRINT_TRY(
                auto executions,
                list_executions(database, {.job = id, .thing = {}, .status = {}}, 0, most_things));
            for (auto& execution : executions)
                if (execution.status == "QUEUED" || (force && execution.status == "IN_PROGRESS"))
                    IMPRINT_CHECK(cancel(change, database, std::move(execution), job.updated));
            IMPRINT_TRY(notices, change.end(database));
            return job_names(context, job);
        });
}

Outcome<json> delete_job(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto id, input.required(member::job_id));
    IMPRINT_TRY(const bool force, input.flag(member::force));
    IMPRINT_CHECK(input.optional(member::namespace_id));
    return change_queues(
        context,
        [&](sqlite::Database& database, std::vector<Announcement>& notices) -> Outcome<json> {
            IMPRINT_TRY(auto things, things_of_job(database, id));
            IMPRINT_TRY(const auto change,
                        QueueChange::begin(context, database, std::move(things)));
            IMPRINT_TRY(const JobRecord job, required_job(database, id));
            if (job.status == "IN_PROGRESS" && !force)
                return refuse(409, "InvalidStateTransitionException",
                              fmt::format("Job {} is IN_PROGRESS: cancel it, or use force", id));
            IMPRINT_CHECK(local_registry::delete_job(database, id));
            IMPRINT_TRY(notices, change.end(database));
            return json::object();
        });
}

Outcome<json> describe_job_execution(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto thing, input.required(member::thing_name));
    IMPRINT_TRY(const auto id, input.required(member::job_id));
    IMPRINT_TRY(const auto number, input.number(member::execution_number));
    return read_jobs(context, [&](sqlite::Database& database) -> Outcome<json> {
        IMPRINT_TRY(const auto execution, find_execution(database, id, thing));
        if (!execution || (number && *number != execution->number))
            return not_found(fmt::format("There is no execution of job {} for {}", id, thing));
        json told = summary_of(*execution);
        told["jobId"] = id;
        told["thingArn"] = context.arn(ResourceKind::thing, thing);
        told["versionNumber"] = execution->version;
        told["statusDetails"] = {{"detailsMap", execution->details}};
        if (execution->status == "CANCELED") told["forceCanceled"] = execution->forced;
        if (const auto deadline = execution->deadline())
            told["approximateSecondsBeforeTimedOut"] = (*deadline - context.now()) / 1000;
        return json{{"execution", std::move(told)}};
    });
}

Outcome<json> cancel_job_execution(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto thing, input.required(member::thing_name));
    IMPRINT_TRY(const auto id, input.required(member::job_id));
    IMPRINT_TRY(const bool force, input.flag(member::force));
    IMPRINT_TRY(const auto expected, input.number(member::expected_version));
    return change_queues(
        context,
        [&](sqlite::Database& database, std::vector<Announcement>& notices) -> Outcome<json> {
            IMPRINT_TRY(auto change, QueueChange::begin(context, database, {thing}));
            IMPRINT_TRY(auto execution, find_execution(database, id, thing));
            if (!execution)
                return not_found(fmt::format("There is no execution of job {} for {}", id, thing));
            if (expected && *expected != execution->version)
                return version_conflict(fmt::format("The execution has version {}, not {}",
                                                    execution->version, *expected));
            if (!is_pending(execution->status) || (execution->status == "IN_PROGRESS" && !force))
                return refuse(409, "InvalidStateTransitionException",
                              fmt::format("The execution is {}", execution->status));
            IMPRINT_CHECK(cancel(change, database, *std::move(execution), context.now()));
            IMPRINT_TRY(notices, change.end(database));
            return json::object();
        });
}

namespace {

// Of a job by thing, or of a thing by job.
Outcome<json> list_executions_by(const Context& context, const Input& input,
                                 ExecutionFilter filter) {
    IMPRINT_TRY(filter.status, input.choice(member::status_in_query, execution_statuses));
    IMPRINT_TRY(const auto page, read_page(input, PageStyle::token));
    IMPRINT_TRY(const auto after, after_number(page));
    const bool of_job = filter.job && !filter.thing;
    return read_jobs(context, [&](sqlite::Database& database) -> Outcome<json> {
        if (of_job) IMPRINT_CHECK(required_job(database, *filter.job));
        if (!of_job) IMPRINT_CHECK(required_thing(database, *filter.thing));
        IMPRINT_TRY(auto executions,
                    list_executions(database, filter, after.value_or(0), page.size + 1));
        const auto cut = cut_page(std::move(executions), page, [](const ExecutionRecord& last) {
            return std::to_string(last.number);
        });
        json output{{"executionSummaries", json::array()}};
        for (const auto& execution : cut.items) {
            json entry{{"jobExecutionSummary", summary_of(execution)}};
            if (of_job)
                entry["thingArn"] = context.arn(ResourceKind::thing, execution.thing);
            else
                entry["jobId"] = execution.job;
            output["executionSummaries"].push_back(std::move(entry));
        }
        add_token(output, "nextToken", cut.next);
        return output;
    });
}

}  // namespace

Outcome<json> list_job_executions_for_job(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto id, input.required(member::job_id));
    return list_executions_by(context, input, {.job = id, .thing = {}, .status = {}});
}

Outcome<json> list_job_executions_for_thing(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto thing, input.required(member::thing_name));
    IMPRINT_TRY(const auto job, input.optional(member::job_id_in_query));
    IMPRINT_CHECK(input.optional(member::namespace_id));
    return list_executions_by(context, input, {.job = job, .thing = thing, .status = {}});
}

}  // namespace imprint::local_registry::operations
