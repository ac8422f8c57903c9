#include "transport/port_holder.h"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace imprint::transport {

namespace {

namespace fs = std::filesystem;

bool has_open(const fs::path& process, dev_t device) {
    std::error_code error;
    for (fs::directory_iterator entry(process / "fd", error), end; !error && entry != end;
         entry.increment(error)) {
        struct stat info{};
        // stat() follows /proc's link to what is open, whatever name it was opened by.
        if (::stat(entry->path().c_str(), &info) == 0 && S_ISCHR(info.st_mode) &&
            info.st_rdev == device)
            return true;
    }
    return false;
}

PortHolder describe(pid_t pid, const fs::path& process) {
    std::ifstream file(process / "comm");
    std::string program;
    std::getline(file, program);
    return {pid, program};
}

}  // namespace

std::optional<PortHolder> find_port_holder(dev_t device) {
    const pid_t self = ::getpid();
    std::error_code error;
    for (fs::directory_iterator entry("/proc", error), end; !error && entry != end;
         entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        pid_t pid = 0;
        const auto [stopped, bad] = std::from_chars(name.data(), name.data() + name.size(), pid);
        if (bad != std::errc{} || stopped != name.data() + name.size() || pid == self) continue;
        if (has_open(entry->path(), device)) return describe(pid, entry->path());
    }
    const fs::path own = fs::path("/proc") / std::to_string(self);
    if (has_open(own, device)) return describe(self, own);
    return std::nullopt;
}

}  // namespace imprint::transport
