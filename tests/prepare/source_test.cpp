#include "prepare/source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>
#include <stop_token>

#include "base/error_code.h"
#include "base/files.h"
#include "base/process.h"

namespace imprint::prepare {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

// A repository and a clone of it, made with the real git.
class SourceTest : public testing::Test {
  protected:
    SourceTest() : folder_(*TemporaryDirectory::create()) {
        fs::create_directory(upstream());
        git(upstream(), {"init", "--quiet", "--initial-branch=main"});
        commit(upstream(), "file", "1\n");
        git(folder_.path(), {"clone", "--quiet", upstream().string(), clone().string()});
    }

    static std::string git(const fs::path& directory, std::vector<std::string> arguments) {
        Command command{{"git", "-c", "user.name=Test", "-c", "user.email=t@example.invalid", "-C",
                         directory.string()},
                        {},
                        {}};
        command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
        const auto output = run_command(command);
        EXPECT_TRUE(output && output->status == 0) << (output ? output->text : "no git");
        return output ? output->text : "";
    }

    static void commit(const fs::path& directory, const std::string& name,
                       const std::string& content) {
        ASSERT_TRUE(write_file(directory / name, content));
        git(directory, {"add", "."});
        git(directory, {"commit", "--quiet", "-m", "a change"});
    }

    static Result<SourceUpdate> updated(const fs::path& directory,
                                        const std::vector<fs::path>& own = {}) {
        return update_source(directory, own);
    }

    [[nodiscard]] fs::path upstream() const { return folder_.path() / "upstream"; }

    [[nodiscard]] fs::path clone() const { return folder_.path() / "clone"; }

