#include "fleet/reconcile.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "fleet/newest.h"

namespace imprint::fleet {

namespace {

using ledger::CertificateRecord;
using ledger::CertificateState;
using registry::CertificateStatus;

struct InRegistry {
    std::string arn;
    CertificateStatus status = CertificateStatus::inactive;
};

constexpr const char* sweep_removes = "imprint registry sweep --apply removes it";

class Comparison {
  public:
    Comparison(registry::Reader& registry, const std::function<void(const FoundDifference&)>& visit)
        : registry_(registry), visit_(visit) {}

    [[nodiscard]] Result<void> fetch() {
        return registry_.each_certificate([this](const registry::Certificate& one) {
            in_registry_[one.id] = {one.arn, one.status};
            return true;
        });
    }

    // Of each board, the certificate that it was proven with last, whichever station did it.
    void learn(const CertificateRecord& record) {
        things_.insert(record.thing);
        if (record.state == CertificateState::queued) queued_.insert(record.mac);
        const auto found = in_registry_.find(record.id);
        newest_.learn(record, found != in_registry_.end() &&
                                  found->second.status == CertificateStatus::active);
    }

    [[nodiscard]] Result<void> compare(const CertificateRecord& record) {
        if (record.id.empty()) return {};
        ++result_.certificates;
        if (record.in_hand) return {};
        const auto found = in_registry_.find(record.id);
        const InRegistry* there = found == in_registry_.end() ? nullptr : &found->second;
        // Another ledger has proven it since: that one knows best.
        const std::string* newest = newest_.of(record.mac);
        if (record.state != CertificateState::proven && newest != nullptr && *newest == record.id)
            return {};
        if (there != nullptr && record.retirement_owed && record.state != CertificateState::queued)
            return tell(record, DifferenceKind::replaced, there, sweep_removes);
        switch (record.state) {
            case CertificateState::proven:
                return compare_proven(record, there);
            case CertificateState::overwritten:
                return compare_overwritten(record, there);
            case CertificateState::gone:
                return there == nullptr ? Result<void>{} : compare_gone(record, *there);
            case CertificateState::active:
                return compare_active(record, there);
            case CertificateState::staged:
                return compare_staged(record, there);
            case CertificateState::inactive:
                return compare_inactive(record, there);
            case CertificateState::queued:
                return tell(record, DifferenceKind::queued, there,
                            "imprint registry push registers it");
            case CertificateState::requested:
                return {};
        }
        return {};
    }

    [[nodiscard]] Result<void> look_for_unexpected(const ReconcileScope& scope) {
        IMPRINT_TRY(const auto names, registry_.things_of_type(scope.thing_type));
        for (const auto& name : names) {
            if (things_.contains(name)) continue;
            if (scope.made_ahead.contains(name)) {
                ++result_.waiting;
                continue;
            }
            IMPRINT_CHECK(
                tell({.thing = name,
                      .certificate = {},
                      .in_ledger = "unknown",
                      .in_registry = "a thing of this type",
                      .hint = "prepared by another station, or with another ledger: name it with "
                              "--also-ledger",
                      .kind = DifferenceKind::unknown_thing}));
        }
        return {};
    }

    [[nodiscard]] ReconcileReport result() const { return result_; }

  private:
    // Whether the thing has another certificate that is ACTIVE: then its board may work with that.
    [[nodiscard]] Result<bool> has_another(const CertificateRecord& record) {
        IMPRINT_TRY(const auto others, registry_.certificates_of(record.thing, record.id));
        return std::ranges::any_of(others, [&](const std::string& id) {
            const auto found = in_registry_.find(id);
            return found != in_registry_.end() && found->second.status == CertificateStatus::active;
        });
    }

