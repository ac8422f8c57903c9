// Each in a process of its own: signals are the whole process's.
#include "cli/interrupt.h"

#include <atomic>
#include <csignal>
#include <functional>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "base/error.h"

namespace imprint::cli {
namespace {

// Waits, not for ever, for what another thread will do.
template <typename Condition>
bool becomes(const Condition& condition) {
    for (int look = 0; look < 5000; ++look) {
        if (condition()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return false;
}

// The exit code of a process that does this.
int in_a_process(const std::function<bool(Interrupt&)>& work) {
    const pid_t child = ::fork();
    if (child == 0) {
        Interrupt interrupt;
        ::_exit(work(interrupt) ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void press(int signal) {
    ::kill(::getpid(), signal);
}

bool stops(const Interrupt& interrupt) {
    return becomes([&] { return interrupt.token().stop_requested(); });
}

// It has been taken, and did not stop anything.
bool only_asks(Interrupt& interrupt) {
    return becomes([&] { return interrupt.asked_to_end(); }) && !interrupt.token().stop_requested();
}

void wait_for_the_end() {
    std::this_thread::sleep_for(std::chrono::seconds(20));
}

TEST(InterruptTest, the_first_signal_stops_and_the_second_ends_it) {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP})
        EXPECT_EQ(in_a_process([signal](Interrupt& interrupt) {
                      press(signal);
                      if (!stops(interrupt)) return false;
                      press(signal);
                      wait_for_the_end();
                      return false;
                  }),
                  exit_code(ErrorKind::interrupted));
}

TEST(InterruptTest, with_boards_in_hand_the_first_only_asks_and_says_so) {
    EXPECT_EQ(in_a_process([](Interrupt& interrupt) {
                  std::atomic<int> told = 0;
                  interrupt.finish_boards_in_hand(true, [&told] { ++told; });
                  press(SIGINT);
                  if (!only_asks(interrupt) || !becomes([&told] { return told == 1; }))
                      return false;
                  press(SIGINT);
                  return stops(interrupt) && told == 1;
              }),
              0);
}

TEST(InterruptTest, a_third_ends_it) {
    EXPECT_EQ(in_a_process([](Interrupt& interrupt) {
                  interrupt.finish_boards_in_hand(true, [] {});
                  press(SIGINT);
                  if (!only_asks(interrupt)) return false;
                  press(SIGINT);
                  if (!stops(interrupt)) return false;
                  press(SIGINT);
                  wait_for_the_end();
                  return false;
              }),
              exit_code(ErrorKind::interrupted));
}

TEST(InterruptTest, what_is_no_persons_key_gives_boards_up_at_once) {
    for (const int signal : {SIGTERM, SIGHUP})
        EXPECT_EQ(in_a_process([signal](Interrupt& interrupt) {
                      interrupt.finish_boards_in_hand(true, [] {});
                      press(signal);
                      return stops(interrupt);
                  }),
                  0);
}

TEST(InterruptTest, once_no_board_is_in_hand_the_first_stops) {
    EXPECT_EQ(in_a_process([](Interrupt& interrupt) {
                  interrupt.finish_boards_in_hand(true, [] {});
                  interrupt.finish_boards_in_hand(false, [] {});
                  press(SIGINT);
                  return stops(interrupt);
              }),
              0);
}

}  // namespace
}  // namespace imprint::cli
