#include "base/git.h"

#include <chrono>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_code.h"
#include "base/files.h"

namespace imprint {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

class KeptOutOfGit : public testing::Test {
  protected:
    KeptOutOfGit() : folder_(*TemporaryDirectory::create()) {
        git({"init", "--quiet", "--initial-branch=main"});
        fs::create_directory(top() / "deep");
    }

    [[nodiscard]] fs::path top() const { return folder_.path() / "project"; }

    void git(std::vector<std::string> arguments) const {
        fs::create_directory(top());
        const auto output = Git(top()).run(std::move(arguments));
        ASSERT_TRUE(output && output->status == 0) << (output ? output->text : "no git");
    }

    static std::string code(const Result<void>& result) {
        return result ? "" : result.error().code;
    }

    TemporaryDirectory folder_;
};

TEST_F(KeptOutOfGit, a_ledger_in_a_checkout_is_refused_with_the_line_that_mends_it) {
    const auto kept = keep_out_of_git({top() / "deep" / "ledger.sqlite", "the ledger"});
    ASSERT_FALSE(kept);
    EXPECT_EQ(code_of(kept), "git_would_track");
    EXPECT_EQ(kept.error().kind, ErrorKind::config);
    EXPECT_THAT(kept.error().message, HasSubstr("the ledger"));
    EXPECT_THAT(kept.error().hint, HasSubstr("echo '/deep/ledger.sqlite*' >> "));
    ASSERT_TRUE(write_file(top() / ".gitignore", "/deep/ledger.sqlite*\n"));
    EXPECT_TRUE(keep_out_of_git({top() / "deep" / "ledger.sqlite", "the ledger"}));
}

TEST_F(KeptOutOfGit, a_line_for_the_ledger_alone_leaves_its_journal_to_git) {
    ASSERT_TRUE(write_file(top() / ".gitignore", "ledger.sqlite\n"));
    EXPECT_EQ(code(keep_out_of_git({top() / "ledger.sqlite", "the ledger"})), "git_would_track");
}

TEST_F(KeptOutOfGit, what_git_tracks_already_is_refused_though_it_is_ignored) {
    ASSERT_TRUE(write_file(top() / "ledger.sqlite", "x"));
    fs::create_directory(top() / "keys");
    ASSERT_TRUE(write_file(top() / "keys" / "a.key", "x"));
    git({"add", "."});
    ASSERT_TRUE(write_file(top() / ".gitignore", "*\n"));
    const auto kept = keep_out_of_git({top() / "ledger.sqlite", "the ledger"});
    EXPECT_EQ(code(kept), "git_tracks");
    EXPECT_THAT(kept.error().hint, HasSubstr("rm -r --cached ledger.sqlite"));
    EXPECT_EQ(code(keep_out_of_git({top() / "keys", "the archive", true})), "git_tracks");
}

TEST_F(KeptOutOfGit, a_folder_that_is_yet_to_be_made_keeps_itself_out) {
    const Kept archive{top() / "deep" / "er" / "archive", "the archive", true};
    EXPECT_TRUE(keep_out_of_git(archive));
    ASSERT_TRUE(make_own_directory(archive.path));
    ASSERT_TRUE(write_file(archive.path / "a.key", "x"));
    EXPECT_TRUE(keep_out_of_git(archive));
    git({"add", "."});
    EXPECT_EQ(Git(top()).run({"ls-files"})->text, "");
    // One that is there, and not of this program's making, is not changed under its owner.
    fs::create_directory(top() / "old");
    ASSERT_TRUE(write_file(top() / "old" / "b.key", "x"));
    ASSERT_TRUE(make_own_directory(top() / "old"));
    EXPECT_FALSE(fs::exists(top() / "old" / ".gitignore"));
    EXPECT_EQ(code(keep_out_of_git({top() / "old", "the archive", true})), "git_would_track");
}

TEST_F(KeptOutOfGit, a_link_into_a_checkout_is_seen_through_and_other_folders_are_free) {
    fs::create_directory_symlink(top(), folder_.path() / "link");
    EXPECT_EQ(code(keep_out_of_git({folder_.path() / "link" / "ledger.sqlite", "the ledger"})),
              "git_would_track");
    EXPECT_TRUE(keep_out_of_git({folder_.path() / "ledger.sqlite", "the ledger"}));
    EXPECT_TRUE(keep_out_of_git({"/nowhere/at/all/ledger.sqlite", "the ledger"}));
}

TEST(LiesIn, tells_a_folder_from_one_whose_name_begins_alike) {
    EXPECT_TRUE(lies_in("/a/b", "/a/b"));
    EXPECT_TRUE(lies_in("/a/b/c", "/a/b"));
    EXPECT_FALSE(lies_in("/a/bc", "/a/b"));
    EXPECT_FALSE(lies_in("/a", "/a/b"));
}

// What would run, and be seen: a hook and a monitor that leave a file.
TEST_F(KeptOutOfGit, what_only_reads_runs_no_program_of_the_checkout_and_leaves_its_index) {
    const fs::path trace = folder_.path() / "ran";
    const std::string touch = "touch '" + trace.string() + "'";
    ASSERT_TRUE(write_file(top() / "a", "x"));
    git({"add", "a"});
    git({"config", "core.fsmonitor", touch + ";:"});
    const fs::path hook = top() / ".git" / "hooks" / "post-index-change";
    fs::create_directories(hook.parent_path());
    ASSERT_TRUE(write_file(hook, "#!/bin/sh\n" + touch + "\n"));
    fs::permissions(hook, fs::perms::owner_all);
    // The file's time is another one than the index has: git would write it anew.
    const auto then = fs::last_write_time(top() / "a") - std::chrono::hours(2);
    fs::last_write_time(top() / "a", then);
    const fs::path index = top() / ".git" / "index";
    fs::last_write_time(index, then);
    const auto status = Git(top()).run({"status", "--porcelain"});
    ASSERT_TRUE(status && status->status == 0);
    EXPECT_EQ(fs::last_write_time(index), then);
    EXPECT_FALSE(fs::exists(trace));
    ASSERT_TRUE(Git(top(), {}, GitUse::changes).run({"status", "--porcelain"}));
    EXPECT_NE(fs::last_write_time(index), then);
    EXPECT_TRUE(fs::exists(trace));
}

}  // namespace
}  // namespace imprint