    [[nodiscard]] Result<void> compare_proven(const CertificateRecord& record,
                                              const InRegistry* there) {
        const std::string* newest =
            newest_.successor_of(record.mac, record.id, NewestOfBoards::time_of(record));
        if (newest != nullptr) {
            return there == nullptr ? Result<void>{} : tell_replaced(record, *there, *newest);
        }
        if (there != nullptr && there->status == CertificateStatus::active)
            return compare_attachments(record, *there);
        IMPRINT_TRY(const bool another, has_another(record));
        if (another)
            return tell(
                record, DifferenceKind::other_active, there,
                "its thing has another ACTIVE certificate, in no ledger here: leave it, and "
                "name that station's ledger with --also-ledger");
        if (there == nullptr)
            return tell(record, DifferenceKind::missing, there,
                        "the board cannot connect: prepare it again");
        return tell(record, DifferenceKind::not_active, there,
                    fmt::format("the board cannot connect: prepare it again, or aws iot "
                                "update-certificate --certificate-id {} --new-status ACTIVE",
                                record.id));
    }

    [[nodiscard]] Result<void> compare_attachments(const CertificateRecord& record,
                                                   const InRegistry& there) {
        IMPRINT_TRY(const auto attached, registry_.attachments(there.arn));
        const auto has = [](const std::vector<std::string>& names, const std::string& name) {
            return std::ranges::find(names, name) != names.end();
        };
        if (!attached || !has(attached->things, record.thing))
            return tell_as("ACTIVE, not attached to its thing",
                           difference(record, DifferenceKind::not_attached, &there,
                                      fmt::format("aws iot attach-thing-principal --thing-name {} "
                                                  "--principal {}",
                                                  record.thing, there.arn)));
        if (!has(attached->policies, record.policy)) {
            FoundDifference one =
                difference(record, DifferenceKind::without_policy, &there,
                           fmt::format("aws iot attach-policy --policy-name {} --target {}",
                                       record.policy, there.arn));
            one.policy = record.policy;
            return tell_as(fmt::format("ACTIVE, without the policy {}", record.policy),
                           std::move(one));
        }
        return {};
    }

    [[nodiscard]] Result<void> compare_overwritten(const CertificateRecord& record,
                                                   const InRegistry* there) {
        if (there == nullptr) return {};
        if (queued_.contains(record.mac))
            return tell(record, DifferenceKind::replaced, there,
                        "its board has another one: imprint registry push registers that, and this "
                        "one goes");
        const std::string* newest =
            newest_.successor_of(record.mac, record.id, NewestOfBoards::time_of(record));
        if (newest != nullptr) return tell_replaced(record, *there, *newest);
        if (there->status == CertificateStatus::active)
            return tell(record, DifferenceKind::overwritten, there,
                        "its board does not have it any more: prepare the board again, or imprint "
                        "registry sweep --apply makes it INACTIVE");
        return {};
    }

    [[nodiscard]] Result<void> compare_gone(const CertificateRecord& record,
                                            const InRegistry& there) {
        if (there.status == CertificateStatus::active) {
            IMPRINT_TRY(const auto attached, registry_.attachments(there.arn));
            if (attached && !attached->things.empty()) {
                FoundDifference one =
                    difference(record, DifferenceKind::gone_used, &there,
                               "other things use it, or somebody has put it back: find out who "
                               "before you take it away");
                one.other_thing = attached->things.front();
                return tell_as(fmt::format("ACTIVE, on the thing {}", attached->things.front()),
                               std::move(one));
            }
        }
        return tell(record, DifferenceKind::gone_there, &there, sweep_removes);
    }

    [[nodiscard]] Result<void> compare_active(const CertificateRecord& record,
                                              const InRegistry* there) {
        if (there == nullptr || there->status != CertificateStatus::active) return {};
        if (record.ahead)
            return tell(record, DifferenceKind::activated, there,
                        fmt::format("once its board has connected with it: imprint registry rotate "
                                    "--finish {0}; asked over the air: --over-the-air {0}",
                                    record.thing));
        if (record.deactivation_owed)
            return tell(record, DifferenceKind::failed, there,
                        "its board failed with it: prepare the board again, or imprint registry "
                        "sweep --apply makes it INACTIVE");
        return tell(record, DifferenceKind::unproven, there,
                    "its board was flashed with it, and never seen to work: prepare it again");
    }

