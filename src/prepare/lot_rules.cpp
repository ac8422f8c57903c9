#include "prepare/lot_rules.h"

#include <algorithm>
#include <fmt/format.h>
#include <string_view>

#include "base/text.h"
#include "flash_files/checks.h"

namespace imprint::prepare {

namespace {

std::unexpected<Error> not_allowed(const std::string& lot, const std::string& has,
                                   const std::string& allowed) {
    return fail(ErrorKind::board, "lot_limits",
                fmt::format("the board has {}, and lot \"{}\" takes {}", has, lot, allowed),
                "put it aside; what the lot takes is changed by imprint lot set");
}

}  // namespace

Result<LotRules> LotRules::read(ledger::LotReports& ledger, const std::string& lot) {
    if (lot.empty()) return LotRules();
    IMPRINT_TRY(auto found, ledger.find_lot(lot));
    return LotRules(std::move(found));
}

Result<void> LotRules::check_open() const {
    if (!lot_) return {};
    const std::string& name = lot_->facts.name;
    switch (lot_->state) {
        case ledger::LotState::open:
            return {};
        case ledger::LotState::paused:
            return fail(ErrorKind::usage, "lot_paused",
                        fmt::format("lot \"{}\" is paused since {}", name, to_iso8601(lot_->since)),
                        "go on with it: imprint lot resume");
        case ledger::LotState::closed:
            return fail(ErrorKind::usage, "lot_closed",
                        fmt::format("lot \"{}\" is closed since {}", name, to_iso8601(lot_->since)),
                        "open the next one: imprint lot open");
    }
    return {};
}

Result<void> LotRules::check_firmware(const std::string& digest) const {
    if (!lot_ || lot_->facts.limits.firmware.empty() || lot_->facts.limits.firmware == digest)
        return {};
    return fail(
        ErrorKind::config, "lot_firmware",
        fmt::format("lot \"{}\" takes the firmware {}, and this is {}", lot_->facts.name,
                    lot_->facts.limits.firmware.substr(0, 12), digest.substr(0, 12)),
        fmt::format("build that one; or allow this one: imprint lot set {} --allow-firmware {}",
                    lot_->facts.name, digest));
}

Result<void> LotRules::check_board(const loader::BoardInfo& info) const {
    if (!lot_) return {};
    const auto& limits = lot_->facts.limits;
    const std::string& lot = lot_->facts.name;
    if (!limits.chip.empty() && limits.chip != info.chip->key)
        return not_allowed(lot, fmt::format("the chip {}", info.chip->key), limits.chip);
    if (limits.least_revision && info.revision < *limits.least_revision)
        return not_allowed(lot, "revision " + revision_text(info.revision),
                           revision_text(*limits.least_revision) + " or later");
    if (limits.most_revision && info.revision > *limits.most_revision)
        return not_allowed(lot, "revision " + revision_text(info.revision),
                           revision_text(*limits.most_revision) + " or earlier");
    if (limits.flash_size != 0 && limits.flash_size != info.flash_size)
        return not_allowed(lot,
                           info.flash_size == 0
                               ? "a flash that does not tell its size"
                               : flash_files::size_text(info.flash_size) + " of flash",
                           flash_files::size_text(static_cast<std::uint32_t>(limits.flash_size)));
    return {};
}

Result<void> LotRules::check_golden(ledger::LotReports& ledger, const std::string& station,
                                    WallTime since) const {
    if (!lot_ || lot_->facts.golden.empty()) return {};
    IMPRINT_TRY(const auto due, ledger.golden_due(lot_->facts, station, since));
    if (due.empty()) return {};
    std::string macs;
    for (const MacAddress& mac : due)
        macs += (macs.empty() ? "" : ", ") + mac.id();
    return fail(
        ErrorKind::board, "golden_due",
        fmt::format("in lot \"{}\", golden samples come first in each shift", lot_->facts.name),
        fmt::format("prepare {} on this station, and then this board again", macs));
}

Result<std::string> serial_in_lot(ledger::LotReports& ledger, const MacAddress& mac,
                                  const std::string& lot) {
    IMPRINT_TRY(const auto serials, ledger.serials(mac));
    const auto found = std::ranges::find(serials, lot, &ledger::SerialRecord::lot);
    return found == serials.end() ? std::string() : found->serial;
}

}  // namespace imprint::prepare
