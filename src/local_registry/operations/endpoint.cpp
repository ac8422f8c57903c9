#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "local_registry/operations/operations.h"

namespace imprint::local_registry::operations {

namespace {

// As AWS IoT tells it: the host alone, where it is the port that its clients take by themselves.
std::string without_usual_port(std::string address) {
    constexpr std::string_view usual = ":8883";
    if (address.ends_with(usual)) address.resize(address.size() - usual.size());
    return address;
}

}  // namespace

Outcome<nlohmann::json> describe_endpoint(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto asked, input.optional(member::endpoint_type));
    const std::string type = asked.value_or("iot:Data");
    if (type == "iot:Data" || type == "iot:Data-ATS")
        return nlohmann::json{{"endpointAddress", without_usual_port(context.mqtt_address)}};
    if (type == "iot:CredentialProvider" || type == "iot:Jobs")
        return invalid_request(fmt::format(
            "the local registry has no endpoint of type {}: it serves iot:Data-ATS", type));
    return invalid_request(fmt::format("'{}' is no endpoint type", type));
}

}  // namespace imprint::local_registry::operations
