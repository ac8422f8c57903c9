#include "prepare/source.h"

#include <algorithm>
#include <charconv>
#include <deque>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <utility>

#include "base/clock.h"
#include "base/git.h"
#include "base/process.h"

namespace imprint::prepare {

namespace {

namespace fs = std::filesystem;

class Update {
  public:
    Update(const fs::path& directory, const std::vector<fs::path>& own, const std::stop_token& stop)
        : directory_(directory),
          own_(own),
          git_(directory, stop, GitUse::changes),
          sure_git_(directory, {}, GitUse::changes) {}

    [[nodiscard]] Result<SourceUpdate> run() {
        SourceUpdate update;
        IMPRINT_TRY(update.from, git_.ask({"rev-parse", "HEAD"}, "git_no_repository",
                                          "point firmware.directory at a git checkout, or set "
                                          "firmware.update = false"));
        IMPRINT_CHECK(find_own());
        IMPRINT_TRY(update.stash, set_aside());
        if (auto moved = move_forward(); !moved) {
            if (!update.stash.empty()) {
                if (auto back = sure_git_.ask({"stash", "pop", "--quiet"}, "git_failed", ""); !back)
                    return with_context(
                        std::move(moved).error(),
                        fmt::format("your changes are kept in stash {}", update.stash));
            }
            return std::unexpected(std::move(moved).error());
        }
        IMPRINT_TRY(update.to, git_.ask({"rev-parse", "HEAD"}, "git_failed", ""));
        IMPRINT_TRY(
            const std::string count,
            git_.ask({"rev-list", "--count", update.from + ".." + update.to}, "git_failed", ""));
        std::from_chars(count.data(), count.data() + count.size(), update.commits);
        return update;
    }

  private:
    // The own paths as git names them: relative to the top. A link counts as itself and as what it
    // points to.
    [[nodiscard]] Result<void> find_own() {
        IMPRINT_TRY(const fs::path top, git_.top());
        std::error_code error;
        for (const auto& path : own_)
            for (const fs::path& real : {without_links(path), fs::weakly_canonical(path, error)})
                if (lies_in(real, top) && real != top)
                    own_in_git_.push_back(real.lexically_relative(top));
        return {};
    }

    [[nodiscard]] bool is_own(const std::string& path) const {
        return std::ranges::any_of(own_in_git_,
                                   [&](const fs::path& own) { return lies_in(path, own); });
    }

    // Gives the stash's commit; nothing where there is nothing to set aside.
    [[nodiscard]] Result<std::string> set_aside() {
        std::vector<std::string> changed;
        for (const char* where : {"--ignore-submodules=dirty", "--cached"}) {
            IMPRINT_TRY(const auto paths,
                        git_.ask_paths({"diff", "--name-only", "-z", "--no-renames", where, "HEAD"},
                                       "git_failed"));
            changed.insert(changed.end(), paths.begin(), paths.end());
        }
        if (std::ranges::all_of(changed, [this](const auto& path) { return is_own(path); }))
            return std::string();
        // With the time: git's own has seconds, and of the same change twice in one it would make
        // the same commit, which could not be told from the one before.
        const std::string message = fmt::format("imprint: set aside before an update at {}",
                                                to_iso8601(SystemClock().wall()));
        std::vector<std::string> push = {"stash", "push", "--quiet", "--message",
                                         message, "--",   ":(top)"};
        for (const auto& own : own_in_git_)
            push.push_back(":(top,exclude,literal)" + own.string());
        const std::string before = newest_stash();
        IMPRINT_CHECK(
            sure_git_.ask(std::move(push), "git_failed", "commit or stash your changes yourself"));
        const std::string after = newest_stash();
        return after == before ? std::string() : after;
    }

    [[nodiscard]] std::string newest_stash() const {
        return sure_git_.ask({"rev-parse", "--quiet", "--verify", "refs/stash"}, "git_failed", "")
            .value_or("");
    }