    TemporaryDirectory folder_;
};

TEST_F(SourceTest, moves_forward_and_says_how_far) {
    commit(upstream(), "file", "2\n");
    commit(upstream(), "file", "3\n");
    const auto update = updated(clone());
    ASSERT_TRUE(update) << update.error().describe();
    EXPECT_EQ(update->commits, 2U);
    EXPECT_NE(update->from, update->to);
    EXPECT_EQ(update->stash, "");
    EXPECT_EQ(*read_text(clone() / "file"), "3\n");
}

TEST_F(SourceTest, with_nothing_new_changes_nothing) {
    const auto update = updated(clone());
    ASSERT_TRUE(update);
    EXPECT_EQ(update->commits, 0U);
    EXPECT_EQ(update->from, update->to);
}

TEST_F(SourceTest, sets_local_changes_aside_where_they_can_be_brought_back) {
    commit(upstream(), "file", "2\n");
    ASSERT_TRUE(write_file(clone() / "file", "mine\n"));
    const auto update = updated(clone());
    ASSERT_TRUE(update) << update.error().describe();
    EXPECT_EQ(update->stash.size(), 40U);
    EXPECT_EQ(*read_text(clone() / "file"), "2\n");
    EXPECT_THAT(git(clone(), {"show", update->stash + ":file"}), HasSubstr("mine"));
}

TEST_F(SourceTest, the_same_change_twice_in_one_second_is_set_aside_twice) {
    std::set<std::string> stashes;
    for (int i = 0; i < 8; ++i) {
        ASSERT_TRUE(write_file(clone() / "file", "mine\n"));
        const auto update = updated(clone());
        ASSERT_TRUE(update) << update.error().describe();
        EXPECT_EQ(update->stash.size(), 40U);
        stashes.insert(update->stash);
    }
    EXPECT_EQ(stashes.size(), 8U);
}

TEST_F(SourceTest, what_git_does_not_know_stays_where_it_is) {
    commit(upstream(), "file", "2\n");
    for (const char* name : {"imprint-ledger.sqlite", "imprint.toml", "notes"})
        ASSERT_TRUE(write_file(clone() / name, "mine\n"));
    const auto update = updated(clone());
    ASSERT_TRUE(update) << update.error().describe();
    EXPECT_EQ(update->commits, 1U);
    EXPECT_EQ(update->stash, "");
    for (const char* name : {"imprint-ledger.sqlite", "imprint.toml", "notes"})
        EXPECT_EQ(*read_text(clone() / name), "mine\n") << name;
    EXPECT_EQ(git(clone(), {"stash", "list"}), "");
}

// Each station may have its own line in a configuration that is the project's.
TEST_F(SourceTest, a_file_of_imprints_that_git_knows_is_not_set_aside_with_the_others) {
    commit(upstream(), "imprint.toml", "shared\n");
    fs::create_directory(upstream() / "extra");
    commit(upstream(), "extra/page", "shared\n");
    git(clone(), {"pull", "--quiet"});
    commit(upstream(), "file", "2\n");
    for (const char* name : {"imprint.toml", "extra/page", "file"})
        ASSERT_TRUE(write_file(clone() / name, "mine\n"));
    git(clone(), {"add", "imprint.toml"});
    const auto update =
        updated(clone(), {clone() / "imprint.toml", clone() / "extra", "/elsewhere/ledger"});
    ASSERT_TRUE(update) << update.error().describe();
    EXPECT_EQ(*read_text(clone() / "imprint.toml"), "mine\n");
    EXPECT_EQ(*read_text(clone() / "extra/page"), "mine\n");
    EXPECT_EQ(*read_text(clone() / "file"), "2\n");
    EXPECT_EQ(update->stash.size(), 40U);
    EXPECT_EQ(git(clone(), {"show", update->stash + ":extra/page"}), "shared\n");
}

TEST_F(SourceTest, where_only_imprints_own_files_differ_nothing_is_set_aside) {
    commit(upstream(), "imprint.toml", "shared\n");
    git(clone(), {"pull", "--quiet"});
    ASSERT_TRUE(write_file(clone() / "file", "an older change\n"));
    git(clone(), {"stash", "push", "--quiet"});
    ASSERT_TRUE(write_file(clone() / "imprint.toml", "mine\n"));
    const auto update = updated(clone(), {clone() / "imprint.toml"});
    ASSERT_TRUE(update) << update.error().describe();
    EXPECT_EQ(update->stash, "") << "the older one is not this run's";
    EXPECT_EQ(*read_text(clone() / "imprint.toml"), "mine\n");
}

// The firmware's folder may be any in its checkout, and the path to it a link.
TEST_F(SourceTest, an_own_file_is_found_wherever_in_the_checkout_it_lies) {
    fs::create_directory(upstream() / "firmware");
    commit(upstream(), "firmware/main.c", "1\n");
    commit(upstream(), "imprint.toml", "shared\n");
    git(clone(), {"pull", "--quiet"});
    commit(upstream(), "firmware/main.c", "2\n");
    ASSERT_TRUE(write_file(clone() / "imprint.toml", "mine\n"));
    fs::create_directory_symlink(clone(), folder_.path() / "link");
    const auto update = updated(folder_.path() / "link" / "firmware",
                                {folder_.path() / "link" / "firmware" / ".." / "imprint.toml"});
    ASSERT_TRUE(update) << update.error().describe();
    EXPECT_EQ(*read_text(clone() / "imprint.toml"), "mine\n");
    EXPECT_EQ(*read_text(clone() / "firmware/main.c"), "2\n");
}

TEST_F(SourceTest, a_file_that_the_update_would_overwrite_is_named_and_stays) {
    for (const char* name : {"unknown", "ignored"}) {
        commit(upstream(), name, "theirs\n");
        ASSERT_TRUE(write_file(clone() / name, "mine\n"));
    }
    ASSERT_TRUE(write_file(clone() / ".git" / "info" / "exclude", "ignored\n"));
    ASSERT_TRUE(write_file(clone() / "file", "changed\n"));
    const auto update = updated(clone());
    ASSERT_FALSE(update);
    EXPECT_EQ(code_of(update), "git_files_in_the_way");
    EXPECT_THAT(update.error().message, HasSubstr("unknown"));
    EXPECT_EQ(*read_text(clone() / "unknown"), "mine\n");
    EXPECT_EQ(*read_text(clone() / "file"), "changed\n") << "put back";
    fs::remove(clone() / "unknown");
    const auto again = updated(clone());
    ASSERT_FALSE(again);
    EXPECT_EQ(code_of(again), "git_files_in_the_way");
    EXPECT_THAT(again.error().message, HasSubstr("ignored"));
    EXPECT_EQ(*read_text(clone() / "ignored"), "mine\n");
}

TEST_F(SourceTest, an_update_that_would_remove_an_own_file_is_refused) {
    commit(upstream(), "policy.json", "{}\n");
    git(clone(), {"pull", "--quiet"});
    git(upstream(), {"rm", "--quiet", "policy.json"});
    commit(upstream(), "file", "2\n");
    const auto update = updated(clone(), {clone() / "policy.json"});
    ASSERT_FALSE(update);
    EXPECT_EQ(code_of(update), "git_takes_own_file");
    EXPECT_THAT(update.error().message, HasSubstr("policy.json"));
    EXPECT_EQ(*read_text(clone() / "policy.json"), "{}\n");
    EXPECT_EQ(*read_text(clone() / "file"), "1\n");
}

TEST_F(SourceTest, a_build_is_ended_by_a_stop) {
    FirmwareSettings settings;
    settings.directory = clone();
    settings.build = "echo begun; sleep 1000";
    std::stop_source stop;
    const auto built =
        build_source(settings, [&](std::string_view) { stop.request_stop(); }, stop.get_token());
    ASSERT_FALSE(built);
    EXPECT_EQ(built.error().kind, ErrorKind::interrupted);
}

TEST_F(SourceTest, refuses_to_merge_and_puts_local_changes_back) {
    commit(upstream(), "file", "theirs\n");
    commit(clone(), "other", "ours\n");
    ASSERT_TRUE(write_file(clone() / "file", "not committed\n"));
    const auto update = updated(clone());
    ASSERT_FALSE(update);
    EXPECT_EQ(code_of(update), "git_diverged");
    EXPECT_EQ(update.error().kind, ErrorKind::config);
    EXPECT_EQ(*read_text(clone() / "file"), "not committed\n");
    EXPECT_EQ(git(clone(), {"stash", "list"}), "");
}

TEST_F(SourceTest, a_remote_that_is_gone_is_told_and_changes_are_put_back) {
    ASSERT_TRUE(write_file(clone() / "file", "not committed\n"));
    fs::remove_all(upstream());
    const auto update = updated(clone());
    ASSERT_FALSE(update);
    EXPECT_EQ(code_of(update), "git_fetch_failed");
    EXPECT_EQ(*read_text(clone() / "file"), "not committed\n");
}

TEST_F(SourceTest, a_branch_without_upstream_and_a_folder_without_git_are_told_apart) {
    const auto alone = updated(upstream());
    ASSERT_FALSE(alone);
    EXPECT_EQ(code_of(alone), "git_no_upstream");
    const auto plain = TemporaryDirectory::create();
    const auto none = updated(plain->path());
    ASSERT_FALSE(none);
    EXPECT_EQ(code_of(none), "git_no_repository");
}

TEST_F(SourceTest, the_commit_says_when_files_differ_from_it) {
    const std::string clean = source_commit(clone());
    EXPECT_EQ(clean.size(), 40U);
    ASSERT_TRUE(write_file(clone() / "file", "changed\n"));
    EXPECT_EQ(source_commit(clone()), clean + "-dirty");
    const auto plain = TemporaryDirectory::create();
    EXPECT_EQ(source_commit(plain->path()), "");
}

TEST_F(SourceTest, a_build_runs_in_its_folder_and_shows_its_lines) {
    FirmwareSettings settings;
    settings.directory = clone();
    settings.build = "cat file && echo made > artifact";
    std::vector<std::string> lines;
    ASSERT_TRUE(build_source(settings, [&](std::string_view line) { lines.emplace_back(line); }));
    EXPECT_EQ(lines, std::vector<std::string>{"1"});
    EXPECT_EQ(*read_text(clone() / "artifact"), "made\n");
}

TEST_F(SourceTest, a_failed_build_shows_its_last_lines_and_status) {
    FirmwareSettings settings;
    settings.directory = clone();
    settings.build = "seq 1 100; echo broken >&2; exit 7";
    const auto built = build_source(settings, {});
    ASSERT_FALSE(built);
    EXPECT_EQ(code_of(built), "build_failed");
    EXPECT_THAT(built.error().message, HasSubstr("status 7"));
    EXPECT_THAT(built.error().message, HasSubstr("broken"));
    EXPECT_THAT(built.error().message, testing::Not(HasSubstr("\n50\n")));
}

}  // namespace
}  // namespace imprint::prepare
