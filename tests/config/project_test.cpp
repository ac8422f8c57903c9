#include "config/project.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "base/git.h"
#include "prepare/own_files.h"

namespace imprint::config {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

class ProjectTest : public testing::Test {
  protected:
    [[nodiscard]] fs::path at(const char* name) const { return folder_.path() / name; }

    TemporaryDirectory folder_ = *TemporaryDirectory::create();
};

TEST_F(ProjectTest, what_init_writes_lets_git_take_none_of_a_runs_records) {
    ASSERT_EQ(Git(folder_.path()).run({"init", "--quiet"})->status, 0);
    prepare::Settings settings;
    settings.ledger.path = at("imprint-ledger.sqlite");
    settings.identity.issue = prepare::Issue::minted;
    settings.identity.minted = at("minted");
    settings.registry.provider = prepare::Provider::local;
    settings.registry.state = at("registry");
    for (const char* folder : {"minted", "registry"}) {
        fs::create_directory(at(folder));
        ASSERT_TRUE(write_file(at(folder) / "key", "x"));
    }
    EXPECT_FALSE(prepare::check_records(settings));
    ASSERT_TRUE(write_project_files(folder_.path(), false));
    EXPECT_TRUE(prepare::check_records(settings));
}

TEST_F(ProjectTest, a_folder_that_is_missing_is_made) {
    const auto folder = at("products") / "lamp";
    ASSERT_TRUE(write_project_files(folder, false));
    EXPECT_TRUE(fs::exists(folder / "imprint.toml"));
    ASSERT_TRUE(write_file(at("file"), "x"));
    const auto refused = write_project_files(at("file"), false);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "file_unwritable");
}

TEST_F(ProjectTest, a_gitignore_that_is_there_is_extended_once) {
    ASSERT_TRUE(write_file(at(".gitignore"), "build/\n/registry/\nsdkconfig"));
    ASSERT_TRUE(write_project_files(folder_.path(), false));
    const std::string text = *read_text(at(".gitignore"));
    EXPECT_TRUE(text.starts_with("build/\n/registry/\nsdkconfig\n")) << text;
    EXPECT_THAT(text, HasSubstr("\n/imprint-ledger.sqlite*\n"));
    EXPECT_THAT(text, HasSubstr("\n/imprint-users.txt*\n"));
    EXPECT_EQ(text.find("/registry/"), text.rfind("/registry/"));
    const auto again = write_project_files(folder_.path(), true);
    ASSERT_TRUE(again);
    EXPECT_EQ(*read_text(at(".gitignore")), text);
    EXPECT_EQ(again->size(), 2U);
}

}  // namespace
}  // namespace imprint::config
