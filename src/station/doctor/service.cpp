#include <array>
#include <cerrno>
#include <fmt/format.h>
#include <set>
#include <sstream>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include "base/text.h"
#include "station/doctor/machine_checks.h"

namespace imprint::station::doctor {

namespace {

namespace fs = std::filesystem;

constexpr const char* unit_name = "imprint-station.service";

// systemd.unit(5), "Unit File Load Path", the strongest first.
constexpr std::array unit_folders{"etc/systemd/system", "run/systemd/system",
                                  "usr/local/lib/systemd/system", "usr/lib/systemd/system",
                                  "lib/systemd/system"};

std::optional<fs::path> unit_file(const Machine& machine) {
    for (const char* folder : unit_folders) {
        std::error_code error;
        fs::path path = fs::path(folder) / unit_name;
        if (fs::symlink_status(machine.root / path, error).type() > fs::file_type::not_found)
            return path;
    }
    return std::nullopt;
}

// Wanted by a target, which is how `systemctl enable` says it.
bool is_enabled(const Machine& machine) {
    std::error_code error;
    for (fs::directory_iterator entry(machine.root / "etc/systemd/system", error), end;
         !error && entry != end; entry.increment(error)) {
        std::error_code other;
        if (entry->path().extension() == ".wants" &&
            fs::symlink_status(entry->path() / unit_name, other).type() > fs::file_type::not_found)
            return true;
    }
    return false;
}

// The last value of a key in the unit and its drop-ins: systemd.syntax(7).
std::string value_in(const std::string& unit, std::string_view key) {
    std::istringstream lines(unit);
    std::string value;
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with(key) && line.substr(key.size()).starts_with('='))
            value = std::string(trimmed(line.substr(key.size() + 1)));
    return value;
}

std::string with_drop_ins(const Machine& machine, const fs::path& unit) {
    std::string text = text_of(machine, unit) + "\n";
    const fs::path folder = fs::path("etc/systemd/system") / (std::string(unit_name) + ".d");
    std::error_code error;
    std::set<fs::path> names;  // in the order in which they count
    for (fs::directory_iterator entry(machine.root / folder, error), end; !error && entry != end;
         entry.increment(error))
        if (entry->path().extension() == ".conf") names.insert(entry->path().filename());
    for (const auto& name : names)
        text += text_of(machine, folder / name) + "\n";
    return text;
}

// Of `imprint station --config FILE`, as it starts.
std::string configuration_in(const std::string& start) {
    constexpr std::string_view option = "--config";
    const auto at = start.find(option);
    if (at == std::string::npos) return {};
    std::string_view rest = std::string_view(start).substr(at + option.size());
    if (!rest.starts_with('=') && !rest.starts_with(' ')) return {};
    rest = trimmed(rest.substr(1));
    return std::string(rest.substr(0, rest.find(' ')));
}

enum class Readable : std::uint8_t { yes, no, missing, unseen };

bool allows(const struct stat& info, uid_t user, const std::set<gid_t>& groups, mode_t bit) {
    if (user == 0) return true;
    const unsigned shift = info.st_uid == user ? 6U : groups.contains(info.st_gid) ? 3U : 0U;
    return ((info.st_mode >> shift) & bit) != 0;
}

// By the modes of the file and of the folders on its way below the root.
Readable is_readable(const Machine& machine, const fs::path& path, uid_t user,
                     const std::set<gid_t>& groups) {
    fs::path place = machine.root;
    const fs::path relative = path.relative_path();
    for (auto part = relative.begin(); part != relative.end(); ++part) {
        place /= *part;
        struct stat info{};
        if (::stat(place.c_str(), &info) != 0)
            return errno == ENOENT ? Readable::missing : Readable::unseen;
        const mode_t bit = std::next(part) == relative.end() ? 4 : 1;
        if (!allows(info, user, groups, bit)) return Readable::no;
    }
    return Readable::yes;
}

void check_its_configuration(const Machine& machine, const std::string& unit, Checks& checks) {
    const std::string path = configuration_in(value_in(unit, "ExecStart"));
    if (!path.starts_with('/')) return;
    std::string user = value_in(unit, "User");
    if (user.empty()) user = "root";
    const Checks::Facts facts{{"path", path}, {"user", user}};
    const auto account = find_account(machine, user);
    if (!account)
        return checks.warn("service", fmt::format("the station's service has no user {}", user),
                           "make it, as docs/station.md says: useradd --system", facts);
    switch (is_readable(machine, path, account->user, groups_of(machine, user))) {
        case Readable::yes:
            return checks.ok("service", fmt::format("{} can be read by {}", path, user), facts);
        case Readable::unseen:
            return;
        case Readable::missing:
            return checks.warn("service",
                               fmt::format("the service's configuration {} is not there", path),
                               "put it there, as docs/station.md says", facts);
        case Readable::no:
            return checks.warn("service", fmt::format("{} cannot be read by {}", path, user),
                               fmt::format("sudo chown {} {}", user, path), facts);
    }
}

void check_its_state(const Machine& machine, Checks& checks) {
    std::error_code error;
    // sd_booted(3).
    if (!fs::is_directory(machine.root / "run/systemd/system", error)) return;
    const Answer answer = machine.ask(
        {"systemctl", "show", unit_name, "--property=ActiveState,SubState,Result,NRestarts"});
    if (!answer.is_good()) return;
    const std::string state = value_in(answer.text, "ActiveState");
    const Checks::Facts facts{{"state", state},
                              {"result", value_in(answer.text, "Result")},
                              {"restarts", value_in(answer.text, "NRestarts")}};
    if (state == "failed" || value_in(answer.text, "SubState") == "auto-restart")
        return checks.warn(
            "service",
            fmt::format("the station's service has failed ({})", value_in(answer.text, "Result")),
            fmt::format("journalctl -u {} -e says why", unit_name), facts);
    checks.ok("service", fmt::format("the station's service is {}", state), facts);
}

}  // namespace

void check_service(const Machine& machine, Checks& checks) {
    const auto path = unit_file(machine);
    // Many start the station by hand.
    if (!path) return;
    const std::string shown = "/" + path->string();
    std::error_code error;
    if (fs::read_symlink(machine.root / *path, error) == "/dev/null")
        return checks.ok("service", shown + " is masked: the station does not start by itself",
                         {{"path", shown}});
    if (!is_enabled(machine))
        checks.warn(
            "service", fmt::format("{} is not enabled", shown),
            fmt::format("to have it start with the computer: sudo systemctl enable {}", unit_name),
            {{"path", shown}});
    else
        checks.ok("service", shown + " is enabled", {{"path", shown}});
    check_its_configuration(machine, with_drop_ins(machine, *path), checks);
    check_its_state(machine, checks);
}

}  // namespace imprint::station::doctor
