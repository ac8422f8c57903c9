#include <fmt/format.h>

#include "logins/access.h"
#include "station/doctor/run_checks.h"
#include "station/label_run.h"

namespace imprint::station::doctor {

void check_labels(const prepare::Settings& settings, Checks& checks) {
    const auto& label = settings.label;
    if (label.printer.empty() && label.sheet.items.empty()) return;
    if (const auto sheet = check_label(settings, {}); !sheet) {
        checks.failed("labels", sheet.error());
        return;
    }
    checks.ok("labels",
              fmt::format("{:g} by {:g} mm, {}", label.sheet.width, label.sheet.height,
                          label.printer.empty() ? "not printed" : "printed at " + label.printer),
              {{"printer", label.printer}});
}

void check_page(const prepare::Settings& settings, WallTime now, Checks& checks) {
    const auto access = logins::check_access(settings.page, now);
    if (!access) return checks.failed("page", access.error());
    checks.ok("page",
              fmt::format("{}, {}", settings.page.listen,
                          access->gate.login_needed ? "with logins" : "without a login"),
              {{"listen", settings.page.listen}});
    for (const auto& warning : access->warnings)
        checks.warn("page", warning, "see docs/station.md");
}

}  // namespace imprint::station::doctor
