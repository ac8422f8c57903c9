#include "transport/port_rivals.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <sstream>
#include <system_error>

namespace imprint::transport {

namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

// Without what is commented away.
std::string rules_of(const fs::path& path) {
    std::ifstream file(path);
    std::string all;
    for (std::string line; std::getline(file, line);)
        if (const auto first = line.find_first_not_of(" \t");
            first != std::string::npos && line[first] != '#')
            all += line + "\n";
    return all;
}

// A rule that looks at what the device calls itself, too, claims displays alone.
bool claims(const std::string& rules, std::string_view product) {
    std::istringstream lines(rules);
    for (std::string line; std::getline(lines, line);)
        if (line.contains(product) && !line.contains("ATTRS{")) return true;
    return false;
}

bool runs(const fs::path& root, std::string_view program) {
    std::error_code error;
    for (fs::directory_iterator entry(root / "proc", error), end; !error && entry != end;
         entry.increment(error))
        if (content_of(entry->path() / "comm") == std::string(program) + "\n") return true;
    return false;
}

// By name: a file in /etc stands for one of the same name elsewhere (udev(7), "Rules Files").
std::map<std::string, fs::path> udev_rules(const fs::path& root) {
    constexpr std::array folders{"etc/udev/rules.d", "run/udev/rules.d", "usr/lib/udev/rules.d",
                                 "lib/udev/rules.d"};
    std::map<std::string, fs::path> rules;
    std::error_code error;
    for (const char* folder : folders)
        for (fs::directory_iterator entry(root / folder, error), end; !error && entry != end;
             entry.increment(error))
            rules.try_emplace(entry->path().filename().string(), entry->path());
    return rules;
}

}  // namespace

std::vector<PortRival> find_port_rivals(const fs::path& root) {
    const auto rules = udev_rules(root);
    const auto any_rule =
        [&](const std::function<bool(const std::string&, const std::string&)>& is) {
            return std::ranges::find_if(
                rules, [&](const auto& rule) { return is(rule.first, rules_of(rule.second)); });
        };
    std::vector<PortRival> rivals;
    // https://modemmanager.org, "Port and device detection": ID_MM_DEVICE_IGNORE.
    const auto kept_away = any_rule([](const std::string& name, const std::string& text) {
        return name.contains("imprint") && text.contains("ID_MM_DEVICE_IGNORE");
    });
    if (kept_away == rules.end() && runs(root, "ModemManager"))
        rivals.push_back(
            {"ModemManager",
             "ModemManager runs, and talks to each new serial port for some seconds",
             "install Imprint's udev rules (60-imprint.rules), or: sudo systemctl stop "
             "ModemManager"});
    // brltty's rules claim bridges that braille displays have too: QinHeng's 1a86:7523 (CH340),
    // Silicon Labs' 10c4:ea60 (CP210x).
    const auto braille = any_rule([](const std::string& name, const std::string& text) {
        return name.contains("brltty") && (claims(text, "1a86/7523") || claims(text, "10c4/ea60"));
    });
    if (braille != rules.end())
        rivals.push_back(
            {"brltty",
             "brltty takes CH340 or CP210x bridges for braille displays: their ports vanish soon "
             "after they are plugged in",
             "without a braille display: sudo ln -s /dev/null /etc/udev/rules.d/" + braille->first +
                 " && sudo udevadm control --reload, or remove brltty"});
    return rivals;
}

}  // namespace imprint::transport
