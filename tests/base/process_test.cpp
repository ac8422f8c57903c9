#include "base/process.h"

#include <csignal>
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <iterator>
#include <set>
#include <sstream>
#include <stop_token>
#include <thread>
#include <unistd.h>

#include "base/error_code.h"
#include "base/files.h"

namespace imprint {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Command shell(std::string line) {
    Command command;
    command.arguments = {"sh", "-c", std::move(line)};
    return command;
}

std::string output_of(const Command& command) {
    auto result = run_command(command);
    if (!result) ADD_FAILURE() << result.error().describe();
    return result ? result->text : std::string();
}

// Waits for one line, so that the child is known to have come that far.
std::string read_line(ChildProcess& child) {
    std::string line;
    char c = 0;
    while (::read(child.output().get(), &c, 1) == 1 && c != '\n')
        line += c;
    return line;
}

bool is_alive(pid_t pid) {
    return ::kill(pid, 0) == 0;
}

TEST(RunCommand, gives_output_and_status) {
    const auto result = run_command(shell("echo out; echo err >&2; exit 3"));
    ASSERT_TRUE(result);
    EXPECT_EQ(result->status, 3);
    EXPECT_EQ(result->text, "out\nerr\n");
    EXPECT_EQ(run_command(shell("true")).value().status, 0);
}

TEST(RunCommand, a_stop_ends_it_and_all_that_it_started) {
    std::stop_source stop;
    std::string child;
    const auto result = run_command(
        shell("sleep 1000 & echo $!; wait"),
        [&](std::string_view line) {
            child = line;
            stop.request_stop();
        },
        stop.get_token());
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::interrupted);
    // Dead, though perhaps not yet taken in by whoever has inherited it.
    const auto state = [&] { return read_text("/proc/" + child + "/stat").value_or("gone Z"); };
    for (int i = 0; i < 1000 && !state().contains(" Z"); ++i)
        std::this_thread::sleep_for(Milliseconds(10));
    EXPECT_THAT(state(), HasSubstr(" Z"));
}

TEST(RunCommand, that_was_to_stop_before_it_began_does_nothing_for_long) {
    std::stop_source stop;
    stop.request_stop();
    const auto result = run_command(shell("exec sleep 1000"), {}, stop.get_token());
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::interrupted);
}

TEST(RunCommand, standard_error_can_be_left_out) {
    const auto result = run_command(shell("echo out; echo err >&2"), {}, {}, ChildOutput::pipe_out);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->text, "out\n");
}

TEST(RunCommand, arguments_reach_the_program_as_they_are) {
    Command command;
    command.arguments = {"printf", "%s|", "a b", "", "$HOME", "*", "'\""};
    EXPECT_EQ(output_of(command), "a b||$HOME|*|'\"|");
}

TEST(RunCommand, tells_each_line_as_it_comes_and_the_last_without_its_end) {
    std::vector<std::string> lines;
    const auto result = run_command(shell("printf 'one\\n\\ntwo\\nthree'"),
                                    [&](std::string_view line) { lines.emplace_back(line); });
    ASSERT_TRUE(result);
    EXPECT_THAT(lines, ElementsAre("one", "", "two", "three"));
}

TEST(RunCommand, takes_more_output_than_a_pipe_holds) {
    std::size_t lines = 0;
    const auto result = run_command(shell("i=0; while [ $i -lt 20000 ]; do echo line $i; "
                                          "i=$((i+1)); done"),
                                    [&](std::string_view) { ++lines; });
    ASSERT_TRUE(result);
    EXPECT_EQ(lines, 20000U);
    EXPECT_TRUE(result->text.ends_with("line 19999\n"));
}

TEST(RunCommand, a_signal_is_a_status_above_128) {
    EXPECT_EQ(run_command(shell("kill -TERM $$")).value().status, 128 + SIGTERM);
    EXPECT_EQ(run_command(shell("kill -KILL $$")).value().status, 128 + SIGKILL);
}

TEST(RunCommand, runs_in_the_folder_it_is_told) {
    const auto folder = TemporaryDirectory::create().value();
    Command command = shell("pwd -P");
    command.directory = folder.path();
    EXPECT_EQ(output_of(command), std::filesystem::canonical(folder.path()).string() + "\n");
}

TEST(RunCommand, adds_to_the_environment_and_replaces_in_it) {
    ASSERT_EQ(::setenv("IMPRINT_TEST_KEPT", "kept", 1), 0);
    ASSERT_EQ(::setenv("IMPRINT_TEST_REPLACED", "former", 1), 0);
    Command command = shell(
        "echo $IMPRINT_TEST_KEPT $IMPRINT_TEST_REPLACED $IMPRINT_TEST_NEW; "
        "env | grep -c ^IMPRINT_TEST_REPLACED=");
    command.environment = {{"IMPRINT_TEST_REPLACED", "new=1"}, {"IMPRINT_TEST_NEW", "added"}};
    EXPECT_EQ(output_of(command), "kept new=1 added\n1\n");
    ::unsetenv("IMPRINT_TEST_KEPT");
    ::unsetenv("IMPRINT_TEST_REPLACED");
}

TEST(RunCommand, standard_input_is_empty) {
    EXPECT_EQ(output_of(shell("cat; echo done")), "done\n");
}

// Without those that whoever started the test left open for us.
std::set<int> inherited_files() {
    std::set<int> open{0, 1, 2};
    for (int fd = 3; fd < 1024; ++fd) {
        const int flags = ::fcntl(fd, F_GETFD);
        if (flags >= 0 && (flags & FD_CLOEXEC) == 0) open.insert(fd);
    }
    return open;
}

