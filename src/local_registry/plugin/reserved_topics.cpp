#include "local_registry/plugin/reserved_topics.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <fmt/format.h>
#include <vector>

#include <nlohmann/json.hpp>

namespace imprint::local_registry {

namespace {

using nlohmann::json;

enum class Form : std::uint8_t { none, shadow, job, provisioning, stream };

struct Row {
    std::string_view pattern;  // "+" is one level; behind a "|" the words of the last one
    std::string_view service;
    Form form;
    std::string_view answer;  // behind the topic
    bool served = false;
};

constexpr std::array rows{
    Row{"$aws/things/+/shadow/get|update|delete", "shadows", Form::shadow, "/rejected", true},
    Row{"$aws/things/+/shadow/name/+/get|update|delete", "shadows", Form::shadow, "/rejected",
        true},
    Row{"$aws/things/+/jobs/get|start-next", "jobs", Form::job, "/rejected", true},
    Row{"$aws/things/+/jobs/+/get|update", "jobs", Form::job, "/rejected", true},
    Row{"$aws/things/+/streams/+/get/json", "streams", Form::stream, ""},
    Row{"$aws/things/+/streams/+/describe/json", "streams", Form::stream, ""},
    Row{"$aws/things/+/defender/metrics/json|cbor", "Device Defender", Form::none, ""},
    Row{"$aws/certificates/create/json|cbor", "fleet provisioning by claim", Form::provisioning,
        "/rejected"},
    Row{"$aws/certificates/create-from-csr/json|cbor", "fleet provisioning by claim",
        Form::provisioning, "/rejected"},
    Row{"$aws/provisioning-templates/+/provision/json|cbor", "fleet provisioning by claim",
        Form::provisioning, "/rejected"},
};

std::string_view take_level(std::string_view& rest) {
    const std::size_t end = std::min(rest.find('/'), rest.size());
    const std::string_view level = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return level;
}

bool is_one_of(std::string_view words, std::string_view level) {
    while (!words.empty()) {
        const std::size_t end = std::min(words.find('|'), words.size());
        if (words.substr(0, end) == level) return true;
        words.remove_prefix(std::min(end + 1, words.size()));
    }
    return false;
}

bool matches(std::string_view pattern, std::string_view topic) {
    while (!pattern.empty() && !topic.empty()) {
        const std::string_view wanted = take_level(pattern);
        const std::string_view level = take_level(topic);
        if (wanted == "+" ? level.empty() : !is_one_of(wanted, level)) return false;
    }
    return pattern.empty() && topic.empty();
}

// What was published; discarded where it is no JSON.
json request_of(std::string_view payload) {
    return json::parse(payload, nullptr, false);
}

void echo(json& answer, const json& request, const char* from, const char* to) {
    if (!request.is_object()) return;
    const auto token = request.find(from);
    if (token != request.end() && token->is_string()) answer[to] = *token;
}

// Why, as the services name it by number or by word.
struct Why {
    int code = 404;
    const char* word = "ResourceNotFound";
    std::string message;
};

json refusal(const Row& row, std::string_view payload, WallTime now, const Why& why) {
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
    json answer;
    switch (row.form) {
        case Form::none:
            break;
        case Form::shadow:
            answer = {{"code", why.code}, {"message", why.message}, {"timestamp", seconds}};
            echo(answer, request_of(payload), "clientToken", "clientToken");
            break;
        case Form::job:
            answer = {{"code", why.word}, {"message", why.message}, {"timestamp", seconds}};
            echo(answer, request_of(payload), "clientToken", "clientToken");
            break;
        case Form::provisioning:
            answer = {{"statusCode", 404},
                      {"errorCode", "ResourceNotFound"},
                      {"errorMessage",
                       "fleet provisioning by claim is not served by the local "
                       "registry"}};
            break;
        case Form::stream:
            answer = {{"o", why.word}, {"m", why.message}};
            echo(answer, request_of(payload), "c", "c");
            break;
    }
    return answer;
}

// "$aws/things/T/streams/S/rejected/json"
std::string stream_rejected(std::string_view topic) {
    const std::size_t format = topic.rfind('/');
    const std::size_t verb = topic.rfind('/', format - 1);
    return fmt::format("{}/rejected{}", topic.substr(0, verb), topic.substr(format));
}

const Row* find_row(std::string_view topic) {
    const auto* const row =
        std::ranges::find_if(rows, [topic](const Row& one) { return matches(one.pattern, topic); });
    return row == rows.end() ? nullptr : row;
}

}  // namespace

bool is_served(std::string_view topic) {
    const Row* const row = find_row(topic);
    return row != nullptr && row->served;
}

Unserved overloaded(std::string_view topic, std::string_view payload, WallTime now) {
    Unserved told{.service = {}, .topic = fmt::format("{}/rejected", topic), .payload = {}};
    if (const Row* const row = find_row(topic)) {
        told.service = row->service;
        told.payload = refusal(*row, payload, now,
                               {.code = 429,
                                .word = "RequestThrottled",
                                .message = "Too many requests wait for an answer"})
                           .dump();
    }
    return told;
}

std::optional<Unserved> unserved(std::string_view topic, std::string_view payload, WallTime now) {
    if (topic.starts_with("$aws/rules/"))
        return Unserved{.service = "rules (Basic Ingest)", .topic = {}, .payload = {}};
    const Row* const row = find_row(topic);
    if (row == nullptr || row->served) return std::nullopt;
    Unserved found{.service = row->service, .topic = {}, .payload = {}};
    if (row->form == Form::none) return found;
    found.topic = row->form == Form::stream ? stream_rejected(topic)
                                            : fmt::format("{}{}", topic, row->answer);
    const json answer =
        refusal(*row, payload, now,
                {.message = fmt::format("{} are not served by the local registry", row->service)});
    if (topic.ends_with("/cbor")) {
        const std::vector<std::uint8_t> bytes = json::to_cbor(answer);
        found.payload.assign(bytes.begin(), bytes.end());
    } else {
        found.payload = answer.dump();
    }
    return found;
}

}  // namespace imprint::local_registry
