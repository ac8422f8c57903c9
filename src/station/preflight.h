// The checks before the first board is touched: everything that can be wrong for all boards alike.
// Changes nothing but the firmware's own source and build.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "bays/rate_memory.h"
#include "events/event.h"
#include "minted/store.h"
#include "pki/device_authority.h"
#include "prepare/board_job.h"
#include "prepare/cloud.h"
#include "prepare/credential_image.h"
#include "prepare/firmware.h"
#include "registry/registry.h"
#include "station/run.h"
#include "station/surroundings.h"
#include "transport/port.h"

namespace imprint::station {

struct ReadyBay {
    prepare::Bay bay;
    std::string place;                      // bays::BayPort
    std::unique_ptr<transport::Port> port;  // null: it cannot be opened
    std::optional<Error> error;             // the reason, then
};

// What all boards of a run share.
struct SharedByBoards {
    // When the firmware's files were read: what has changed since then was not.
    std::filesystem::file_time_type firmware_read;
    std::string lot;  // by its name, also where its code was given
    prepare::Firmware firmware;
    prepare::CredentialTemplate credentials;
    prepare::CloudFacts cloud;
    std::shared_ptr<registry::Registry> registry;  // null: offline
    std::optional<pki::DeviceAuthority> authority;
    std::optional<minted::MintedStore> minted;
    std::string ca_pem;
};

struct Ready {
    std::vector<ReadyBay> bays;
    SharedByBoards shared;
};

struct PreflightTools {
    const Surroundings& surroundings;
    Clock& clock;
    const events::EventSink& events;
    bays::RateMemory& rates;
    const Log& log;
    const std::stop_token& stop;
};

// Errors: those of the values and files, no_port, port_twice, those of opening a port if no port of
// the run can be opened, of update,
// build, firmware, image, authority, registry and policy.
[[nodiscard]] Result<Ready> make_ready(const prepare::Settings& settings, const RunOptions& options,
                                       const PreflightTools& tools);

// The same for a bench whose bays are not known yet: only what all boards share.
// made: false: neither updated from git nor built; the files are read as they are.
[[nodiscard]] Result<SharedByBoards> make_shared_ready(const prepare::Settings& settings,
                                                       const RunOptions& options,
                                                       const PreflightTools& tools,
                                                       bool made = true);
// A bay with its port opened, or with the error of opening it.
[[nodiscard]] ReadyBay make_ready_bay(const bays::BayPort& port, const prepare::Settings& settings,
                                      const PreflightTools& tools);

}  // namespace imprint::station
