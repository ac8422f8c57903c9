// Jobs, and what each of their things has to do: an execution.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "local_registry/store/json_columns.h"
#include "sqlite/database.h"

namespace imprint::local_registry {

struct JobRecord {
    std::int64_t number = 0;  // given at insertion
    std::string id;
    std::string document;
    std::string description;
    std::vector<std::string> targets;             // ARNs
    std::optional<std::int64_t> timeout_minutes;  // of an execution, from its start
    std::string status = "IN_PROGRESS";
    bool forced = false;  // it was cancelled by force
    std::optional<std::string> reason;
    std::optional<std::string> comment;
    std::int64_t created = 0;  // milliseconds since 1970, as all times here
    std::int64_t updated = 0;
    std::optional<std::int64_t> completed;
};

struct ExecutionRecord {
    std::int64_t number = 0;  // given at insertion: executionNumber, and the order of the queue
    std::string job;
    std::string thing;
    std::string status = "QUEUED";
    bool forced = false;
    Attributes details;
    std::int64_t version = 1;
    std::int64_t queued = 0;
    std::optional<std::int64_t> started;
    std::int64_t updated = 0;
    std::optional<std::int64_t> job_deadline;   // by the job's timeout
    std::optional<std::int64_t> step_deadline;  // by the device's own

    // The earlier one.
    [[nodiscard]] std::optional<std::int64_t> deadline() const;
};

// QUEUED and IN_PROGRESS.
[[nodiscard]] bool is_pending(std::string_view status);

[[nodiscard]] Result<std::optional<JobRecord>> find_job(sqlite::Database& database,
                                                        const std::string& id);
[[nodiscard]] Result<void> insert_job(sqlite::Database& database, const JobRecord& record);
// Its status, reason, comment and times.
[[nodiscard]] Result<void> update_job(sqlite::Database& database, const JobRecord& record);
// With its executions.
[[nodiscard]] Result<void> delete_job(sqlite::Database& database, const std::string& id);
// Newest first, those before a number.
[[nodiscard]] Result<std::vector<JobRecord>> list_jobs(sqlite::Database& database,
                                                       std::optional<std::int64_t> before,
                                                       const std::optional<std::string>& status,
                                                       std::int64_t limit);

[[nodiscard]] Result<void> insert_execution(sqlite::Database& database,
                                            const ExecutionRecord& record);
[[nodiscard]] Result<void> update_execution(sqlite::Database& database,
                                            const ExecutionRecord& record);
[[nodiscard]] Result<std::optional<ExecutionRecord>> find_execution(sqlite::Database& database,
                                                                    const std::string& job,
                                                                    const std::string& thing);
// Of a thing, in the order of its queue: those in progress first.
[[nodiscard]] Result<std::vector<ExecutionRecord>> pending_executions(sqlite::Database& database,
                                                                      const std::string& thing);

// Of a job, of a thing, or of both; those after a number.
struct ExecutionFilter {
    std::optional<std::string> job;
    std::optional<std::string> thing;
    std::optional<std::string> status;
};

[[nodiscard]] Result<std::vector<ExecutionRecord>> list_executions(sqlite::Database& database,
                                                                   const ExecutionFilter& filter,
                                                                   std::int64_t after,
                                                                   std::int64_t limit);
// Those in progress whose deadline has passed.
[[nodiscard]] Result<std::vector<ExecutionRecord>> overdue_executions(sqlite::Database& database,
                                                                      std::int64_t now);

}  // namespace imprint::local_registry
