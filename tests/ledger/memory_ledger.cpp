#include "ledger/memory_ledger.h"

#include <algorithm>
#include <ranges>
#include <set>
#include <utility>

namespace imprint::ledger::testing {

namespace {

using std::views::reverse;
using std::views::values;

std::unexpected<Error> missing() {
    return fail(ErrorKind::ledger, "ledger_damaged", "no such row");
}

template <typename Rows>
std::int64_t next(const Rows& rows) {
    return rows.empty() ? 1 : rows.rbegin()->first + 1;
}

bool is_in_force(CertificateState state) {
    return state == CertificateState::active || state == CertificateState::queued ||
           state == CertificateState::proven;
}

}  // namespace

WallTime MemoryLedger::now() const {
    return std::chrono::floor<Milliseconds>(clock_.wall());
}

void MemoryLedger::forget() {
    const std::lock_guard lock(mutex_);
    runs_.clear();
    attempts_.clear();
    effects_.clear();
    certificates_.clear();
    retirements_.clear();
    lots_.clear();
    serials_.clear();
}

Result<void> MemoryLedger::may(const char* write) const {
    return refuse ? refuse(write) : Result<void>{};
}

Result<MemoryLedger::Attempt*> MemoryLedger::attempt_at(AttemptId id) {
    const auto found = attempts_.find(id);
    if (found == attempts_.end()) return missing();
    return &found->second;
}

Result<MemoryLedger::Certificate*> MemoryLedger::certificate_at(std::int64_t row) {
    const auto found = certificates_.find(row);
    if (found == certificates_.end()) return missing();
    return &found->second;
}

MemoryLedger::Certificate* MemoryLedger::find(const std::string& id) {
    for (auto& one : values(certificates_))
        if (one.record.id == id) return &one;
    return nullptr;
}

bool MemoryLedger::is_alive(const std::string& process, WallTime started, bool over_unknown) const {
    const Life life = processes_.life_of(process);
    return life == Life::alive ||
           (life == Life::unknown && !over_unknown && started + longest_attempt > clock_.wall());
}

bool MemoryLedger::in_hand(const MacAddress& mac) const {
    for (const auto& one : reverse(attempts_) | values)
        if (one.record.mac == mac && one.claimed && !one.record.ended)
            return is_alive(runs_.at(one.record.run).process, one.record.started);
    return false;
}

std::vector<CertificateRecord> MemoryLedger::those(const Wanted& wanted) const {
    std::vector<CertificateRecord> found;
    for (const auto& one : values(certificates_)) {
        if (!wanted(one)) continue;
        found.push_back(one.record);
        found.back().in_hand = in_hand(one.record.mac);
    }
    return found;
}

// --- attempts

Result<RunId> MemoryLedger::begin_run(const RunFacts& facts) {
    const std::lock_guard lock(mutex_);
    IMPRINT_CHECK(may("begin_run"));
    const RunId id = next(runs_);
    runs_[id] = {facts, processes_.self(), now(), {}, 0, 0};
    return id;
}

Result<void> MemoryLedger::end_run(RunId run, unsigned passed, unsigned failed) {
    const std::lock_guard lock(mutex_);
    IMPRINT_CHECK(may("end_run"));
    const auto found = runs_.find(run);
    if (found == runs_.end()) return missing();
    found->second.ended = now();
    found->second.passed = passed;
    found->second.failed = failed;
    return {};
}

Result<void> MemoryLedger::set_account(RunId run, const std::string& account,
                                       const std::string& region) {
    const std::lock_guard lock(mutex_);
    IMPRINT_CHECK(may("set_account"));
    const auto found = runs_.find(run);
    if (found == runs_.end()) return missing();
    found->second.facts.account = account;
    found->second.facts.region = region;
    return {};
}

Result<AttemptId> MemoryLedger::begin_attempt(RunId run, const std::string& bay) {
    const std::lock_guard lock(mutex_);
    IMPRINT_CHECK(may("begin_attempt"));
    if (!runs_.contains(run)) return missing();
    const AttemptId id = next(attempts_);
    Attempt& made = attempts_[id];
    made.record.id = id;
    made.record.run = run;
    made.record.bay = bay;
    made.record.started = now();
    return id;
}

Result<void> MemoryLedger::identified(AttemptId attempt, const MacAddress& mac,
                                      const std::string& chip, const std::string& thing) {
    const std::lock_guard lock(mutex_);
    IMPRINT_CHECK(may("identified"));
    IMPRINT_TRY(Attempt * found, attempt_at(attempt));
    found->record.mac = mac;
    found->record.chip = chip;
    found->record.thing = thing;
    return {};
}

Result<void> MemoryLedger::set_lot(AttemptId attempt, const std::string& lot) {
    const std::lock_guard lock(mutex_);
    IMPRINT_CHECK(may("set_lot"));
    IMPRINT_TRY(Attempt * found, attempt_at(attempt));
    found->record.lot = lot;
    found->has_lot = true;
    return {};
}

Result<void> MemoryLedger::claim(AttemptId attempt, bool over_unknown) {
    const std::lock_guard lock(mutex_);
    IMPRINT_CHECK(may("claim"));
    IMPRINT_TRY(Attempt * mine, attempt_at(attempt));
    for (const auto& [id, other] : attempts_)
        if (id != attempt && other.record.mac == mine->record.mac && !other.record.ended &&
            other.claimed &&
            is_alive(runs_.at(other.record.run).process, other.record.started, over_unknown))
            return fail(ErrorKind::board, "board_twice", "another attempt has the board");
    mine->claimed = true;
    return {};
}

Result<void> MemoryLedger::end_attempt(AttemptId attempt, Outcome outcome,
                                       const std::string& error_code,
                                       const std::string& error_message, Fault fault) {
    const std::lock_guard lock(mutex_);
    IMPRINT_CHECK(may("end_attempt"));
    IMPRINT_TRY(Attempt * found, attempt_at(attempt));
    found->record.ended = now();
    found->record.outcome = outcome;
    found->record.error_code = error_code;
    found->record.error_message = error_message;
    found->record.fault = outcome == Outcome::failed ? fault : Fault::none;
    if (const auto serial = serials_.find(found->record.serial);
        outcome == Outcome::passed && serial != serials_.end())
        serial->second = {
            {serial->second.record.lot, serial->first, *found->record.mac, SerialState::used},
            attempt,
            serial->second.number};
    if (outcome == Outcome::passed && found->record.serial.empty() && !found->record.golden)
        for (const auto& [text, serial] : serials_)
            if (serial.record.mac == *found->record.mac && serial.record.lot == lot_of(*found))
                found->record.serial = text;
    return {};
}

// --- effects

Result<std::vector<EffectId>> MemoryLedger::intend(const Doer& doer, const std::string& kind,
                                                   const std::vector<std::string>& subjects) {
    const std::lock_guard lock(mutex_);
    IMPRINT_CHECK(may("intend"));
    if (!runs_.contains(doer.run) || (doer.attempt && !attempts_.contains(*doer.attempt)))
        return missing();
    std::vector<EffectId> ids;
    for (const std::string& subject : subjects) {
        const EffectId id = next(effects_);
        effects_[id] = {id, doer.run, doer.attempt, kind, subject, now(), {}, {}};
        ids.push_back(id);
    }
    return ids;
}

Result<void> MemoryLedger::done(EffectId effect, const std::string& result) {
    const std::lock_guard lock(mutex_);
    IMPRINT_CHECK(may("done"));
    const auto found = effects_.find(effect);
    if (found == effects_.end()) return {};  // a file tells it later, to the log
    found->second.done = now();
    found->second.result = result;
    return {};
}

// --- certificates

Result<MemoryLedger::Certificate*> MemoryLedger::add(AttemptId attempt, const std::string& id,
                                                     const std::string& public_pem,
                                                     const std::string& policy,
                                                     CertificateState state) {
    IMPRINT_TRY(const Attempt* of, attempt_at(attempt));
    const std::int64_t row = next(certificates_);
    Certificate& made = certificates_[row];
    made.record.row = row;
    made.record.attempt = attempt;
    made.record.mac = of->record.mac.value_or(MacAddress{});
    made.record.thing = of->record.thing;
    made.record.id = id;
    made.record.public_pem = public_pem;
    made.record.policy = policy;
    made.record.state = state;
    made.record.requested_at = now();
    return &made;
}

Result<std::int64_t> MemoryLedger::certificate_requested(AttemptId attempt,
                                                         const std::string& public_pem,
                                                         const std::string& policy) {
    const std::lock_guard lock(mutex_);
    IMPRINT_CHECK(may("certificate_requested"));
    IMPRINT_TRY(const Certificate* made,
                add(attempt, {}, public_pem, policy, CertificateState::requested));
    return made->record.row;
}

Result<void> MemoryLedger::certificate_issued(std::int64_t row, const std::string& id,
                                              const std::string& pem) {
    const std::lock_guard lock(mutex_);
    IMPRINT_CHECK(may("certificate_issued"));
    IMPRINT_TRY(Certificate * found, certificate_at(row));
    found->record.id = id;
    found->pem = pem;
    found->record.state = CertificateState::inactive;
    return {};
}

Result<std::int64_t> MemoryLedger::certificate_signed(AttemptId attempt, const std::string& id,
                                                      const std::string& pem,
                                                      const std::string& public_pem,
                                                      const std::string& policy) {
    const std::lock_guard lock(mutex_);
    IMPRINT_CHECK(may("certificate_signed"));
    IMPRINT_TRY(Certificate * made,
                add(attempt, id, public_pem, policy, CertificateState::inactive));
    made->pem = pem;
    return made->record.row;
}

Result<Taken> MemoryLedger::certificate_taken(AttemptId attempt, const std::string& id,
                                              const std::string& pem, const std::string& public_pem,
                                              const std::string& policy) {
    const std::lock_guard lock(mutex_);
    IMPRINT_CHECK(may("certificate_taken"));
    IMPRINT_TRY(const Attempt* of, attempt_at(attempt));
    Certificate* one = find(id);
    if (one != nullptr && one->record.mac != of->record.mac)
        return fail(ErrorKind::board, "minted_in_use", "it is another board's");
    if (one == nullptr) {
        IMPRINT_TRY(one, add(attempt, id, public_pem, policy, CertificateState::inactive));
    }
    if (!is_in_force(one->record.state)) one->record.state = CertificateState::inactive;
    one->record.attempt = attempt;
    one->pem = pem;
    one->record.thing = of->record.thing;
    one->record.policy = policy;
    one->record.deactivation_owed = false;
    one->record.retirement_owed = false;
    return Taken{one->record.row, one->record.state};
}

Result<void> MemoryLedger::certificate_state(std::int64_t row, CertificateState state) {
    const std::lock_guard lock(mutex_);
    IMPRINT_CHECK(may("certificate_state"));
    IMPRINT_TRY(Certificate * found, certificate_at(row));
    found->record.state = state;
    found->record.deactivation_owed = false;
    found->record.retirement_owed = false;
    if (state == CertificateState::proven) found->record.proven_at = now();
    return {};
}

Result<void> MemoryLedger::certificate_staged(std::int64_t row) {
    const std::lock_guard lock(mutex_);
    IMPRINT_CHECK(may("certificate_staged"));
    IMPRINT_TRY(Certificate * found, certificate_at(row));
    found->record.state = CertificateState::staged;
    found->record.ahead = true;
    return {};
}

Result<void> MemoryLedger::certificate_gone(const MacAddress& mac, const std::string& id) {
    const std::lock_guard lock(mutex_);
    const Certificate* found = find(id);
    if (found != nullptr && found->record.mac != mac) return may("certificate_gone");
    return certificate_gone(id);
}

Result<void> MemoryLedger::certificate_gone(const std::string& id) {
    const std::lock_guard lock(mutex_);
    IMPRINT_CHECK(may("certificate_gone"));
    if (Certificate* found = find(id); found != nullptr && !id.empty()) {
        found->record.state = CertificateState::gone;
        found->record.deactivation_owed = false;
        found->record.retirement_owed = false;
    }
    return {};
}

Result<void> MemoryLedger::adopt(AttemptId attempt, const std::string& id) {
    if (find(id) != nullptr || !attempts_.contains(attempt)) return {};
    IMPRINT_TRY(Certificate * made, add(attempt, id, {}, {}, CertificateState::proven));
    made->record.adopted = true;
    return {};
}

Result<void> MemoryLedger::overwriting(AttemptId attempt,
                                       const std::vector<std::string>& certificate_ids) {
    const std::lock_guard lock(mutex_);
    IMPRINT_CHECK(may("overwriting"));
    IMPRINT_TRY(const Attempt* of, attempt_at(attempt));
    const EffectId effect = next(effects_);
    effects_[effect] = {effect,        of->record.run, attempt, "overwrite",
                        "credentials", now(),          now(),   {}};
    for (const std::string& id : certificate_ids) {
        IMPRINT_CHECK(adopt(attempt, id));
        CertificateRecord& record = find(id)->record;
        if (record.state != CertificateState::active && record.state != CertificateState::proven &&
            record.state != CertificateState::overwritten && record.state != CertificateState::gone)
            continue;
        record.state = CertificateState::overwritten;
        record.deactivation_owed = true;
    }
    return {};
}

Result<void> MemoryLedger::owe_deactivation(const Debt& debt) {
    const std::lock_guard lock(mutex_);
    IMPRINT_CHECK(may("owe_deactivation"));
    IMPRINT_TRY(Certificate * found, certificate_at(debt.row));
    found->record.deactivation_owed = true;
    return {};
}

Result<void> MemoryLedger::deactivated(std::int64_t row) {
    const std::lock_guard lock(mutex_);
    IMPRINT_CHECK(may("deactivated"));
    IMPRINT_TRY(Certificate * found, certificate_at(row));
    if (found->record.state == CertificateState::active ||
        found->record.state == CertificateState::proven)
        found->record.state = CertificateState::inactive;
    found->record.deactivation_owed = false;
    return {};
}

Result<void> MemoryLedger::owe_retirement(std::optional<AttemptId> attempt,
                                          const std::string& certificate_id) {
    const std::lock_guard lock(mutex_);
    IMPRINT_CHECK(may("owe_retirement"));
    if (attempt) IMPRINT_CHECK(adopt(*attempt, certificate_id));
    Certificate* found = find(certificate_id);
    if (found == nullptr || found->record.state == CertificateState::gone) return {};
    found->record.retirement_owed = true;
    found->record.deactivation_owed = false;
    return {};
}

Result<void> MemoryLedger::queue_registration(std::int64_t row, const std::string& facts) {
    const std::lock_guard lock(mutex_);
    IMPRINT_CHECK(may("queue_registration"));
    IMPRINT_TRY(Certificate * found, certificate_at(row));
    found->record.state = CertificateState::queued;
    found->facts = facts;
    found->record.deactivation_owed = false;
    found->record.retirement_owed = false;
    return {};
}

Result<bool> MemoryLedger::registered(std::int64_t row) {
    const std::lock_guard lock(mutex_);
    IMPRINT_CHECK(may("registered"));
    IMPRINT_TRY(Certificate * found, certificate_at(row));
    if (found->record.state != CertificateState::queued || is_superseded(*found)) return false;
    found->record.state = CertificateState::proven;
    found->record.deactivation_owed = false;
    found->record.retirement_owed = false;
    found->record.proven_at = now();
    return true;
}

Result<std::int64_t> MemoryLedger::begin_retirement(const std::string& thing,
                                                    const std::string& reason) {
    const std::lock_guard lock(mutex_);
    IMPRINT_CHECK(may("begin_retirement"));
    const std::int64_t id = next(retirements_);
    retirements_[id] = {id, thing, reason, now(), {}, {}};
    return id;
}

Result<void> MemoryLedger::end_retirement(std::int64_t id, const std::string& result) {
    const std::lock_guard lock(mutex_);
    IMPRINT_CHECK(may("end_retirement"));
    const auto found = retirements_.find(id);
    if (found == retirements_.end()) return missing();
    found->second.done = now();
    found->second.result = result;
    return {};
}

// --- reports

AttemptRecord MemoryLedger::told(const Attempt& attempt) const {
    AttemptRecord record = attempt.record;
    const Run& run = runs_.at(record.run);
    if (!attempt.has_lot) record.lot = run.facts.lot;
    record.firmware = run.facts.firmware;
    record.firmware_commit = run.facts.firmware_commit;
    record.app_version = run.facts.app_version;
    record.app_elf_sha256 = run.facts.app_elf_sha256;
    record.station = run.facts.station;
    record.host = host_of(run.process);
    record.operator_name = run.facts.operator_name;
    record.account = run.facts.account;
    record.region = run.facts.region;
    record.endpoint = run.facts.endpoint;
    for (const auto& certificate : values(certificates_))
        if (certificate.record.attempt == record.id && !certificate.record.adopted &&
            record.certificate_id.empty() && !certificate.record.id.empty()) {
            record.certificate_id = certificate.record.id;
            record.certificate_state = certificate.record.state;
        }
    record.outcome = shown_outcome(record.outcome, record.certificate_state);
    if (!record.ended && !is_alive(run.process, record.started)) record.outcome = Outcome::killed;
    return record;
}

Result<void> MemoryLedger::each_run(const std::function<bool(const RunRecord&)>& visit) {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, run] : reverse(runs_)) {
        RunRecord record;
        record.id = id;
        record.command = run.facts.command;
        record.version = run.facts.version;
        record.lot = run.facts.lot;
        record.station = run.facts.station;
        record.host = host_of(run.process);
        record.operator_name = run.facts.operator_name;
        record.account = run.facts.account;
        record.region = run.facts.region;
        record.started = run.started;
        record.ended = run.ended;
        record.running = !run.ended && is_alive(run.process, run.started);
        record.passed = run.passed;
        record.failed = run.failed;
        record.effects = std::ranges::count_if(
            values(effects_), [id = id](const auto& effect) { return effect.run == id; });
        if (!visit(record)) return {};
    }
    return {};
}

