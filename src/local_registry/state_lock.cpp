#include "local_registry/state_lock.h"

#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <system_error>

namespace imprint::local_registry {

namespace {

std::filesystem::path lock_path(const std::filesystem::path& state) {
    return state / "lock";
}

// The whole file, for the open file description: another one in this process is refused too, and a
// child that was started meanwhile does not hold it (fcntl(2), "Open file description locks").
struct flock whole_file() {
    struct flock lock{};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    return lock;
}

}  // namespace

Result<StateLock> StateLock::take(const std::filesystem::path& state) {
    Fd file(::open(lock_path(state).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    struct flock lock = whole_file();
    if (file && ::fcntl(file.get(), F_OFD_SETLK, &lock) == 0) return StateLock(std::move(file));
    if (errno == EAGAIN || errno == EACCES)
        return fail(ErrorKind::registry, "registry_state_busy",
                    fmt::format("another local registry serves {}", state.string()),
                    "use that one, or choose another state folder");
    return fail(ErrorKind::registry, "registry_state_busy",
                fmt::format("cannot lock {}: {}", lock_path(state).string(),
                            std::generic_category().message(errno)));
}

bool StateLock::is_held(const std::filesystem::path& state) {
    const Fd file(::open(lock_path(state).c_str(), O_RDWR | O_CLOEXEC));
    struct flock lock = whole_file();
    return file && ::fcntl(file.get(), F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

}  // namespace imprint::local_registry
