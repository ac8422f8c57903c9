#include "page/metrics.h"

#include <fmt/format.h>
#include <map>
#include <string_view>

#include "base/text.h"
#include "base/version.h"
#include "page/station_json.h"

namespace imprint::page {

namespace {

// A label's value in its quotes.
std::string label_value(std::string_view text) {
    std::string plain = replace_all(std::string(text), "\\", "\\\\");
    plain = replace_all(std::move(plain), "\"", "\\\"");
    return '"' + replace_all(std::move(plain), "\n", "\\n") + '"';
}

class Exposition {
  public:
    void begin(std::string_view name, std::string_view type, std::string_view meaning) {
        name_ = name;
        text_ += fmt::format("# HELP {0} {2}\n# TYPE {0} {1}\n", name, type, meaning);
    }

    void add(std::string_view labels, double value, std::string_view ending = {}) {
        text_ += fmt::format("{}{}{} {}\n", name_, ending,
                             labels.empty() ? std::string() : fmt::format("{{{}}}", labels), value);
    }

    [[nodiscard]] std::string text() && { return std::move(text_); }

  private:
    std::string_view name_;
    std::string text_;
};

void add_bench(Exposition& out, const events::BenchState& bench) {
    out.begin("imprint_boards_total", "counter", "Boards since the station was started.");
    const auto& run = bench.run;
    for (const auto& [outcome, count] : {std::pair{"passed", run.passed},
                                         {"failed", run.failed},
                                         {"skipped", run.skipped},
                                         {"stopped", run.stopped}})
        out.add(fmt::format("outcome=\"{}\"", outcome), static_cast<double>(count));
    // Those without a bay are told too: a rule need not wait for the first one.
    std::map<std::string_view, unsigned> bays;
    for (const char* status : {"at_work", "passed", "failed", "stopped", "empty", "waiting", "off"})
        bays[status] = 0;
    for (const auto& bay : bench.bays)
        ++bays[events::word_of(status_of(bay.outcome))];
    out.begin("imprint_bays", "gauge", "Bays, by how they stand.");
    for (const auto& [status, count] : bays)
        out.add(fmt::format("status=\"{}\"", status), count);
}

void add_seconds(Exposition& out, const PassSeconds& seconds) {
    out.begin("imprint_board_seconds", "histogram", "Time that a board took which passed.");
    for (std::size_t i = 0; i < PassSeconds::bounds.size(); ++i)
        out.add(fmt::format("le=\"{}\"", PassSeconds::bounds.at(i)),
                static_cast<double>(seconds.up_to(i)), "_bucket");
    out.add("le=\"+Inf\"", static_cast<double>(seconds.count()), "_bucket");
    out.add({}, seconds.sum(), "_sum");
    out.add({}, static_cast<double>(seconds.count()), "_count");
}

void add_lot(Exposition& out, const report::ToldLot& told) {
    const std::string lot = "lot=" + label_value(told.lot.facts.name);
    const auto& counts = told.counts;
    out.begin("imprint_lot_boards", "gauge", "Boards of the chosen lot, by how they stand.");
    for (const auto& [verdict, count] : {std::pair{"passed", counts.passed},
                                         {"failed", counts.failed},
                                         {"error", counts.error},
                                         {"aborted", counts.aborted},
                                         {"running", counts.running}})
        out.add(fmt::format("{},verdict=\"{}\"", lot, verdict), static_cast<double>(count));
    out.begin("imprint_lot_target", "gauge", "Boards that it is to have; 0: none is set.");
    out.add(lot, static_cast<double>(told.lot.facts.target));
    if (const auto yield = counts.first_pass_yield()) {
        out.begin("imprint_lot_first_pass_yield", "gauge", "From 0 to 1.");
        out.add(lot, *yield);
    }
}

}  // namespace

void PassSeconds::add(double seconds) {
    for (std::size_t i = 0; i < bounds.size(); ++i)
        if (seconds <= bounds.at(i)) ++up_to_.at(i);
    ++count_;
    sum_ += seconds;
}

std::string metrics_text(const Figures& figures) {
    Exposition out;
    out.begin("imprint_build_info", "gauge", "The version.");
    out.add("version=" + label_value(version), 1);
    add_bench(out, figures.bench);
    add_seconds(out, figures.seconds);
    if (figures.lot) add_lot(out, *figures.lot);
    out.begin("imprint_ok", "gauge", "1: it works, as far as the last boards tell.");
    out.add("of=\"registry\"", figures.registry_ok ? 1 : 0);
    out.add("of=\"ledger\"", figures.ledger_ok ? 1 : 0);
    out.add("of=\"printer\"", figures.printer_ok ? 1 : 0);
    out.begin("imprint_browsers", "gauge", "Browsers that follow the station.");
    out.add({}, static_cast<double>(figures.browsers));
    return std::move(out).text();
}

}  // namespace imprint::page
