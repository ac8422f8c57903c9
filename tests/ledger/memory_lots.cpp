#include <algorithm>
#include <ranges>
#include <set>
#include <utility>

#include "ledger/memory_ledger.h"
#include "ledger/serial_template.h"

namespace imprint::ledger::testing {

namespace {

using std::views::values;

std::unexpected<Error> lot_unknown() {
    return fail(ErrorKind::usage, "lot_unknown", "no such lot");
}

std::unexpected<Error> taken() {
    return fail(ErrorKind::board, "serial_taken", "it is another's");
}

}  // namespace

std::string MemoryLedger::lot_of(const Attempt& attempt) const {
    return attempt.has_lot ? attempt.record.lot : runs_.at(attempt.record.run).facts.lot;
}

Result<void> MemoryLedger::check_names_free(const LotFacts& facts, const std::string& own) const {
    for (const auto& [name, lot] : lots_)
        for (const std::string& text : {facts.name, facts.code})
            if (name != own && (text == name || text == lot.record.facts.code))
                return fail(ErrorKind::usage, "lot_exists", "there is such a lot");
    return {};
}

Result<void> MemoryLedger::open_lot(const LotFacts& facts) {
    const std::lock_guard lock(mutex_);
    IMPRINT_CHECK(may("open_lot"));
    LotFacts known = facts;
    if (known.code.empty()) known.code = known.name;
    IMPRINT_CHECK(check_names_free(known, ""));
    const WallTime at = now();
    lots_[known.name] = {{known, LotState::open, at, at, false}, known.first_number, {}};
    return {};
}

Result<void> MemoryLedger::change_lot(const LotFacts& facts) {
    const std::lock_guard lock(mutex_);
    IMPRINT_CHECK(may("change_lot"));
    const auto found = lots_.find(facts.name);
    LotFacts known = facts;
    if (known.code.empty()) known.code = known.name;
    IMPRINT_CHECK(check_names_free(known, facts.name));
    if (found == lots_.end()) return lot_unknown();
    known.first_number = found->second.record.facts.first_number;
    found->second.record.facts = known;
    return {};
}

Result<void> MemoryLedger::set_lot_state(const std::string& name, LotState state) {
    const std::lock_guard lock(mutex_);
    IMPRINT_CHECK(may("set_lot_state"));
    const auto found = lots_.find(name);
    if (found == lots_.end()) return lot_unknown();
    found->second.record.state = state;
    found->second.record.since = now();
    return {};
}

Result<void> MemoryLedger::mark_golden(AttemptId attempt) {
    const std::lock_guard lock(mutex_);
    IMPRINT_CHECK(may("mark_golden"));
    IMPRINT_TRY(Attempt * found, attempt_at(attempt));
    found->record.golden = true;
    return {};
}

Result<void> MemoryLedger::check_place(const Attempt& mine, const std::string& lot) const {
    const auto found = lots_.find(lot);
    if (found == lots_.end() || found->second.record.facts.target == 0) return {};
    std::set<MacAddress> in_it;
    for (const auto& one : values(attempts_)) {
        if (!one.record.mac || lot_of(one) != lot || one.record.golden) continue;
        const bool has_passed = one.record.outcome == Outcome::passed;
        if (has_passed && one.record.mac == mine.record.mac) return {};
        const bool at_work = one.entered && !one.record.ended &&
                             one.record.mac != mine.record.mac &&
                             is_alive(runs_.at(one.record.run).process, one.record.started);
        if (has_passed || at_work) in_it.insert(*one.record.mac);
    }
    if (std::ssize(in_it) < found->second.record.facts.target) return {};
    return fail(ErrorKind::board, "lot_full", "it is full");
}

void MemoryLedger::give_back(const std::string& serial) {
    const auto found = serials_.find(serial);
    if (found == serials_.end()) return;
    if (found->second.number)
        lots_.at(found->second.record.lot).free_numbers.insert(*found->second.number);
    serials_.erase(found);
}

Result<MemoryLedger::Serial> MemoryLedger::make_serial(const Attempt& mine, Lot& lot) {
    const std::string& form = lot.record.facts.serial_template;
    for (;;) {
        Serial made;
        SerialValues given{
            .number = 0, .time = now(), .lot = lot.record.facts.name, .mac = *mine.record.mac};
        if (has_number(form)) {
            if (lot.free_numbers.empty()) lot.free_numbers.insert(lot.next_number++);
            given.number = *lot.free_numbers.begin();
            lot.free_numbers.erase(lot.free_numbers.begin());
            made.number = given.number;
        }
        made.record.serial = fill_in_serial(form, given);
        if (!serials_.contains(made.record.serial)) return made;
        if (!made.number) return taken();
    }
}

Result<std::string> MemoryLedger::bind_serial(const Attempt& mine, const std::string& lot,
                                              const std::string& scanned) {
    const MacAddress mac = *mine.record.mac;
    const auto bound = std::ranges::find_if(values(serials_), [&](const Serial& one) {
        return one.record.lot == lot && one.record.mac == mac;
    });
    const bool is_bound = bound != values(serials_).end();
    if (is_bound) {
        Serial& one = *bound;
        if (scanned.empty() || scanned == one.record.serial) {
            if (one.record.state == SerialState::reserved) one.attempt = mine.record.id;
            return one.record.serial;
        }
        if (one.record.state == SerialState::used) return taken();
    }
    Serial made;
    const auto known = lots_.find(lot);
    if (known != lots_.end())
        IMPRINT_CHECK(check_scanned(known->second.record.facts.serial_template, lot, scanned));
    if (scanned.empty()) {
        if (known == lots_.end() || known->second.record.facts.serial_template.empty())
            return std::string();
        IMPRINT_TRY(made, make_serial(mine, known->second));
    } else {
        if (serials_.contains(scanned)) return taken();
        if (is_bound) give_back(std::string((*bound).record.serial));
        made.record.serial = scanned;
    }
    made.record = {lot, made.record.serial, mac, SerialState::reserved};
    made.attempt = mine.record.id;
    serials_[made.record.serial] = made;
    return made.record.serial;
}

Result<std::string> MemoryLedger::enter_lot(AttemptId attempt, const std::string& scanned) {
    const std::lock_guard lock(mutex_);
    IMPRINT_CHECK(may("enter_lot"));
    IMPRINT_TRY(Attempt * mine, attempt_at(attempt));
    const std::string lot = lot_of(*mine);
    IMPRINT_CHECK(check_place(*mine, lot));
    IMPRINT_TRY(mine->record.serial, bind_serial(*mine, lot, scanned));
    mine->entered = true;
    return mine->record.serial;
}

Result<void> MemoryLedger::free_serial(AttemptId attempt) {
    const std::lock_guard lock(mutex_);
    IMPRINT_CHECK(may("free_serial"));
    IMPRINT_TRY(Attempt * mine, attempt_at(attempt));
    const auto found = serials_.find(mine->record.serial);
    if (found == serials_.end() || found->second.attempt != attempt ||
        found->second.record.state == SerialState::used)
        return {};
    const auto lot = lots_.find(found->second.record.lot);
    if (lot == lots_.end() || lot->second.record.facts.failed_serial != FailedSerial::free)
        return {};
    give_back(mine->record.serial);
    mine->record.serial.clear();
    return {};
}

Result<std::optional<LotRecord>> MemoryLedger::find_lot(const std::string& name_or_code) {
    const std::lock_guard lock(mutex_);
    if (const auto found = lots_.find(name_or_code); found != lots_.end())
        return std::optional(found->second.record);
    for (const auto& lot : values(lots_))
        if (lot.record.facts.code == name_or_code) return std::optional(lot.record);
    return std::optional<LotRecord>{};
}

Result<std::vector<LotRecord>> MemoryLedger::lots() {
    const std::lock_guard lock(mutex_);
    std::vector<LotRecord> all;
    for (const auto& lot : values(lots_))
        all.push_back(lot.record);
    std::ranges::sort(all, std::ranges::greater(), &LotRecord::opened);
    return all;
}

std::vector<LotAttempt> MemoryLedger::in_lot(const std::string& lot,
                                             const std::optional<MacAddress>& mac) const {
    std::vector<LotAttempt> found;
    for (const auto& one : values(attempts_)) {
        if (lot_of(one) != lot || one.record.mac != mac) continue;
        const bool overwrote = std::ranges::any_of(values(effects_), [&](const auto& effect) {
            return effect.attempt == one.record.id && effect.kind == "overwrite";
        });
        found.push_back({told(one), overwrote && one.record.outcome != Outcome::passed});
    }
    return found;
}

Result<LotCounts> MemoryLedger::lot_counts(const std::string& lot) {
    LotCounts counts;
    IMPRINT_CHECK(each_lot_board(lot, [&](const LotBoard& board) {
        if (board.golden)
            ++counts.golden;
        else
            counts.add(board.standing);
        return true;
    }));
    IMPRINT_CHECK(
        each_unidentified(lot, [&](const AttemptRecord&) { return ++counts.unidentified > 0; }));
    return counts;
}

Result<void> MemoryLedger::each_lot_board(const std::string& lot,
                                          const std::function<bool(const LotBoard&)>& visit) {
    const std::lock_guard lock(mutex_);
    std::set<MacAddress> macs;
    for (const auto& one : values(attempts_))
        if (one.record.mac && lot_of(one) == lot) macs.insert(*one.record.mac);
    for (const auto& mac : macs)
        if (!visit(lot_board_of(in_lot(lot, mac)))) return {};
    return {};
}

Result<void> MemoryLedger::each_unidentified(
    const std::string& lot, const std::function<bool(const AttemptRecord&)>& visit) {
    const std::lock_guard lock(mutex_);
    for (const auto& one : in_lot(lot, std::nullopt))
        if (one.record.outcome == Outcome::failed && !visit(one.record)) return {};
    return {};
}

Result<std::vector<MacAddress>> MemoryLedger::golden_due(const LotFacts& lot,
                                                         const std::string& station,
                                                         WallTime since) {
    const std::lock_guard lock(mutex_);
    std::vector<MacAddress> due;
    for (const auto& mac : lot.golden)
        if (std::ranges::none_of(values(attempts_), [&](const Attempt& one) {
                return one.record.mac == mac && one.record.golden && lot_of(one) == lot.name &&
                       one.record.outcome == Outcome::passed && one.record.started >= since &&
                       runs_.at(one.record.run).facts.station == station;
            }))
            due.push_back(mac);
    return due;
}

Result<std::vector<MacAddress>> MemoryLedger::find_boards(const std::string& text,
                                                          std::size_t most) {
    const std::lock_guard lock(mutex_);
    std::set<MacAddress> found;
    for (const Attempt& one : values(attempts_))
        if (one.record.mac &&
            (one.record.mac->id().starts_with(text) || one.record.thing.starts_with(text)))
            found.insert(*one.record.mac);
    for (const Serial& one : values(serials_))
        if (one.record.serial.starts_with(text)) found.insert(one.record.mac);
    std::vector<MacAddress> boards(found.begin(), found.end());
    if (boards.size() > most) boards.resize(most);
    return boards;
}

Result<std::optional<SerialRecord>> MemoryLedger::find_serial(const std::string& serial) {
    const std::lock_guard lock(mutex_);
    const auto found = serials_.find(serial);
    return found == serials_.end() ? std::optional<SerialRecord>{}
                                   : std::optional(found->second.record);
}

Result<std::vector<SerialRecord>> MemoryLedger::serials(const MacAddress& mac) {
    const std::lock_guard lock(mutex_);
    std::vector<SerialRecord> found;
    for (const auto& one : values(serials_))
        if (one.record.mac == mac) found.push_back(one.record);
    return found;
}

}  // namespace imprint::ledger::testing
