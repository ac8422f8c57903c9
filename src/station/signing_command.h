// A later command that has certificates signed: a RecordedCommand, with what identities are made
// with.
#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "ledger/ledger.h"
#include "pki/device_authority.h"
#include "prepare/cloud.h"
#include "prepare/identity.h"
#include "prepare/settings.h"
#include "station/recorded_command.h"

namespace imprint::station {

class SigningCommand {
  public:
    // Looks, and changes nothing. settings and clock outlive it. Errors: those of
    // RecordedCommand::reach, look_at_cloud, open_authority and shown_authority.
    [[nodiscard]] static Result<SigningCommand> reach(const prepare::Settings& settings,
                                                      Clock& clock, const Log& log,
                                                      const std::stop_token& stop);
    // facts: without version and endpoint. Also makes what all things need in the cloud.
    [[nodiscard]] Result<void> begin(ledger::RunFacts facts);

    // Only after begin(), for as long as this stays where it is.
    [[nodiscard]] prepare::IdentityTools tools(bool take_over);

    [[nodiscard]] RecordedCommand& recorded() { return recorded_; }

    [[nodiscard]] const prepare::CloudFacts& cloud() const { return cloud_; }

  private:
    SigningCommand(const prepare::Settings& settings, RecordedCommand recorded, Log log)
        : settings_(&settings), recorded_(std::move(recorded)), log_(std::move(log)) {}

    const prepare::Settings* settings_;
    RecordedCommand recorded_;
    Log log_;
    prepare::CloudFacts cloud_;
    std::optional<pki::DeviceAuthority> authority_;
    std::string ca_pem_;
};

}  // namespace imprint::station