    [[nodiscard]] Result<void> compare_staged(const CertificateRecord& record,
                                              const InRegistry* there) {
        if (there == nullptr)
            return tell(record, DifferenceKind::staged_missing, there,
                        fmt::format("stage it again: imprint registry rotate --stage DIR {}",
                                    record.thing));
        if (there->status != CertificateStatus::active) return {};
        return tell(
            record, DifferenceKind::staged_active, there,
            fmt::format("somebody activated it: imprint registry rotate --activate {} takes "
                        "note of it",
                        record.thing));
    }

    [[nodiscard]] Result<void> compare_inactive(const CertificateRecord& record,
                                                const InRegistry* there) {
        if (there == nullptr || there->status != CertificateStatus::active) return {};
        return tell(
            record, DifferenceKind::inactive_active, there,
            "its board may work with it, as after an older ledger was put back: prepare the "
            "board again, or leave it");
    }

    // there: null: the registry does not have it.
    [[nodiscard]] static FoundDifference difference(const CertificateRecord& record,
                                                    DifferenceKind kind, const InRegistry* there,
                                                    std::string hint) {
        FoundDifference one;
        one.thing = record.thing;
        one.certificate = record.id;
        one.in_ledger = to_string(record.state);
        one.in_registry = there == nullptr ? "missing" : to_string(there->status);
        one.hint = std::move(hint);
        one.kind = kind;
        if (there == nullptr) return one;
        one.status = there->status;
        one.arn = there->arn;
        return one;
    }

    Result<void> tell(const FoundDifference& one) {
        ++result_.differences;
        visit_(one);
        return {};
    }

    Result<void> tell(const CertificateRecord& record, DifferenceKind kind, const InRegistry* there,
                      std::string hint) {
        return tell(difference(record, kind, there, std::move(hint)));
    }

    // Where a person is told more than the status.
    Result<void> tell_as(std::string in_registry, FoundDifference one) {
        one.in_registry = std::move(in_registry);
        return tell(one);
    }

    Result<void> tell_replaced(const CertificateRecord& record, const InRegistry& there,
                               const std::string& newest) {
        FoundDifference one =
            difference(record, DifferenceKind::replaced, &there,
                       fmt::format("replaced by {} on its board: {}", newest, sweep_removes));
        one.replaced_by = newest;
        return tell(one);
    }

    registry::Reader& registry_;
    const std::function<void(const FoundDifference&)>& visit_;
    std::map<std::string, InRegistry> in_registry_;
    NewestOfBoards newest_;
    std::set<MacAddress> queued_;  // boards whose registration is owed
    std::set<std::string> things_;
    ReconcileReport result_;
};

}  // namespace

Result<ReconcileReport> reconcile(registry::Reader& registry,
                                  std::span<ledger::Reports* const> ledgers,
                                  const ReconcileScope& scope,
                                  const std::function<void(const FoundDifference&)>& visit) {
    Comparison comparison(registry, visit);
    IMPRINT_CHECK(comparison.fetch());
    for (ledger::Reports* ledger : ledgers)
        IMPRINT_CHECK(ledger->each_certificate([&](const CertificateRecord& record) {
            comparison.learn(record);
            return true;
        }));
    for (ledger::Reports* ledger : ledgers) {
        Result<void> compared;
        IMPRINT_CHECK(ledger->each_certificate([&](const CertificateRecord& record) {
            compared = comparison.compare(record);
            return compared.has_value();
        }));
        IMPRINT_CHECK(compared);
    }
    if (!scope.thing_type.empty()) IMPRINT_CHECK(comparison.look_for_unexpected(scope));
    return comparison.result();
}

}  // namespace imprint::fleet