    [[nodiscard]] Result<void> move_forward() {
        IMPRINT_TRY(const auto upstream,
                    git_.run({"rev-parse", "--abbrev-ref", "--symbolic-full-name", "@{upstream}"}));
        if (upstream.status != 0)
            return fail(
                ErrorKind::config, "git_no_upstream",
                fmt::format("the branch in {} follows no upstream branch", directory_.string()),
                "set one with `git branch --set-upstream-to`, or set firmware.update = "
                "false");
        IMPRINT_CHECK(git_.ask({"fetch", "--quiet"}, "git_fetch_failed",
                               "check the network and the remote, or set firmware.update = false"));
        IMPRINT_TRY(const auto ancestor,
                    git_.run({"merge-base", "--is-ancestor", "HEAD", "@{upstream}"}));
        const bool straight = ancestor.status == 0;
        if (straight) IMPRINT_CHECK(keeps_own());
        // Of what is ignored git would make nothing: the ledger may be among it (git-merge(1)).
        auto merge = sure_git_.ask(
            {"merge", "--ff-only", "--no-overwrite-ignore", "--quiet", "@{upstream}"},
            straight ? ErrorCode("git_files_in_the_way") : ErrorCode("git_diverged"),
            straight ? "move the files away that git names, or commit what you changed in them"
                     : "rebase or push your own commits first; Imprint never merges");
        if (!merge)
            return with_context(std::move(merge).error(),
                                fmt::format("{} cannot be moved forward", directory_.string()));
        return {};
    }

    // What upstream has given up would be removed here with it.
    [[nodiscard]] Result<void> keeps_own() const {
        IMPRINT_TRY(const auto gone, git_.ask_paths({"diff", "--name-only", "-z", "--no-renames",
                                                     "--diff-filter=DT", "HEAD", "@{upstream}"},
                                                    "git_failed"));
        for (const auto& path : gone)
            if (is_own(path))
                return fail(
                    ErrorKind::config, "git_takes_own_file",
                    fmt::format("the update would remove {}, which Imprint needs here", path),
                    fmt::format("keep a copy, pull by hand, and put it back: git -C {} pull",
                                directory_.string()));
        return {};
    }

    const fs::path& directory_;
    const std::vector<fs::path>& own_;
    Git git_;
    Git sure_git_;  // what must not be broken off half-way
    std::vector<fs::path> own_in_git_;
};

}  // namespace

Result<SourceUpdate> update_source(const fs::path& directory, const std::vector<fs::path>& own,
                                   const std::stop_token& stop) {
    return Update(directory, own, stop).run();
}

std::string source_commit(const fs::path& directory) {
    const Git git(directory);
    auto head = git.run({"rev-parse", "HEAD"});
    if (!head || head->status != 0) return {};
    auto changes = git.run({"status", "--porcelain", "--untracked-files=no"});
    const bool dirty = changes && changes->status == 0 && !changes->text.empty();
    return head->text.substr(0, head->text.find('\n')) + (dirty ? "-dirty" : "");
}

Result<void> build_source(const FirmwareSettings& settings,
                          const std::function<void(std::string_view)>& on_line,
                          const std::stop_token& stop) {
    if (settings.build.empty()) return {};
    constexpr std::size_t kept = 15;
    std::deque<std::string> last;
    const Command command{{"sh", "-c", settings.build}, settings.directory, {}};
    const auto take = [&](std::string_view line) {
        last.emplace_back(line);
        if (last.size() > kept) last.pop_front();
        if (on_line) on_line(line);
    };
    IMPRINT_TRY(const auto output, run_command(command, take, stop));
    if (output.status != 0)
        return fail(
            ErrorKind::config, "build_failed",
            fmt::format("the build command `{}` ended with status {} in {}:\n{}", settings.build,
                        output.status, settings.directory.string(), fmt::join(last, "\n")),
            "run it there by hand until it succeeds");
    return {};
}

}  // namespace imprint::prepare
