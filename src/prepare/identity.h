// One board's identity in the cloud: made INACTIVE, proven, or taken back; each effect in the
// ledger.
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
    Secret private_key_pem;  // lives here and in the board's image, nowhere else
};

// What the identities of a run are made with; all of it outlives them.
struct IdentityTools {
    const IdentitySettings& settings;
    ledger::Ledger& ledger;
    registry::Registry* registry = nullptr;           // null: this run is offline
    const pki::DeviceAuthority* authority = nullptr;  // with Issue::own_ca
    // The owner's authority's certificate, where the registry or the boards have to be shown it.
    std::string ca_pem = {};
    minted::MintedStore* minted = nullptr;  // with Issue::minted
    // A registry that cannot be reached does not fail a board (own authority only): it is queued.
    bool may_queue = false;
    RivalRules rivals = {};
};

struct AttemptOfRun {
    ledger::RunId run = 0;
    ledger::AttemptId attempt = 0;
};

// The cloud's side of one attempt. Each member may be called once, in the order below; what went
// before an error stays in the ledger, for discard() or the next run.
class IdentityWork {
  public:
    // minted: what take_minted() gave for the board.
    IdentityWork(const IdentityTools& tools, const AttemptOfRun& attempt, const MacAddress& mac,
                 std::string thing, std::string lot, Log log,
                 std::optional<minted::MintedIdentity> minted = {});

    // Removes what dead runs left for this board, then: thing, key, certificate (INACTIVE), policy
    // and thing attached. Offline: key and certificate. Nothing of it takes a certificate away that
    // the board may be working with. Error: board_at_another_station (rivals.h).
    [[nodiscard]] Result<Identity> make();
    // Before the first sector is written where the board has its former credentials: from then on
    // their certificates are owed to be INACTIVE, unless the new one is proven.
    [[nodiscard]] Result<void> overwriting();
    // ACTIVE, seen to be so, and nobody else at it. Offline: the registration is queued.
    [[nodiscard]] Result<void> activate(const Identity& identity);
    // Made ahead, for a board in the field: stays INACTIVE, and is no leftover from now on.
    [[nodiscard]] Result<void> staged();
    // The board runs with it: recorded before the former certificates go.
    [[nodiscard]] Result<void> proven();

    // The registry has not heard of it yet: the board cannot connect.
    [[nodiscard]] bool queued() const { return offline_; }

    // Takes the thing's former certificates from it: those that are its alone are deactivated and
    // deleted, as far as the registry lets them at once; the rest is owed.
    struct Former {
        unsigned retired = 0;
        unsigned owed = 0;
    };

    [[nodiscard]] Result<Former> retire_former();
    // The last word before a board passes: its certificate is there, ACTIVE and on its thing.
    // Error: identity_lost (registry).
    [[nodiscard]] Result<void> confirm();

    // After a failure, whatever the ledger says of it: a certificate that was active becomes
    // INACTIVE and stays for a look; so do the former ones, if their place in flash was
    // overwritten; one that never was active is removed. A minted one that the board had been
    // proven with, or is queued with, stays as it was, for it is the board's only one. What could
    // not be done is owed in the ledger. Says what became of it: never `active`; `unknown`: owed.
    [[nodiscard]] events::CertificateFate discard();

  private:
    [[nodiscard]] Result<void> clear_leftovers();
    [[nodiscard]] Result<void> clear_leftover(const ledger::CertificateRecord& left);
    [[nodiscard]] Result<KnownCertificates> known() const;
    [[nodiscard]] Result<void> put_in_force(const std::string& certificate_id);
    [[nodiscard]] events::CertificateFate take_back();
    void take_back_former();
    // What is asked of the registry; one that cannot be reached makes the rest of it offline, if
    // that may be.
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
    std::optional<RecordedRegistry> way_back_;  // the same, for what has to be undone
    MacAddress mac_;
    std::string thing_;
    std::string lot_;
    ThingFacts facts_;
    Log log_;
    std::optional<Rivals> rivals_;     // once online
    std::optional<std::int64_t> row_;  // in the ledger, once a certificate is asked for
    std::string certificate_id_;
    std::optional<minted::MintedIdentity> minted_;
    bool had_before_ = false;  // minted, and this board's already: proven or queued
    bool activated_ = false;
    bool overwritten_ = false;  // the former certificates' place in flash
    bool offline_ = false;
    bool registered_ = false;  // or perhaps: the registry was asked to
};

// The identity that was made ahead for this board: its own, or the next one. One that was retired
// is not given out again. Errors: minted_none (board), minted_retired (board), and the store's.
[[nodiscard]] Result<minted::MintedIdentity> take_minted(const IdentityTools& tools,
                                                         const MacAddress& mac);

// The lot that a board has which is only to get another identity: the ledger's, else that of its
// thing's attributes, where the settings put it there; else none. Errors: the ledger's and
// registry's; lot_unknown (board): the thing's name needs it, and nobody knows it.
[[nodiscard]] Result<std::string> known_lot(const IdentityTools& tools, const MacAddress& mac);

// The lot in a thing's attributes, where the settings put it there; else empty.
[[nodiscard]] std::string lot_of_attributes(const IdentitySettings& settings,
                                            const std::map<std::string, std::string>& attributes);

// "{mac}" and "{lot}" in a setting.
[[nodiscard]] std::string fill_in(std::string text, const MacAddress& mac, const std::string& lot);

// The owner's authority, as identity.ca names it. Errors (config): authority_missing (a key of it
// is not set), and those of DeviceAuthority::open.
[[nodiscard]] Result<pki::DeviceAuthority> open_authority(const AuthoritySettings& settings,
                                                          WallTime now);

// The certificate of the owner's authority, where the registry (with-ca) or the boards
// (just-in-time) have to be shown it; else empty. Errors (config): authority_missing, and those of
// pki::read_authority and check_validity.
[[nodiscard]] Result<std::string> shown_authority(const IdentitySettings& settings, WallTime now);

// A rotation makes a new key. Error: rotate_minted (config).
[[nodiscard]] Result<void> check_rotatable(const IdentitySettings& settings);

// The largest that these settings make, or that was minted. With an authority of the owner's it
// signs a certificate to see, so that a subject, key or token that does not work is found before
// the first board. Errors: those of subject_of, DeviceAuthority::issue and the store.
[[nodiscard]] Result<IdentitySize> largest_identity(const IdentitySettings& settings,
                                                    const pki::DeviceAuthority* authority,
                                                    minted::MintedStore* minted,
                                                    const std::string& lot, WallTime now);

// A certificate's subject from identity.ca.subject. Error: subject_invalid (config).
[[nodiscard]] Result<pki::Subject> subject_of(const std::string& form, const MacAddress& mac,
                                              const std::string& thing, const std::string& lot);

}  // namespace imprint::prepare
