#include "page/feed.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <utility>

#include "events/json.h"
#include "logins/answers.h"
#include "page/said.h"

namespace imprint::page {

namespace {

constexpr std::size_t most_said = 50;
// Bytes that wait for one browser; one that is slower is cut off, and comes back.
constexpr std::size_t most_waiting = 1024UL * 1024;
// How soon a browser tries again, in milliseconds.
constexpr int retry = 1000;

std::string message(std::string_view kind, std::string_view id, const Json& data) {
    return fmt::format("event: {}\nid: {}\ndata: {}\n\n", kind, id, text_of(data));
}

}  // namespace

Feed::Feed(FeedOptions options, const Clock& clock)
    : options_(std::move(options)), clock_(clock), lights_(options_.has_printer) {}

std::string Feed::id() const {
    return fmt::format("{}-{}", options_.epoch, number_);
}

Json Feed::lot_now() const {
    if (!lot_) return nullptr;
    Json json = json_of(*lot_);
    const WallTime now = clock_.wall();
    if (const auto pace = events::passes_an_hour(state_.run, now))
        json["an_hour"] = std::lround(*pace);
    const auto target =
        static_cast<std::uint64_t>(std::max<std::int64_t>(lot_->lot.facts.target, 0));
    const std::uint64_t left = target > lot_->counts.passed ? target - lot_->counts.passed : 0;
    if (const auto end = events::expected_end(state_.run, left, now))
        json["expected_end"] = to_iso8601(std::chrono::floor<std::chrono::minutes>(*end));
    return json;
}

void Feed::put_lot(Json& change) {
    Json lot = lot_now();
    if (lot == told_lot_) return;
    change["lot"] = lot;
    told_lot_ = std::move(lot);
}

Json Feed::snapshot_now(const Json& login) const {
    Json json;
    json["id"] = id();
    json["station"] = options_.station;
    json["login"] = login;
    json["run"] = json_of(state_.run);
    if (!told_lot_.is_null()) json["lot"] = told_lot_;
    json["bays"] = Json::array();
    for (const auto& bay : state_.bays)
        json["bays"].push_back(json_of(bay));
    json["lights"] = lights_.json();
    json["said"] = said_;
    if (!learning_.is_null()) json["learning"] = learning_;
    return json;
}

Json Feed::snapshot(const Json& login) const {
    const Lock lock(mutex_);
    return snapshot_now(login);
}

Figures Feed::figures() const {
    const Lock lock(mutex_);
    const Json lights = lights_.json();
    const auto is_ok = [&lights](const char* what) { return lights[what]["state"] != "trouble"; };
    return {.bench = state_,
            .lot = lot_,
            .seconds = seconds_,
            .registry_ok = is_ok("registry"),
            .ledger_ok = is_ok("ledger"),
            .printer_ok = is_ok("printer"),
            .browsers = followers_.size()};
}

events::BenchState Feed::bench() const {
    const Lock lock(mutex_);
    return state_;
}

std::size_t Feed::followers() const {
    const Lock lock(mutex_);
    return followers_.size();
}

void Feed::send(const Json& change) {
    if (change.empty()) return;
    ++number_;
    kept_.push_back(message("change", id(), change));
    if (kept_.size() > options_.kept) kept_.pop_front();
    const std::string& latest = kept_.back();
    std::erase_if(followers_, [&latest](Following& one) { return !one.writer.write(latest); });
}

// To all: whatever they have is out of date as a whole.
void Feed::send_snapshots() {
    ++number_;
    kept_.clear();
    std::erase_if(followers_, [&](Following& one) IMPRINT_REQUIRES(mutex_) {
        return !one.writer.write(message("snapshot", id(), snapshot_now(one.who.login)));
    });
}

void Feed::take(const events::Event& event) {
    const Lock lock(mutex_);
    const auto json_of_bay = [&]() IMPRINT_REQUIRES(mutex_) -> Json {
        const auto* bay = state_.bay(event.bay);
        return bay == nullptr ? Json() : json_of(*bay);
    };
    const Json bay_before = json_of_bay();
    const Json run_before = json_of(state_.run);
    const Json lights_before = lights_.json();
    state_ = events::apply(std::move(state_), event);
    lights_.take(event, state_);
    if (const auto* passed = events::as<events::BoardPassed>(event)) seconds_.add(passed->seconds);
    const auto said = said_of(event);
    if (said) {
        said_.push_back(*said);
        if (said_.size() > most_said) said_.pop_front();
    }
    // What a bay was called is no more, and others may be in other places.
    const bool changes_all = events::as<events::RunStarted>(event) != nullptr ||
                             events::as<events::BayNamed>(event) != nullptr;
    if (changes_all) return send_snapshots();
    Json change;
    // Of progress only what is to be seen of it.
    if (events::as<events::BoardProgress>(event) == nullptr)
        change["event"] = Json::parse(events::to_json(event));
    if (Json bay = json_of_bay(); bay != bay_before) change["bay"] = std::move(bay);
    if (Json run = json_of(state_.run); run != run_before) change["run"] = std::move(run);
    if (Json lights = lights_.json(); lights != lights_before) change["lights"] = std::move(lights);
    if (said) change["said"] = *said;
    send(change);
}

void Feed::set_lot(const std::optional<report::ToldLot>& lot) {
    const Lock lock(mutex_);
    lot_ = lot;
    Json change;
    put_lot(change);
    send(change);
}

void Feed::set_ledger_trouble(const std::string& why) {
    const Lock lock(mutex_);
    const Json before = lights_.json();
    lights_.ledger_trouble(why);
    Json change;
    if (Json lights = lights_.json(); lights != before) change["lights"] = std::move(lights);
    send(change);
}

void Feed::set_learning(Json learning) {
    const Lock lock(mutex_);
    if (learning == learning_) return;
    learning_ = learning;
    Json change;
    change["learning"] = std::move(learning);
    send(change);
}

// Of the first message that follows; nothing: the browser needs a snapshot.
std::optional<std::uint64_t> Feed::number_after(std::string_view last) const {
    const std::string start = options_.epoch + "-";
    if (!last.starts_with(start)) return std::nullopt;
    last.remove_prefix(start.size());
    std::uint64_t number = 0;
    const auto read = std::from_chars(last.data(), last.data() + last.size(), number);
    if (read.ec != std::errc() || read.ptr != last.data() + last.size()) return std::nullopt;
    const std::uint64_t first_kept = number_ - kept_.size() + 1;
    if (number > number_ || number + 1 < first_kept) return std::nullopt;
    return number + 1;
}

std::string Feed::beginning(std::string_view last, const Follower& follower) const {
    std::string missed;
    const auto from = number_after(last);
    if (from)
        for (std::size_t i = kept_.size() - (number_ + 1 - *from); i < kept_.size(); ++i)
            missed += kept_[i];
    // As much again has room in the stream while the browser reads it.
    if (from && missed.size() <= most_waiting / 2) return missed;
    return message("snapshot", id(), snapshot_now(follower.login));
}

http::Response Feed::follow(std::string_view last, Follower follower) {
    const Lock lock(mutex_);
    // A browser that lost its line and comes back does not count twice.
    std::erase_if(followers_,
                  [](const Following& one) { return one.writer.gone().stop_requested(); });
    if (closed_ || followers_.size() >= options_.most_followers)
        return logins::error_answer(
            503, make_error(ErrorKind::usage, "too_many_browsers",
                            "too many browsers follow the station", "close some of them"));
    http::Response response;
    auto [reader, writer] = http::make_body_stream(most_waiting);
    static_cast<void>(
        writer.write(fmt::format("retry: {}\n\n{}", retry, beginning(last, follower))));
    followers_.push_back({++last_follower_, std::move(writer), std::move(follower)});
    response.content_type = "text/event-stream";
    response.stream = std::move(reader);
    return response;
}

// Asked without the lock: the file of users may be on a slow disk.
std::set<std::uint64_t> Feed::ended_logins() const {
    std::vector<std::pair<std::uint64_t, std::function<bool()>>> questions;
    {
        const Lock lock(mutex_);
        for (const Following& one : followers_)
            questions.emplace_back(one.number, one.who.may_go_on);
    }
    std::set<std::uint64_t> ended;
    for (const auto& [number, may_go_on] : questions)
        if (!may_go_on()) ended.insert(number);
    return ended;
}

void Feed::beat() {
    const auto ended = ended_logins();
    const Lock lock(mutex_);
    std::erase_if(followers_, [&ended](Following& one) {
        if (!ended.contains(one.number)) return !one.writer.write(":\n\n");
        one.writer.end();
        return true;
    });
}

void Feed::close() {
    const Lock lock(mutex_);
    closed_ = true;
    for (auto& one : followers_)
        one.writer.end();
    followers_.clear();
}

}  // namespace imprint::page
