#include "base/threads.h"

#include <atomic>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdexcept>

#include "base/error_code.h"

namespace imprint {
namespace {

using ::testing::HasSubstr;

std::jthread none_left(const std::function<void(std::stop_token)>& /*work*/) {
    throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
}

TEST(Guarded, gives_what_the_work_gives) {
    EXPECT_EQ(run_guarded("here", []() -> Result<int> { return 7; }), 7);
    const auto failed = run_guarded(
        "here", []() -> Result<int> { return fail(ErrorKind::board, "lot", "the number is odd"); });
    EXPECT_EQ(code_of(failed), "lot");
}

TEST(Guarded, makes_any_exception_an_error_that_says_where) {
    const auto known =
        run_guarded("bay 3", []() -> Result<int> { throw std::runtime_error("the sky fell"); });
    ASSERT_FALSE(known);
    EXPECT_EQ(known.error().kind, ErrorKind::bug);
    EXPECT_THAT(known.error().describe(), HasSubstr("bay 3: a bug in Imprint: the sky fell"));
    const auto unknown = run_guarded("bay 3", []() -> Result<int> { throw 7; });
    ASSERT_FALSE(unknown);
    EXPECT_EQ(code_of(unknown), "bug");
}

TEST(StartedThread, does_the_work_and_hands_over_what_it_throws) {
    std::promise<Error> thrown;
    const auto thread = start_thread(
        "bay 3", [](const std::stop_token&) { throw std::runtime_error("the sky fell"); },
        [&](const Error& error) { thrown.set_value(error); });
    ASSERT_TRUE(thread);
    EXPECT_EQ(thrown.get_future().get().kind, ErrorKind::bug);
}

TEST(StartedThread, that_cannot_be_had_is_an_error_of_its_own) {
    bool worked = false;
    const auto thread = start_thread(
        "bay 3", [&](const std::stop_token&) { worked = true; }, [](const Error&) {}, none_left);
    ASSERT_FALSE(thread);
    EXPECT_EQ(code_of(thread), "thread_not_started");
    EXPECT_FALSE(worked);
    EXPECT_THAT(thread.error().describe(), HasSubstr("bay 3: "));
}

TEST(BesideTheCaller, an_exception_is_the_results_error) {
    auto future =
        Beside<int>::start("the cloud", []() -> Result<int> { throw std::runtime_error("no"); });
    const auto result = future.get();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::bug);
}

TEST(BesideTheCaller, without_a_thread_the_work_is_done_when_it_is_asked_for) {
    bool worked = false;
    auto future = Beside<int>::start(
        "the cloud",
        [&]() -> Result<int> {
            worked = true;
            return 7;
        },
        [](std::launch, const std::function<Result<int>()>&) -> std::future<Result<int>> {
            throw std::system_error(
                std::make_error_code(std::errc::resource_unavailable_try_again));
        });
    EXPECT_FALSE(worked);
    EXPECT_EQ(future.get(), 7);
}

TEST(Alike, as_many_as_can_be_had_do_the_work) {
    std::atomic<unsigned> done = 0;
    run_alike(4, [&] { ++done; });
    EXPECT_EQ(done, 4U);
    unsigned left = 1;
    run_alike(
        4, [&] { ++done; },
        [&](std::function<void(std::stop_token)> work) {
            if (left == 0) return none_left(work);
            --left;
            return make_thread(std::move(work));
        });
    EXPECT_EQ(done, 6U);
}

TEST(Alike, an_exception_comes_to_the_caller_once_all_have_ended) {
    std::atomic<unsigned> done = 0;
    EXPECT_THROW(run_alike(4,
                           [&] {
                               if (done++ == 0) throw std::runtime_error("the sky fell");
                           }),
                 std::runtime_error);
    EXPECT_EQ(done, 4U);
}

}  // namespace
}  // namespace imprint
