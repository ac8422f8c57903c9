// What the checks of `imprint doctor` know of the computer. A test gives them a folder that stands
// for the root, and answers of its own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <sys/types.h>
#include <vector>

#include "base/clock.h"

namespace imprint::station::doctor {

struct Disk {
    std::uint64_t bytes = 0;             // free for this user
    std::optional<std::uint64_t> files;  // more that it can hold; none: it sets no limit
};

// What a program said that was asked for something.
struct Answer {
    enum class End : std::uint8_t {
        exited,
        missing,  // there is no such program
        late,     // it was ended after some seconds without an answer
    };
    End end = End::missing;
    int status = 0;
    std::string text;  // its standard output and standard error

    [[nodiscard]] bool is_good() const { return end == End::exited && status == 0; }
};

struct Machine {
    std::filesystem::path root = "/";  // what is read lies below it: /etc, /proc, /run, /sys, /usr
    uid_t user = 0;
    std::string user_name;
    std::set<gid_t> groups;            // of this process
    bool dumpable = false;             // a core file of this process would be written
    std::optional<bool> synchronised;  // the clock, by the kernel's word; none: it does not say
    // When this program's file was written: it is later now. None: not known.
    std::optional<WallTime> program_written;
    std::function<std::optional<Disk>(const std::filesystem::path&)> disk;
    // Whether this user may read from and write to the device; it is not opened for that.
    std::function<bool(const std::filesystem::path&)> may_open;
    // Runs a program in the C locale, and waits for some seconds at most.
    std::function<Answer(const std::vector<std::string>&)> ask;
};

// The computer that this process is on.
[[nodiscard]] Machine this_machine(const std::stop_token& stop);

// Runs the program, keeps 1 MB of its output, and ends it if it takes longer than that.
[[nodiscard]] Answer ask_program(const std::vector<std::string>& arguments, Milliseconds patience,
                                 const std::stop_token& stop);

// A file below the root, its first 4 MB at most; empty if there is none.
[[nodiscard]] std::string text_of(const Machine& machine, const std::filesystem::path& path);

// Docker, Podman, LXC, systemd-nspawn: clock, devices and limits are the host's.
[[nodiscard]] bool is_container(const Machine& machine);

// Of /etc/passwd and /etc/group.
struct Account {
    uid_t user = 0;
    gid_t group = 0;
};

[[nodiscard]] std::optional<Account> find_account(const Machine& machine, const std::string& name);

struct Group {
    gid_t number = 0;
    std::set<std::string> members;
};

[[nodiscard]] std::optional<Group> find_group(const Machine& machine, const std::string& name);
// Those that list the user, and its own.
[[nodiscard]] std::set<gid_t> groups_of(const Machine& machine, const std::string& user);

}  // namespace imprint::station::doctor
