#include "local_registry/store/jobs.h"

#include <algorithm>

#include "local_registry/store/rows.h"

namespace imprint::local_registry {

namespace {

constexpr std::string_view job_columns =
    "SELECT number, id, document, description, targets, timeout_minutes, status, forced, reason, "
    "comment, created, updated, completed FROM job ";

constexpr std::string_view execution_columns =
    "SELECT number, job, thing, status, forced, details, version, queued, started, updated, "
    "job_deadline, step_deadline FROM job_execution ";

JobRecord job_of(const sqlite::Statement& row) {
    return {.number = row.integer(0),
            .id = row.text(1),
            .document = row.text(2),
            .description = row.text(3),
            .targets = list_of_column(row.text(4)),
            .timeout_minutes = row.optional_integer(5),
            .status = row.text(6),
            .forced = row.boolean(7),
            .reason = row.optional_text(8),
            .comment = row.optional_text(9),
            .created = row.integer(10),
            .updated = row.integer(11),
            .completed = row.optional_integer(12)};
}

ExecutionRecord execution_of(const sqlite::Statement& row) {
    return {.number = row.integer(0),
            .job = row.text(1),
            .thing = row.text(2),
            .status = row.text(3),
            .forced = row.boolean(4),
            .details = attributes_of_column(row.text(5)),
            .version = row.integer(6),
            .queued = row.integer(7),
            .started = row.optional_integer(8),
            .updated = row.integer(9),
            .job_deadline = row.optional_integer(10),
            .step_deadline = row.optional_integer(11)};
}

}  // namespace

std::optional<std::int64_t> ExecutionRecord::deadline() const {
    if (!job_deadline || !step_deadline) return job_deadline ? job_deadline : step_deadline;
    return std::min(*job_deadline, *step_deadline);
}

bool is_pending(std::string_view status) {
    return status == "QUEUED" || status == "IN_PROGRESS";
}

Result<std::optional<JobRecord>> find_job(sqlite::Database& database, const std::string& id) {
    IMPRINT_TRY(auto rows, database.query(std::string(job_columns) + "WHERE id = ?", id));
    return record_if_any(std::move(rows), job_of);
}

Result<void> insert_job(sqlite::Database& database, const JobRecord& record) {
    IMPRINT_CHECK(database.run(
        "INSERT INTO job (id, document, description, targets, timeout_minutes, status, forced, "
        "reason, comment, created, updated, completed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        record.id, record.document, record.description, to_column(record.targets),
        record.timeout_minutes, record.status, record.forced, record.reason, record.comment,
        record.created, record.updated, record.completed));
    return {};
}

Result<void> update_job(sqlite::Database& database, const JobRecord& record) {
    IMPRINT_CHECK(
        database.run("UPDATE job SET status = ?, forced = ?, reason = ?, comment = ?, "
                     "updated = ?, completed = ? WHERE id = ?",
                     record.status, record.forced, record.reason, record.comment, record.updated,
                     record.completed, record.id));
    return {};
}

Result<void> delete_job(sqlite::Database& database, const std::string& id) {
    IMPRINT_CHECK(database.run("DELETE FROM job WHERE id = ?", id));
    return {};
}

Result<std::vector<JobRecord>> list_jobs(sqlite::Database& database,
                                         std::optional<std::int64_t> before,
                                         const std::optional<std::string>& status,
                                         std::int64_t limit) {
    IMPRINT_TRY(auto rows,
                database.query(std::string(job_columns) + "WHERE (?1 IS NULL OR number < ?1) AND "
                                                          "(?2 IS NULL OR status = ?2) "
                                                          "ORDER BY number DESC LIMIT ?3",
                               before, status, limit));
    return records_of(std::move(rows), job_of);
}

Result<void> insert_execution(sqlite::Database& database, const ExecutionRecord& record) {
    IMPRINT_CHECK(database.run(
        "INSERT INTO job_execution (job, thing, status, forced, details, version, queued, started, "
        "updated, job_deadline, step_deadline) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        record.job, record.thing, record.status, record.forced, to_column(record.details),
        record.version, record.queued, record.started, record.updated, record.job_deadline,
        record.step_deadline));
    return {};
}

Result<void> update_execution(sqlite::Database& database, const ExecutionRecord& record) {
    IMPRINT_CHECK(database.run(
        "UPDATE job_execution SET status = ?, forced = ?, details = ?, version = ?, started = ?, "
        "updated = ?, job_deadline = ?, step_deadline = ? WHERE number = ?",
        record.status, record.forced, to_column(record.details), record.version, record.started,
        record.updated, record.job_deadline, record.step_deadline, record.number));
    return {};
}

Result<std::optional<ExecutionRecord>> find_execution(sqlite::Database& database,
                                                      const std::string& job,
                                                      const std::string& thing) {
    IMPRINT_TRY(
        auto rows,
        database.query(std::string(execution_columns) + "WHERE job = ? AND thing = ?", job, thing));
    return record_if_any(std::move(rows), execution_of);
}

Result<std::vector<ExecutionRecord>> pending_executions(sqlite::Database& database,
                                                        const std::string& thing) {
    IMPRINT_TRY(auto rows,
                database.query(std::string(execution_columns) +
                                   "WHERE thing = ? AND status IN ('QUEUED', 'IN_PROGRESS') "
                                   "ORDER BY status, number",  // IN_PROGRESS is before QUEUED
                               thing));
    return records_of(std::move(rows), execution_of);
}

Result<std::vector<ExecutionRecord>> list_executions(sqlite::Database& database,
                                                     const ExecutionFilter& filter,
                                                     std::int64_t after, std::int64_t limit) {
    IMPRINT_TRY(auto rows, database.query(std::string(execution_columns) +
                                              "WHERE number > ?1 AND (?2 IS NULL OR job = ?2) AND "
                                              "(?3 IS NULL OR thing = ?3) AND "
                                              "(?4 IS NULL OR status = ?4) "
                                              "ORDER BY number LIMIT ?5",
                                          after, filter.job, filter.thing, filter.status, limit));
    return records_of(std::move(rows), execution_of);
}

Result<std::vector<ExecutionRecord>> overdue_executions(sqlite::Database& database,
                                                        std::int64_t now) {
    IMPRINT_TRY(auto rows, database.query(std::string(execution_columns) +
                                              "WHERE status = 'IN_PROGRESS' AND "
                                              "(job_deadline <= ?1 OR step_deadline <= ?1) "
                                              "ORDER BY number",
                                          now));
    return records_of(std::move(rows), execution_of);
}

}  // namespace imprint::local_registry
