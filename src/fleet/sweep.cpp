#include "fleet/sweep.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "fleet/newest.h"
#include "pki/certificate.h"
#include "prepare/retirement.h"

namespace imprint::fleet {

namespace {

using ledger::CertificateState;
using registry::Certificate;
using registry::CertificateStatus;

// What the ledgers say of the certificates that concern a sweep.
struct KnownCertificates {
    struct Entry {
        CertificateState state = CertificateState::requested;
        std::set<std::string> things;  // that its board has been
        bool in_hand = false;
        bool deactivation_owed = false;
        bool retirement_owed = false;
        WallTime at;  // when it was proven last, or asked for
    };

    std::map<std::string, Entry> by_id;
    std::set<std::string> replaced;           // its board is proven with another one, in force
    std::vector<std::string> requested_keys;  // public keys whose answer never came
};

using Statuses = std::map<std::string, CertificateStatus>;

class KnownReader {
  public:
    explicit KnownReader(const Statuses& statuses) : statuses_(statuses) {}

    void take(const ledger::CertificateRecord& record) {
        things_[record.mac].insert(record.thing);
        if (record.id.empty()) {
            if (record.state == CertificateState::requested && !record.in_hand)
                known_.requested_keys.push_back(record.public_pem);
            return;
        }
        macs_[record.id] = record.mac;
        const auto [found, is_new] = known_.by_id.try_emplace(record.id);
        KnownCertificates::Entry& one = found->second;
        one.in_hand |= record.in_hand;
        // Two ledgers may have one: the one that has proven it knows best.
        const bool proven = record.state == CertificateState::proven && !record.adopted;
        if (is_new || proven) {
            one.state = record.state;
            one.deactivation_owed = record.deactivation_owed;
            one.retirement_owed = record.retirement_owed;
            one.at = NewestOfBoards::time_of(record);
        }
        const auto status = statuses_.find(record.id);
        newest_.learn(record,
                      status != statuses_.end() && status->second == CertificateStatus::active);
    }

    [[nodiscard]] KnownCertificates finish() && {
        for (auto& [id, one] : known_.by_id) {
            const MacAddress& mac = macs_[id];
            one.things = things_[mac];
            if (newest_.successor_of(mac, id, one.at) != nullptr &&
                (one.state == CertificateState::proven ||
                 one.state == CertificateState::overwritten))
                known_.replaced.insert(id);
        }
        return std::move(known_);
    }

  private:
    const Statuses& statuses_;
    KnownCertificates known_;
    NewestOfBoards newest_;
    std::map<MacAddress, std::set<std::string>> things_;
    std::map<std::string, MacAddress> macs_;
};

class Search {
  public:
    Search(registry::Reader& registry, std::span<ledger::Reports* const> ledgers,
           const SweepScope& scope, WallTime now)
        : registry_(registry),
          ledgers_(ledgers),
          scope_(scope),
          oldest_(now - scope.at_least_as_old) {}

    [[nodiscard]] Result<std::vector<FoundLeftover>> run() {
        // The whole list first: judging asks the registry, and a page's mark does not wait for
        // ever.
        std::vector<Certificate> all;
        Statuses statuses;
        IMPRINT_CHECK(registry_.each_certificate([&](const Certificate& certificate) {
            all.push_back(certificate);
            statuses[certificate.id] = certificate.status;
            return true;
        }));
        KnownReader reader(statuses);
        for (ledger::Reports* ledger : ledgers_)
            IMPRINT_CHECK(ledger->each_certificate([&](const ledger::CertificateRecord& record) {
                reader.take(record);
                return true;
            }));
        known_ = std::move(reader).finish();
        std::vector<Certificate> suspects;
        std::ranges::copy_if(all, std::back_inserter(suspects),
                             [this](const auto& certificate) { return is_suspect(certificate); });
        for (const Certificate& certificate : suspects)
            IMPRINT_CHECK(judge(certificate));
        if (!scope_.thing_type.empty()) IMPRINT_CHECK(look_at_things());
        return std::move(found_);
    }

  private:
    [[nodiscard]] const KnownCertificates::Entry* known(const std::string& id) const {
        const auto found = known_.by_id.find(id);
        return found == known_.by_id.end() ? nullptr : &found->second;
    }

    // Without another question.
    [[nodiscard]] bool is_suspect(const Certificate& certificate) const {
        if (certificate.status != CertificateStatus::active &&
            certificate.status != CertificateStatus::inactive)
            return false;
        const KnownCertificates::Entry* one = known(certificate.id);
        if (one != nullptr && one->in_hand) return false;
        // What is owed is known to be so, however young it is.
        if (one != nullptr && (one->deactivation_owed || one->retirement_owed)) return true;
        if (certificate.created > oldest_) return false;
        // Somebody made a proven board's certificate INACTIVE: that is for reconcile to tell.
        if (known_.replaced.contains(certificate.id)) return true;
        return one == nullptr ||
               (one->state != CertificateState::proven && one->state != CertificateState::active &&
                one->state != CertificateState::queued && one->state != CertificateState::staged &&
                one->state != CertificateState::overwritten);
    }

