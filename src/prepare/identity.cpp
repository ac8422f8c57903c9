#include "prepare/identity.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <utility>

#include "base/text.h"
#include "pki/certificate.h"
#include "pki/certificate_file.h"
#include "pki/key.h"
#include "prepare/retirement.h"

namespace imprint::prepare {

using events::CertificateFate;
using ledger::CertificateState;
using registry::CertificateStatus;

std::string fill_in(std::string text, const MacAddress& mac, const std::string& lot) {
    return replace_all(replace_all(std::move(text), "{mac}", mac.id()), "{lot}", lot);
}

Result<std::string> known_lot(const IdentityTools& tools, const MacAddress& mac) {
    IMPRINT_TRY(std::string lot, tools.ledger.last_lot(mac));
    if (!lot.empty()) return lot;
    if (tools.settings.thing_name.contains("{lot}"))
        return fail(ErrorKind::board, "lot_unknown",
                    fmt::format("the thing's name needs the lot of board {}, and the ledger does "
                                "not know it",
                                mac.id()),
                    "say --lot, or use the ledger of the station that prepared it");
    if (tools.registry == nullptr) return lot;
    IMPRINT_TRY(const auto thing,
                tools.registry->find_thing(fill_in(tools.settings.thing_name, mac, lot)));
    if (!thing) return lot;
    return lot_of_attributes(tools.settings, thing->attributes);
}

std::string lot_of_attributes(const IdentitySettings& settings,
                              const std::map<std::string, std::string>& attributes) {
    for (const auto& [key, form] : settings.attributes)
        if (const auto found = attributes.find(key); form == "{lot}" && found != attributes.end())
            return found->second;
    return {};
}

Result<pki::Subject> subject_of(const std::string& form, const MacAddress& mac,
                                const std::string& thing, const std::string& lot) {
    // A comma in a value would begin another part.
    const auto escaped = [](std::string_view text) {
        std::string out;
        for (const char c : text) {
            if (c == ',' || c == '\\') out += '\\';
            out += c;
        }
        return out;
    };
    return pki::parse_subject(
        fill_in(replace_all(form, "{thing}", escaped(thing)), mac, escaped(lot)));
}

Result<pki::DeviceAuthority> open_authority(const AuthoritySettings& settings, WallTime now) {
    for (const auto& [path, key] :
         {std::pair(&settings.certificate, "certificate"), std::pair(&settings.key, "key")})
        if (path->empty())
            return fail(
                ErrorKind::config, "authority_missing",
                fmt::format("identity.issue = \"own-ca\", but identity.ca.{} is not set", key),
                "name your authority's certificate and its key (docs/registry.md)");
    return pki::DeviceAuthority::open(settings.certificate, settings.key.string(), now);
}

Result<std::string> shown_authority(const IdentitySettings& settings, WallTime now) {
    if (!settings.is_of_own_authority() || settings.ca.registration == Registration::without_ca)
        return std::string();
    if (settings.ca.certificate.empty())
        return fail(ErrorKind::config, "authority_missing",
                    "your authority has to be shown, but identity.ca.certificate is not set",
                    "name your authority's certificate (docs/registry.md)");
    IMPRINT_TRY(auto file, pki::read_authority(settings.ca.certificate, "identity.ca.certificate"));
    IMPRINT_CHECK(pki::check_validity(file, settings.ca.certificate, now));
    return std::move(file.pem);
}

Result<void> check_rotatable(const IdentitySettings& settings) {
    if (settings.issue != Issue::minted) return {};
    return fail(ErrorKind::config, "rotate_minted",
                "a rotation makes a new key, and with identity.issue = \"minted\" none is made",
                "rotate with identity.issue = \"own-ca\" or \"csr\"");
}

Result<minted::MintedIdentity> take_minted(const IdentityTools& tools, const MacAddress& mac) {
    IMPRINT_TRY(auto mine, tools.minted->take(mac.id()));
    while (mine) {
        IMPRINT_TRY(const auto retirements, tools.ledger.retirements(mine->thing));
        const auto with_it = std::ranges::find_if(retirements, [&](const auto& one) {
            // One that was begun and broken off is to be finished, not undone.
            return !one.done || one.result.contains(mine->certificate_id);
        });
        if (with_it == retirements.end()) return *std::move(mine);
        IMPRINT_TRY(auto another, tools.minted->take(mac.id(), true));
        if (!another)
            return fail(ErrorKind::board, "minted_retired",
                        fmt::format("the identity that was minted for {}, thing \"{}\", was "
                                    "retired: {}",
                                    mac.id(), mine->thing, with_it->reason),
                        "a retired one is not given out again: mint another, or issue otherwise "
                        "(identity.issue)");
        mine = std::move(another);
    }
    return fail(
        ErrorKind::board, "minted_none",
        fmt::format("no identity was minted for {}, and none is left that is for any board: those "
                    "that are free are other boards'",
                    mac.id()),
        "imprint registry mint DIR --list FILE with its MAC, or more with --count");
}

Result<IdentitySize> largest_identity(const IdentitySettings& settings,
                                      const pki::DeviceAuthority* authority,
                                      minted::MintedStore* minted, const std::string& lot,
                                      WallTime now) {
    std::size_t chain = 0;
    IMPRINT_TRY(const std::string shown, shown_authority(settings, now));
    if (settings.is_just_in_time()) chain = shown.size();
    if (minted != nullptr) {
        IMPRINT_TRY(const auto largest, minted->largest());
        return IdentitySize{.certificate = largest.certificate + chain, .key = largest.key};
    }
    // AWS IoT's certificates for either kind of key stay below 1.5 KB, an RSA-2048 key below 1.8
    // KB.
    IdentitySize size{1536, 256};
    if (settings.key == pki::KeyKind::rsa_2048 || settings.issue == Issue::aws_keys)
        size.key = 1792;
    if (authority == nullptr) return size;
    const MacAddress mac{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
    IMPRINT_TRY(const auto subject,
                subject_of(settings.ca.subject, mac, fill_in(settings.thing_name, mac, lot), lot));
    IMPRINT_TRY(const pki::PrivateKey key, pki::PrivateKey::generate(settings.key));
    IMPRINT_TRY(const auto issued, authority->issue(key, subject, std::chrono::days(1), now));
    constexpr std::size_t serials_and_signatures_differ = 16;
    size.certificate = issued.pem.size() + serials_and_signatures_differ + chain;
    return size;
}

IdentityWork::IdentityWork(const IdentityTools& tools, const AttemptOfRun& attempt,
                           const MacAddress& mac, std::string thing, std::string lot, Log log,
                           std::optional<minted::MintedIdentity> minted, const std::string& serial,
                           std::optional<pki::RequestInfo> request)
    : tools_(tools),
      settings_(tools.settings),
      ledger_(tools.ledger),
      attempt_(attempt.attempt),
      effects_(ledger_, {attempt.run, attempt.attempt}, log),
      mac_(mac),
      thing_(std::move(thing)),
      lot_(std::move(lot)),
      facts_(thing_facts(settings_, mac_, thing_, lot_, serial)),
      log_(std::move(log)),
      minted_(std::move(minted)),
      request_(std::move(request)),
      offline_(tools.registry == nullptr) {
    if (offline_) return;
    registry_.emplace(*tools.registry, effects_);
    way_back_.emplace(registry_->for_rollback());
}

template <typename Work>
Result<void> IdentityWork::unless_offline(Work&& work) {
    if (offline_) return {};
    auto done = std::forward<Work>(work)();
    if (done || !tools_.may_queue) return done;
    if (!registry::is_out_of_reach(done.error())) return done;
    log_.warning("the registry cannot be reached; its part is queued: {}", done.error().describe());
    offline_ = true;
    return {};
}

Result<void> IdentityWork::clear_leftover(const ledger::CertificateRecord& left) {
    std::string id = left.id;
    if (left.state == CertificateState::requested) {
        // One that was to come with its key cannot be told from others: INACTIVE and attached to
        // nothing, it can do nothing.
        if (left.public_pem.empty())
            return ledger_.certificate_state(left.row, CertificateState::gone);
        // The request was written down, its answer never was: look whether it was carried out.
        IMPRINT_TRY(auto found, registry_->find_orphan(left.public_pem, left.requested_at));
        if (!found) {
            // One that was carried out a moment ago may not be seen yet: it is looked for again.
            constexpr std::chrono::minutes seen_by_then{1};
            if (left.requested_at + seen_by_then > ledger_.now()) return {};
            return ledger_.certificate_state(left.row, CertificateState::gone);
        }
        id = *found;
        IMPRINT_CHECK(ledger_.certificate_issued(left.row, id, {}));
    }
    // One that was activated may be the one that the board in hand works with: it goes with the
    // other former certificates, once the new one is proven.
    if (left.state == CertificateState::active) return {};
    // The one that the board gets again.
    if (minted_ && id == minted_->certificate_id) return {};
    IMPRINT_TRY(const auto there, registry_->look_at(id, {left.thing}));
    // The ledger is older than what it tells of, such as one from a backup.
    if (there && there->status == CertificateStatus::active)
        return ledger_.certificate_state(left.row, CertificateState::active);
    log_.info("removing certificate {} that an earlier run left", id);
    IMPRINT_CHECK(retire_and_record(*registry_, ledger_, left.thing, id, log_, attempt_));
    return {};
}

Result<void> IdentityWork::clear_leftovers() {
    IMPRINT_TRY(const auto leftovers, ledger_.unfinished(mac_));
    for (const auto& left : leftovers)
        IMPRINT_CHECK(clear_leftover(left));
    return {};
}

Result<KnownCertificates> IdentityWork::known() const {
    IMPRINT_TRY(const auto records, ledger_.certificates(mac_));
    KnownCertificates known = known_of(records);
    // The board's own, perhaps registered ahead; whose it is, check_free() asks.
    if (minted_) known.living.insert(minted_->certificate_id);
    return known;
}

Result<void> IdentityWork::begin_online() {
    IMPRINT_CHECK(clear_leftovers());
    rivals_.emplace(*registry_, thing_, tools_.rivals, log_);
    IMPRINT_TRY(const auto ours, known());
    IMPRINT_CHECK(rivals_->look(ours));
    if (settings_.is_just_in_time()) return {};
    return registry_->ensure_thing(thing_, facts_.type, facts_.attributes, facts_.groups);
}

Result<void> IdentityWork::finish_online(Identity& identity) {
    if (identity.certificate_arn.empty()) {
        registered_ = true;
        IMPRINT_TRY(identity.certificate_arn,
                    registry_->ensure_registered(identity.certificate_id, identity.certificate_pem,
                                                 facts_.with_ca ? tools_.ca_pem : ""));
    }
    return registry_->attach(identity.certificate_id, identity.certificate_arn, thing_,
                             facts_.policy);
}

Result<Identity> IdentityWork::make() {
    IMPRINT_CHECK(unless_offline([&] { return begin_online(); }));
    IMPRINT_TRY(Identity identity, issue());
    identity.thing = thing_;
    if (!settings_.is_just_in_time())
        IMPRINT_CHECK(unless_offline([&] { return finish_online(identity); }));
    return identity;
}

Result<Identity> IdentityWork::issue() {
    switch (settings_.issue) {
        case Issue::aws_keys:
            if (!request_) return issue_with_keys();
            break;
        case Issue::own_ca:
            return issue_by_own_authority();
        case Issue::minted:
            return issue_minted();
        case Issue::csr:
            break;
    }
    return issue_by_request();
}

Result<void> IdentityWork::take_issued(Identity& identity, registry::IssuedCertificate issued) {
    registered_ = true;
    certificate_id_ = issued.id;
    // What cannot be read is no certificate: the ledger keeps none of its text.
    auto info = pki::inspect_certificate(issued.pem);
    IMPRINT_CHECK(ledger_.certificate_issued(*row_, issued.id, info ? info->pem : std::string()));
    identity.certificate_id = std::move(issued.id);
    identity.certificate_arn = std::move(issued.arn);
    if (!info) return std::unexpected(std::move(info).error());
    identity.certificate_pem = std::move(info->pem);
    if (info->public_pem != identity.public_pem)
        return fail(ErrorKind::registry, "certificate_of_another_key",
                    fmt::format("the registry's certificate {} is not for the key it was asked for",
                                identity.certificate_id));
    return {};
}

Result<Identity> IdentityWork::issue_by_request() {
    Identity identity;
    std::string request;
    if (request_) {
        identity.public_pem = request_->public_pem;
        request = request_->pem;
    } else {
        IMPRINT_TRY(const pki::PrivateKey key, pki::PrivateKey::generate(settings_.key));
        identity.public_pem = key.public_pem();
        identity.private_key_pem = key.to_pem();
        request = key.request(thing_);
    }
    // The public key goes into the ledger first: by it the certificate is found again should the
    // answer be lost or the power go.
    IMPRINT_TRY(row_, ledger_.certificate_requested(attempt_, identity.public_pem, facts_.policy));
    IMPRINT_TRY(auto issued, registry_->issue(request));
    IMPRINT_CHECK(take_issued(identity, std::move(issued)));
    return identity;
}

Result<Identity> IdentityWork::issue_with_keys() {
    // Without a public key: nobody knows it before the answer.
    IMPRINT_TRY(row_, ledger_.certificate_requested(attempt_, {}, facts_.policy));
    IMPRINT_TRY(auto issued, registry_->issue_with_key());
    certificate_id_ = issued.id;
    IMPRINT_TRY(const pki::PrivateKey key, pki::PrivateKey::from_pem(issued.private_key_pem));
    Identity identity;
    identity.public_pem = key.public_pem();
    identity.private_key_pem = key.to_pem();
    IMPRINT_CHECK(take_issued(identity, std::move(issued)));
    return identity;
}

Result<Identity> IdentityWork::issue_by_own_authority() {
    IMPRINT_TRY(const auto subject, subject_of(settings_.ca.subject, mac_, thing_, lot_));
    const std::chrono::days validity(settings_.ca.validity_days);
    Identity identity;
    pki::DeviceAuthority::Issued issued;
    if (request_) {
        identity.public_pem = request_->public_pem;
        IMPRINT_TRY(issued,
                    tools_.authority->issue_for(request_->pem, subject, validity, ledger_.now()));
    } else {
        IMPRINT_TRY(const pki::PrivateKey key, pki::PrivateKey::generate(settings_.key));
        identity.public_pem = key.public_pem();
        identity.private_key_pem = key.to_pem();
        IMPRINT_TRY(issued, tools_.authority->issue(key, subject, validity, ledger_.now()));
    }
    // Before anybody hears of it: its id is known, and found again by it.
    IMPRINT_TRY(row_, ledger_.certificate_signed(attempt_, issued.id, issued.pem,
                                                 identity.public_pem, facts_.policy));
    certificate_id_ = issued.id;
    identity.certificate_id = std::move(issued.id);
    identity.certificate_pem = std::move(issued.pem);
    // The broker has to be shown both (AWS IoT Developer Guide, "Just-in-time registration").
    if (settings_.is_just_in_time()) identity.certificate_pem += tools_.ca_pem;
    return identity;
}

// Nothing else is made here, and the board may have had it before.
Result<Identity> IdentityWork::issue_minted() {
    IMPRINT_TRY(const pki::PrivateKey key, pki::PrivateKey::from_pem(minted_->private_key_pem));
    Identity identity;
    identity.public_pem = key.public_pem();
    identity.private_key_pem = minted_->private_key_pem.copy();
    identity.certificate_id = minted_->certificate_id;
    identity.certificate_pem = minted_->certificate_pem;
    if (!settings_.is_just_in_time())
        IMPRINT_CHECK(unless_offline([&] { return check_free(identity.certificate_id); }));
    IMPRINT_TRY(const auto taken, ledger_.certificate_taken(attempt_, identity.certificate_id,
                                                            identity.certificate_pem,
                                                            identity.public_pem, facts_.policy));
    row_ = taken.row;
    certificate_id_ = identity.certificate_id;
    had_before_ =
        taken.state == CertificateState::proven || taken.state == CertificateState::queued;
    activated_ = taken.state == CertificateState::active;
    if (settings_.is_just_in_time()) identity.certificate_pem += tools_.ca_pem;
    return identity;
}

// Two stations may have got copies of one folder, and a copy may have been flashed by hand: what is
// ACTIVE, and not by this ledger's doing, is some other board's.
Result<void> IdentityWork::check_free(const std::string& certificate_id) {
    IMPRINT_TRY(const auto records, ledger_.certificates(mac_));
    for (const auto& record : records)
        if (record.id == certificate_id && record.state != CertificateState::gone) return {};
    IMPRINT_TRY(const auto found, registry_->find_certificate(certificate_id));
    if (!found || found->status != CertificateStatus::active) return {};
    return fail(ErrorKind::board, "minted_in_use",
                fmt::format("certificate {} of thing \"{}\" is ACTIVE, and this station's ledger "
                            "knows no board that has it",
                            certificate_id, thing_),
                "if none has, make it INACTIVE: aws iot update-certificate --new-status INACTIVE; "
                "identities of one folder are for one station");
}

Result<void> IdentityWork::overwriting() {
    IMPRINT_TRY(const auto records, ledger_.certificates(mac_));
    std::vector<std::string> former;
    for (const auto& record : records)
        if (record.id != certificate_id_ &&
            (record.state == CertificateState::active || record.state == CertificateState::proven ||
             record.state == CertificateState::overwritten))
            former.push_back(record.id);
    if (rivals_)
        for (const auto& one : rivals_->former())
            if (one.status == CertificateStatus::active && !one.is_shared())
                former.push_back(one.id);
    IMPRINT_CHECK(ledger_.overwriting(attempt_, former));
    overwritten_ = true;
    return {};
}

Result<void> IdentityWork::put_in_force(const std::string& certificate_id) {
    IMPRINT_CHECK(registry_->activate(certificate_id));
    IMPRINT_CHECK(registry_->await_in_force(thing_, certificate_id));
    // A minted one that the board had before: it was in force all the time.
    if (had_before_) return {};
    IMPRINT_TRY(const auto ours, known());
    return rivals_->settle(certificate_id, ours);
}

Result<void> IdentityWork::activate(const Identity& identity) {
    if (!offline_) {
        // From here on it may be ACTIVE, whatever is heard of the call.
        if (!had_before_) {
            activated_ = true;
            IMPRINT_CHECK(ledger_.certificate_state(*row_, CertificateState::active));
        }
        // Just in time: the board's own connection makes it so.
        if (settings_.is_just_in_time()) return {};
        IMPRINT_CHECK(unless_offline([&] { return put_in_force(identity.certificate_id); }));
    }
    if (!offline_) return {};
    if (settings_.is_just_in_time())
        return had_before_ ? Result<void>()
                           : ledger_.certificate_state(*row_, CertificateState::active);
    return effects_.record("queue", identity.certificate_id,
                           [&] { return ledger_.queue_registration(*row_, to_json(facts_)); });
}

Result<void> IdentityWork::staged() {
    return ledger_.certificate_staged(*row_);
}

Result<void> IdentityWork::proven() {
    if (offline_ && !settings_.is_just_in_time())
        return {};  // the queue remembers it until it is registered
    return ledger_.certificate_state(*row_, CertificateState::proven);
}

Result<IdentityWork::Former> IdentityWork::retire_former() {
    Former result;
    if (offline_) return result;  // they go when this one is registered
    // Those that were on the thing before, and those that the ledger knows: a run that died while
    // it retired one may have detached it already.
    std::vector<std::string> former;
    if (rivals_)
        for (const auto& one : rivals_->former())
            if (one.id != certificate_id_) former.push_back(one.id);
    IMPRINT_TRY(const auto records, ledger_.certificates(mac_));
    ledger::add_living(former, records, certificate_id_);
    for (const auto& id : former) {
        IMPRINT_TRY(const auto retired,
                    retire_and_record(*registry_, ledger_, thing_, id, log_, attempt_));
        if (retired.was_there && retired.left_to.empty()) ++result.retired;
        if (retired.unfinished) ++result.owed;
    }
    return result;
}

Result<void> IdentityWork::confirm() {
    if (offline_ || settings_.is_just_in_time()) return {};
    return registry_->await_in_force(thing_, certificate_id_, tools_.rivals.confirm);
}

// What was overwritten is on no board any more. Where it cannot be done, the ledger owes it since
// overwriting().
void IdentityWork::take_back_former() {
    if (!overwritten_ || offline_) return;
    const auto records = ledger_.certificates(mac_);
    if (!records) {
        log_.warning("what the board had before: {}", records.error().describe());
        return;
    }
    for (const auto& record : *records) {
        if (record.state != CertificateState::overwritten || !record.deactivation_owed) continue;
        if (const auto done = deactivate_and_record(*way_back_, ledger_, record, log_); !done)
            log_.warning("certificate {}: {}", record.id, done.error().describe());
    }
}

CertificateFate IdentityWork::discard() {
    const CertificateFate own = take_back();
    take_back_former();
    return own;
}

CertificateFate IdentityWork::take_back() {
    if (!row_) return CertificateFate::none;
    if (had_before_) return CertificateFate::unchanged;
    const auto owe = [this] {
        if (auto owed = ledger_.owe_deactivation({*row_, attempt_}); !owed)
            log_.warning("certificate {} may be ACTIVE, and nothing could be written down: {}",
                         certificate_id_, owed.error().describe());
    };
    const auto owed = [&](const Error& error) {
        log_.warning("certificate {}: {}", certificate_id_, error.describe());
        if (activated_) owe();
        return CertificateFate::unknown;
    };
    if (offline_) {
        // Nobody may have heard of it; where the registry has, the next run of the board removes
        // it.
        static_cast<void>(ledger_.certificate_state(
            *row_, registered_ ? CertificateState::inactive : CertificateState::gone));
        if (activated_ && registered_) owe();
        return registered_ ? CertificateFate::unknown : CertificateFate::none;
    }
    if (certificate_id_.empty()) {
        auto cleared = clear_leftovers();
        return cleared ? CertificateFate::none : owed(cleared.error());
    }
    if (activated_) {
        const auto back = way_back_->make_inactive(certificate_id_);
        const bool gone = back && !*back;
        // Somebody has taken it away: there is nothing left to take back. Just in time, its board
        // may connect yet.
        if (gone && settings_.is_just_in_time()) owe();
        if (gone && !settings_.is_just_in_time())
            static_cast<void>(ledger_.certificate_state(*row_, CertificateState::gone));
        if (gone) return CertificateFate::none;
        if (!back) return owed(back.error());
        static_cast<void>(ledger_.deactivated(*row_));
        return CertificateFate::inactive;
    }
    // It was not made here: it stays for the next attempt.
    if (minted_) return CertificateFate::inactive;
    const auto gone = way_back_->retire(certificate_id_, {thing_});
    if (!gone) return owed(gone.error());
    // The next run of the board removes it.
    if (gone->unfinished) return CertificateFate::inactive;
    static_cast<void>(ledger_.certificate_state(*row_, CertificateState::gone));
    return CertificateFate::removed;
}

}  // namespace imprint::prepare
