#include "base/fd.h"

#include <cerrno>
#include <fcntl.h>
#include <gtest/gtest.h>

namespace imprint {
namespace {

bool is_open(int fd) {
    return ::fcntl(fd, F_GETFD) != -1 || errno != EBADF;
}

int some_fd() {
    return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

TEST(Fd, closes_what_it_owns_once) {
    int number = -1;
    {
        const Fd fd(some_fd());
        ASSERT_TRUE(fd);
        number = fd.get();
        EXPECT_TRUE(is_open(number));
    }
    EXPECT_FALSE(is_open(number));
    EXPECT_FALSE(Fd());
}

TEST(Fd, is_handed_on_by_moving) {
    Fd first(some_fd());
    const int number = first.get();
    Fd second(std::move(first));
    EXPECT_FALSE(first);  // NOLINT(bugprone-use-after-move): empty is what is promised
    EXPECT_EQ(second.get(), number);
    Fd third(some_fd());
    const int replaced = third.get();
    third = std::move(second);
    EXPECT_FALSE(is_open(replaced));
    EXPECT_EQ(third.get(), number);
    Fd& itself = third;
    third = std::move(itself);
    EXPECT_TRUE(is_open(number));
    const int released = third.release();
    EXPECT_EQ(released, number);
    EXPECT_FALSE(third);
    EXPECT_TRUE(is_open(number));
    Fd(released).reset();
    EXPECT_FALSE(is_open(number));
}

}  // namespace
}  // namespace imprint