    [[nodiscard]] Result<void> judge(const Certificate& certificate) {
        IMPRINT_TRY(const auto attached, registry_.attachments(certificate.arn));
        if (!attached) return {};  // gone meanwhile
        const auto& things = attached->things;
        const auto& policies = attached->policies;
        const KnownCertificates::Entry* one = known(certificate.id);
        const bool active = certificate.status == CertificateStatus::active;
        FoundLeftover left;
        left.kind = active ? LeftoverKind::loose_certificate : LeftoverKind::unused_certificate;
        left.certificate = certificate.id;
        left.thing = things.empty() ? std::string() : things.front();
        const auto foreign = std::ranges::find_if(things, [&](const auto& thing) {
            return one != nullptr && !one->things.contains(thing);
        });
        left.status = certificate.status;
        left.created = certificate.created;
        if (foreign != things.end()) {
            // It was our board's, and is another thing's now.
            left.thing = *foreign;
            left.cause = LeftoverCause::used_elsewhere;
            left.why = fmt::format("used by the thing {}, which is in no ledger here", *foreign);
            if (active) return {};
            found_.push_back(std::move(left));
            return {};
        }
        if (one != nullptr && one->retirement_owed) {
            left.ours = true;
            left.kind =
                active ? LeftoverKind::replaced_certificate : LeftoverKind::unused_certificate;
            left.cause = LeftoverCause::replaced;
            left.why = "its board works with another one";
            found_.push_back(std::move(left));
            return {};
        }
        if (one != nullptr && one->deactivation_owed && !known_.replaced.contains(certificate.id)) {
            left.kind = LeftoverKind::owed_deactivation;
            left.ours = true;
            const bool overwritten = one->state == CertificateState::overwritten;
            left.cause = overwritten ? LeftoverCause::overwritten : LeftoverCause::failed;
            left.why = overwritten
                           ? "its board's flash was overwritten, and no other one is proven there"
                           : "its board failed with it, and the registry was not told yet";
            found_.push_back(std::move(left));
            return {};
        }
        if (active && known_.replaced.contains(certificate.id))
            left.kind = LeftoverKind::replaced_certificate;
        else if (active && !things.empty())
            return {};
        const bool has_policy = std::ranges::find(policies, scope_.policy) != policies.end();
        if (one != nullptr) {
            left.ours = true;
            if (known_.replaced.contains(certificate.id)) {
                left.cause = LeftoverCause::replaced;
                left.why = "replaced by another on its board";
            } else if (one->state == CertificateState::gone) {
                left.cause = LeftoverCause::gone;
                left.why = "the ledger says that it is gone";
            } else {
                left.cause = LeftoverCause::never_proven;
                left.why = "of a board that was never proven with it";
            }
        } else if (!things.empty()) {
            left.cause = LeftoverCause::unknown_thing;
            left.why = fmt::format("of the thing {}, and in no ledger here", left.thing);
        } else if (has_policy) {
            left.ours = true;
            left.cause = LeftoverCause::unknown_certificate;
            left.why = fmt::format("has the policy {}, and is in no ledger here", scope_.policy);
        } else if (things.empty() && policies.empty()) {
            IMPRINT_TRY(left.ours, was_requested(certificate.id));
            left.cause =
                left.ours ? LeftoverCause::never_answered : LeftoverCause::attached_to_nothing;
            left.why = left.ours ? "asked for by a run that died before the answer came"
                                 : "attached to nothing; whose it is cannot be told";
        } else {
            left.cause = LeftoverCause::anothers;
            left.why = "somebody else's";
        }
        found_.push_back(std::move(left));
        return {};
    }

    [[nodiscard]] Result<bool> was_requested(const std::string& id) {
        if (known_.requested_keys.empty()) return false;
        IMPRINT_TRY(const auto described, registry_.find_certificate(id));
        if (!described) return false;
        const auto info = pki::inspect_certificate(described->pem);
        return info && std::ranges::find(known_.requested_keys, info->public_pem) !=
                           known_.requested_keys.end();
    }

    // AWS IoT does not tell how old a thing is. The ledgers do, of those that they know; of others
    // nobody can say that they are not being made just now.
    struct ThingAge {
        bool known = false;
        bool in_hand = false;
        bool young = false;
    };

