#include "report/lot_watch.h"

#include <utility>

namespace imprint::report {

LotWatch::LotWatch(ledger::OpenReports open, LotNews news, Milliseconds between)
    : open_(std::move(open)), news_(std::move(news)), between_(between) {}

LotWatch::~LotWatch() = default;

Result<void> LotWatch::start(const ThreadMaker& make) {
    IMPRINT_TRY(thread_,
                start_thread(
                    "reading the lot", [this](const std::stop_token& stop) { work(stop); },
                    [this](const Error& error) { news_.trouble(error.describe()); }, make));
    return {};
}

void LotWatch::take(const events::Event& event) {
    using namespace events;
    const auto* started = as<RunStarted>(event);
    const auto* changed = as<RunChanged>(event);
    if (started != nullptr || changed != nullptr) {
        const Lock lock(mutex_);
        lot_ = started != nullptr ? started->lot : changed->lot;
    }
    const bool is_news = started != nullptr || changed != nullptr ||
                         as<BoardPassed>(event) != nullptr || as<BoardFailed>(event) != nullptr ||
                         as<BoardStopped>(event) != nullptr;
    if (is_news) look_soon();
}

void LotWatch::look_soon() {
    const Lock lock(mutex_);
    is_due_ = true;
    told_.notify_all();
}

void LotWatch::look() {
    std::string name;
    {
        const Lock lock(mutex_);
        name = lot_;
    }
    if (name.empty()) return news_.lot(std::nullopt);
    const auto ledger = open_();
    if (!ledger) return news_.trouble(ledger.error().reason());
    auto told = tell_of_lot(**ledger, name);
    if (!told && !told.error().is("lot_unknown")) return news_.trouble(told.error().reason());
    news_.trouble({});
    // Nobody has opened it, and no board was tried in it yet: it has only its name.
    if (!told) {
        ToldLot lot;
        lot.lot.facts.name = name;
        lot.is_open_one = false;
        return news_.lot(lot);
    }
    news_.lot(*told);
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

}  // namespace imprint::report
