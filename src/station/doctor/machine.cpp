#include "station/doctor/machine.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <pwd.h>
#include <sstream>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <system_error>
#include <unistd.h>

#include "base/process.h"

namespace imprint::station::doctor {

namespace {

namespace fs = std::filesystem;

constexpr Milliseconds program_patience{5000};
constexpr std::size_t most_output = 1U << 20;
constexpr std::size_t most_text = 4U << 20;

std::optional<Disk> disk_at(const fs::path& path) {
    struct statvfs info{};
    if (::statvfs(path.c_str(), &info) != 0) return std::nullopt;
    Disk disk{.bytes = static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize, .files = {}};
    // Btrfs and others make places for files as they are needed, and say 0 of 0.
    if (info.f_files > 0) disk.files = info.f_favail;
    return disk;
}

// adjtimex(2): STA_UNSYNC. A container's filter may refuse the question.
std::optional<bool> kernel_is_synchronised() {
    timex state{};
    if (::adjtimex(&state) < 0) return std::nullopt;
    return (static_cast<unsigned>(state.status) & STA_UNSYNC) == 0;
}

std::optional<WallTime> written_at(const fs::path& path) {
    struct stat info{};
    if (::stat(path.c_str(), &info) != 0) return std::nullopt;
    return WallTime(std::chrono::seconds(info.st_mtim.tv_sec));
}

std::string name_of_user(uid_t user) {
    std::array<char, 4096> room{};
    passwd entry{};
    passwd* found = nullptr;
    if (::getpwuid_r(user, &entry, room.data(), room.size(), &found) != 0 || found == nullptr)
        return std::to_string(user);
    return found->pw_name;
}

std::set<gid_t> own_groups() {
    std::set<gid_t> groups{::getegid()};
    const int count = ::getgroups(0, nullptr);
    if (count <= 0) return groups;
    std::vector<gid_t> all(static_cast<std::size_t>(count));
    const int found = ::getgroups(count, all.data());
    for (int at = 0; at < found; ++at)
        groups.insert(all[static_cast<std::size_t>(at)]);
    return groups;
}

std::vector<std::string> fields_of(const std::string& line, char separator) {
    std::vector<std::string> fields;
    std::istringstream all(line);
    for (std::string field; std::getline(all, field, separator);)
        fields.push_back(std::move(field));
    return fields;
}

std::optional<unsigned> number_in(const std::string& text) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

// NAME, password, number, members: group(5).
std::optional<std::pair<std::string, Group>> group_in(const std::string& line) {
    const auto fields = fields_of(line, ':');
    if (fields.size() < 3) return std::nullopt;
    const auto number = number_in(fields[2]);
    if (!number) return std::nullopt;
    Group group{.number = *number, .members = {}};
    if (fields.size() > 3)
        for (auto& member : fields_of(fields[3], ','))
            group.members.insert(std::move(member));
    return std::pair(fields[0], std::move(group));
}

}  // namespace

Answer ask_program(const std::vector<std::string>& arguments, Milliseconds patience,
                   const std::stop_token& stop) {
    auto child = ChildProcess::start({.arguments = arguments,
                                      .directory = {},
                                      .environment = {{"LC_ALL", "C"}, {"SYSTEMD_COLORS", "0"}},
                                      .own_group = true},
                                     ChildOutput::pipe);
    if (!child) return {};
    Answer answer{.end = Answer::End::late, .status = 0, .text = {}};
    const Instant end = std::chrono::steady_clock::now() + patience;
    std::array<char, 4096> bytes{};
    for (;;) {
        const auto left = std::chrono::ceil<Milliseconds>(end - std::chrono::steady_clock::now());
        if (left.count() <= 0 || stop.stop_requested()) break;
        pollfd output{child->output().get(), POLLIN, 0};
        // In short turns: a stop wakes nobody here.
        const int ready =
            ::poll(&output, 1, static_cast<int>(std::min(left, Milliseconds(100)).count()));
        if (ready < 0 && errno != EINTR) break;
        if (ready <= 0) continue;
        const ssize_t count = ::read(output.fd, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) {
            answer.end = Answer::End::exited;
            break;
        }
        const std::size_t room = most_output - std::min(most_output, answer.text.size());
        answer.text.append(bytes.data(), std::min(room, static_cast<std::size_t>(count)));
    }
    // One that has closed its output is about to end: what does not is ended.
    while (answer.end == Answer::End::exited) {
        if (const auto status = child->poll()) {
            answer.status = *status;
            return answer;
        }
        if (std::chrono::steady_clock::now() >= end || stop.stop_requested())
            answer.end = Answer::End::late;
        else
            ::poll(nullptr, 0, 5);
    }
    child->terminate(Milliseconds(500));
    return answer;
}

Machine this_machine(const std::stop_token& stop) {
    Machine machine;
    machine.user = ::geteuid();
    machine.user_name = name_of_user(machine.user);
    machine.groups = own_groups();
    machine.dumpable = ::prctl(PR_GET_DUMPABLE) == 1;
    machine.synchronised = kernel_is_synchronised();
    machine.program_written = written_at("/proc/self/exe");
    machine.disk = disk_at;
    machine.may_open = [](const fs::path& path) {
        return ::faccessat(AT_FDCWD, path.c_str(), R_OK | W_OK, AT_EACCESS) == 0;
    };
    machine.ask = [stop](const std::vector<std::string>& arguments) {
        return ask_program(arguments, program_patience, stop);
    };
    return machine;
}

std::string text_of(const Machine& machine, const fs::path& path) {
    const fs::path place = machine.root / path;
    // A pipe in the place of a file would keep whoever opens it waiting.
    std::error_code error;
    if (!fs::is_regular_file(place, error)) return {};
    std::ifstream file(place, std::ios::binary);
    std::string text;
    std::array<char, 4096> bytes{};
    while (text.size() < most_text) {
        file.read(bytes.data(), bytes.size());
        text.append(bytes.data(), static_cast<std::size_t>(file.gcount()));
        if (!file) break;
    }
    return text;
}

bool is_container(const Machine& machine) {
    std::error_code error;
    // https://systemd.io/CONTAINER_INTERFACE: /run/systemd/container; Docker's and Podman's marks.
    return std::ranges::any_of(
        std::array{"run/systemd/container", ".dockerenv", "run/.containerenv",
                   "run/host/container-manager"},
        [&](const char* mark) { return fs::exists(machine.root / mark, error); });
}

std::optional<Account> find_account(const Machine& machine, const std::string& name) {
    std::istringstream lines(text_of(machine, "etc/passwd"));
    for (std::string line; std::getline(lines, line);) {
        const auto fields = fields_of(line, ':');
        if (fields.size() < 4 || fields[0] != name) continue;
        const auto user = number_in(fields[2]);
        const auto group = number_in(fields[3]);
        if (user && group) return Account{.user = *user, .group = *group};
    }
    return std::nullopt;
}

std::optional<Group> find_group(const Machine& machine, const std::string& name) {
    std::istringstream lines(text_of(machine, "etc/group"));
    for (std::string line; std::getline(lines, line);)
        if (auto group = group_in(line); group && group->first == name)
            return std::move(group->second);
    return std::nullopt;
}

std::set<gid_t> groups_of(const Machine& machine, const std::string& user) {
    std::set<gid_t> groups;
    if (const auto account = find_account(machine, user)) groups.insert(account->group);
    std::istringstream lines(text_of(machine, "etc/group"));
    for (std::string line; std::getline(lines, line);)
        if (const auto group = group_in(line); group && group->second.members.contains(user))
            groups.insert(group->second.number);
    return groups;
}

}  // namespace imprint::station::doctor
