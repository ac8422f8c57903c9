#include "bays/bay_setup.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <string_view>
#include <utility>

#include "bays/ports.h"
#include "prepare/shared_values.h"

namespace imprint::bays {

namespace {

// The words of a bench (station/scan.h), which a bay's name is typed beside.
constexpr std::array<std::string_view, 5> taken_words{"start", "again", "stop", "off", "on"};

std::string name_fault(const std::string& name) {
    if (name.empty()) return "it is empty";
    if (name.find_first_of(" \t") != std::string::npos) return "it has a blank";
    if (std::ranges::find(taken_words, name) != taken_words.end())
        return "that is a command of the bench";
    return prepare::record_name_fault(name);
}

}  // namespace

Result<void> BaySetup::expect(const std::string& name) {
    if (const auto fault = name_fault(name); !fault.empty())
        return fail(ErrorKind::usage, "bad_usage",
                    fmt::format("\"{}\" cannot be a bay's name: {}", name, fault),
                    "name it by a word or a number");
    if (const auto learnt = learnt_.find(name); learnt != learnt_.end())
        return fail(ErrorKind::usage, "bay_twice",
                    fmt::format("bay {} has just got its place: {}", name, learnt->second));
    if (const auto fixed = fixed_.find(name); fixed != fixed_.end())
        return fail(ErrorKind::usage, "bay_twice",
                    fmt::format("bay {} is at {}, by the configuration", name, fixed->second),
                    "change it there: station.bays in imprint.toml");
    expected_ = name;
    told_.clear();
    return {};
}

void BaySetup::skip() {
    if (expected_) skipped_.insert(*std::exchange(expected_, std::nullopt));
}

std::optional<LearntBay> BaySetup::take(const transport::PortChange& change) {
    if (change.kind == transport::PortChange::Kind::went || !expected_) return std::nullopt;
    const std::string place = bay_port_of(change.port, {}).place;
    LearntBay told{.bay = {}, .place = place, .port = change.port.path};
    const auto holder = std::ranges::find_if(
        bays_, [&](const auto& bay) { return bay.second == place || bay.second == told.port; });
    if (holder != bays_.end()) {
        told.bay = holder->first;
        told.known = true;
        if (told.bay == *expected_) {
            learnt_[told.bay] = place;
            expected_.reset();
            return told;
        }
        if (std::exchange(told_, place) == place) return std::nullopt;
        return told;
    }
    told.bay = *std::exchange(expected_, std::nullopt);
    told_ = place;
    bays_[told.bay] = place;
    learnt_[told.bay] = place;
    return told;
}

std::string BaySetup::next_number() const {
    unsigned number = 1;
    while (bays_.contains(std::to_string(number)) || skipped_.contains(std::to_string(number)))
        ++number;
    return std::to_string(number);
}

}  // namespace imprint::bays