Result<std::vector<RunFile>> MemoryLedger::files(RunId run) {
    const std::lock_guard lock(mutex_);
    auto files = runs_.contains(run) ? runs_.at(run).facts.files : std::vector<RunFile>();
    std::ranges::sort(files, {}, &RunFile::offset);
    return files;
}

Result<void> MemoryLedger::each_attempt(const std::optional<MacAddress>& mac,
                                        const std::function<bool(const AttemptRecord&)>& visit) {
    const std::lock_guard lock(mutex_);
    for (const auto& one : reverse(attempts_) | values)
        if ((!mac || one.record.mac == mac) && !visit(told(one))) return {};
    return {};
}

Result<void> MemoryLedger::each_board(const std::function<bool(const BoardRecord&)>& visit) {
    const std::lock_guard lock(mutex_);
    std::set<MacAddress> macs;
    for (const auto& one : values(attempts_))
        if (one.record.mac) macs.insert(*one.record.mac);
    for (const auto& mac : macs) {
        IMPRINT_TRY(const auto found, board(mac));
        if (!visit(*found)) return {};
    }
    return {};
}

Result<std::optional<BoardRecord>> MemoryLedger::board(const MacAddress& mac) {
    const std::lock_guard lock(mutex_);
    std::vector<AttemptRecord> attempts;
    std::vector<LivingCertificate> living;
    for (const auto& one : values(attempts_))
        if (one.record.mac == mac) attempts.push_back(told(one));
    for (const auto& one : values(certificates_))
        if (one.record.mac == mac && (one.record.state == CertificateState::proven ||
                                      one.record.state == CertificateState::queued)) {
            living.push_back({one.record, one.pem});
            living.back().record.in_hand = in_hand(mac);
        }
    if (attempts.empty()) return std::optional<BoardRecord>{};
    return std::optional(board_of(std::move(attempts), std::move(living)));
}

