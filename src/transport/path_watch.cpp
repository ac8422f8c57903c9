// Ports that are looked for by their paths, a few times a second.
#include <algorithm>
#include <fcntl.h>
#include <fmt/format.h>
#include <functional>
#include <map>
#include <optional>
#include <sys/stat.h>
#include <system_error>
#include <tuple>
#include <utility>

#include "base/fd.h"
#include "base/url.h"
#include "transport/port_watch.h"
#include "transport/tty_settings.h"
#include "transport/usb_identity.h"

namespace imprint::transport {

namespace {

constexpr Milliseconds between_looks{100};

// What stands at a path: another one is another port, even if nobody saw the former one go.
struct Seen {
    dev_t device = 0;
    ino_t inode = 0;  // of the link, if it is one
    std::int64_t changed = 0;
    auto operator<=>(const Seen&) const = default;
};

// None: no port is there.
std::optional<Seen> look_at(const std::string& path) {
    struct stat target{};
    struct stat link{};
    if (::stat(path.c_str(), &target) != 0 || !S_ISCHR(target.st_mode)) return std::nullopt;
    if (::lstat(path.c_str(), &link) != 0) return std::nullopt;
    Seen seen{target.st_rdev, link.st_ino, 0};
    // A device's own times change whenever somebody uses it.
    if (S_ISLNK(link.st_mode))
        seen.changed = std::int64_t{link.st_ctim.tv_sec} * 1'000'000'000 + link.st_ctim.tv_nsec;
    return seen;
}

FoundPort named(const std::string& path) {
    FoundPort port;
    port.path = path;
    port.description = path;
    return port;
}

FoundPort describe(const std::string& path, dev_t device) {
    FoundPort port = named(path);
    port.usb_path = usb_socket(device);
    if (const auto usb = usb_identity(device)) {
        port.vendor = usb->vendor;
        port.product = usb->product;
        return port;
    }
    const Fd fd(::open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
    if (!fd) return port;
    if (const auto pseudo = tty::pty_device(fd.get())) {
        port.vendor = espressif_vendor;
        port.product = pseudo->product;
        port.serial_number = pseudo->serial_number.colons();
    }
    return port;
}

class PathWatch final : public PortWatch {
  public:
    using Lister = std::function<Result<std::vector<std::string>>()>;

    PathWatch(Lister list, Clock& clock) : list_(std::move(list)), clock_(clock) {}

    Result<std::vector<PortChange>> next(Milliseconds patience,
                                         const std::stop_token& stop) override {
        const Instant deadline = clock_.now() + patience;
        for (;;) {
            IMPRINT_TRY(auto changes, look());
            const Instant now = clock_.now();
            if (!changes.empty() || now >= deadline) return changes;
            const auto left = std::chrono::ceil<Milliseconds>(deadline - now);
            if (!clock_.sleep(std::min(between_looks, left), stop)) return changes;
        }
    }

  private:
    struct Known {
        std::optional<Seen> seen;  // none: a URL
        FoundPort port;
    };

    Result<std::vector<PortChange>> look() {
        IMPRINT_TRY(const auto paths, list_());
        std::vector<PortChange> changes;
        std::map<std::string, Known> there;
        for (const auto& path : paths) {
            const bool is_url = has_scheme(path);
            const auto seen = is_url ? std::nullopt : look_at(path);
            if (!is_url && !seen) continue;
            const auto before = known_.find(path);
            if (before != known_.end() && before->second.seen == seen) {
                there.insert(known_.extract(before));
                continue;
            }
            if (before != known_.end()) {
                changes.push_back({PortChange::Kind::went, before->second.port});
                known_.erase(before);
            }
            Known now{seen, is_url ? named(path) : describe(path, seen->device)};
            changes.push_back({PortChange::Kind::came, now.port});
            there.emplace(path, std::move(now));
        }
        for (const auto& [path, gone] : known_)
            changes.push_back({PortChange::Kind::went, gone.port});
        known_ = std::move(there);
        return changes;
    }

    Lister list_;
    Clock& clock_;
    std::map<std::string, Known> known_;
};

std::vector<std::string> list_folder(const std::filesystem::path& folder, std::error_code& failed) {
    std::vector<std::string> paths;
    for (std::filesystem::directory_iterator at(folder, failed), end; !failed && at != end;
         at.increment(failed)) {
        const auto name = at->path().filename().string();
        std::error_code ignored;
        const auto status = at->symlink_status(ignored);
        const bool may_be_port = status.type() == std::filesystem::file_type::symlink ||
                                 status.type() == std::filesystem::file_type::character;
        if (!name.starts_with('.') && may_be_port) paths.push_back(at->path().string());
    }
    std::ranges::sort(paths);
    return paths;
}

Error unreadable(const std::filesystem::path& folder, const std::error_code& failed) {
    return make_error(
        ErrorKind::config, "port_watch",
        fmt::format("the folder of ports {} cannot be read: {}", folder.string(), failed.message()),
        "station.watch names it: make it, or set \"udev\"");
}

}  // namespace

std::unique_ptr<PortWatch> watch_ports(std::vector<std::string> ports, Clock& clock) {
    return std::make_unique<PathWatch>(
        [ports = std::move(ports)]() -> Result<std::vector<std::string>> { return ports; }, clock);
}

Result<std::unique_ptr<PortWatch>> watch_folder(const std::filesystem::path& folder, Clock& clock) {
    std::error_code failed;
    list_folder(folder, failed);
    if (failed) return std::unexpected(unreadable(folder, failed));
    const auto look = [folder]() -> Result<std::vector<std::string>> {
        std::error_code now_failed;
        auto paths = list_folder(folder, now_failed);
        // Who fills it may make it anew: while it is away there are no ports, and the shift goes
        // on.
        if (now_failed == std::errc::no_such_file_or_directory) return std::vector<std::string>{};
        if (now_failed) return std::unexpected(unreadable(folder, now_failed));
        return paths;
    };
    return std::make_unique<PathWatch>(look, clock);
}

}  // namespace imprint::transport
