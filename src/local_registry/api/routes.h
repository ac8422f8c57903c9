// Maps requests to operations: a table, and the lookup in it.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "http/message.h"
#include "local_registry/operations/context.h"

namespace imprint::local_registry {

struct Route {
    std::string_view operation;  // as the service model names it: "CreateThing"
    std::string_view method;
    std::string_view path;  // "/things/{thingName}/principals"
    Operation run = nullptr;
};

[[nodiscard]] std::span<const Route> routes();

struct RouteMatch {
    const Route* route = nullptr;
    http::Fields places;  // "thingName" → "0a1b2c…", decoded
};

// Nothing if no row matches, or if a placeholder cannot be decoded.
[[nodiscard]] std::optional<RouteMatch> match_route(std::string_view method,
                                                    std::string_view raw_path);

}  // namespace imprint::local_registry
