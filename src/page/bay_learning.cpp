#include "page/bay_learning.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace imprint::page {

namespace {

constexpr std::chrono::minutes patience{5};

}  // namespace

BayLearning::BayLearning(const prepare::StationSettings& station, const Clock& clock,
                         std::function<void(Json)> told)
    : file_(station.bays_file),
      clock_(clock),
      told_(std::move(told)),
      fixed_(station.configured_bays),
      bays_(station.bays) {}

std::map<std::string, std::string> BayLearning::bays() const {
    const Lock lock(mutex_);
    return bays_;
}

Result<void> BayLearning::expect(const std::string& name) {
    const Lock lock(mutex_);
    if (!setup_) setup_.emplace(bays_, fixed_);
    IMPRINT_CHECK(setup_->expect(name));
    last_ = clock_.now();
    told_({{"name", name}});
    return {};
}

void BayLearning::end() {
    const Lock lock(mutex_);
    setup_.reset();
    told_(nullptr);
}

station::Learnt BayLearning::take(const transport::PortChange& change) {
    const Lock lock(mutex_);
    if (!setup_ || clock_.now() - last_ > patience) {
        setup_.reset();
        told_(nullptr);
        return {.goes_on = false};
    }
    last_ = clock_.now();
    const auto learnt = setup_->take(change);
    if (!learnt) return {};
    Json json{{"learnt", {{"name", learnt->bay}, {"place", learnt->place}}}};
    if (setup_->expected()) json["name"] = *setup_->expected();
    if (!learnt->known) {
        bays_ = setup_->bays();
        if (const auto kept = keep(); !kept) json["trouble"] = kept.error().describe();
    }
    told_(std::move(json));
    return {.name = learnt->bay};
}

Result<void> BayLearning::name(const std::string& place, const std::string& name) {
    const Lock lock(mutex_);
    const auto is_there = [&place](const auto& one) { return one.second == place; };
    if (std::ranges::any_of(fixed_, is_there))
        return fail(ErrorKind::usage, "bay_twice",
                    fmt::format("{} has its name by the configuration", place),
                    "change it there: station.bays in imprint.toml");
    config::BayPlaces changed = bays_;
    std::erase_if(changed, is_there);
    if (!name.empty()) {
        IMPRINT_CHECK(bays::BaySetup(changed, fixed_).expect(name));
        if (changed.contains(name))
            return fail(ErrorKind::usage, "bay_twice",
                        fmt::format("bay {} is at {}", name, changed.at(name)),
                        "take that name away first, or choose another");
        changed[name] = place;
    }
    std::swap(bays_, changed);
    auto kept = keep();
    if (!kept) bays_ = std::move(changed);
    return kept;
}

// What imprint.toml says is not written a second time.
Result<void> BayLearning::keep() {
    config::BayPlaces learnt = bays_;
    for (const auto& [name, place] : fixed_)
        learnt.erase(name);
    return config::write_bays_file(file_, learnt);
}

}  // namespace imprint::page
