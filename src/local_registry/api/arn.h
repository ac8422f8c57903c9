// Amazon resource names of the resources here: "arn:aws:iot:<region>:000000000000:cert/<id>", with
// the region's partition in place of "aws".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace imprint::local_registry {

inline constexpr std::string_view account = "000000000000";

enum class ResourceKind : std::uint8_t {
    thing,
    thing_type,
    thing_group,
    certificate,
    ca_certificate,
    policy,
    provisioning_template,
    topic,
    job
};

struct Resource {
    ResourceKind kind = ResourceKind::thing;
    std::string name;
};

// The common start of all ARNs: "arn:aws:iot:<region>:000000000000:".
[[nodiscard]] std::string arn_start(std::string_view region);
[[nodiscard]] std::string make_arn(std::string_view region, ResourceKind kind,
                                   std::string_view name);
// Nothing for another account, region or service, or an unknown kind.
[[nodiscard]] std::optional<Resource> parse_arn(std::string_view region, std::string_view text);

}  // namespace imprint::local_registry
