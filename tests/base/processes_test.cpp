#include "base/processes.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "base/files.h"

namespace imprint {
namespace {

TEST(Processes, this_one_lives_and_its_name_is_one_word) {
    const SystemProcesses processes;
    const std::string self = processes.self();
    EXPECT_EQ(self.find(' '), std::string::npos);
    EXPECT_EQ(processes.life_of(self), Life::alive);
    EXPECT_EQ(processes.self(), self);
    EXPECT_THAT(describe_process(self), testing::HasSubstr(std::to_string(::getpid())));
}

TEST(Processes, a_child_is_dead_once_it_has_ended_reaped_or_not) {
    const SystemProcesses processes;
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        const std::string self = SystemProcesses().self();
        static_cast<void>(!::write(ends[1], self.data(), self.size()));
        ::pause();
        ::_exit(0);
    }
    std::array<char, 512> buffer{};
    const auto got = ::read(ends[0], buffer.data(), buffer.size());
    ASSERT_GT(got, 0);
    const std::string identity(buffer.data(), static_cast<std::size_t>(got));
    EXPECT_EQ(processes.life_of(identity), Life::alive);
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    siginfo_t info{};
    ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
    EXPECT_EQ(processes.life_of(identity), Life::dead) << "a zombie";
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    EXPECT_EQ(processes.life_of(identity), Life::dead);
    ::close(ends[0]);
    ::close(ends[1]);
}

TEST(Processes, another_start_boot_host_or_container_is_another_process) {
    const SystemProcesses processes;
    const std::string self = processes.self();
    std::vector<std::string> parts;
    for (std::size_t from = 0; from <= self.size();) {
        const auto end = std::min(self.find('/', from), self.size());
        parts.push_back(self.substr(from, end - from));
        from = end + 1;
    }
    ASSERT_EQ(parts.size(), 5U);
    const auto with = [&](std::size_t part) {
        auto changed = parts;
        changed[part] += "1";
        return changed[0] + "/" + changed[1] + "/" + changed[2] + "/" + changed[3] + "/" +
               changed[4];
    };
    EXPECT_EQ(processes.life_of(with(0)), Life::unknown);
    EXPECT_EQ(processes.life_of(with(1)), Life::dead);
    EXPECT_EQ(processes.life_of(with(2)), Life::unknown);
    EXPECT_EQ(processes.life_of(with(4)), Life::dead) << "its number was given out again";
    EXPECT_EQ(processes.life_of(""), Life::dead) << "from before processes were written down";
    EXPECT_EQ(processes.life_of("odd"), Life::dead);
}

// As a service's hardening shows it /proc: who cannot be seen may be alive, and keeps its boards.
TEST(Processes, one_that_is_hidden_is_not_dead) {
    const std::string self = SystemProcesses().self();
    const auto folder = TemporaryDirectory::create();
    ASSERT_TRUE(folder);
    const SystemProcesses blind(folder->path());
    EXPECT_EQ(blind.life_of(self), Life::unknown) << "not even the boot is known";
    const std::string of_blind = blind.self();
    EXPECT_EQ(SystemProcesses().life_of(of_blind), Life::unknown) << "it has written no boot down";
    namespace fs = std::filesystem;
    fs::create_directories(folder->path() / "sys/kernel/random");
    ASSERT_TRUE(write_file(folder->path() / "sys/kernel/random/boot_id",
                           read_text("/proc/sys/kernel/random/boot_id").value()));
    fs::create_directories(folder->path() / "self");
    fs::create_directory_symlink("/proc/self/ns", folder->path() / "self/ns");
    EXPECT_EQ(blind.life_of(self), Life::unknown) << "others are not shown";
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) ::_exit(0);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    const auto pid_begins = self.rfind('/', self.rfind('/') - 1) + 1;
    const std::string ended = self.substr(0, pid_begins) + std::to_string(child) + "/1";
    EXPECT_EQ(blind.life_of(ended), Life::dead) << "there is none of this number";
}

}  // namespace
}  // namespace imprint
