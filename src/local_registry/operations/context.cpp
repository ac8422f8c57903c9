#include "local_registry/operations/context.h"

#include <chrono>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "local_registry/random.h"

namespace imprint::local_registry {

std::int64_t to_milliseconds(WallTime time) {
    return std::chrono::duration_cast<Milliseconds>(time.time_since_epoch()).count();
}

double to_timestamp(std::int64_t milliseconds) {
    return static_cast<double>(milliseconds) / 1000.0;
}

std::int64_t Context::now() const {
    return to_milliseconds(clock.wall());
}

Context Context::with(Store& other, Choices* noted) const {
    return {.store = other,
            .authority = authority,
            .clock = clock,
            .region = region,
            .mqtt_address = mqtt_address,
            .choices = noted,
            .publications = &other == &store ? publications : nullptr};
}

Outcome<std::string> Context::settle(std::string_view kind, const Choices::Make& make) const {
    return choices != nullptr ? choices->settle(kind, make) : make();
}

std::string Context::new_id() const {
    return *settle("id", [] { return random_uuid(); });
}

void Context::publish(Announcement announcement) const {
    if (publications != nullptr) publications->publish(std::move(announcement));
}

std::string Context::arn(ResourceKind kind, std::string_view name) const {
    return make_arn(region, kind, name);
}

void add_token(nlohmann::json& output, std::string_view name,
               const std::optional<std::string>& next) {
    if (next) output[std::string(name)] = *next;
}

Outcome<AttributePayload> read_attributes(const Input& input) {
    AttributePayload payload;
    IMPRINT_TRY(const auto structure, input.structure("attributePayload"));
    if (!structure) return payload;
    IMPRINT_TRY(payload.merge, structure->flag(member::merge));
    IMPRINT_TRY(const auto attributes, structure->structure("attributes"));
    payload.given = attributes.has_value();
    if (!attributes) return payload;
    for (const auto& [name, value] : attributes->body().items()) {
        IMPRINT_CHECK(check(member::attribute_name, name));
        if (!value.is_string())
            return refuse(400, "SerializationException",
                          fmt::format("the attribute '{}' is not text", name));
        IMPRINT_CHECK(check(member::attribute_value, value.get<std::string>()));
        payload.attributes.emplace(name, value.get<std::string>());
    }
    return payload;
}

Attributes apply(const AttributePayload& payload, Attributes attributes) {
    if (!payload.given) return attributes;
    if (!payload.merge) attributes.clear();
    for (const auto& [name, value] : payload.attributes)
        attributes.insert_or_assign(name, value);
    std::erase_if(attributes, [](const auto& entry) { return entry.second.empty(); });
    return attributes;
}

Outcome<std::string> certificate_of_principal(const Context& context,
                                              const std::string& principal) {
    auto resource = parse_arn(context.region, principal);
    if (!resource || resource->kind != ResourceKind::certificate)
        return invalid_request(
            fmt::format("'{}' is not the ARN of a certificate in {}", principal, context.region));
    return std::move(resource->name);
}

}  // namespace imprint::local_registry
