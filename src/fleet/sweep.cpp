#include "fleet/sweep.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "pki/certificate.h"
#include "registry/identity.h"

namespace imprint::fleet {

namespace {

using ledger::CertificateState;
using registry::CertificateStatus;
using registry::CertificateSummary;

// What the ledger says of the certificates that concern a sweep.
struct Known {
    std::map<std::string, CertificateState> by_id;
    std::map<MacAddress, std::string> proven;  // of each board the newest
    std::set<std::string> replaced;            // proven once, before that one
    std::vector<std::string> requested_keys;   // public keys whose answer never came
};

Result<Known> read_ledgers(std::span<ledger::Ledger* const> ledgers) {
    Known known;
    const auto take = [&known](const ledger::CertificateRecord& record) {
        if (record.state == CertificateState::proven) {
            const std::string former = std::exchange(known.proven[record.mac], record.id);
            if (!former.empty()) known.replaced.insert(former);
        }
        if (!record.id.empty())
            known.by_id[record.id] = record.state;
        else if (record.state == CertificateState::requested)
            known.requested_keys.push_back(record.public_pem);
        return true;
    };
    for (ledger::Ledger* ledger : ledgers)
        IMPRINT_CHECK(ledger->each_certificate(take));
    return known;
}

class Search {
  public:
    Search(registry::IotClient& iot, const Known& known, const SweepScope& scope, WallTime now)
        : iot_(iot), known_(known), scope_(scope), oldest_(now - scope.at_least_as_old) {}

    [[nodiscard]] Result<std::vector<Leftover>> run() {
        // The whole list first: judging asks the registry, and a page's mark does not wait for
        // ever.
        std::vector<CertificateSummary> suspects;
        IMPRINT_CHECK(iot_.list_certificates([&](const CertificateSummary& certificate) {
            if (is_suspect(certificate)) suspects.push_back(certificate);
            return true;
        }));
        for (const CertificateSummary& certificate : suspects)
            IMPRINT_CHECK(judge(certificate));
        if (!scope_.thing_type.empty()) IMPRINT_CHECK(look_at_things());
        return std::move(found_);
    }

  private:
    [[nodiscard]] std::optional<CertificateState> state_of(const std::string& id) const {
        const auto found = known_.by_id.find(id);
        if (found == known_.by_id.end()) return std::nullopt;
        return found->second;
    }

    // Without another question.
    [[nodiscard]] bool is_suspect(const CertificateSummary& certificate) const {
        if (certificate.created > oldest_) return false;
        if (certificate.status != CertificateStatus::active &&
            certificate.status != CertificateStatus::inactive)
            return false;
        const auto state = state_of(certificate.id);
        // Somebody made a proven board's certificate INACTIVE: that is for reconcile to tell.
        if (known_.replaced.contains(certificate.id)) return true;
        return state != CertificateState::proven && state != CertificateState::active &&
               state != CertificateState::queued && state != CertificateState::staged;
    }

    [[nodiscard]] Result<void> judge(const CertificateSummary& certificate) {
        const auto state = state_of(certificate.id);
        auto things = iot_.list_principal_things(certificate.arn);
        auto policies = iot_.list_attached_policies(certificate.arn);
        for (const auto* answer : {&things, &policies})
            if (!*answer && !registry::is_not_found(answer->error()))
                return std::unexpected(answer->error());
        if (!things || !policies) return {};  // gone meanwhile
        const bool active = certificate.status == CertificateStatus::active;
        if (active && !things->empty()) return {};
        Leftover left;
        left.kind = active ? LeftoverKind::loose_certificate : LeftoverKind::unused_certificate;
        left.certificate = certificate.id;
        left.thing = things->empty() ? std::string() : things->front();
        left.status = certificate.status;
        left.created = certificate.created;
        const bool has_policy = std::ranges::find(*policies, scope_.policy) != policies->end();
        if (state) {
            left.ours = true;
            left.why = *state == CertificateState::gone ? "the ledger says that it is gone"
                       : known_.replaced.contains(certificate.id)
                           ? "replaced by another on its board"
                           : "of a board that was never proven with it";
        } else if (!things->empty()) {
            left.why = fmt::format("of the thing {}, and in no ledger here", left.thing);
        } else if (has_policy) {
            left.ours = true;
            left.why = fmt::format("has the policy {}, and is in no ledger here", scope_.policy);
        } else if (things->empty() && policies->empty()) {
            IMPRINT_TRY(left.ours, was_requested(certificate.id));
            left.why = left.ours ? "asked for by a run that died before the answer came"
                                 : "attached to nothing; whose it is cannot be told";
        } else {
            left.why = "somebody else's";
        }
        found_.push_back(std::move(left));
        return {};
    }