Result<std::string> MemoryLedger::last_lot(const MacAddress& mac) {
    const std::lock_guard lock(mutex_);
    for (const auto& one : reverse(attempts_) | values)
        if (one.record.mac == mac && one.record.outcome == Outcome::passed)
            return one.has_lot ? one.record.lot : runs_.at(one.record.run).facts.lot;
    return std::string();
}

Result<std::optional<LastWork>> MemoryLedger::last_work_on(const std::string& thing) {
    const std::lock_guard lock(mutex_);
    for (const auto& one : reverse(attempts_) | values) {
        if (one.record.thing != thing) continue;
        LastWork work{one.record.started, false};
        work.in_hand =
            !one.record.ended && is_alive(runs_.at(one.record.run).process, one.record.started);
        if (one.record.ended) work.at = *one.record.ended;
        return std::optional(work);
    }
    return std::optional<LastWork>{};
}

Result<std::vector<EffectRecord>> MemoryLedger::effects(AttemptId attempt) {
    const std::lock_guard lock(mutex_);
    std::vector<EffectRecord> found;
    for (const auto& one : values(effects_))
        if (one.attempt == attempt) found.push_back(one);
    return found;
}

Result<std::vector<EffectRecord>> MemoryLedger::effects_of_run(RunId run) {
    const std::lock_guard lock(mutex_);
    std::vector<EffectRecord> found;
    for (const auto& one : values(effects_))
        if (one.run == run) found.push_back(one);
    return found;
}

