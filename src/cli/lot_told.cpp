#include "cli/lot_told.h"

#include <fmt/format.h>
#include <optional>
#include <vector>

#include "base/text.h"
#include "cli/event_words.h"
#include "cli/output/text.h"
#include "report/words.h"

namespace imprint::cli {

namespace {

using ledger::LotCounts;
using report::when;

// Empty: any.
std::string limit_text(const std::optional<std::uint32_t>& revision) {
    return revision ? revision_text(*revision) : std::string();
}

}  // namespace

std::string done_of_target(const ToldLot& told) {
    if (told.lot.facts.target == 0) return fmt::format("{}", told.counts.passed);
    return fmt::format("{}/{}", told.counts.passed, told.lot.facts.target);
}

std::string first_pass_text(const LotCounts& counts) {
    const auto yield = counts.first_pass_yield();
    return yield ? fmt::format("{:.1f} %", *yield * 100) : std::string("-");
}

std::string lot_text(const ToldLot& told) {
    const auto& facts = told.lot.facts;
    const auto& counts = told.counts;
    std::string state = "nobody has opened it";
    if (told.is_open_one)
        state = fmt::format("{} since {}", to_string(told.lot.state), when(told.lot.since));
    std::vector<std::vector<std::string>> rows{{"lot", facts.name}, {"  state", state}};
    const auto add = [&rows](const char* what, std::string text) {
        if (!text.empty()) rows.push_back({what, std::move(text)});
    };
    if (facts.code != facts.name) add("  code", facts.code);
    if (told.is_open_one) add("  opened", when(told.lot.opened));
    add("  passed", facts.target == 0 ? fmt::format("{}", counts.passed)
                                      : fmt::format("{} of {}", counts.passed, facts.target));
    add("  failed", fmt::format("{}", counts.failed));
    add("  error", fmt::format("{}", counts.error));
    add("  aborted", fmt::format("{}", counts.aborted));
    if (counts.running > 0) add("  at work", fmt::format("{}", counts.running));
    add("  first-pass yield",
        fmt::format("{}: {} of {}", first_pass_text(counts), counts.first_passed,
                    counts.first_passed + counts.first_failed));
    if (counts.unidentified > 0)
        add("  without a board",
            fmt::format("{} attempts failed before their board was known", counts.unidentified));
    add("  chip", facts.limits.chip);
    add("  revision from", limit_text(facts.limits.least_revision));
    add("  revision to", limit_text(facts.limits.most_revision));
    if (facts.limits.flash_size != 0)
        add("  flash size", output::bytes_text(facts.limits.flash_size));
    add("  firmware", facts.limits.firmware);
    if (!facts.serial_template.empty())
        add("  serial numbers",
            fmt::format("{}; a failed board {}", facts.serial_template,
                        facts.failed_serial == ledger::FailedSerial::keep ? "keeps its own"
                                                                          : "gives it back"));
    std::string golden;
    for (const MacAddress& mac : facts.golden)
        golden += (golden.empty() ? "" : ", ") + mac.id();
    add("  golden samples", golden);
    return output::table(rows);
}

}  // namespace imprint::cli
