#include "fleet/reconcile.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>
#include <utility>

#include "registry/identity.h"

namespace imprint::fleet {

namespace {

using ledger::CertificateRecord;
using ledger::CertificateState;
using registry::CertificateStatus;

struct InRegistry {
    std::string arn;
    CertificateStatus status = CertificateStatus::inactive;
};

class Comparison {
  public:
    Comparison(registry::IotClient& iot, const std::function<void(const Difference&)>& visit)
        : iot_(iot), visit_(visit) {}

    [[nodiscard]] Result<void> fetch() {
        return iot_.list_certificates([this](const registry::CertificateSummary& one) {
            in_registry_[one.id] = {one.arn, one.status};
            return true;
        });
    }

    [[nodiscard]] Result<void> compare(const CertificateRecord& record) {
        things_.insert(record.thing);
        if (record.id.empty()) return {};
        ++result_.certificates;
        const auto found = in_registry_.find(record.id);
        const bool there = found != in_registry_.end();
        switch (record.state) {
            case CertificateState::proven:
                if (!there)
                    return tell(record, "missing", "the board cannot connect: prepare it again");
                return compare_proven(record, found->second);
            case CertificateState::gone:
                if (there)
                    return tell(record, std::string(to_string(found->second.status)),
                                "imprint registry sweep removes it");
                return {};
            case CertificateState::active:
                // Of a board whose boot was never seen.
                if (there && found->second.status == CertificateStatus::active)
                    return tell(record, "ACTIVE", "prepare the board again, or retire the thing");
                return {};
            case CertificateState::staged:
                if (!there)
                    return tell(
                        record, "missing",
                        fmt::format("stage it again: imprint registry rotate --stage DIR {}",
                                    record.thing));
                [[fallthrough]];
            case CertificateState::inactive:
                if (there && found->second.status == CertificateStatus::active)
                    return tell(record, "ACTIVE",
                                "somebody activated it: retire the thing, or find out");
                return {};
            case CertificateState::queued:
                return tell(record,
                            there ? std::string(to_string(found->second.status)) : "missing",
                            "imprint registry push registers it");
            case CertificateState::requested:
                return {};
        }
        return {};
    }

    [[nodiscard]] Result<void> look_for_strangers(const std::string& thing_type) {
        IMPRINT_TRY(const auto names, iot_.list_things_of_type(thing_type));
        for (const auto& name : names) {
            if (things_.contains(name)) continue;
            ++result_.differences;
            visit_({name,
                    {},
                    "unknown",
                    "a thing of this type",
                    "prepared by another station, or with another ledger"});
        }
        return {};
    }

    [[nodiscard]] Reconciled result() const { return result_; }

  private:
    [[nodiscard]] Result<void> compare_proven(const CertificateRecord& record,
                                              const InRegistry& there) {
        if (there.status != CertificateStatus::active)
            return tell(record, std::string(to_string(there.status)),
                        "the board cannot connect: activate it again, or retire the thing");
        auto things = iot_.list_principal_things(there.arn);
        auto policies = iot_.list_attached_policies(there.arn);
        for (const auto* answer : {&things, &policies})
            if (!*answer && !registry::is_not_found(answer->error()))
                return std::unexpected(answer->error());
        if (!things || std::ranges::find(*things, record.thing) == things->end())
            return tell(record, "ACTIVE, not attached to its thing",
                        fmt::format("aws iot attach-thing-principal --thing-name {} --principal {}",
                                    record.thing, there.arn));
        if (!policies || std::ranges::find(*policies, record.policy) == policies->end())
            return tell(record, fmt::format("ACTIVE, without the policy {}", record.policy),
                        fmt::format("aws iot attach-policy --policy-name {} --target {}",
                                    record.policy, there.arn));
        return {};
    }

    Result<void> tell(const CertificateRecord& record, std::string in_registry, std::string mend) {
        ++result_.differences;
        visit_({record.thing, record.id, std::string(to_string(record.state)),
                std::move(in_registry), std::move(mend)});
        return {};
    }

    registry::IotClient& iot_;
    const std::function<void(const Difference&)>& visit_;
    std::map<std::string, InRegistry> in_registry_;
    std::set<std::string> things_;
    Reconciled result_;
};

}  // namespace

Result<Reconciled> reconcile(registry::IotClient& iot, ledger::Ledger& ledger,
                             const std::string& thing_type,
                             const std::function<void(const Difference&)>& visit) {
    Comparison comparison(iot, visit);
    IMPRINT_CHECK(comparison.fetch());
    Result<void> compared;
    IMPRINT_CHECK(ledger.each_certificate([&](const CertificateRecord& record) {
        compared = comparison.compare(record);
        return compared.has_value();
    }));
    IMPRINT_CHECK(compared);
    if (!thing_type.empty()) IMPRINT_CHECK(comparison.look_for_strangers(thing_type));
    return comparison.result();
}

}  // namespace imprint::fleet
