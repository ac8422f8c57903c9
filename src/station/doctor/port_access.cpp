#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sstream>
#include <system_error>

#include "base/text.h"
#include "station/doctor/machine_checks.h"
#include "transport/port_rivals.h"

namespace imprint::station::doctor {

namespace {

namespace fs = std::filesystem;

constexpr const char* rules_name = "60-imprint.rules";

constexpr const char* install_rules =
    "sudo install -m 644 packaging/udev/60-imprint.rules /etc/udev/rules.d/ && sudo udevadm "
    "control "
    "--reload && sudo udevadm trigger --subsystem-match=tty";

// What counts of a rules file: neither comments nor blanks.
std::string meaning_of(std::string_view rules) {
    std::istringstream lines{std::string(rules)};
    std::string meaning;
    for (std::string line; std::getline(lines, line);) {
        const std::string_view content = trimmed(line);
        if (content.empty() || content.starts_with('#')) continue;
        meaning += content;
        meaning += '\n';
    }
    return meaning;
}

// In the order in which a file stands for others of its name: udev(7), "Rules Files".
std::optional<fs::path> installed_rules(const Machine& machine) {
    for (const char* folder : {"etc/udev/rules.d", "run/udev/rules.d", "usr/local/lib/udev/rules.d",
                               "usr/lib/udev/rules.d", "lib/udev/rules.d"}) {
        std::error_code error;
        fs::path path = fs::path(folder) / rules_name;
        if (fs::symlink_status(machine.root / path, error).type() > fs::file_type::not_found)
            return path;
    }
    return std::nullopt;
}

}  // namespace

void check_udev_rules(const Machine& machine, std::string_view current, Checks& checks) {
    std::error_code error;
    if (!fs::exists(machine.root / "run/udev", error)) return;
    const auto path = installed_rules(machine);
    if (!path)
        return checks.warn("udev",
                           fmt::format("Imprint's udev rules ({}) are not installed: ports may be "
                                       "closed to this user, and an FTDI is slow",
                                       rules_name),
                           install_rules);
    const std::string shown = "/" + path->string();
    // Somebody has decided so: udev(7).
    if (fs::read_symlink(machine.root / *path, error) == "/dev/null")
        return checks.ok("udev", shown + " is switched off by a link to /dev/null",
                         {{"path", shown}});
    const std::string installed = text_of(machine, *path);
    if (meaning_of(installed) != meaning_of(current))
        return checks.warn("udev", fmt::format("{} is not the one of this version", shown),
                           install_rules, {{"path", shown}});
    checks.ok("udev", shown, {{"path", shown}});
}

void check_port_access(const Machine& machine, const std::vector<transport::FoundPort>& ports,
                       Checks& checks) {
    if (machine.user == 0)
        return checks.ok("access", "root may open every port", {{"user", machine.user_name}});
    const Checks::Facts facts{{"user", machine.user_name}};
    // Debian's group, and that of Arch and others.
    constexpr std::array names{"dialout", "uucp"};
    for (const char* name : names) {
        const auto group = find_group(machine, name);
        if (!group) continue;
        std::vector<std::string> closed;
        for (const auto& port : ports)
            if (!machine.may_open(port.path)) closed.push_back(port.path);
        const bool is_member = machine.groups.contains(group->number);
        if (closed.empty() && (is_member || !ports.empty()))
            return checks.ok("access",
                             is_member
                                 ? fmt::format("{} is in the group {}", machine.user_name, name)
                                 : fmt::format("{} may open the ports", machine.user_name),
                             facts);
        const std::string found =
            closed.empty()
                ? fmt::format("{} is not in the group {}, which serial ports belong to",
                              machine.user_name, name)
                : fmt::format("{} may not open {}", machine.user_name, fmt::join(closed, ", "));
        if (is_member)
            return checks.warn("access", found,
                               "install Imprint's udev rules, which give the port "
                               "to that group; docs/flashing.md",
                               facts);
        // As long as it is logged in, a user has the groups of its login.
        if (group->members.contains(machine.user_name))
            return checks.warn("access", found, "log out and in again: you are in that group since",
                               facts);
        return checks.warn("access", found,
                           fmt::format("sudo usermod -aG {} {}, then log out and in again", name,
                                       machine.user_name),
                           facts);
    }
}

void check_port_rivals(const Machine& machine, Checks& checks) {
    for (const auto& rival : transport::find_port_rivals(machine.root))
        checks.warn("port", rival.found, rival.hint, {{"program", rival.program}});
}

}  // namespace imprint::station::doctor
