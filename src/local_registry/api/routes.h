// Maps requests to operations: a table, and the lookup in it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "http/message.h"
#include "local_registry/operations/context.h"

namespace imprint::local_registry {

// AWS has a host for each; here it is known by the service that a request is signed for.
enum class Plane : std::uint8_t { control, data, jobs_data };

struct Route {
    std::string_view operation;  // as the service model names it: "CreateThing"
    std::string_view method;
    std::string_view path;  // "/things/{thingName}/principals"; "{topic+}": all that is left
    Operation run = nullptr;
    Plane plane = Plane::control;
    BodyForm body = BodyForm::json;
};

[[nodiscard]] std::span<const Route> routes();

struct RouteMatch {
    const Route* route = nullptr;
    http::Fields places;  // "thingName" → "0a1b2c…", decoded
};

// Nothing if no row matches, or if a placeholder cannot be decoded.
[[nodiscard]] std::optional<RouteMatch> match_route(std::string_view method,
                                                    std::string_view raw_path,
                                                    Plane plane = Plane::control);

}  // namespace imprint::local_registry
