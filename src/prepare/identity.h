// One board's identity in the cloud: made INACTIVE, proven, or taken back; each effect in the
// ledger.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/mac.h"
#include "base/secret.h"
#include "ledger/ledger.h"
#include "prepare/settings.h"
#include "registry/iot_client.h"

namespace imprint::prepare {

struct Identity {
    std::string thing;
    std::string certificate_id;
    std::string certificate_arn;
    std::string certificate_pem;
    std::string public_pem;
    Secret private_key_pem;  // lives here and in the board's image, nowhere else
};

// The cloud's side of one attempt. Each member may be called once, in the order below; what went
// before an error stays in the ledger, for discard() or the next run.
class IdentityWork {
  public:
    IdentityWork(const IdentitySettings& settings, registry::IotClient& iot, ledger::Ledger& ledger,
                 ledger::AttemptId attempt, const MacAddress& mac, std::string thing,
                 std::string lot, Log log);

    // Removes what dead runs left for this board, then: thing, key, CSR, certificate (INACTIVE),
    // policy and thing attached.
    [[nodiscard]] Result<Identity> make();
    [[nodiscard]] Result<void> activate(const Identity& identity);
    // The board runs with it: recorded before the former certificates go.
    [[nodiscard]] Result<void> proven();
    // Deactivates, detaches and deletes the thing's other certificates. Gives how many.
    [[nodiscard]] Result<unsigned> retire_former(const Identity& identity);

    // After a failure: a certificate that was active becomes INACTIVE and stays for a look; one
    // that never was is removed. What could not be done is owed in the ledger. Says what became of
    // it: "none", "removed", "inactive", "unknown" (owed).
    [[nodiscard]] std::string discard();

  private:
    [[nodiscard]] Result<void> clear_leftovers();
    // Intent in the ledger, the effect, its end in the ledger.
    template <typename Effect>
    [[nodiscard]] Result<void> effect(const char* kind, const std::string& subject, Effect&& run);

    const IdentitySettings& settings_;
    registry::IotClient& iot_;
    ledger::Ledger& ledger_;
    ledger::AttemptId attempt_;
    MacAddress mac_;
    std::string thing_;
    std::string lot_;
    Log log_;
    std::optional<std::int64_t> row_;  // in the ledger, once a certificate is asked for
    std::string certificate_id_;
    bool activated_ = false;
};

// "{mac}" and "{lot}" in a setting.
[[nodiscard]] std::string fill_in(std::string text, const MacAddress& mac, const std::string& lot);

}  // namespace imprint::prepare
