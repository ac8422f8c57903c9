// The firmware's source: brought up to date from git and built, once a run.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "prepare/settings.h"

namespace imprint::prepare {

struct SourceUpdate {
    std::string from;      // commit before
    std::string to;        // commit after
    unsigned commits = 0;  // how many came
    std::string stash;     // commit of the stash that holds local changes; empty: there were none
};

// Stashes local changes (also files git does not know), fetches, and moves forward only. Where that
// is not possible the local changes are put back and the error (config: git_no_repository,
// git_no_upstream, git_fetch_failed, git_diverged, git_failed) says what stands in the way.
// The stash stays: `git stash pop` brings the changes back.
[[nodiscard]] Result<SourceUpdate> update_source(const std::filesystem::path& directory);

// HEAD's commit, with "-dirty" where files differ; empty where the folder is in no repository.
[[nodiscard]] std::string source_commit(const std::filesystem::path& directory);

// Runs the build line in the folder. Error: build_failed (config), with the last lines it printed.
[[nodiscard]] Result<void> build_source(const FirmwareSettings& settings,
                                        const std::function<void(std::string_view)>& on_line);

}  // namespace imprint::prepare