    [[nodiscard]] Result<bool> was_requested(const std::string& id) {
        if (known_.requested_keys.empty()) return false;
        auto described = iot_.describe_certificate(id);
        if (!described) {
            if (registry::is_not_found(described.error())) return false;
            return std::unexpected(std::move(described).error());
        }
        const auto info = pki::inspect_certificate(described->pem);
        return info && std::ranges::find(known_.requested_keys, info->public_pem) !=
                           known_.requested_keys.end();
    }

    [[nodiscard]] Result<void> look_at_things() {
        IMPRINT_TRY(const auto names, iot_.list_things_of_type(scope_.thing_type));
        for (const auto& name : names) {
            auto principals = iot_.list_thing_principals(name);
            if (!principals && registry::is_not_found(principals.error())) continue;
            if (!principals) return std::unexpected(std::move(principals).error());
            if (!principals->empty()) continue;
            Leftover left;
            left.kind = LeftoverKind::bare_thing;
            left.thing = name;
            left.ours = true;
            left.why = fmt::format("of type {}, without a certificate", scope_.thing_type);
            found_.push_back(std::move(left));
        }
        return {};
    }

    registry::IotClient& iot_;
    const Known& known_;
    const SweepScope& scope_;
    WallTime oldest_;
    std::vector<Leftover> found_;
};

}  // namespace

std::string_view to_string(LeftoverKind kind) {
    switch (kind) {
        case LeftoverKind::unused_certificate:
            return "unused_certificate";
        case LeftoverKind::loose_certificate:
            return "loose_certificate";
        case LeftoverKind::bare_thing:
            return "bare_thing";
    }
    return "";
}

Result<std::vector<Leftover>> find_leftovers(registry::IotClient& iot,
                                             std::span<ledger::Ledger* const> ledgers,
                                             const SweepScope& scope, WallTime now) {
    IMPRINT_TRY(const Known known, read_ledgers(ledgers));
    return Search(iot, known, scope, now).run();
}

Result<bool> remove_leftover(registry::IotClient& iot, std::span<ledger::Ledger* const> ledgers,
                             const Leftover& leftover, const Log& log) {
    if (!leftover.ours) return false;
    if (leftover.kind == LeftoverKind::bare_thing) {
        IMPRINT_TRY(const auto now, registry::list_former_certificates(iot, leftover.thing, {}));
        if (!now.empty()) return false;
        const auto gone = iot.delete_thing(leftover.thing);
        if (!gone && !registry::is_not_found(gone.error())) return std::unexpected(gone.error());
        return true;
    }
    const auto now = iot.describe_certificate(leftover.certificate);
    if (!now && registry::is_not_found(now.error())) return true;
    if (!now) return std::unexpected(now.error());
    // It may have come into use since it was found.
    if (now->status != leftover.status) return false;
    if (now->status == CertificateStatus::active) {
        IMPRINT_TRY(const auto things, iot.list_principal_things(now->arn));
        if (!things.empty()) return false;
    }
    log.info("certificate {} is removed: {}", leftover.certificate, leftover.why);
    IMPRINT_CHECK(registry::retire_certificate(iot, leftover.thing, leftover.certificate));
    for (ledger::Ledger* ledger : ledgers)
        IMPRINT_CHECK(ledger->certificate_gone(leftover.certificate));
    return true;
}

}  // namespace imprint::fleet
