// What `imprint doctor` looks at of the computer, a function a subject. None of these is ever worse
// than a warning: a run that can do its work is not kept from it. Nothing is written or opened that
// a board would notice, and nothing waits for longer than some seconds.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "label/settings.h"
#include "prepare/settings.h"
#include "station/doctor/checks.h"
#include "station/doctor/machine.h"
#include "transport/discovery.h"

namespace imprint::station::doctor {

// "clock": certificates, signatures and records are dated by it. newest_record: of the ledger.
void check_clock(const Machine& machine, WallTime now, std::optional<WallTime> newest_record,
                 Checks& checks);

// "udev": whether Imprint's rules are installed, and say what `current` does. Where no udev runs
// (a container), devices are the host's, and nothing is said.
void check_udev_rules(const Machine& machine, std::string_view current, Checks& checks);

// "access": whether this user may open the serial ports; without a port, whether it is in the group
// that they will belong to.
void check_port_access(const Machine& machine, const std::vector<transport::FoundPort>& ports,
                       Checks& checks);

// "port": programs that open or take away serial ports.
void check_port_rivals(const Machine& machine, Checks& checks);

// "usb": bridges that the kernel puts to sleep, and a Raspberry Pi that gets too little power.
void check_usb(const Machine& machine, Checks& checks);

// "disk": where the ledger and the archive grow.
void check_disks(const Machine& machine, const prepare::Settings& settings, Checks& checks);

// "printer": CUPS and its queue, where labels are printed by one.
void check_printer(const Machine& machine, const label::Settings& settings, Checks& checks);

// "service": the systemd unit of a station that starts with the computer.
void check_service(const Machine& machine, Checks& checks);

// "core_files": a core file would hold boards' keys.
void check_core_files(const Machine& machine, Checks& checks);

// The processes, but this one, that have the file open: as many as this user may see.
struct Holder {
    std::string program;
    pid_t process = 0;
};

[[nodiscard]] std::vector<Holder> holders_of(const Machine& machine,
                                             const std::filesystem::path& file);

}  // namespace imprint::station::doctor