Result<std::vector<EffectRecord>> MemoryLedger::effects_on(
    const std::vector<std::string>& subjects) {
    const std::lock_guard lock(mutex_);
    std::vector<EffectRecord> found;
    for (const auto& one : values(effects_))
        if (!one.attempt && std::ranges::find(subjects, one.subject) != subjects.end())
            found.push_back(one);
    return found;
}

Result<std::vector<CertificateRecord>> MemoryLedger::certificates(const MacAddress& mac) {
    const std::lock_guard lock(mutex_);
    return those([&](const Certificate& one) { return one.record.mac == mac; });
}

Result<std::vector<CertificateRecord>> MemoryLedger::certificates_of_thing(
    const std::string& thing) {
    const std::lock_guard lock(mutex_);
    return those([&](const Certificate& one) { return one.record.thing == thing; });
}

Result<void> MemoryLedger::each_certificate(
    const std::function<bool(const CertificateRecord&)>& visit) {
    const std::lock_guard lock(mutex_);
    for (const auto& record : those([](const Certificate&) { return true; }))
        if (!visit(record)) return {};
    return {};
}

Result<std::set<std::string>> MemoryLedger::things_of_board(const std::string& certificate_id) {
    const std::lock_guard lock(mutex_);
    std::set<std::string> things;
    const Certificate* one = find(certificate_id);
    if (one == nullptr) return things;
    for (const auto& record :
         those([&](const Certificate& other) { return other.record.mac == one->record.mac; }))
        things.insert(record.thing);
    return things;
}

