#include "base/processes.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <optional>
#include <sstream>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace imprint {

namespace {

namespace fs = std::filesystem;

struct Parts {
    std::string host;
    std::string boot;
    std::string pid_namespace;
    std::string pid;
    std::string start;
};

std::optional<Parts> parse(std::string_view identity) {
    std::array<std::string, 5> parts;
    std::size_t count = 0;
    while (count < parts.size()) {
        const auto end = identity.find('/');
        parts[count++] = identity.substr(0, end);
        if (end == std::string_view::npos) break;
        identity.remove_prefix(end + 1);
    }
    if (count != parts.size()) return std::nullopt;
    return Parts{parts[0], parts[1], parts[2], parts[3], parts[4]};
}

std::string host_name() {
    struct utsname names{};
    if (::uname(&names) != 0) return "?";
    std::string host = names.nodename;
    for (char& c : host)
        if (c == '/' || c == ' ') c = '_';
    return host;
}

std::string boot_id(const fs::path& proc) {
    std::ifstream file(proc / "sys/kernel/random/boot_id");
    std::string id;
    file >> id;
    return id;
}

// Processes of two containers may have the same number.
std::string pid_namespace(const fs::path& proc) {
    struct stat info{};
    return ::stat((proc / "self/ns/pid").c_str(), &info) == 0 ? std::to_string(info.st_ino) : "";
}

// When it was started, in clock ticks since the boot: with it, a number that is given out again is
// another process. The name in field 2 may hold blanks and parentheses.
std::optional<std::string> start_of(const fs::path& proc, const std::string& pid) {
    const std::ifstream file(proc / pid / "stat");
    std::stringstream text;
    text << file.rdbuf();
    const std::string line = text.str();
    const auto name_end = line.rfind(')');
    if (name_end == std::string::npos) return std::nullopt;
    std::istringstream fields(line.substr(name_end + 1));
    std::string field;
    constexpr int first = 3;
    constexpr int state = 3;
    constexpr int start = 22;
    for (int number = first; fields >> field; ++number) {
        // A zombie does nothing any more.
        if (number == state && (field == "Z" || field == "X")) return std::nullopt;
        if (number == start) return field;
    }
    return std::nullopt;
}

// Other users' processes may not be shown (proc(5), hidepid; systemd's ProtectProc=): there is one
// of this number all the same.
bool is_hidden(const fs::path& proc, const std::string& pid) {
    std::error_code error;
    if (fs::exists(proc / pid, error)) return false;
    const auto number = static_cast<pid_t>(std::strtol(pid.c_str(), nullptr, 10));
    return number > 0 && (::kill(number, 0) == 0 || errno == EPERM);
}

}  // namespace

std::string SystemProcesses::self() const {
    const std::string pid = std::to_string(::getpid());
    return fmt::format("{}/{}/{}/{}/{}", host_name(), boot_id(proc_), pid_namespace(proc_), pid,
                       start_of(proc_, pid).value_or(""));
}

Life SystemProcesses::life_of(std::string_view identity) const {
    const auto parts = parse(identity);
    // A record from before processes were written down.
    if (!parts) return Life::dead;
    if (parts->host != host_name()) return Life::unknown;
    // A service may be kept from seeing it (systemd's ProcSubset=pid), and then has written none.
    const std::string boot = boot_id(proc_);
    if (boot.empty() || parts->boot.empty()) return Life::unknown;
    if (parts->boot != boot) return Life::dead;
    if (parts->pid_namespace != pid_namespace(proc_)) return Life::unknown;
    if (start_of(proc_, parts->pid) == parts->start) return Life::alive;
    return is_hidden(proc_, parts->pid) ? Life::unknown : Life::dead;
}

std::string host_of(std::string_view identity) {
    const auto parts = parse(identity);
    return parts ? parts->host : std::string();
}

std::string describe_process(std::string_view identity) {
    const auto parts = parse(identity);
    return parts ? fmt::format("process {} on {}", parts->pid, parts->host) : "an earlier process";
}

}  // namespace imprint
