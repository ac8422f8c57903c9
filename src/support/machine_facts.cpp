#include "support/machine_facts.h"

#include <algorithm>
#include <array>
#include <link.h>
#include <map>
#include <set>
#include <sstream>
#include <sys/utsname.h>
#include <system_error>
#include <thread>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "base/version.h"
#include "transport/discovery.h"

namespace imprint::support {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using station::doctor::Machine;
using station::doctor::text_of;

std::string line_of(const Machine& machine, const fs::path& path) {
    return std::string(trimmed(text_of(machine, path)));
}

// Where the loader has found each library, past its links: libcurl.so.4.8.0.
std::set<std::string> loaded_libraries() {
    std::set<std::string> paths;
    const auto add = [](dl_phdr_info* info, std::size_t /*size*/, void* all) {
        std::error_code error;
        const fs::path path = fs::canonical(info->dlpi_name, error);
        if (!error) static_cast<std::set<std::string>*>(all)->insert(path.string());
        return 0;
    };
    ::dl_iterate_phdr(add, &paths);
    return paths;
}

// "libcurl4:amd64: /usr/lib/x86_64-linux-gnu/libcurl.so.4.8.0", dpkg-query(1). Debian's lists have
// some of them in /lib, which is a link to /usr/lib.
std::map<std::string, std::string> packages_of(const Machine& machine,
                                               const std::set<std::string>& paths) {
    std::vector<std::string> asked{"dpkg-query", "--search"};
    for (const auto& path : paths) {
        asked.push_back(path);
        if (path.starts_with("/usr/lib/")) asked.push_back(path.substr(4));
    }
    std::map<std::string, std::string> packages;
    std::istringstream lines(machine.ask(asked).text);
    for (std::string line; std::getline(lines, line);) {
        const auto mark = line.find(": /");
        if (mark == std::string::npos) continue;
        packages[fs::path(line.substr(mark + 2)).filename().string()] = line.substr(0, mark);
    }
    return packages;
}

std::map<std::string, std::string> versions_of(const Machine& machine,
                                               const std::map<std::string, std::string>& packages) {
    std::map<std::string, std::string> versions;
    if (packages.empty()) return versions;
    std::vector<std::string> asked{"dpkg-query", "--show",
                                   "--showformat=${binary:Package} ${Version}\\n"};
    for (const auto& [file, package] : packages)
        asked.push_back(package);
    std::istringstream lines(machine.ask(asked).text);
    for (std::string package, version; lines >> package >> version;)
        versions[package] = version;
    return versions;
}

Json library_facts(const Machine& machine) {
    const auto paths = loaded_libraries();
    const auto packages = packages_of(machine, paths);
    const auto versions = versions_of(machine, packages);
    Json all = Json::array();
    for (const auto& path : paths) {
        Json library{{"file", fs::path(path).filename().string()}};
        if (const auto package = packages.find(library["file"].get<std::string>());
            package != packages.end()) {
            library["package"] = package->second;
            const auto version = versions.find(package->second);
            library["version"] = version == versions.end() ? "" : version->second;
        }
        all.push_back(std::move(library));
    }
    return all;
}

// KEY=value or KEY="value": os-release(5).
Json os_release(const Machine& machine) {
    std::string text = text_of(machine, "etc/os-release");
    if (text.empty()) text = text_of(machine, "usr/lib/os-release");
    Json facts = Json::object();
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        const auto equals = line.find('=');
        if (equals == std::string::npos) continue;
        const std::string name = line.substr(0, equals);
        for (const char* wanted : {"PRETTY_NAME", "ID", "VERSION_ID"})
            if (name == wanted)
                facts[lower_case(name)] = replace_all(line.substr(equals + 1), "\"", "");
    }
    return facts;
}

Json usb_devices(const Machine& machine, Pseudonyms& names) {
    Json devices = Json::array();
    const fs::path folder = "sys/bus/usb/devices";
    std::vector<std::string> places;
    std::error_code error;
    for (fs::directory_iterator entry(machine.root / folder, error), end; !error && entry != end;
         entry.increment(error))
        places.push_back(entry->path().filename().string());
    std::ranges::sort(places);
    for (const auto& place : places) {
        const std::string vendor = line_of(machine, folder / place / "idVendor");
        if (vendor.empty()) continue;
        const std::string serial = line_of(machine, folder / place / "serial");
        names.add("usb-serial", serial);
        devices.push_back({{"place", place},
                           {"vendor", vendor},
                           {"product", line_of(machine, folder / place / "idProduct")},
                           {"name", line_of(machine, folder / place / "product")},
                           {"serial", serial},
                           {"speed", line_of(machine, folder / place / "speed")},
                           {"power", line_of(machine, folder / place / "power/control")}});
    }
    return devices;
}

}  // namespace

Json program_facts(const Machine& machine) {
    return {{"version", std::string(version)},
            {"compiler", __VERSION__},
            {"architecture", sizeof(void*) * 8},
#if defined(__OPTIMIZE__)
            {"optimised", true},
#else
            {"optimised", false},
#endif
            {"libraries", library_facts(machine)}};
}

Json system_facts(const Machine& machine, Pseudonyms& names) {
    utsname kernel{};
    ::uname(&kernel);
    names.add("host", kernel.nodename);
    if (machine.user != 0) names.add("user", machine.user_name);
    std::string memory = text_of(machine, "proc/meminfo");
    memory = memory.substr(0, memory.find('\n'));
    return {{"system", os_release(machine)},
            {"kernel", kernel.release},
            {"machine", kernel.machine},
            {"host", kernel.nodename},
            {"model",
             replace_all(line_of(machine, "proc/device-tree/model"), std::string(1, '\0'), "")},
            {"processors", std::thread::hardware_concurrency()},
            {"memory", memory},
            {"container", station::doctor::is_container(machine)},
            {"user", machine.user_name},
            {"is_root", machine.user == 0},
            {"groups", machine.groups}};
}

Json device_facts(const Machine& machine, Pseudonyms& names) {
    Json ports = Json::array();
    for (const auto& port : transport::find_ports()) {
        names.add("usb-serial", port.serial_number);
        ports.push_back({{"path", port.path},
                         {"usb_path", port.usb_path},
                         {"vendor", port.vendor},
                         {"product", port.product},
                         {"serial", port.serial_number},
                         {"description", port.description},
                         {"may_be_opened", machine.may_open(port.path)}});
    }
    return {{"ports", std::move(ports)}, {"usb", usb_devices(machine, names)}};
}

std::vector<std::string> variable_names(const std::vector<std::string>& variables) {
    std::vector<std::string> names;
    for (const auto& variable : variables)
        if (variable.starts_with("IMPRINT_") || variable.starts_with("AWS_"))
            names.push_back(variable.substr(0, variable.find('=')));
    std::ranges::sort(names);
    return names;
}

std::optional<std::string> journal_of_service(const Machine& machine) {
    const auto answer = machine.ask({"journalctl", "--unit=imprint-station.service", "--lines=500",
                                     "--no-pager", "--output=short-iso", "--quiet"});
    if (!answer.is_good() || trimmed(answer.text).empty()) return std::nullopt;
    return answer.text;
}

}  // namespace imprint::support
