// One board's identity in the cloud: created INACTIVE, then proven or rolled back; each effect is
// recorded in the ledger.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/mac.h"
#include "base/secret.h"
#include "events/words.h"
#include "ledger/ledger.h"
#include "minted/store.h"
#include "pki/device_authority.h"
#include "pki/request.h"
#include "prepare/credential_image.h"
#include "prepare/recorded_registry.h"
#include "prepare/registration.h"
#include "prepare/rivals.h"
#include "prepare/settings.h"

namespace imprint::prepare {

struct Identity {
    std::string thing;
    std::string certificate_id;
    std::string certificate_arn;
    std::string certificate_pem;
    std::string public_pem;
    Secret private_key_pem;  // only here and in the board's image; empty: the device keeps it
};

// What the identities of a run are created with; everything in it outlives them.
struct IdentityTools {
    const IdentitySettings& settings;
    ledger::Ledger& ledger;
    registry::Registry* registry = nullptr;           // null: this run is offline
    const pki::DeviceAuthority* authority = nullptr;  // with Issue::own_ca
    // The certificate of the owner's authority, if the registry or the boards need it.
    std::string ca_pem = {};
    minted::MintedStore* minted = nullptr;  // with Issue::minted
    // An unreachable registry does not fail a board (own authority only): its registration is
    // queued.
    bool may_queue = false;
    RivalRules rivals = {};
};

struct AttemptOfRun {
    ledger::RunId run = 0;
    ledger::AttemptId attempt = 0;
};

// The cloud's side of one attempt. Each member may be called once, in the order below. What was
// done before an error stays in the ledger, for discard() or the next run.
class IdentityWork {
  public:
    // minted: what take_minted() returned for the board. serial: for its thing's attributes.
    // request: the device's own, for a key that it keeps.
    IdentityWork(const IdentityTools& tools, const AttemptOfRun& attempt, const MacAddress& mac,
                 std::string thing, std::string lot, Log log,
                 std::optional<minted::MintedIdentity> minted = {}, const std::string& serial = {},
                 std::optional<pki::RequestInfo> request = {});

    // Removes what dead runs left for this board. Then makes thing, key and certificate (INACTIVE),
    // and attaches policy and thing. Offline: only key and certificate. This never removes a
    // certificate that the board may be using. Error: board_at_another_station (rivals.h).
    [[nodiscard]] Result<Identity> make();
    // Called before the first sector is written over the board's former credentials: from then on
    // the deactivation of their certificates is owed, unless the new one is proven.
    [[nodiscard]] Result<void> overwriting();
    // Makes it ACTIVE, waits until that is visible, and checks that no other station interferes.
    // Offline: queues the registration.
    [[nodiscard]] Result<void> activate(const Identity& identity);
    // Made ahead, for a board in the field: it stays INACTIVE and no longer counts as a leftover.
    [[nodiscard]] Result<void> staged();
    // The board runs with it: recorded before the former certificates are retired.
    [[nodiscard]] Result<void> proven();

    // The registry does not know it yet: the board cannot connect.
    [[nodiscard]] bool queued() const { return offline_; }

    // Retires the thing's former certificates: those that are on no other thing are deactivated and
    // deleted, as far as the registry does so at once; the rest is owed.
    struct Former {
        unsigned retired = 0;
        unsigned owed = 0;
    };

    [[nodiscard]] Result<Former> retire_former();
    // The last check before a board passes: its certificate exists, is ACTIVE and is on its thing.
    // Error: identity_lost (registry).
    [[nodiscard]] Result<void> confirm();

    // The rollback after a failure, whatever state the ledger has. A certificate that was active
    // becomes INACTIVE and stays for inspection; so do the former ones, if their sectors in flash
    // were overwritten. One that never was active is deleted. A minted one that the board was
    // already proven or queued with stays as it was, for it is the board's only one. What could not
    // be done is owed in the ledger. Returns the certificate's fate: never `active`; `unknown`:
    // owed.
    [[nodiscard]] events::CertificateFate discard();

