// git, as far as Imprint asks it, and what must never get into it.
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/process.h"

namespace imprint {

// Runs git in a folder. It never asks a person: a production run has nobody at the prompt.
class Git {
  public:
    explicit Git(std::filesystem::path directory, std::stop_token stop = {})
        : directory_(std::move(directory)), stop_(std::move(stop)) {}

    // Errors: process_failed_to_start (config), interrupted.
    [[nodiscard]] Result<CommandOutput> run(std::vector<std::string> arguments,
                                            ChildOutput output = ChildOutput::pipe) const;

    // The output of a command that has to succeed, without the line end. Errors: git_not_trusted
    // (config; the checkout is another user's), or `code`.
    [[nodiscard]] Result<std::string> ask(std::vector<std::string> arguments, ErrorCode code,
                                          const char* hint) const;

    // The same for a list of paths that git ends with NUL each (-z).
    [[nodiscard]] Result<std::vector<std::string>> ask_paths(std::vector<std::string> arguments,
                                                             ErrorCode code) const;

    // Of the work tree that the folder lies in. Error: git_no_repository (config).
    [[nodiscard]] Result<std::filesystem::path> top() const;

  private:
    std::filesystem::path directory_;
    std::stop_token stop_;
};

// Something that is kept, and must not travel with a repository: records and keys.
struct Kept {
    std::filesystem::path path;
    std::string what;  // "the ledger", for the error
    bool folder = false;
};

// The path without links on the way to it, also where it is not there yet; a link at its end stays
// one.
[[nodiscard]] std::filesystem::path without_links(const std::filesystem::path& path);

// Whether the path is the other one, or in it.
[[nodiscard]] bool lies_in(const std::filesystem::path& path, const std::filesystem::path& folder);

// Outside of a work tree there is nothing to fear, and without git nobody adds anything. A folder
// that is empty or not there yet will be one of make_own_directory's. Errors (config): git_tracks
// (it is in the index), git_would_track (the next `git add` takes it along).
[[nodiscard]] Result<void> keep_out_of_git(const Kept& kept);

}  // namespace imprint
