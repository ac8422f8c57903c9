#include "local_registry/api/arn.h"

#include <array>
#include <fmt/format.h>

#include "policy/partition.h"

namespace imprint::local_registry {

namespace {

struct Kind {
    ResourceKind kind;
    std::string_view word;
};

constexpr std::array kinds{
    Kind{ResourceKind::thing, "thing"},
    Kind{ResourceKind::thing_type, "thingtype"},
    Kind{ResourceKind::thing_group, "thinggroup"},
    Kind{ResourceKind::certificate, "cert"},
    Kind{ResourceKind::ca_certificate, "cacert"},
    Kind{ResourceKind::policy, "policy"},
    Kind{ResourceKind::provisioning_template, "provisioningtemplate"},
    Kind{ResourceKind::topic, "topic"},
    Kind{ResourceKind::job, "job"},
};

}  // namespace

std::string arn_start(std::string_view region) {
    return policy::iot_arn_start(region, account);
}

std::string make_arn(std::string_view region, ResourceKind kind, std::string_view name) {
    for (const auto& row : kinds)
        if (row.kind == kind) return fmt::format("{}{}/{}", arn_start(region), row.word, name);
    return {};
}

std::optional<Resource> parse_arn(std::string_view region, std::string_view text) {
    const std::string start = arn_start(region);
    if (!text.starts_with(start)) return std::nullopt;
    text.remove_prefix(start.size());
    const auto slash = text.find('/');
    if (slash == std::string_view::npos || slash + 1 == text.size()) return std::nullopt;
    for (const auto& row : kinds)
        if (row.word == text.substr(0, slash))
            return Resource{.kind = row.kind, .name = std::string(text.substr(slash + 1))};
    return std::nullopt;
}

}  // namespace imprint::local_registry
