#include "local_registry/operations/job_queue.h"

#include <algorithm>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace imprint::local_registry::operations {

using nlohmann::json;

namespace {

constexpr std::size_t most_in_notice = 15;

Result<std::string> document_of(sqlite::Database& database, const std::string& job) {
    IMPRINT_TRY(const auto record, find_job(database, job));
    return record ? record->document : std::string();
}

bool is_same(const std::vector<ExecutionRecord>& a, const std::vector<ExecutionRecord>& b) {
    return std::ranges::equal(a, b, [](const ExecutionRecord& one, const ExecutionRecord& other) {
        return one.number == other.number && one.status == other.status;
    });
}

json list_notice(const std::vector<ExecutionRecord>& pending, std::int64_t now) {
    json jobs = json::object();
    for (std::size_t i = 0; i < std::min(pending.size(), most_in_notice); ++i)
        jobs[pending[i].status].push_back(execution_summary(pending[i]));
    return {{"timestamp", now / 1000}, {"jobs", std::move(jobs)}};
}

}  // namespace

json execution_summary(const ExecutionRecord& execution) {
    json summary{{"jobId", execution.job},
                 {"queuedAt", execution.queued / 1000},
                 {"lastUpdatedAt", execution.updated / 1000},
                 {"executionNumber", execution.number},
                 {"versionNumber", execution.version}};
    if (execution.started) summary["startedAt"] = *execution.started / 1000;
    return summary;
}

json execution_data(const ExecutionRecord& execution, const std::string& document,
                    std::int64_t now) {
    json data = execution_summary(execution);
    data["thingName"] = execution.thing;
    data["status"] = execution.status;
    if (!execution.details.empty()) data["statusDetails"] = execution.details;
    if (const auto deadline = execution.deadline())
        data["approximateSecondsBeforeTimedOut"] =
            std::max<std::int64_t>(0, *deadline - now) / 1000;
    if (!document.empty()) data["jobDocument"] = json::parse(document);
    return data;
}

Result<QueueChange> QueueChange::begin(const Context& context, sqlite::Database& database,
                                       std::set<std::string> things) {
    QueueChange change(context.now());
    IMPRINT_TRY(auto overdue, overdue_executions(database, change.now_));
    for (const auto& execution : overdue)
        things.insert(execution.thing);
    for (const auto& thing : things) {
        IMPRINT_TRY(change.before_[thing], pending_executions(database, thing));
    }
    for (auto& execution : overdue) {
        execution.status = "TIMED_OUT";
        ++execution.version;
        execution.updated = change.now_;
        IMPRINT_CHECK(change.save(database, std::move(execution)));
    }
    return change;
}

Result<void> QueueChange::save(sqlite::Database& database, ExecutionRecord execution) {
    if (!is_pending(execution.status)) execution.job_deadline = execution.step_deadline = {};
    IMPRINT_CHECK(update_execution(database, execution));
    if (is_pending(execution.status)) return {};
    IMPRINT_TRY(auto job, find_job(database, execution.job));
    if (!job || job->status != "IN_PROGRESS") return {};
    for (const char* status : {"QUEUED", "IN_PROGRESS"}) {
        IMPRINT_TRY(
            const auto left,
            list_executions(database, {.job = execution.job, .thing = {}, .status = status}, 0, 1));
        if (!left.empty()) return {};
    }
    job->status = "COMPLETED";
    job->updated = now_;
    job->completed = now_;
    return update_job(database, *job);
}

Result<std::vector<Announcement>> QueueChange::end(sqlite::Database& database) const {
    std::vector<Announcement> notices;
    for (const auto& [thing, before] : before_) {
        IMPRINT_TRY(const auto after, pending_executions(database, thing));
        if (is_same(before, after)) continue;
        const std::string topic = fmt::format("$aws/things/{}/jobs/notify", thing);
        notices.push_back({.topic = topic, .payload = list_notice(after, now_).dump()});
        const bool same_next =
            !before.empty() && !after.empty() && before.front().number == after.front().number;
        if (same_next || (before.empty() && after.empty())) continue;
        json next{{"timestamp", now_ / 1000}};
        if (!after.empty()) {
            IMPRINT_TRY(const auto document, document_of(database, after.front().job));
            next["execution"] = execution_data(after.front(), document, now_);
        }
        notices.push_back({.topic = topic + "-next", .payload = next.dump()});
    }
    return notices;
}

}  // namespace imprint::local_registry::operations
