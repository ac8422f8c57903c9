// Imprint's calls to git, and a check of what must never get into a repository.
#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/process.h"

namespace imprint {

// reads: the folder is left as it is, also git's index, and no program of the checkout's own runs:
// no hook, no file system monitor (git-config(1), core.hooksPath and core.fsmonitor; git(1),
// GIT_OPTIONAL_LOCKS). A filter that .gitattributes asks for still does, for git compares with it.
enum class GitUse : std::uint8_t { reads, changes };

// Runs git in a folder. It never prompts: in a production run nobody is at the prompt.
class Git {
  public:
    explicit Git(std::filesystem::path directory, std::stop_token stop = {},
                 GitUse use = GitUse::reads)
        : directory_(std::move(directory)), stop_(std::move(stop)), use_(use) {}

    // Errors: process_failed_to_start (config), interrupted.
    [[nodiscard]] Result<CommandOutput> run(std::vector<std::string> arguments,
                                            ChildOutput output = ChildOutput::pipe) const;

    // The output of a command that has to succeed, without the final newline. Errors:
    // git_not_trusted (config; the checkout belongs to another user), or `code`.
    [[nodiscard]] Result<std::string> ask(std::vector<std::string> arguments, ErrorCode code,
                                          const char* hint) const;

    // The same for a list of paths, each terminated by NUL (-z).
    [[nodiscard]] Result<std::vector<std::string>> ask_paths(std::vector<std::string> arguments,
                                                             ErrorCode code) const;

    // The top folder of the work tree that contains the folder. Error: git_no_repository (config).
    [[nodiscard]] Result<std::filesystem::path> top() const;

  private:
    std::filesystem::path directory_;
    std::stop_token stop_;
    GitUse use_;
};

// Something that is kept but must not travel with a repository: records and keys.
struct Kept {
    std::filesystem::path path;
    std::string what;  // "the ledger", for the error
    bool folder = false;
};

// The path with all links in its parents resolved, even if it does not exist yet. A link as the
// last component is kept.
[[nodiscard]] std::filesystem::path without_links(const std::filesystem::path& path);

// Whether the path is the folder or inside it.
[[nodiscard]] bool lies_in(const std::filesystem::path& path, const std::filesystem::path& folder);

// Outside of a work tree there is no danger, and without git nobody adds anything. A folder that is
// empty or does not exist yet will be made by make_own_directory. Errors (config): git_tracks (it
// is in the index), git_would_track (the next `git add` would add it).
[[nodiscard]] Result<void> keep_out_of_git(const Kept& kept);

}  // namespace imprint
