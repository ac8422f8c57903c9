// What devices have to do: each thing's queue of job executions, and what is told when it changes.
// Source: AWS IoT Core developer guide, "Jobs notifications" and "Jobs device MQTT API operations"
// (JobExecutionsChanged, NextJobExecutionChanged).
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "local_registry/operations/context.h"
#include "local_registry/store/jobs.h"

namespace imprint::local_registry::operations {

// Compares the queues of things before and after a change, within its transaction. Executions whose
// time is over are TIMED_OUT first, whoever's they are: nothing else looks at the clock.
class QueueChange {
  public:
    [[nodiscard]] static Result<QueueChange> begin(const Context& context,
                                                   sqlite::Database& database,
                                                   std::set<std::string> things);
    // Sets its job COMPLETED where nothing of it is pending any more. An execution that is over
    // has no deadlines.
    [[nodiscard]] Result<void> save(sqlite::Database& database, ExecutionRecord execution);
    // To be published after the commit: "notify" and "notify-next" of the things whose queue is
    // another one now.
    [[nodiscard]] Result<std::vector<Announcement>> end(sqlite::Database& database) const;

  private:
    explicit QueueChange(std::int64_t now) : now_(now) {}

    std::int64_t now_;
    std::map<std::string, std::vector<ExecutionRecord>> before_;
};

// As devices are told of it. Times are seconds since 1970.
[[nodiscard]] nlohmann::json execution_summary(const ExecutionRecord& execution);
// document: the job's; empty: not to be told.
[[nodiscard]] nlohmann::json execution_data(const ExecutionRecord& execution,
                                            const std::string& document, std::int64_t now);

}  // namespace imprint::local_registry::operations
