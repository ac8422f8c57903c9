// A new key and certificate for a board in the field, in steps: staged (INACTIVE, its image in a
// file), activated once the board has the image, finished once the board has connected with it.
// Until then the former certificate stays valid.
#pragma once

#include <filesystem>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/mac.h"
#include "ledger/ledger.h"
#include "prepare/cloud.h"
#include "prepare/credential_image.h"
#include "prepare/identity.h"
#include "prepare/recorded_registry.h"

namespace imprint::fleet {

// The board of a thing: by the ledger, else by the thing's name. Error: board_unknown (usage): the
// ledger does not know it, and the name is no MAC address.
[[nodiscard]] Result<MacAddress> board_of(ledger::Ledger& ledger, const std::string& thing);

// What staging needs for any thing; all of it outlives the calls.
struct StageTools {
    prepare::IdentityTools identity;  // with a registry
    const prepare::CredentialTemplate& form;
    const prepare::CloudFacts& cloud;
    std::filesystem::path folder;  // created with mode 0700
    std::string lot;               // empty: the board's present one
    ledger::RunId run = 0;
    Log log;
};

struct Staged {
    std::string thing;
    std::string certificate_id;
    std::filesystem::path image;  // <folder>/<thing>.bin, mode 0600: it holds the key
    std::uint32_t offset = 0;     // in flash, where to write it
    std::uint32_t size = 0;       // bytes
};

// What was staged for the thing before is discarded. Errors: those of registry, ledger and files;
// thing_unknown, and those of board_of.
[[nodiscard]] Result<Staged> stage(const StageTools& tools, const std::string& thing);

// What an answer to a device's own request needs; all of it outlives the calls.
struct SigningTools {
    prepare::IdentityTools identity;  // with a registry
    std::string lot;                  // empty: the board's present one
    ledger::RunId run = 0;
    Log log;
};

struct Signed {
    std::string certificate_id;
    std::string certificate_pem;
};

// As stage(), for a key that the device keeps: there is no image. request: its common name is the
// thing's.
[[nodiscard]] Result<Signed> sign(const SigningTools& tools, const std::string& thing,
                                  const pki::RequestInfo& request);

struct Advanced {
    std::string certificate_id;
    unsigned retired = 0;  // former certificates that were retired
};

// Both may be repeated. Error (usage): not_staged, not_activated.
[[nodiscard]] Result<Advanced> activate_staged(prepare::RecordedRegistry& registry,
                                               ledger::Ledger& ledger, const std::string& thing);
[[nodiscard]] Result<Advanced> finish_rotation(prepare::RecordedRegistry& registry,
                                               ledger::Ledger& ledger, const std::string& thing,
                                               const prepare::RivalRules& rivals,
                                               const Log& log = {});
// Rolls back what was staged or activated: only the former certificate stays.
[[nodiscard]] Result<Advanced> cancel_rotation(prepare::RecordedRegistry& registry,
                                               ledger::Ledger& ledger, const std::string& thing,
                                               const Log& log = {});

}  // namespace imprint::fleet
