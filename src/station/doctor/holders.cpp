#include <algorithm>
#include <cctype>
#include <charconv>
#include <system_error>
#include <unistd.h>

#include "base/text.h"
#include "station/doctor/machine_checks.h"

namespace imprint::station::doctor {

namespace {

namespace fs = std::filesystem;

// proc(5): /proc/PID/fd has a link for each open file.
bool has_open(const fs::path& process, const fs::path& file) {
    std::error_code error;
    for (fs::directory_iterator entry(process / "fd", error), end; !error && entry != end;
         entry.increment(error)) {
        std::error_code other;
        if (fs::read_symlink(entry->path(), other) == file) return true;
    }
    return false;
}

}  // namespace

std::vector<Holder> holders_of(const Machine& machine, const fs::path& file) {
    std::vector<Holder> holders;
    std::error_code error;
    const fs::path real = fs::weakly_canonical(file, error);
    for (fs::directory_iterator entry(machine.root / "proc", error), end; !error && entry != end;
         entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        pid_t process = 0;
        const auto [rest, wrong] = std::from_chars(name.data(), name.data() + name.size(), process);
        if (wrong != std::errc() || rest != name.data() + name.size()) continue;
        if (process == ::getpid() || !has_open(entry->path(), real)) continue;
        holders.push_back(
            {.program = std::string(trimmed(text_of(machine, fs::path("proc") / name / "comm"))),
             .process = process});
    }
    std::ranges::sort(holders, {}, &Holder::process);
    return holders;
}

}  // namespace imprint::station::doctor
