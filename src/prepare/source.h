// The firmware's source: updated from git and built, once per run.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "prepare/settings.h"

namespace imprint::prepare {

struct SourceUpdate {
    std::string from;      // commit before
    std::string to;        // commit after
    unsigned commits = 0;  // how many are new
    std::string stash;     // commit of the stash that holds local changes; empty: no local changes
};

// Stashes local changes to tracked files, fetches, and fast-forwards. The files in `own` are left
// as they are, wherever they are and whether git tracks them or not, and so is every untracked
// file. If that is not possible, the local changes are restored and the error (config:
// git_no_repository, git_not_trusted, git_no_upstream, git_fetch_failed, git_diverged,
// git_files_in_the_way, git_takes_own_file, git_failed) says what stands in the way.
// The stash stays: `git stash pop` brings the changes back.
[[nodiscard]] Result<SourceUpdate> update_source(const std::filesystem::path& directory,
                                                 const std::vector<std::filesystem::path>& own,
                                                 const std::stop_token& stop = {});

// HEAD's commit, with "-dirty" if files differ; empty if the folder is in no repository.
[[nodiscard]] std::string source_commit(const std::filesystem::path& directory);

// Runs the build line in the folder. Errors: build_failed (config), with the last lines of output;
// interrupted.
[[nodiscard]] Result<void> build_source(const FirmwareSettings& settings,
                                        const std::function<void(std::string_view)>& on_line,
                                        const std::stop_token& stop = {});

}  // namespace imprint::prepare
