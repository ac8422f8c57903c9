// Source: the service model of AWS IoT Data Plane, 2015-05-28 (Publish); the limits are those of
// the broker.
#include <algorithm>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "local_registry/operations/device_questions.h"
#include "local_registry/operations/operations.h"

namespace imprint::local_registry::operations {

namespace {

constexpr std::size_t largest_payload = 128UL * 1024;  // AWS IoT Core quotas
constexpr std::ptrdiff_t most_slashes = 7;

Outcome<void> check_topic(const std::string& topic) {
    if (topic.find_first_of("+#") != std::string::npos || topic.contains('\0'))
        return invalid_request(fmt::format("'{}' is no topic to publish on", topic));
    if (std::ranges::count(topic, '/') > most_slashes)
        return invalid_request(fmt::format("'{}' has more than {} slashes", topic, most_slashes));
    if (topic.starts_with('$') && !topic.starts_with("$aws/"))
        return invalid_request(fmt::format("'{}' is reserved", topic));
    return {};
}

}  // namespace

Outcome<nlohmann::json> publish(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto topic, input.required(member::topic));
    IMPRINT_TRY(const auto qos, input.number(member::qos));
    IMPRINT_TRY(const bool retain, input.flag(member::retain));
    IMPRINT_CHECK(check_topic(topic));
    if (qos && *qos != 0 && *qos != 1)
        return invalid_request(fmt::format("AWS IoT has no QoS {}", *qos));
    if (input.payload().size() > largest_payload)
        return invalid_request("The payload exceeds the maximum size allowed");
    context.publish({.topic = topic,
                     .payload = input.payload(),
                     .qos = static_cast<int>(qos.value_or(0)),
                     .retain = retain});
    answer_device(context, topic, input.payload());
    return nlohmann::json::object();
}

}  // namespace imprint::local_registry::operations
