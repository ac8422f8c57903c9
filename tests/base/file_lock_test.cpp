#include "base/file_lock.h"

#include <cerrno>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/files.h"

namespace imprint {
namespace {

class FileLockTest : public testing::Test {
  protected:
    Result<TemporaryDirectory> folder_ = TemporaryDirectory::create();
    std::filesystem::path path_ = folder_->path() / "lock";
};

TEST_F(FileLockTest, one_holds_it_and_others_see_that) {
    EXPECT_FALSE(FileLock::is_held(path_));
    EXPECT_FALSE(std::filesystem::exists(path_)) << "looking makes nothing";
    {
        const auto lock = FileLock::take(path_);
        ASSERT_TRUE(lock);
        EXPECT_TRUE(FileLock::is_held(path_));
        EXPECT_FALSE(FileLock::take(path_));
        EXPECT_EQ(errno, EAGAIN);
    }
    EXPECT_FALSE(FileLock::is_held(path_));
    EXPECT_TRUE(FileLock::take(path_));
}

TEST_F(FileLockTest, it_goes_with_a_process_that_is_killed) {
    int ready[2];
    ASSERT_EQ(::pipe(ready), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        const auto lock = FileLock::take(path_);
        const char told = lock ? 'y' : 'n';
        if (::write(ready[1], &told, 1) != 1) ::_exit(1);
        for (;;)
            ::pause();
    }
    char told = 0;
    ASSERT_EQ(::read(ready[0], &told, 1), 1);
    EXPECT_EQ(told, 'y');
    EXPECT_TRUE(FileLock::is_held(path_));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    EXPECT_FALSE(FileLock::is_held(path_));
    EXPECT_TRUE(std::filesystem::exists(path_));
    ::close(ready[0]);
    ::close(ready[1]);
}

}  // namespace
}  // namespace imprint
