// `imprint report`: what somebody needs who is to find out what went wrong, and no secret. Nobody
// is asked over a network; a board is not touched.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "config/config.h"
#include "station/doctor.h"
#include "station/doctor/machine.h"
#include "support/archive.h"

namespace imprint::support {

struct ReportOptions {
    std::size_t runs = 20;  // of the ledger, the newest
    bool redact = false;    // pseudonyms in the place of what tells of boards, people and places
};

struct ReportSources {
    const config::Config& config;
    const std::vector<station::Check>& checks;  // as far as Reach::this_machine
    const station::doctor::Machine& machine;
    std::vector<std::string> variables;  // of the environment: "NAME=VALUE"
    Clock& clock;
    // Why the configuration could not be read, which is the defaults' then. Empty: it could.
    std::string config_error = {};
};

// What the archive will hold; "contents.txt" comes first and tells of the others. What cannot be
// had (a ledger that does not open) is told there, and fails nothing.
[[nodiscard]] std::vector<PackedFile> make_report(const ReportSources& sources,
                                                  const ReportOptions& options);

// Whether a report may be written there: nothing is there yet, or an earlier report, or nothing is
// in it. Standard output is taken as well. Error: bad_usage.
[[nodiscard]] Result<void> check_target(const std::filesystem::path& path);

// "imprint-report-20261130T161500Z"
[[nodiscard]] std::string report_name(WallTime now);

}  // namespace imprint::support
