// The checks before the first board is touched: everything that can be wrong for all boards alike.
// Changes nothing but the firmware's own source and build.
#pragma once

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
struct Ready {
    std::string lot;  // by its name, also where its code was given
    std::vector<ReadyBay> bays;
    prepare::Firmware firmware;
    prepare::CredentialTemplate credentials;
    prepare::CloudFacts cloud;
    std::shared_ptr<registry::Registry> registry;  // null: offline
    std::optional<pki::DeviceAuthority> authority;
    std::optional<minted::MintedStore> minted;
    std::string ca_pem;
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

}  // namespace imprint::station
