#include <fmt/format.h>

#include "base/text.h"
#include "station/doctor/machine_checks.h"

namespace imprint::station::doctor {

// core(5): a pattern that begins with "|" starts a program, whatever the limits are. What keeps
// this program's memory to itself is that it is not dumpable: cli/private_memory.h.
void check_core_files(const Machine& machine, Checks& checks) {
    const std::string pattern(trimmed(text_of(machine, "proc/sys/kernel/core_pattern")));
    const Checks::Facts facts{{"core_pattern", pattern},
                              {"dumpable", machine.dumpable ? "yes" : "no"}};
    if (machine.dumpable)
        return checks.warn("core_files",
                           fmt::format("a core file of this program would hold boards' keys{}",
                                       pattern.empty() ? "" : ", and goes to \"" + pattern + "\""),
                           "unset IMPRINT_DEBUG on a production line", facts);
    checks.ok("core_files", "this program allows none, nor a debugger of the same user", facts);
}

}  // namespace imprint::station::doctor
