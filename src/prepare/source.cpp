#include "prepare/source.h"

#include <charconv>
#include <deque>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <utility>
#include <vector>

#include "base/process.h"

namespace imprint::prepare {

namespace {

namespace fs = std::filesystem;

std::string trimmed(std::string text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == ' '))
        text.pop_back();
    return text;
}

class Git {
  public:
    explicit Git(const fs::path& directory) : directory_(directory) {}

    [[nodiscard]] Result<CommandOutput> run(std::vector<std::string> arguments) const {
        Command command;
        command.arguments = {"git", "-C", directory_.string()};
        command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
        // Never ask a person: a production run has nobody at the prompt.
        command.environment = {{"GIT_TERMINAL_PROMPT", "0"}, {"LC_ALL", "C"}};
        return run_command(command);
    }

    // The output of a command that has to succeed.
    [[nodiscard]] Result<std::string> ask(std::vector<std::string> arguments, const char* code,
                                          const char* mend) const {
        const std::string line = fmt::format("git {}", fmt::join(arguments, " "));
        IMPRINT_TRY(const CommandOutput output, run(std::move(arguments)));
        if (output.status != 0)
            return fail(ErrorKind::config, code,
                        fmt::format("`{}` failed in {}: {}", line, directory_.string(),
                                    trimmed(output.text)),
                        mend);
        return trimmed(output.text);
    }

  private:
    fs::path directory_;
};

Result<void> move_forward(const Git& git, const fs::path& directory) {
    IMPRINT_TRY(const auto upstream,
                git.run({"rev-parse", "--abbrev-ref", "--symbolic-full-name", "@{upstream}"}));
    if (upstream.status != 0)
        return fail(ErrorKind::config, "git_no_upstream",
                    fmt::format("the branch in {} follows no upstream branch", directory.string()),
                    "set one with `git branch --set-upstream-to`, or set firmware.update = false");
    IMPRINT_CHECK(git.ask({"fetch", "--quiet"}, "git_fetch_failed",
                          "check the network and the remote, or set firmware.update = false"));
    IMPRINT_TRY(const auto merge, git.run({"merge", "--ff-only", "--quiet", "@{upstream}"}));
    if (merge.status != 0)
        return fail(ErrorKind::config, "git_diverged",
                    fmt::format("{} cannot be moved forward to {}: {}", directory.string(),
                                trimmed(upstream.text), trimmed(merge.text)),
                    "rebase or push your own commits first; Imprint never merges");
    return {};
}

}  // namespace

Result<SourceUpdate> update_source(const fs::path& directory) {
    const Git git(directory);
    SourceUpdate update;
    IMPRINT_TRY(update.from, git.ask({"rev-parse", "HEAD"}, "git_no_repository",
                                     "point firmware.directory at a git checkout, or set "
                                     "firmware.update = false"));
    IMPRINT_TRY(const std::string changes, git.ask({"status", "--porcelain"}, "git_failed", ""));
    if (!changes.empty()) {
        IMPRINT_CHECK(git.ask({"stash", "push", "--include-untracked", "--quiet", "--message",
                               "imprint: set aside before an update"},
                              "git_failed", "commit or stash your changes yourself"));
        IMPRINT_TRY(update.stash, git.ask({"rev-parse", "stash@{0}"}, "git_failed", ""));
    }
    if (auto moved = move_forward(git, directory); !moved) {
        if (!update.stash.empty()) {
            if (auto back = git.ask({"stash", "pop", "--quiet"}, "git_failed", ""); !back)
                return within(std::move(moved).error(),
                              fmt::format("your changes are kept in stash {}", update.stash));
        }
        return std::unexpected(std::move(moved).error());
    }
    IMPRINT_TRY(update.to, git.ask({"rev-parse", "HEAD"}, "git_failed", ""));
    IMPRINT_TRY(const std::string count,
                git.ask({"rev-list", "--count", update.from + ".." + update.to}, "git_failed", ""));
    std::from_chars(count.data(), count.data() + count.size(), update.commits);
    return update;
}

std::string source_commit(const fs::path& directory) {
    const Git git(directory);
    auto head = git.run({"rev-parse", "HEAD"});
    if (!head || head->status != 0) return {};
    auto changes = git.run({"status", "--porcelain", "--untracked-files=no"});
    const bool dirty = changes && changes->status == 0 && !trimmed(changes->text).empty();
    return trimmed(head->text) + (dirty ? "-dirty" : "");
}

Result<void> build_source(const FirmwareSettings& settings,
                          const std::function<void(std::string_view)>& on_line) {
    if (settings.build.empty()) return {};
    constexpr std::size_t kept = 15;
    std::deque<std::string> last;
    const Command command{{"sh", "-c", settings.build}, settings.directory, {}};
    IMPRINT_TRY(const auto output, run_command(command, [&](std::string_view line) {
                    last.emplace_back(line);
                    if (last.size() > kept) last.pop_front();
                    if (on_line) on_line(line);
                }));
    if (output.status != 0)
        return fail(
            ErrorKind::config, "build_failed",
            fmt::format("the build command `{}` ended with status {} in {}:\n{}", settings.build,
                        output.status, settings.directory.string(), fmt::join(last, "\n")),
            "run it there by hand until it succeeds");
    return {};
}

}  // namespace imprint::prepare
