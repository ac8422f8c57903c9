#include "page/lights.h"

#include <algorithm>
#include <utility>

namespace imprint::page {

namespace {

Json light(const char* state, std::string text) {
    return {{"state", state}, {"text", std::move(text)}};
}

Json light(const std::string& trouble) {
    return trouble.empty() ? light("ok", "") : light("trouble", trouble);
}

}  // namespace

void Lights::failed(const events::BoardFailed& told) {
    if (told.kind == ErrorKind::registry) registry_trouble_ = told.reason;
    if (told.kind == ErrorKind::ledger) ledger_trouble_ = told.reason;
}

void Lights::take(const events::Event& event, const events::BenchState& state) {
    if (const auto* told = events::as<events::BoardFailed>(event)) failed(*told);
    if (const auto* told = events::as<events::BoardPassed>(event)) {
        ledger_trouble_.clear();
        // One whose registration is queued was prepared without it.
        if (!told->queued) registry_trouble_.clear();
    }
    if (const auto* told = events::as<events::LabelTrouble>(event)) printer_trouble_ = told->reason;
    if (events::as<events::LabelPrinted>(event) != nullptr) printer_trouble_.clear();
    registry_waits_ = std::ranges::any_of(
        state.bays, [](const auto& bay) { return bay.outcome == events::BayOutcome::waiting; });
}

void Lights::ledger_trouble(std::string why) {
    unreadable_ = std::move(why);
}

Json Lights::json() const {
    Json json;
    json["registry"] = registry_waits_ && registry_trouble_.empty()
                           ? light("wait", "it answers slowly")
                           : light(registry_trouble_);
    json["ledger"] = light(unreadable_.empty() ? ledger_trouble_ : unreadable_);
    json["printer"] = has_printer_ ? light(printer_trouble_) : light("none", "");
    return json;
}

}  // namespace imprint::page
