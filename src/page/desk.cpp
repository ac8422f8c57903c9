#include "page/desk.h"

#include <utility>

namespace imprint::page {

void Desk::attach(station::Bench& bench, station::BenchWorker& worker) {
    const Lock lock(mutex_);
    bench_ = &bench;
    worker_ = &worker;
}

void Desk::detach() {
    UniqueLock lock(mutex_);
    bench_ = nullptr;
    worker_ = nullptr;
    left_.wait(lock, [this]() IMPRINT_REQUIRES(mutex_) { return asking_ == 0; });
}

Desk::Asking::~Asking() {
    const Lock lock(desk_.mutex_);
    --desk_.asking_;
    desk_.left_.notify_all();
}

// Not under the lock: choosing a lot takes its time, and a key must not wait for it.
template <typename Ask>
auto Desk::ask(const Ask& ask)
    -> decltype(ask(std::declval<station::Bench&>(), std::declval<station::BenchWorker&>())) {
    station::Bench* bench = nullptr;
    station::BenchWorker* worker = nullptr;
    {
        const Lock lock(mutex_);
        if (bench_ == nullptr)
            return fail(ErrorKind::usage, "not_ready", "the station is starting, or ending",
                        "try again in a moment");
        bench = bench_;
        worker = worker_;
        ++asking_;
    }
    // Also after an exception, which the server answers: detach() waits for all that asked.
    const Asking asking(*this);
    return ask(*bench, *worker);
}

Result<void> Desk::press(const station::BenchKey& key) {
    return ask(
        [&](station::Bench& bench, station::BenchWorker&) { return station::press(bench, key); });
}

Result<void> Desk::learn(const station::BayLearner& learner) {
    return ask([&](station::Bench& bench, station::BenchWorker&) -> Result<void> {
        bench.learn(learner);
        return {};
    });
}

Result<void> Desk::name_place(const std::string& place, const std::string& name) {
    return ask([&](station::Bench& bench, station::BenchWorker&) -> Result<void> {
        bench.name_place(place, name);
        return {};
    });
}

Result<station::Scan> Desk::scan(std::string_view text, const std::string& operator_name,
                                 const std::string& bay) {
    return ask([&](station::Bench& bench, station::BenchWorker& worker) {
        return station::Scanner(bench, worker, open_).take(text, operator_name, bay);
    });
}

Result<void> Desk::choose(const std::string& lot, const std::string& operator_name) {
    return ask([&](station::Bench&, station::BenchWorker& worker) {
        return worker.choose(lot, operator_name);
    });
}

}  // namespace imprint::page
