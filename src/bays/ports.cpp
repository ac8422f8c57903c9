#include "bays/ports.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/url.h"

namespace imprint::bays {

namespace {

bool is_url(const std::string& port) {
    return has_scheme(port);
}

std::string place_of(const std::string& port, const std::string& usb_path) {
    if (!usb_path.empty()) return usb_path;
    if (is_url(port)) return port;
    std::error_code failed;
    const auto whole = std::filesystem::absolute(port, failed);
    return failed ? port : whole.lexically_normal().string();
}

std::string bay_of(const BayPort& one, const std::vector<BayPort>& all,
                   const std::map<std::string, std::string>& configured) {
    for (const auto& [name, place] : configured)
        if (place == one.port || place == one.place ||
            (!one.usb_path.empty() && place == one.usb_path))
            return name;
    if (is_url(one.port)) return one.port;
    const auto last = [](const BayPort& port) {
        return std::filesystem::path(port.port).filename();
    };
    const bool alone = std::ranges::count(all, last(one), last) == 1;
    return alone ? last(one).string() : one.port;
}

// Nothing is plugged in; where station.bays says where to look, that place is told.
Error no_port(const std::map<std::string, std::string>& bays) {
    if (bays.empty())
        return make_error(ErrorKind::board, "no_port", "no serial port with a board was found",
                          "plug a board in, or name its port with --port");
    constexpr std::size_t most_named = 8;
    std::vector<std::string> places;
    for (const auto& [name, place] : bays)
        if (places.size() < most_named) places.push_back(fmt::format("{} ({})", place, name));
    if (bays.size() > most_named)
        places.push_back(fmt::format("{} more", bays.size() - most_named));
    return make_error(
        ErrorKind::board, "no_port",
        fmt::format("no serial port with a board was found, so nothing is where station.bays has "
                    "bays: {}",
                    fmt::join(places, ", ")),
        "plug a board in, or name its port with --port; with boards in, `imprint doctor` shows the "
        "USB paths that station.bays may have");
}

}  // namespace

BayPort bay_port_of(const transport::FoundPort& port,
                    const std::map<std::string, std::string>& names) {
    BayPort bay{port.path, port.usb_path, place_of(port.path, port.usb_path), {}};
    bay.bay = bay_of(bay, {bay}, names);
    return bay;
}

bool in_natural_order(std::string_view a, std::string_view b) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    const auto take_number = [&](std::string_view& text) {
        const auto end = std::ranges::find_if_not(text, is_digit) - text.begin();
        std::string_view digits = text.substr(0, static_cast<std::size_t>(end));
        text.remove_prefix(digits.size());
        digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
        return digits;
    };
    std::string_view left = a;
    std::string_view right = b;
    while (!left.empty() && !right.empty()) {
        if (is_digit(left.front()) && is_digit(right.front())) {
            const auto x = take_number(left);
            const auto y = take_number(right);
            if (x.size() != y.size()) return x.size() < y.size();
            if (x != y) return x < y;
        } else {
            if (left.front() != right.front()) return left.front() < right.front();
            left.remove_prefix(1);
            right.remove_prefix(1);
        }
    }
    return left.empty() != right.empty() ? left.empty() : a < b;
}

Result<void> check_named_once(const std::vector<std::string>& ports) {
    for (const auto& port : ports)
        if (std::ranges::count(ports, port) > 1)
            return fail(ErrorKind::usage, "port_twice", fmt::format("port {} is named twice", port),
                        "name each port once");
    return {};
}

Result<std::vector<BayPort>> choose_ports(const PortWishes& wishes,
                                          const prepare::StationSettings& settings,
                                          const PortFinder& find) {
    std::vector<std::string> names = wishes.named;
    if (names.empty() && !wishes.all) names = settings.ports;
    const bool all = wishes.all || names.empty();
    std::map<std::string, std::string> usb_paths;
    for (const auto& found : find()) {
        usb_paths[found.path] = found.usb_path;
        if (all && std::ranges::find(names, found.path) == names.end()) names.push_back(found.path);
    }
    if (names.empty()) return std::unexpected(no_port(settings.bays));
    IMPRINT_CHECK(check_named_once(names));
    std::vector<BayPort> ports;
    for (const auto& name : names) {
        const auto found = usb_paths.find(name);
        BayPort port{name, found == usb_paths.end() ? "" : found->second, {}, {}};
        port.place = place_of(port.port, port.usb_path);
        ports.push_back(std::move(port));
    }
    for (auto& port : ports)
        port.bay = bay_of(port, ports, settings.bays);
    return ports;
}

Result<BayPort> choose_port(const std::string& named, const prepare::StationSettings& settings,
                            const PortFinder& find) {
    PortWishes wishes;
    if (!named.empty()) wishes.named.push_back(named);
    IMPRINT_TRY(auto ports, choose_ports(wishes, settings, find));
    if (ports.size() > 1)
        return fail(ErrorKind::board, "several_ports",
                    fmt::format("there are {} ports: which one?", ports.size()),
                    fmt::format("name it: --port {}", ports.front().port));
    return std::move(ports.front());
}

}  // namespace imprint::bays