Result<std::vector<CertificateRecord>> MemoryLedger::unfinished(const MacAddress& mac) {
    const std::lock_guard lock(mutex_);
    return those([&](const Certificate& one) {
        return one.record.mac == mac && (one.record.state == CertificateState::requested ||
                                         one.record.state == CertificateState::inactive ||
                                         one.record.state == CertificateState::active);
    });
}

Result<std::vector<CertificateRecord>> MemoryLedger::owed_deactivations() {
    const std::lock_guard lock(mutex_);
    return those([&](const Certificate& one) {
        return one.record.deactivation_owed && !in_hand(one.record.mac);
    });
}

Result<std::vector<CertificateRecord>> MemoryLedger::owed_retirements() {
    const std::lock_guard lock(mutex_);
    return those([&](const Certificate& one) {
        return one.record.retirement_owed && !in_hand(one.record.mac);
    });
}

bool MemoryLedger::is_superseded(const Certificate& one) const {
    const bool by_a_later = std::ranges::any_of(values(certificates_), [&](const auto& other) {
        return other.record.mac == one.record.mac && other.record.row > one.record.row &&
               !other.record.adopted && is_in_force(other.record.state);
    });
    return by_a_later || std::ranges::any_of(values(effects_), [&](const auto& effect) {
               return effect.kind == "overwrite" &&
                      effect.attempt.value_or(0) > one.record.attempt &&
                      attempts_.at(*effect.attempt).record.mac == one.record.mac;
           });
}

Result<std::vector<QueuedRegistration>> MemoryLedger::queued_registrations(std::int64_t after,
                                                                           std::size_t most) {
    const std::lock_guard lock(mutex_);
    std::vector<QueuedRegistration> queue;
    for (const auto& one : values(certificates_)) {
        if (one.record.state != CertificateState::queued || one.record.row <= after) continue;
        if (queue.size() == most) break;
        queue.push_back({one.record, one.pem, one.facts, is_superseded(one)});
        queue.back().certificate.in_hand = in_hand(one.record.mac);
    }
    return queue;
}

Result<std::int64_t> MemoryLedger::count_queued() {
    const std::lock_guard lock(mutex_);
    return std::ranges::count_if(values(certificates_), [](const auto& one) {
        return one.record.state == CertificateState::queued;
    });
}

Result<std::vector<RetirementRecord>> MemoryLedger::retirements(const std::string& thing) {
    const std::lock_guard lock(mutex_);
    std::vector<RetirementRecord> found;
    for (const auto& one : reverse(retirements_) | values)
        if (thing.empty() || one.thing == thing) found.push_back(one);
    return found;
}

}  // namespace imprint::ledger::testing