    [[nodiscard]] Result<ThingAge> age_of(const std::string& thing) {
        ThingAge age;
        for (ledger::Reports* ledger : ledgers_) {
            IMPRINT_TRY(const auto work, ledger->last_work_on(thing));
            if (!work) continue;
            age.known = true;
            age.in_hand |= work->in_hand;
            age.young |= work->at > oldest_;
        }
        return age;
    }

    [[nodiscard]] Result<void> look_at_things() {
        IMPRINT_TRY(const auto names, registry_.things_of_type(scope_.thing_type));
        for (const auto& name : names) {
            IMPRINT_TRY(const auto principals, registry_.count_principals(name));
            if (!principals || *principals > 0) continue;
            IMPRINT_TRY(const ThingAge age, age_of(name));
            if (age.in_hand || age.young) continue;
            FoundLeftover left;
            left.kind = LeftoverKind::bare_thing;
            left.thing = name;
            left.ours = age.known;
            left.cause = LeftoverCause::no_certificate;
            left.why = fmt::format("of type {}, without a certificate{}", scope_.thing_type,
                                   age.known ? "" : ", and in no ledger here");
            found_.push_back(std::move(left));
        }
        return {};
    }

    registry::Reader& registry_;
    std::span<ledger::Reports* const> ledgers_;
    KnownCertificates known_;
    const SweepScope& scope_;
    WallTime oldest_;
    std::vector<FoundLeftover> found_;
};

// The row of the certificate, in the ledger that has it.
struct Owner {
    ledger::Ledger* ledger = nullptr;
    ledger::CertificateRecord record;
};

Result<std::optional<Owner>> owner_of_debt(std::span<ledger::Ledger* const> ledgers,
                                           const std::string& certificate) {
    for (ledger::Ledger* ledger : ledgers) {
        IMPRINT_TRY(const auto owed, ledger->owed_deactivations());
        for (const auto& record : owed)
            if (record.id == certificate) return std::optional(Owner{ledger, record});
    }
    return std::optional<Owner>{};
}

Result<bool> has_successor(registry::Reader& registry, const FoundLeftover& leftover) {
    IMPRINT_TRY(const auto others, registry.certificates_of(leftover.thing, leftover.certificate));
    for (const auto& id : others) {
        IMPRINT_TRY(const auto there, registry.find_certificate(id));
        if (there && there->status == CertificateStatus::active) return true;
    }
    return false;
}

Result<bool> remove_thing(prepare::RecordedRegistry& registry,
                          std::span<ledger::Ledger* const> ledgers, const std::string& thing) {
    // A run may have begun with it since.
    for (ledger::Ledger* ledger : ledgers) {
        IMPRINT_TRY(const auto work, ledger->last_work_on(thing));
        if (work && work->in_hand) return false;
    }
    IMPRINT_TRY(const auto now, registry.count_principals(thing));
    if (now && *now > 0) return false;
    IMPRINT_CHECK(registry.delete_thing(thing));
    return true;
}

}  // namespace

Result<std::vector<FoundLeftover>> find_leftovers(registry::Reader& registry,
                                                  std::span<ledger::Reports* const> ledgers,
                                                  const SweepScope& scope, WallTime now) {
    return Search(registry, ledgers, scope, now).run();
}

Result<bool> remove_leftover(prepare::RecordedRegistry& registry,
                             std::span<ledger::Ledger* const> ledgers,
                             const FoundLeftover& leftover, const Log& log) {
    if (!leftover.ours) return false;
    if (leftover.kind == LeftoverKind::bare_thing)
        return remove_thing(registry, ledgers, leftover.thing);
    if (leftover.kind == LeftoverKind::owed_deactivation) {
        IMPRINT_TRY(const auto owner, owner_of_debt(ledgers, leftover.certificate));
        if (!owner) return false;  // a run has settled it, or has the board in hand
        IMPRINT_CHECK(prepare::deactivate_and_record(registry, *owner->ledger, owner->record, log));
        return true;
    }
    IMPRINT_TRY(const auto now, registry.find_certificate(leftover.certificate));
    if (!now) return true;
    // It may have come into use since it was found.
    if (now->status != leftover.status) return false;
    if (leftover.kind == LeftoverKind::replaced_certificate) {
        // Only while its successor is in force.
        IMPRINT_TRY(const bool replaced, has_successor(registry, leftover));
        if (!replaced) return false;
    }
    if (leftover.kind == LeftoverKind::loose_certificate) {
        IMPRINT_TRY(const auto attached, registry.attachments(now->arn));
        if (attached && !attached->things.empty()) return false;
    }
    log.info("certificate {} is removed: {}", leftover.certificate, leftover.why);
    for (ledger::Ledger* ledger : ledgers)
        IMPRINT_CHECK(prepare::retire_and_record(registry, *ledger, leftover.thing,
                                                 leftover.certificate, log));
    return true;
}

}  // namespace imprint::fleet
