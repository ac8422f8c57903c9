#include <filesystem>
#include <fmt/format.h>

#include "config/config.h"
#include "prepare/own_files.h"
#include "prepare/shared_values.h"
#include "prepare/source.h"
#include "station/doctor/run_checks.h"

namespace imprint::station::doctor {

namespace {

namespace fs = std::filesystem;

void check_config(const prepare::Settings& settings, Checks& checks) {
    const std::string file = settings.config.string();
    if (file.empty())
        checks.warn("config", config::no_file_sentence(), std::string(config::no_file_hint));
    else
        checks.ok("config", file, {{"path", file}});
}

void check_values(const prepare::Settings& settings, Checks& checks) {
    if (const auto sound = prepare::check_shared_values(settings.identity, {}); !sound)
        checks.failed("values", sound.error());
    if (settings.identity.thing_type == config::sample_thing_type)
        checks.warn("values",
                    fmt::format("identity.thing_type is still \"{}\", as `imprint init` wrote it",
                                config::sample_thing_type),
                    "name your product's type, or set it to \"\"");
}

void check_own_records(const prepare::Settings& settings, Checks& checks) {
    if (const auto kept = prepare::check_records(settings); !kept)
        checks.failed("records", kept.error());
    else
        checks.ok("records", "ledger and keys are yours alone, and git does not take them along",
                  {});
}

void check_source(const prepare::Settings& settings, bool build_line, Checks& checks) {
    const auto& firmware = settings.firmware;
    const std::string commit = prepare::source_commit(firmware.directory);
    if (!commit.empty()) {
        checks.ok("source", fmt::format("{} at commit {}", firmware.directory.string(), commit),
                  {{"path", firmware.directory.string()}, {"commit", commit}});
    } else if (firmware.update) {
        checks.failed("source",
                      make_error(ErrorKind::config, "git_no_repository",
                                 fmt::format("firmware.update is on, but {} is no git checkout",
                                             firmware.directory.string()),
                                 "set firmware.update = false, or correct firmware.directory"));
    } else {
        checks.ok("source", fmt::format("{} (not from git)", firmware.directory.string()),
                  {{"path", firmware.directory.string()}, {"commit", ""}});
    }
    if (!firmware.build.empty() && build_line)
        check_build_line(firmware.build, firmware.directory, checks);
}

}  // namespace

void check_project(const prepare::Settings& settings, bool build_line, Checks& checks) {
    check_config(settings, checks);
    check_source(settings, build_line, checks);
    check_values(settings, checks);
    check_own_records(settings, checks);
}

}  // namespace imprint::station::doctor
