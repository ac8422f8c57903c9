#include "local_registry/state_lock.h"

#include <cerrno>
#include <fmt/format.h>
#include <system_error>

#include "registry/local_folder.h"

namespace imprint::local_registry {

Result<StateLock> StateLock::take(const std::filesystem::path& state) {
    if (auto lock = FileLock::take(registry::lock_path(state))) return StateLock(*std::move(lock));
    if (errno == EAGAIN || errno == EACCES)
        return fail(ErrorKind::registry, "registry_state_busy",
                    fmt::format("another local registry serves {}", state.string()),
                    "use that one, or choose another state folder");
    return fail(ErrorKind::registry, "registry_state_busy",
                fmt::format("cannot lock {}: {}", registry::lock_path(state).string(),
                            std::generic_category().message(errno)));
}

}  // namespace imprint::local_registry
