// Ports as udev reports them.
#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fmt/format.h>
#include <map>
#include <poll.h>
#include <string>
#include <system_error>
#include <utility>

#include "transport/port_watch.h"
#include "transport/udev.h"
#include "transport/udev_port.h"

namespace imprint::transport {

namespace {

// A report may be lost where there are too many at once, as when a hub drops all its ports.
constexpr Milliseconds between_searches{5000};
constexpr Milliseconds between_stops{100};  // looked at, while nothing is reported
constexpr int report_buffer = 1 << 20;      // bytes

struct MonitorRelease {
    void operator()(udev_monitor* handle) const { udev_monitor_unref(handle); }
};

using MonitorPtr = std::unique_ptr<udev_monitor, MonitorRelease>;

class UdevWatch final : public PortWatch {
  public:
    UdevWatch(UdevPtr library, MonitorPtr monitor, Clock& clock)
        : library_(std::move(library)), monitor_(std::move(monitor)), clock_(clock) {}

    ~UdevWatch() override {
        const Lock turn(udev_mutex());
        monitor_.reset();
        library_.reset();
    }

    UdevWatch(const UdevWatch&) = delete;
    UdevWatch& operator=(const UdevWatch&) = delete;
    UdevWatch(UdevWatch&&) = delete;
    UdevWatch& operator=(UdevWatch&&) = delete;

    Result<std::vector<PortChange>> next(Milliseconds patience,
                                         const std::stop_token& stop) override {
        const Instant deadline = clock_.now() + patience;
        for (;;) {
            std::vector<PortChange> changes;
            IMPRINT_CHECK(take_reports(changes));
            if (!searched_ || clock_.now() - *searched_ >= between_searches) search(changes);
            const Instant now = clock_.now();
            if (!changes.empty() || now >= deadline || stop.stop_requested()) return changes;
            const auto left = std::chrono::ceil<Milliseconds>(deadline - now);
            IMPRINT_CHECK(wait(std::min(between_stops, left)));
        }
    }

  private:
    [[nodiscard]] Result<void> wait(Milliseconds time) {
        pollfd looked{udev_monitor_get_fd(monitor_.get()), POLLIN, 0};
        if (::poll(&looked, 1, static_cast<int>(time.count())) >= 0 || errno == EINTR) return {};
        return fail(ErrorKind::config, "port_watch",
                    fmt::format("udev reports nothing any more: {}",
                                std::generic_category().message(errno)));
    }

    [[nodiscard]] Result<void> take_reports(std::vector<PortChange>& changes) {
        for (;;) {
            pollfd looked{udev_monitor_get_fd(monitor_.get()), POLLIN, 0};
            if (::poll(&looked, 1, 0) <= 0) return {};
            const Lock turn(udev_mutex());
            errno = 0;
            const UdevDevicePtr device(udev_monitor_receive_device(monitor_.get()));
            if (!device) {
                // Reports were lost: what is there is looked for again.
                if (errno == ENOBUFS) searched_.reset();
                return {};
            }
            take(device.get(), changes);
        }
    }

    void take(udev_device* device, std::vector<PortChange>& changes) {
        const std::string_view action = text_or_empty(udev_device_get_action(device));
        const std::string path(text_or_empty(udev_device_get_devnode(device)));
        if (action == "remove")
            remove(path, changes);
        else if (action == "add")
            if (auto port = port_of(device)) add(*std::move(port), changes);
    }

    void remove(const std::string& path, std::vector<PortChange>& changes) {
        const auto gone = known_.extract(path);
        if (!gone.empty()) changes.push_back({PortChange::Kind::went, gone.mapped()});
    }

    void add(FoundPort port, std::vector<PortChange>& changes) {
        remove(port.path, changes);
        changes.push_back({PortChange::Kind::came, port});
        known_.insert_or_assign(port.path, std::move(port));
    }

    void search(std::vector<PortChange>& changes) {
        searched_ = clock_.now();
        const auto there = find_ports();
        std::vector<std::string> gone;
        for (const auto& [path, port] : known_)
            if (std::ranges::find(there, path, &FoundPort::path) == there.end())
                gone.push_back(path);
        for (const auto& path : gone)
            remove(path, changes);
        for (const auto& port : there) {
            const auto known = known_.find(port.path);
            if (known == known_.end() || known->second != port) add(port, changes);
        }
    }

    UdevPtr library_;
    MonitorPtr monitor_;
    Clock& clock_;
    std::map<std::string, FoundPort> known_;  // by path
    std::optional<Instant> searched_;
};

std::unexpected<Error> cannot_watch() {
    return fail(ErrorKind::config, "port_watch", "udev's reports cannot be received",
                "name the ports (--port), or set station.watch to a folder of links to them");
}

}  // namespace

Result<std::unique_ptr<PortWatch>> watch_udev(Clock& clock) {
    const Lock turn(udev_mutex());
    UdevPtr library(udev_new());
    if (!library) return cannot_watch();
    // The daemon reports a port once its group may open it. Without it there is the kernel's word.
    std::error_code ignored;
    const bool has_daemon = std::filesystem::exists("/run/udev/control", ignored);
    MonitorPtr monitor(
        udev_monitor_new_from_netlink(library.get(), has_daemon ? "udev" : "kernel"));
    if (!monitor ||
        udev_monitor_filter_add_match_subsystem_devtype(monitor.get(), "tty", nullptr) < 0)
        return cannot_watch();
    // More than the default needs a privilege; without it, what is lost is found by a search.
    static_cast<void>(udev_monitor_set_receive_buffer_size(monitor.get(), report_buffer));
    if (udev_monitor_enable_receiving(monitor.get()) < 0) return cannot_watch();
    return std::make_unique<UdevWatch>(std::move(library), std::move(monitor), clock);
}

}  // namespace imprint::transport
