#include "page/lot_watch.h"

#include <utility>

#include "report/told.h"

namespace imprint::page {

LotWatch::LotWatch(Feed& feed, OpenReports open, Milliseconds between)
    : feed_(feed), open_(std::move(open)), between_(between) {}

LotWatch::~LotWatch() = default;

Result<void> LotWatch::start(const ThreadMaker& make) {
    IMPRINT_TRY(
        thread_,
        start_thread(
            "reading the lot", [this](const std::stop_token& stop) { work(stop); },
            [this](const Error& error) { feed_.set_ledger_trouble(error.describe()); }, make));
    return {};
}

void LotWatch::take(const events::Event& event) {
    using namespace events;
    const bool is_news = as<BoardPassed>(event) != nullptr || as<BoardFailed>(event) != nullptr ||
                         as<BoardStopped>(event) != nullptr || as<RunStarted>(event) != nullptr ||
                         as<RunChanged>(event) != nullptr || as<Lot>(event) != nullptr;
    if (is_news) look_soon();
}

void LotWatch::look_soon() {
    const Lock lock(mutex_);
    is_due_ = true;
    told_.notify_all();
}

void LotWatch::look() {
    const std::string name = feed_.lot();
    if (name.empty()) return feed_.set_lot(std::nullopt);
    const auto ledger = open_();
    if (!ledger) return feed_.set_ledger_trouble(ledger.error().reason());
    auto told = report::tell_of_lot(**ledger, name);
    if (!told && !told.error().is("lot_unknown"))
        return feed_.set_ledger_trouble(told.error().reason());
    feed_.set_ledger_trouble({});
    // Nobody has opened it, and no board was tried in it yet: it has only its name.
    if (!told) {
        report::ToldLot lot;
        lot.lot.facts.name = name;
        lot.is_open_one = false;
        return feed_.set_lot(lot);
    }
    feed_.set_lot(*told);
}

void LotWatch::work(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        {
            UniqueLock lock(mutex_);
            told_.wait_for(lock, stop, between_,
                           [this]() IMPRINT_REQUIRES(mutex_) { return is_due_; });
            is_due_ = false;
        }
        if (!stop.stop_requested()) look();
    }
}

}  // namespace imprint::page
