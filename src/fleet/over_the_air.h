// New credentials for devices in the field, over the air: each makes its own key, which never
// leaves it. The station asks by a shadow of its thing, signs the request that the device answers
// with, waits until the device says over a connection with its new certificate that it is in force,
// and then retires the former ones. At no time is a device without a certificate that is ACTIVE.
//
// What is under way is in the shadow and in the ledger: a look may be repeated, and any later run
// goes on from there.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "fleet/rotate.h"
#include "fleet/rotation_shadow.h"
#include "registry/shadows.h"

namespace imprint::fleet {

struct AirTools {
    SigningTools signing;
    prepare::RecordedRegistry& registry;  // the same one, recorded
    registry::Shadows& shadows;
    prepare::RivalRules rivals;
};

enum class AirState : std::uint8_t {
    asked,     // the device has not answered yet
    answered,  // it has its new certificate, which is ACTIVE beside the former one
    finished,  // the former ones are retired
    refused,   // the device has stayed with what it had: only that is left
};

struct AirLook {
    AirState state = AirState::asked;
    std::string certificate_id;  // the new one's; empty: there is none yet
    unsigned retired = 0;        // finished
    std::string why;             // refused: what the device says, safe to show
};

// Before the first thing. Errors: those of check_rotatable; rotate_just_in_time (config).
[[nodiscard]] Result<void> check_over_the_air(const prepare::IdentitySettings& settings);
// Whether a thing's board may use the shadow, by the document of its policy as far as that is
// known. Error: rotation_not_allowed (config).
[[nodiscard]] Result<void> check_policy_over_the_air(const prepare::CloudFacts& cloud,
                                                     const std::string& thing,
                                                     const MacAddress& mac);

// Before a rotation by an image takes a step: the thing is not being rotated over the air, whose
// certificates are its own business. Errors: those of shadows and ledger; rotation_in_progress
// (usage).
[[nodiscard]] Result<void> check_not_over_the_air(registry::Shadows& shadows,
                                                  const std::string& thing, const Log& log = {});

// cancel_rotation() for either kind: a wish that the device has not been answered yet is taken back
// first. Errors: those of both; rotation_answered (usage): the device has been given a certificate,
// and may work with it already.
[[nodiscard]] Result<Advanced> cancel_any_rotation(prepare::RecordedRegistry& registry,
                                                   registry::Shadows& shadows,
                                                   ledger::Ledger& ledger, ledger::RunId run,
                                                   const std::string& thing, const Log& log = {});

// Does what is next for the thing, and says how it stands. Errors: those of registry and ledger;
// thing_unknown; those of board_of; rotation_in_progress (usage): it is rotated by an image
// (`--stage`); request_of_another (registry): the device's request is not for its thing, or for a
// key that it had before.
[[nodiscard]] Result<AirLook> look_after(const AirTools& tools, const std::string& thing);

// How long to look after them, and how often.
struct AirPatience {
    Clock& clock;
    Milliseconds most{};
    Milliseconds pause{2000};
    std::stop_token stop = {};
};

struct AirListener {
    std::function<void(const std::string& thing, const AirLook&)> looked;  // it stands anew
    std::function<void(const std::string& thing, const Error&)> failed;    // it is given up
};

struct AirSum {
    unsigned finished = 0;
    unsigned failed = 0;               // those that refused among them
    std::vector<std::string> waiting;  // a later call goes on with them
};

// Looks after them until each is finished or failed, the time is over, or it is asked to stop. A
// registry that is out of reach is waited for. A thing that is named twice counts once.
[[nodiscard]] AirSum rotate_over_the_air(const AirTools& tools, std::vector<std::string> things,
                                         const AirPatience& patience, const AirListener& listener);

}  // namespace imprint::fleet
