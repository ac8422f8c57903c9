#include "base/git.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <system_error>
#include <utility>

#include "base/text.h"

namespace imprint {

namespace {

namespace fs = std::filesystem;

// The nearest folder above that exists.
fs::path existing_folder(fs::path path) {
    std::error_code error;
    while (!fs::is_directory(path, error)) {
        if (!path.has_relative_path()) return path;
        path = path.parent_path();
    }
    return path;
}

// Cheap, and without git: a work tree has a folder or (worktrees, submodules) a file of this name.
bool is_in_work_tree(const fs::path& folder) {
    std::error_code error;
    for (fs::path at = folder;; at = at.parent_path()) {
        if (fs::exists(at / ".git", error)) return true;
        if (!at.has_relative_path()) return false;
    }
}

// SQLite keeps what is not yet in the file itself beside it ("Temporary Files Used By SQLite").
std::vector<std::string> names_of(const Kept& kept, const fs::path& path) {
    if (kept.folder) return {(path / "any").string()};
    return {path.string(), path.string() + "-wal", path.string() + "-shm"};
}

bool is_empty_or_missing(const fs::path& folder) {
    std::error_code error;
    return !fs::exists(folder, error) || fs::is_empty(folder, error);
}

}  // namespace

Result<CommandOutput> Git::run(std::vector<std::string> arguments, ChildOutput output) const {
    Command command;
    command.arguments = {"git", "-C", directory_.string()};
    command.environment = {{"GIT_TERMINAL_PROMPT", "0"}, {"LC_ALL", "C"}};
    if (use_ == GitUse::reads) {
        for (const char* setting :
             {"core.fsmonitor=false", "core.hooksPath=/dev/null", "log.showSignature=false"})
            command.arguments.insert(command.arguments.end(), {"-c", setting});
        command.environment.emplace_back("GIT_OPTIONAL_LOCKS", "0");
    }
    command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
    return run_command(std::move(command), {}, stop_, output);
}

Result<std::string> Git::ask(std::vector<std::string> arguments, ErrorCode code,
                             const char* hint) const {
    const std::string line = fmt::format("git {}", fmt::join(arguments, " "));
    IMPRINT_TRY(const CommandOutput output, run(std::move(arguments)));
    std::string text(trimmed(output.text));
    if (output.status == 0) return text;
    // git config(1), safe.directory.
    if (text.contains("dubious ownership"))
        return fail(ErrorKind::config, "git_not_trusted",
                    fmt::format("git does not trust {}: it is another user's", directory_.string()),
                    fmt::format("run as that user, or: git config --global --add safe.directory {}",
                                directory_.string()));
    return fail(ErrorKind::config, code,
                fmt::format("`{}` failed in {}: {}", line, directory_.string(), text), hint);
}

Result<std::vector<std::string>> Git::ask_paths(std::vector<std::string> arguments,
                                                ErrorCode code) const {
    const std::string line = fmt::format("git {}", fmt::join(arguments, " "));
    // Warnings, on standard error, are no paths.
    IMPRINT_TRY(const CommandOutput output, run(std::move(arguments), ChildOutput::pipe_out));
    if (output.status != 0)
        return fail(ErrorKind::config, code,
                    fmt::format("`{}` failed in {} with status {}", line, directory_.string(),
                                output.status));
    const std::string& text = output.text;
    std::vector<std::string> paths;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\0', at), text.size());
        paths.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return paths;
}

Result<fs::path> Git::top() const {
    IMPRINT_TRY(const std::string text,
                ask({"rev-parse", "--show-toplevel"}, "git_no_repository", ""));
    return fs::path(text);
}

fs::path without_links(const fs::path& path) {
    std::error_code error;
    const fs::path whole = fs::absolute(path, error).lexically_normal();
    const fs::path plain = whole.has_filename() ? whole : whole.parent_path();
    const fs::path parent = fs::weakly_canonical(plain.parent_path(), error);
    return error ? plain : parent / plain.filename();
}

bool lies_in(const fs::path& path, const fs::path& folder) {
    return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first ==
           folder.end();
}

Result<void> keep_out_of_git(const Kept& kept) {
    const fs::path path = without_links(kept.path);
    const fs::path folder = existing_folder(path.parent_path());
    if (!is_in_work_tree(folder)) return {};
    const Git git(folder);
    const auto top = git.top();
    if (!top) return {};  // no git, or none that looks into this folder
    const std::string within = path.lexically_relative(*top).string();
    const std::string line = fmt::format("/{}{}", within, kept.folder ? "/" : "*");
    const std::vector<std::string> names = names_of(kept, path);

    std::vector<std::string> question = {"ls-files", "-z", "--"};
    if (kept.folder)
        question.push_back(path.string());
    else
        question.insert(question.end(), names.begin(), names.end());
    IMPRINT_TRY(const auto tracked, git.ask_paths(std::move(question), "git_failed"));
    if (!tracked.empty())
        return fail(
            ErrorKind::config, "git_tracks",
            fmt::format("{} {} is tracked by git: it would go wherever that repository goes",
                        kept.what, path.string()),
            fmt::format("git -C {} rm -r --cached {}; and a line {} in its .gitignore",
                        top->string(), within, line));

    if (kept.folder && is_empty_or_missing(path)) return {};
    unsigned ignored = 0;
    for (const auto& name : names) {
        IMPRINT_TRY(const auto answer, git.run({"check-ignore", "--quiet", "--", name}));
        ignored += answer.status == 0 ? 1 : 0;
    }
    if (ignored == names.size()) return {};
    return fail(
        ErrorKind::config, "git_would_track",
        fmt::format(
            "{} {} lies in a git checkout and is not ignored: `git add` would take it along",
            kept.what, path.string()),
        fmt::format("echo '{}' >> {}", line, (*top / ".gitignore").string()));
}

}  // namespace imprint
