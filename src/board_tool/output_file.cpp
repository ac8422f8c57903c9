#include "board_tool/output_file.h"

#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <system_error>
#include <unistd.h>

#include "base/fd.h"

namespace imprint::board_tool {

namespace {

namespace fs = std::filesystem;

std::unexpected<Error> unwritable(const fs::path& path, int error) {
    return fail(
        ErrorKind::config, "file_unwritable",
        fmt::format("cannot write {}: {}", path.string(), std::generic_category().message(error)),
        "nothing was read: name a file that can be written");
}

}  // namespace

Result<void> check_output(const fs::path& path, std::uint64_t size) {
    std::error_code ignored;
    const fs::file_status status = fs::status(path, ignored);
    if (fs::is_directory(status)) return unwritable(path, EISDIR);
    if (fs::exists(status) && !fs::is_regular_file(status)) return {};
    fs::path beside = path;
    beside += fmt::format(".{}.trial", ::gettid());
    const Fd file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file) return unwritable(path, errno);
    const int error = size == 0 ? 0 : ::posix_fallocate(file.get(), 0, static_cast<off_t>(size));
    ::unlink(beside.c_str());
    return error == 0 ? Result<void>{} : unwritable(path, error);
}

}  // namespace imprint::board_tool
