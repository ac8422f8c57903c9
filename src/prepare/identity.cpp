#include "prepare/identity.h"

#include <fmt/format.h>
#include <map>
#include <utility>

#include "pki/certificate.h"
#include "pki/key.h"
#include "registry/identity.h"

namespace imprint::prepare {

using ledger::CertificateState;
using registry::CertificateStatus;

std::string fill_in(std::string text, const MacAddress& mac, const std::string& lot) {
    const std::pair<std::string_view, std::string> places[] = {{"{mac}", mac.id()}, {"{lot}", lot}};
    for (const auto& [place, value] : places)
        for (std::size_t at = 0; (at = text.find(place, at)) != std::string::npos;
             at += value.size())
            text.replace(at, place.size(), value);
    return text;
}

IdentityWork::IdentityWork(const IdentitySettings& settings, registry::IotClient& iot,
                           ledger::Ledger& ledger, ledger::AttemptId attempt, const MacAddress& mac,
                           std::string thing, std::string lot, Log log)
    : settings_(settings),
      iot_(iot),
      ledger_(ledger),
      attempt_(attempt),
      mac_(mac),
      thing_(std::move(thing)),
      lot_(std::move(lot)),
      log_(std::move(log)) {}

template <typename Effect>
Result<void> IdentityWork::effect(const char* kind, const std::string& subject, Effect&& run) {
    IMPRINT_TRY(const ledger::EffectId id, ledger_.intend(attempt_, kind, subject));
    auto done = std::forward<Effect>(run)();
    if (!done) return within(std::move(done).error(), fmt::format("{} {}", kind, subject));
    return ledger_.done(id);
}

Result<void> IdentityWork::clear_leftovers() {
    IMPRINT_TRY(const auto leftovers, ledger_.unfinished(mac_));
    for (const auto& left : leftovers) {
        std::string id = left.id;
        if (left.state == CertificateState::requested) {
            // The request was written down, its answer never was: look whether it was carried out.
            IMPRINT_TRY(auto found, registry::find_orphan_by_public_key(iot_, left.public_pem,
                                                                        left.requested_at));
            if (!found) {
                IMPRINT_CHECK(ledger_.certificate_state(left.row, CertificateState::gone));
                continue;
            }
            id = *found;
            IMPRINT_CHECK(ledger_.certificate_issued(left.row, id));
        }
        // One that was activated may be the one that the board in hand works with: it goes with the
        // other former certificates, once the new one is proven.
        if (left.state == CertificateState::active) continue;
        log_.info("removing certificate {} that an earlier run left", id);
        IMPRINT_CHECK(effect("retire", id,
                             [&] { return registry::retire_certificate(iot_, left.thing, id); }));
        IMPRINT_CHECK(ledger_.certificate_gone(mac_, id));
    }
    return {};
}

Result<Identity> IdentityWork::make() {
    IMPRINT_CHECK(clear_leftovers());

    std::map<std::string, std::string> attributes;
    for (const auto& [key, value] : settings_.attributes) {
        std::string filled = fill_in(value, mac_, lot_);
        if (!filled.empty()) attributes[key] = std::move(filled);
    }
    IMPRINT_CHECK(effect("create_thing", thing_, [&] {
        return registry::ensure_thing(iot_, thing_, settings_.thing_type, attributes,
                                      settings_.thing_groups);
    }));

    IMPRINT_TRY(const pki::PrivateKey key, pki::PrivateKey::generate(settings_.key));
    Identity identity;
    identity.thing = thing_;
    identity.public_pem = key.public_pem();
    identity.private_key_pem = key.to_pem();

    // The public key goes into the ledger first: by it the certificate is found again should the
    // answer be lost or the power go.
    IMPRINT_TRY(const std::int64_t row, ledger_.certificate_requested(attempt_, identity.public_pem,
                                                                      settings_.policy.name));
    row_ = row;
    IMPRINT_TRY(auto issued, iot_.create_certificate_from_csr(key.request(thing_)));
    certificate_id_ = issued.id;
    IMPRINT_CHECK(ledger_.certificate_issued(row, issued.id));
    identity.certificate_id = issued.id;
    identity.certificate_arn = issued.arn;
    identity.certificate_pem = issued.pem;
    IMPRINT_TRY(const auto info, pki::inspect_certificate(issued.pem));
    if (info.public_pem != identity.public_pem)
        return fail(ErrorKind::registry, "certificate_of_another_key",
                    fmt::format("the registry's certificate {} is not for the key it was asked for",
                                issued.id));

    IMPRINT_CHECK(effect("attach", issued.id, [&] {
        return registry::attach_identity(iot_, thing_, issued.arn, settings_.policy.name);
    }));
    return identity;
}

Result<void> IdentityWork::activate(const Identity& identity) {
    // From here on it may be ACTIVE, whatever is heard of the call.
    activated_ = true;
    IMPRINT_CHECK(ledger_.certificate_state(*row_, CertificateState::active));
    return effect("activate", identity.certificate_id, [&] {
        return iot_.update_certificate(identity.certificate_id, CertificateStatus::active);
    });
}

Result<void> IdentityWork::proven() {
    return ledger_.certificate_state(*row_, CertificateState::proven);
}

Result<unsigned> IdentityWork::retire_former(const Identity& identity) {
    IMPRINT_TRY(auto former,
                registry::list_former_certificates(iot_, thing_, identity.certificate_id));
    // A run that died while it retired one may have detached it already: the ledger still knows it.
    IMPRINT_TRY(const auto records, ledger_.certificates(mac_));
    ledger::add_living(former, records, identity.certificate_id);
    unsigned retired = 0;
    for (const auto& id : former) {
        IMPRINT_CHECK(
            effect("retire", id, [&] { return registry::retire_certificate(iot_, thing_, id); }));
        IMPRINT_CHECK(ledger_.certificate_gone(mac_, id));
        ++retired;
    }
    return retired;
}

std::string IdentityWork::discard() {
    if (!row_) return "none";
    // Without the ledger nothing is tried: the row as it stands already tells the next run enough.
    const auto owed = [&](const Error& error) -> std::string {
        log_.warning("certificate {}: {}", certificate_id_, error.describe());
        if (activated_) static_cast<void>(ledger_.owe_deactivation(*row_, true));
        return "unknown";
    };
    if (certificate_id_.empty()) {
        auto cleared = clear_leftovers();
        return cleared ? "none" : owed(cleared.error());
    }
    if (activated_) {
        auto back = effect("deactivate", certificate_id_, [&] {
            return iot_.update_certificate(certificate_id_, CertificateStatus::inactive);
        });
        if (!back) return owed(back.error());
        static_cast<void>(ledger_.certificate_state(*row_, CertificateState::inactive));
        return "inactive";
    }
    auto gone = effect("retire", certificate_id_,
                       [&] { return registry::retire_certificate(iot_, thing_, certificate_id_); });
    if (!gone) return owed(gone.error());
    static_cast<void>(ledger_.certificate_state(*row_, CertificateState::gone));
    return "removed";
}

}  // namespace imprint::prepare
