#include "prepare/rivals.h"

#include <algorithm>
#include <fmt/format.h>
#include <tuple>
#include <utility>

#include "ledger/ledger.h"

namespace imprint::prepare {

using registry::CertificateStatus;
using registry::Principal;

namespace {

std::unexpected<Error> elsewhere(const std::string& thing, const std::string& what) {
    return fail(
        ErrorKind::board, "board_at_another_station",
        fmt::format("the thing \"{}\" has certificate {}, which is in no ledger here", thing, what),
        "two boards with one MAC address, or another station's board: prepare it with that "
        "station's ledger, or wait, or say --take-over if the board is here");
}

}  // namespace

RivalRules rival_rules(const Settings& settings, bool take_over) {
    RivalRules rules;
    // The proof, the watching of the board's start, calls that are held back, and some time for the
    // station itself.
    rules.watch =
        2 * settings.verify.timeout + 2 * settings.registry.deadline + std::chrono::seconds(60);
    rules.take_over = take_over;
    return rules;
}

Result<std::vector<Principal>> Rivals::strangers(const std::set<std::string>& known,
                                                 const std::string& own_id) const {
    IMPRINT_TRY(const auto ids, registry_.certificates_of(thing_, own_id));
    std::vector<Principal> found;
    for (const auto& id : ids) {
        if (known.contains(id)) continue;
        IMPRINT_TRY(auto principal, registry_.look_at(id, {thing_}));
        if (principal) found.push_back(*std::move(principal));
    }
    return found;
}

KnownCertificates known_of(const std::vector<ledger::CertificateRecord>& records) {
    KnownCertificates known;
    for (const auto& record : records)
        if (!record.id.empty())
            (record.state == ledger::CertificateState::gone ? known.gone : known.living)
                .insert(record.id);
    return known;
}

Result<void> Rivals::look(const KnownCertificates& known) {
    IMPRINT_TRY(const auto found, strangers(known.living, {}));
    const WallTime now = registry_.now();
    for (const Principal& one : found) {
        if (rules_.take_over || one.is_shared() || known.gone.contains(one.id)) {
            former_.push_back(one);
            continue;
        }
        if (one.status == CertificateStatus::active && rules_.made_at &&
            one.created > *rules_.made_at)
            return elsewhere(thing_, one.id + ", made later than this one");
        if (one.status == CertificateStatus::active && one.changed + rules_.watch > now)
            return elsewhere(
                thing_,
                fmt::format(
                    "{}, activated {} s ago", one.id,
                    std::max<std::int64_t>(
                        0, std::chrono::duration_cast<std::chrono::seconds>(now - one.changed)
                               .count())));
        if (one.status != CertificateStatus::active &&
            one.created + ledger::longest_attempt > now) {
            log_.info("certificate {} of {} is left alone: another station may be at it", one.id,
                      thing_);
            continue;
        }
        former_.push_back(one);
    }
    return {};
}

Result<void> Rivals::settle(const std::string& own_id, const KnownCertificates& known) const {
    std::set<std::string> accepted = known.living;
    accepted.insert(known.gone.begin(), known.gone.end());
    for (const Principal& one : former_)
        accepted.insert(one.id);
    std::optional<Principal> own;
    for (registry::Patience patience = registry_.patience(rules_.yield);;) {
        IMPRINT_TRY(auto found, strangers(accepted, own_id));
        std::erase_if(found, [](const Principal& one) {
            return one.is_shared() || one.status != CertificateStatus::active;
        });
        if (found.empty()) return {};
        if (!own) {
            IMPRINT_TRY(own, registry_.look_at(own_id, {thing_}));
            if (!own) return elsewhere(thing_, found.front().id);
        }
        const auto made = [](const Principal& one) { return std::tie(one.created, one.id); };
        const bool later = std::ranges::all_of(
            found, [&](const Principal& one) { return made(one) < made(*own); });
        if (!later || !patience.pause())
            return elsewhere(thing_, found.front().id + ", activated at the same time");
    }
}

}  // namespace imprint::prepare
