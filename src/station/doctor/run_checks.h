// What `imprint doctor` looks at of the project, its cloud and its boards' ports: what a run would
// look at too, by the same functions. What a run would end with is a failure here.
#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "prepare/credential_place.h"
#include "prepare/firmware.h"
#include "prepare/settings.h"
#include "station/doctor/checks.h"
#include "station/doctor/machine.h"

namespace imprint::station::doctor {

// "config", "source", "build", "values", "records". build_line: whether its commands are looked
// for.
void check_project(const prepare::Settings& settings, bool build_line, Checks& checks);

// "build": each command of the line, by its first word. Nothing of the line is run. What a file
// read with "." brings along, and what only a shell could tell, is not known and no fault.
void check_build_line(const std::string& line, const std::filesystem::path& directory,
                      Checks& checks);

struct FoundFirmware {
    prepare::Firmware firmware;
    std::optional<prepare::CredentialPlace> place;
};

// "firmware", "image", "stub". Nothing: a run would end here.
[[nodiscard]] std::optional<FoundFirmware> check_firmware(const prepare::Settings& settings,
                                                          Checks& checks);

// "credentials", "registry", and, if the place is known, "image", "authority", "identities".
void check_cloud(const prepare::Settings& settings,
                 const std::optional<prepare::CredentialPlace>& place, Clock& clock, const Log& log,
                 const std::stop_token& stop, Checks& checks);

// "ledger": whether it opens, its version, and who else has it open. The newest run in it is when?
[[nodiscard]] std::optional<WallTime> check_ledger_file(const prepare::Settings& settings,
                                                        const Machine& machine, Clock& clock,
                                                        const Log& log, Checks& checks);

// "labels", "page".
void check_labels(const prepare::Settings& settings, Checks& checks);
void check_page(const prepare::Settings& settings, WallTime now, Checks& checks);

// "bays", "watch", "ports", "port". open: each is opened once.
void check_bays(const prepare::Settings& settings, Clock& clock, bool open, Checks& checks);

}  // namespace imprint::station::doctor
