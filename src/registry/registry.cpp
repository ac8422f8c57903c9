#include "registry/registry.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <utility>

namespace imprint::registry {

std::string_view to_string(CertificateStatus status) {
    constexpr std::array<std::string_view, 6> names = {
        "ACTIVE",           "INACTIVE",          "REVOKED",
        "PENDING_TRANSFER", "REGISTER_INACTIVE", "PENDING_ACTIVATION"};
    return names[static_cast<std::size_t>(status)];
}

bool Patience::pause() {
    const auto left = std::chrono::duration_cast<Milliseconds>(deadline_ - clock_.now());
    if (left <= Milliseconds(0)) return false;
    const bool waited = clock_.sleep(std::min(next_, left), stop_);
    next_ = std::min(2 * next_, longest);
    return waited;
}

std::unexpected<Error> thing_type_deprecated(const std::string& name) {
    return fail(ErrorKind::registry, "thing_type_deprecated",
                fmt::format("thing type \"{}\" is deprecated: no thing can be given it", name),
                fmt::format("set another identity.thing_type, or revive it: aws iot "
                            "deprecate-thing-type --thing-type-name {} --undo-deprecate",
                            name));
}

bool is_out_of_reach(const Error& error) {
    return error.is_any({"registry_unreachable", "registry_reply_lost", "registry_not_serving",
                         "registry_not_running", "proxy_refused"});
}

}  // namespace imprint::registry
