#include "local_registry/state_lock.h"

#include <cerrno>
#include <fmt/format.h>
#include <system_error>

namespace imprint::local_registry {

namespace {

std::filesystem::path lock_path(const std::filesystem::path& state) {
    return state / "lock";
}

}  // namespace

Result<StateLock> StateLock::take(const std::filesystem::path& state) {
    if (auto lock = FileLock::take(lock_path(state))) return StateLock(*std::move(lock));
    if (errno == EAGAIN || errno == EACCES)
        return fail(ErrorKind::registry, "registry_state_busy",
                    fmt::format("another local registry serves {}", state.string()),
                    "use that one, or choose another state folder");
    return fail(ErrorKind::registry, "registry_state_busy",
                fmt::format("cannot lock {}: {}", lock_path(state).string(),
                            std::generic_category().message(errno)));
}

bool StateLock::is_held(const std::filesystem::path& state) {
    return FileLock::is_held(lock_path(state));
}

}  // namespace imprint::local_registry
