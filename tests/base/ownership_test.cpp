#include "base/ownership.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error_code.h"
#include "base/files.h"

namespace imprint {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

constexpr uid_t nobody = 65534;

class Ownership : public testing::Test {
  protected:
    [[nodiscard]] fs::path at(const char* name) const { return folder_.path() / name; }

    void write(const char* name, mode_t mode = 0600) const {
        ASSERT_TRUE(write_file(at(name), std::string_view("x")));
        ASSERT_EQ(::chmod(at(name).c_str(), mode), 0);
    }

    static std::string trouble(const fs::path& path) {
        const auto result = check_ours(path);
        return result ? "" : result.error().code + ": " + result.error().message;
    }

    TemporaryDirectory folder_ = *TemporaryDirectory::create();
};

TEST_F(Ownership, what_is_ours_or_not_there_yet_is_taken) {
    write("mine");
    EXPECT_EQ(trouble(at("mine")), "");
    EXPECT_EQ(trouble(at("not/yet/there")), "");
    EXPECT_EQ(trouble(folder_.path() / ""), "");
    EXPECT_EQ(trouble(fs::temp_directory_path() / "imprint-not-there"), "") << "sticky";
}

TEST_F(Ownership, a_link_is_refused_wherever_it_points) {
    write("mine");
    fs::create_symlink(at("mine"), at("link"));
    fs::create_symlink(at("nowhere"), at("dangling"));
    fs::create_directory_symlink(folder_.path(), at("to_folder"));
    for (const char* name : {"link", "dangling", "to_folder", "to_folder/"})
        EXPECT_THAT(trouble(at(name)), HasSubstr("is a link")) << name;
    // On the way to it, it is what it points to.
    EXPECT_EQ(trouble(at("to_folder") / "mine"), "");
}

TEST_F(Ownership, what_everybody_can_write_to_is_refused_and_so_is_its_folder) {
    write("open", 0666);
    EXPECT_THAT(trouble(at("open")), HasSubstr("can be written by others"));
    fs::create_directory(at("folder"));
    write("folder/mine");
    ASSERT_EQ(::chmod(at("folder").c_str(), 0777), 0);
    EXPECT_THAT(trouble(at("folder/mine")), HasSubstr("folder can be written by others"));
    EXPECT_THAT(trouble(at("folder/new")), HasSubstr("folder can be written by others"));
    ASSERT_EQ(::chmod(at("folder").c_str(), 01777), 0);
    EXPECT_EQ(trouble(at("folder/mine")), "");
}

TEST_F(Ownership, of_another_user_is_not_ours) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
    write("theirs");
    ASSERT_EQ(::chown(at("theirs").c_str(), nobody, nobody), 0);
    EXPECT_THAT(trouble(at("theirs")), HasSubstr("belongs to another user"));
    EXPECT_TRUE(check_ours(at("theirs"), nobody));
    // Root looks at the whole way, for whoever has a folder has what is in it.
    fs::create_directories(at("a/b"));
    write("a/b/mine");
    ASSERT_EQ(::chown(at("a").c_str(), nobody, nobody), 0);
    EXPECT_THAT(trouble(at("a/b/mine")), HasSubstr("/a belongs to another user"));
    EXPECT_THAT(trouble(at("a/b/c/d")), HasSubstr("/a belongs to another user"));
    EXPECT_TRUE(check_ours(at("a/b/mine"), nobody));
}

TEST_F(Ownership, a_folder_of_the_programs_own_is_not_made_in_or_of_a_strangers) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give a folder away";
    fs::create_directory(at("theirs"));
    ASSERT_EQ(::chmod(at("theirs").c_str(), 0755), 0);
    ASSERT_EQ(::chown(at("theirs").c_str(), nobody, nobody), 0);
    for (const char* name : {"theirs", "theirs/archive"}) {
        const auto made = make_own_directory(at(name));
        ASSERT_FALSE(made) << name;
        EXPECT_EQ(code_of(made), "not_ours");
    }
    EXPECT_EQ(static_cast<unsigned>(fs::status(at("theirs")).permissions()), 0755U) << "as it was";
    EXPECT_TRUE(fs::is_empty(at("theirs")));
}

}  // namespace
}  // namespace imprint