TEST(RunCommand, no_file_of_ours_is_open_in_the_child) {
    const auto folder = TemporaryDirectory::create().value();
    const Fd ours(::open((folder.path() / "ours").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
    ASSERT_TRUE(ours);
    Command command;
    command.arguments = {"ls", "/proc/self/fd"};
    std::istringstream listing(output_of(command));
    std::set<int> open{std::istream_iterator<int>(listing), {}};
    for (const int fd : inherited_files())
        EXPECT_EQ(open.erase(fd), 1U) << fd;
    EXPECT_EQ(open.size(), 1U);  // the folder that ls reads
}

TEST(RunCommand, a_program_that_ignores_broken_pipes_hands_that_on_to_nobody) {
    auto* const former = std::signal(SIGPIPE, SIG_IGN);
    const std::string text = output_of(shell("grep SigIgn /proc/self/status"));
    static_cast<void>(std::signal(SIGPIPE, former));
    const std::uint64_t ignored = std::stoull(text.substr(text.find('\t') + 1), nullptr, 16);
    EXPECT_EQ(ignored >> (SIGPIPE - 1) & 1, 0U) << text;
}

TEST(ChildProcess, a_program_that_is_not_there_is_told_with_what_to_do) {
    Command command;
    command.arguments = {"imprint-no-such-program", "argument"};
    const auto child = ChildProcess::start(command);
    ASSERT_FALSE(child);
    EXPECT_EQ(child.error().kind, ErrorKind::config);
    EXPECT_EQ(code_of(child), "process_failed_to_start");
    EXPECT_THAT(child.error().message, HasSubstr("imprint-no-such-program"));
    EXPECT_FALSE(child.error().hint.empty());
    // What stands behind it may be a secret.
    EXPECT_THAT(child.error().describe(), ::testing::Not(HasSubstr("argument")));
}

TEST(ChildProcess, a_folder_that_is_not_there_is_told) {
    Command command = shell("true");
    command.directory = "/nowhere/at/all";
    EXPECT_EQ(code_of(ChildProcess::start(command)), "process_failed_to_start");
}

TEST(ChildProcess, a_file_that_is_no_program_is_told) {
    Command command;
    command.arguments = {"/dev/null"};
    EXPECT_EQ(code_of(ChildProcess::start(command)), "process_failed_to_start");
}

TEST(ChildProcess, its_end_is_seen_once_and_kept) {
    auto child = ChildProcess::start(shell("exit 5"), ChildOutput::discard).value();
    EXPECT_EQ(child.wait(), 5);
    EXPECT_EQ(child.wait(), 5);
    EXPECT_EQ(child.poll(), 5);
    EXPECT_FALSE(child.output());
    child.terminate();
    EXPECT_EQ(child.poll(), 5);
}

TEST(ChildProcess, what_it_says_on_standard_error_stays_out_of_its_output_where_that_is_asked_for) {
    auto child = ChildProcess::start(shell("echo no >&2; echo out"), ChildOutput::pipe_out);
    ASSERT_TRUE(child);
    EXPECT_EQ(read_line(*child), "out");
    EXPECT_EQ(child->wait(), 0);
}

TEST(ChildProcess, poll_says_nothing_while_it_runs) {
    auto child =
        ChildProcess::start(shell("echo ready; exec sleep 600"), ChildOutput::pipe).value();
    EXPECT_EQ(read_line(child), "ready");
    EXPECT_EQ(child.poll(), std::nullopt);
    EXPECT_TRUE(is_alive(child.pid()));
    child.terminate();
    EXPECT_EQ(child.poll(), 128 + SIGTERM);
    EXPECT_FALSE(is_alive(child.pid()));
}

TEST(ChildProcess, one_that_does_not_listen_is_killed) {
    auto child =
        ChildProcess::start(shell("trap '' TERM; echo ready; exec sleep 600"), ChildOutput::pipe)
            .value();
    EXPECT_EQ(read_line(child), "ready");
    child.terminate(Milliseconds(50));
    EXPECT_EQ(child.poll(), 128 + SIGKILL);
}

TEST(ChildProcess, ends_and_is_reaped_with_its_owner) {
    pid_t pid = -1;
    {
        auto child =
            ChildProcess::start(shell("echo ready; exec sleep 600"), ChildOutput::pipe).value();
        pid = child.pid();
        EXPECT_EQ(read_line(child), "ready");
    }
    EXPECT_FALSE(is_alive(pid));  // a zombie would still answer
}

TEST(ChildProcess, is_handed_on_by_moving) {
    auto first =
        ChildProcess::start(shell("echo ready; exec sleep 600"), ChildOutput::pipe).value();
    const pid_t pid = first.pid();
    ChildProcess second(std::move(first));
    EXPECT_EQ(read_line(second), "ready");
    EXPECT_TRUE(is_alive(pid));
    auto third = ChildProcess::start(shell("exec sleep 600")).value();
    const pid_t replaced = third.pid();
    third = std::move(second);
    EXPECT_FALSE(is_alive(replaced));
    EXPECT_EQ(third.pid(), pid);
    EXPECT_TRUE(is_alive(pid));
}

TEST(ChildProcess, ends_when_the_thread_that_started_it_does) {
    std::optional<ChildProcess> child;
    std::thread([&] {
        child = ChildProcess::start(shell("echo ready; exec sleep 600"), ChildOutput::pipe).value();
        EXPECT_EQ(read_line(*child), "ready");
    }).join();
    EXPECT_EQ(child->wait(), 128 + SIGTERM);
}

TEST(ChildProcess, many_at_once_each_get_their_own_output) {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([i] {
            for (int round = 0; round < 5; ++round)
                EXPECT_EQ(output_of(shell(fmt::format("echo {}", i))), fmt::format("{}\n", i));
        });
}

}  // namespace
}  // namespace imprint
