#include "local_registry/faults/late_writes.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>

#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "local_registry/api/authentication.h"
#include "local_registry/api/routes.h"
#include "local_registry/store/pending_writes.h"

namespace imprint::local_registry {

namespace {

using nlohmann::json;

constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();
// A template writes to whatever it names.
constexpr std::string_view writes_to_anything = "RegisterThing";

// What a request writes to, by its names: a thing's status has an order, and the thing with its
// certificate has one, and each its own. A version is part of its policy.
std::string names_of(const RouteMatch& match, const http::Request& request) {
    std::set<std::string> names;
    for (const auto& [place, value] : match.places)
        if (place != "policyVersionId") names.insert(value);
    for (const auto& header : {"x-amzn-principal", "x-amzn-iot-principal"})
        if (const auto value = request.header(header)) names.insert(*value);
    const json body = json::parse(request.body, nullptr, false);
    const auto add = [&](std::string_view member) {
        if (!body.is_object()) return;
        const auto found = body.find(member);
        if (found != body.end() && found->is_string()) names.insert(found->get<std::string>());
    };
    add("target");
    // With a place in its path, a request says by the others only what is to be kept.
    constexpr std::array<std::string_view, 5> without_place = {
        "thingName", "thingArn", "thingGroupName", "thingGroupArn", "templateName"};
    if (match.places.empty()) std::ranges::for_each(without_place, add);
    return fmt::format("{}", fmt::join(names, "\n"));
}

std::string to_text(const http::Request& request, Plane plane) {
    json headers = json::array();
    // The signature has been checked and is not for keeping.
    for (const auto& [name, value] : request.headers)
        if (name.starts_with("x-amzn-")) headers.push_back({name, value});
    json kept{
        {"method", request.method}, {"target", request.target}, {"headers", std::move(headers)}};
    if (plane == Plane::jobs_data) kept["jobs_data"] = true;
    // A payload may be anything.
    if (plane == Plane::data)
        kept["payload"] = to_base64(as_bytes(request.body));
    else
        kept["body"] = request.body;
    return kept.dump();
}

struct Kept {
    http::Request request;
    Plane plane = Plane::control;
};

Kept from_text(const std::string& text) {
    const json kept = json::parse(text);
    Kept read{.request = {.method = kept.at("method"),
                          .target = kept.at("target"),
                          .headers = {},
                          .body = kept.value("body", std::string())},
              .plane = kept.contains("payload")     ? Plane::data
                       : kept.contains("jobs_data") ? Plane::jobs_data
                                                    : Plane::control};
    if (const auto payload = from_base64(kept.value("payload", std::string())))
        if (read.plane == Plane::data) read.request.body = as_text(*payload);
    for (const auto& field : kept.at("headers"))
        read.request.headers.emplace_back(field.at(0), field.at(1));
    return read;
}

}  // namespace

LateWrites::LateWrites(Context context, const Api& api, Log log)
    : context_(std::move(context)), api_(api), log_(std::move(log)) {}

http::Response LateWrites::handle(const http::Request& request, Milliseconds lag) {
    const auto match = match_route(request.method, request.raw_path(), plane_of(request));
    if (!match) return api_.handle(request);
    const std::string names = names_of(*match, request);
    const bool to_anything = match->route->operation == writes_to_anything;
    const Lock lock(mutex_);
    const std::int64_t now = context_.now();
    // What cannot be read is told by the operation itself.
    const auto before = context_.store.read([&](sqlite::Database& database) {
        return to_anything ? last_due(database) : last_due(database, names);
    });
    const std::int64_t earlier =
        before && *before && (to_anything || !names.empty()) ? **before : now;
    const std::int64_t due = std::max(now + lag.count(), earlier);
    if (due <= now) return api_.handle(request);

    Store trial = context_.store.trial();
    Choices choices;
    http::Response response = api_.with(trial, &choices).handle(request);
    if (response.status != 200) return response;
    const auto kept = context_.store.write([&](sqlite::Database& database) {
        return insert_pending_write(database, {.due = due,
                                               .names = names,
                                               .request = to_text(request, match->route->plane),
                                               .choices = choices.to_text()});
    });
    if (!kept) {
        log_.warning("{}: cannot be kept for later: {}", match->route->operation,
                     kept.error().describe());
        return api_.handle(request);
    }
    next_ = std::min(next_, due);
    return response;
}

void LateWrites::apply_due() {
    const Lock lock(mutex_);
    const std::int64_t now = context_.now();
    if (next_ <= now) apply(now);
}

void LateWrites::apply_all() {
    const Lock lock(mutex_);
    apply(never);
}

void LateWrites::apply(std::int64_t until) {
    for (;;) {
        const auto next = context_.store.read(
            [](sqlite::Database& database) { return next_pending_write(database); });
        if (!next) {
            log_.warning("writes that are due cannot be read: {}", next.error().describe());
            return;
        }
        next_ = *next ? (*next)->due : never;
        if (!*next || next_ > until) return;
        const PendingWrite& write = **next;
        replay(write.request, write.choices);
        const auto gone = context_.store.write([&](sqlite::Database& database) {
            return delete_pending_write(database, write.number);
        });
        if (!gone) {
            log_.warning("a write that was carried out is kept: {}", gone.error().describe());
            return;
        }
    }
}

void LateWrites::replay(const std::string& text, const std::string& noted) {
    const auto [request, plane] = from_text(text);
    auto match = match_route(request.method, request.raw_path(), plane);
    if (!match) return;
    Choices choices = Choices::from_text(noted);
    const Context context = context_.with(context_.store, &choices);
    const auto input = Input::read(request, std::move(match->places), match->route->body);
    if (!input) return;
    const auto output = match->route->run(context, *input);
    if (output)
        log_.debug("{}: in effect", match->route->operation);
    else
        log_.info("{}: was answered, and has no effect: {}: {}", match->route->operation,
                  output.error().name, output.error().message);
}

}  // namespace imprint::local_registry
