#include "base/file_lock.h"

#include <fcntl.h>

namespace imprint {

namespace {

// The whole file, for the open file description: another one in this process is refused too, and a
// child that was started meanwhile does not hold it (fcntl(2), "Open file description locks").
struct flock whole_file() {
    struct flock lock{};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    return lock;
}

}  // namespace

std::optional<FileLock> FileLock::take(const std::filesystem::path& path) {
    Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    struct flock lock = whole_file();
    if (!file || ::fcntl(file.get(), F_OFD_SETLK, &lock) != 0) return std::nullopt;
    return FileLock(std::move(file));
}

bool FileLock::is_held(const std::filesystem::path& path) {
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct flock lock = whole_file();
    return file && ::fcntl(file.get(), F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

}  // namespace imprint