  private:
    [[nodiscard]] Result<void> clear_leftovers();
    [[nodiscard]] Result<void> clear_leftover(const ledger::CertificateRecord& left);
    [[nodiscard]] Result<KnownCertificates> known() const;
    [[nodiscard]] Result<void> put_in_force(const std::string& certificate_id);
    [[nodiscard]] events::CertificateFate take_back();
    void take_back_former();
    // Makes a request to the registry. If the registry is unreachable and going offline is allowed,
    // the rest of the attempt is offline.
    template <typename Work>
    [[nodiscard]] Result<void> unless_offline(Work&& work);
    [[nodiscard]] Result<void> begin_online();
    [[nodiscard]] Result<void> finish_online(Identity& identity);
    [[nodiscard]] Result<Identity> issue();
    [[nodiscard]] Result<Identity> issue_by_request();
    [[nodiscard]] Result<Identity> issue_with_keys();
    [[nodiscard]] Result<Identity> issue_by_own_authority();
    [[nodiscard]] Result<Identity> issue_minted();
    [[nodiscard]] Result<void> check_free(const std::string& certificate_id);
    [[nodiscard]] Result<void> take_issued(Identity& identity, registry::IssuedCertificate issued);

    IdentityTools tools_;
    const IdentitySettings& settings_;
    ledger::Ledger& ledger_;
    ledger::AttemptId attempt_;
    ledger::EffectLog effects_;
    std::optional<RecordedRegistry> registry_;  // none: this run is offline
    std::optional<RecordedRegistry> way_back_;  // the same, for rollbacks
    MacAddress mac_;
    std::string thing_;
    std::string lot_;
    ThingFacts facts_;
    Log log_;
    std::optional<Rivals> rivals_;     // set once online
    std::optional<std::int64_t> row_;  // in the ledger, once a certificate was requested
    std::string certificate_id_;
    std::optional<minted::MintedIdentity> minted_;
    std::optional<pki::RequestInfo> request_;
    bool had_before_ = false;  // minted, and already used by this board: proven or queued
    bool activated_ = false;
    bool overwritten_ = false;  // the former certificates' sectors in flash
    bool offline_ = false;
    bool registered_ = false;  // or possibly so: the registry was asked to
};

// The identity that was made ahead for this board: its own, or the next free one. A retired one is
// not given out again. Errors: minted_none (board), minted_retired (board), and the store's.
[[nodiscard]] Result<minted::MintedIdentity> take_minted(const IdentityTools& tools,
                                                         const MacAddress& mac);

// The lot of a board that only gets another identity: from the ledger, else from its thing's
// attributes if the settings put it there; else none. Errors: the ledger's and registry's;
// lot_unknown (board): the thing's name needs it, and it is unknown.
[[nodiscard]] Result<std::string> known_lot(const IdentityTools& tools, const MacAddress& mac);

// The lot in a thing's attributes, if the settings put it there; else empty.
[[nodiscard]] std::string lot_of_attributes(const IdentitySettings& settings,
                                            const std::map<std::string, std::string>& attributes);

// Replaces "{mac}" and "{lot}" in a setting.
[[nodiscard]] std::string fill_in(std::string text, const MacAddress& mac, const std::string& lot);

// The owner's authority, as configured in identity.ca. Errors (config): authority_missing (a key of
// that table is not set), and those of DeviceAuthority::open.
[[nodiscard]] Result<pki::DeviceAuthority> open_authority(const AuthoritySettings& settings,
                                                          WallTime now);

// The certificate of the owner's authority, if the registry (with-ca) or the boards (just-in-time)
// need it; else empty. Errors (config): authority_missing, and those of pki::read_authority and
// check_validity.
[[nodiscard]] Result<std::string> shown_authority(const IdentitySettings& settings, WallTime now);

// A rotation needs a new key. Error: rotate_minted (config).
[[nodiscard]] Result<void> check_rotatable(const IdentitySettings& settings);

// The largest identity that these settings make, or that was minted. With the owner's authority it
// signs a test certificate, so that a subject, key or token that does not work is found before the
// first board. Errors: those of subject_of, DeviceAuthority::issue and the store.
[[nodiscard]] Result<IdentitySize> largest_identity(const IdentitySettings& settings,
                                                    const pki::DeviceAuthority* authority,
                                                    minted::MintedStore* minted,
                                                    const std::string& lot, WallTime now);

// A certificate's subject from identity.ca.subject. Error: subject_invalid (config).
[[nodiscard]] Result<pki::Subject> subject_of(const std::string& form, const MacAddress& mac,
                                              const std::string& thing, const std::string& lot);

}  // namespace imprint::prepare
