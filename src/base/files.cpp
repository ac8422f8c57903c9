#include "base/files.h"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include "base/fd.h"
#include "base/ownership.h"

namespace imprint {

namespace {

namespace fs = std::filesystem;

std::string reason(int error) {
    return std::generic_category().message(error);
}

std::unexpected<Error> unwritable(const fs::path& path, int error) {
    return fail(ErrorKind::config, "file_unwritable",
                fmt::format("cannot write {}: {}", path.string(), reason(error)),
                "check that the folder exists, has room and is yours");
}

}  // namespace

Result<Bytes> read_file(const fs::path& path) {
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) {
        if (errno == ENOENT || errno == ENOTDIR)
            return fail(ErrorKind::config, "file_missing",
                        fmt::format("there is no file {}", path.string()));
        return fail(ErrorKind::config, "file_unreadable",
                    fmt::format("cannot read {}: {}", path.string(), reason(errno)));
    }
    Bytes bytes;
    struct stat info{};
    constexpr std::size_t step = 65536;
    // Room for the last, empty read as well: growing would leave a copy of a key behind.
    if (::fstat(file.get(), &info) == 0 && S_ISREG(info.st_mode))
        bytes.reserve(static_cast<std::size_t>(info.st_size) + step);
    for (;;) {
        const std::size_t had = bytes.size();
        bytes.resize(had + step);
        const ssize_t got = ::read(file.get(), bytes.data() + had, step);
        bytes.resize(had + static_cast<std::size_t>(got > 0 ? got : 0));
        if (got == 0) return bytes;
        if (got < 0 && errno != EINTR)
            return fail(ErrorKind::config, "file_unreadable",
                        fmt::format("cannot read {}: {}", path.string(), reason(errno)));
    }
}

Result<std::string> read_text(const fs::path& path) {
    IMPRINT_TRY(const Bytes bytes, read_file(path));
    return std::string(as_text(bytes));
}

namespace {

int write_all(int fd, ByteView bytes) {
    while (!bytes.empty()) {
        const ssize_t put = ::write(fd, bytes.data(), bytes.size());
        if (put < 0) {
            if (errno == EINTR) continue;
            return errno;
        }
        bytes = bytes.subspan(static_cast<std::size_t>(put));
    }
    return 0;
}

Result<void> write_into(const fs::path& path, ByteView bytes) {
    const Fd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file) return unwritable(path, errno);
    if (const int error = write_all(file.get(), bytes); error != 0) return unwritable(path, error);
    return {};
}

// Of these there is no other one to put in their place; /dev/stdout is a link, perhaps to a file.
bool is_stream(const fs::path& path) {
    std::error_code none;
    const auto type = fs::status(path, none).type();
    return type == fs::file_type::character || type == fs::file_type::fifo ||
           path.string().starts_with("/dev/") || path.string().starts_with("/proc/");
}

}  // namespace

Result<void> write_file(const fs::path& path, ByteView bytes, FileMode mode,
                        Durability durability) {
    if (is_stream(path)) return write_into(path, bytes);
    fs::path beside = path;
    // Of this thread's own: two may write the same file.
    beside += fmt::format(".{}.new", ::gettid());
    const mode_t bits = mode == FileMode::secret ? 0600 : 0644;
    // O_EXCL: never follow a link, or fill a file, that somebody else put there.
    ::unlink(beside.c_str());
    const Fd file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, bits));
    if (!file) return unwritable(path, errno);
    const auto give_up = [&](int error) {
        ::unlink(beside.c_str());
        return unwritable(path, error);
    };
    if (const int error = write_all(file.get(), bytes); error != 0) return give_up(error);
    if (durability == Durability::synced && ::fsync(file.get()) != 0) return give_up(errno);
    if (::rename(beside.c_str(), path.c_str()) != 0) return give_up(errno);
    if (durability == Durability::cached) return {};
    const fs::path parent = path.has_parent_path() ? path.parent_path() : fs::path(".");
    if (const Fd folder(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)); folder)
        static_cast<void>(::fsync(folder.get()));
    return {};
}

Result<void> write_file(const fs::path& path, std::string_view text, FileMode mode,
                        Durability durability) {
    return write_file(path, as_bytes(text), mode, durability);
}

Result<void> make_private_directory(const fs::path& path) {
    const auto refuse = [&](const std::error_code& error) {
        return fail(ErrorKind::config, "file_unwritable",
                    fmt::format("cannot make the folder {}: {}", path.string(), error.message()));
    };
    std::error_code error;
    fs::path made;
    for (const fs::path& part : path) {
        made /= part;
        if (part.empty() || fs::is_directory(made, error)) continue;
        if (::mkdir(made.c_str(), 0700) == 0) continue;
        const int reason = errno;
        // Somebody else may have made it meanwhile.
        if (reason == EEXIST && fs::is_directory(made, error)) continue;
        return refuse(
            std::error_code(reason == EEXIST ? ENOTDIR : reason, std::generic_category()));
    }
    fs::permissions(path, fs::perms::owner_all, error);
    if (error) return refuse(error);
    return {};
}

Result<void> make_own_directory(const fs::path& path) {
    IMPRINT_CHECK(check_ours(path));
    IMPRINT_CHECK(make_private_directory(path));
    std::error_code error;
    if (!fs::is_empty(path, error) || error) return {};
    return write_file(path / ".gitignore", std::string_view("*\n"), FileMode::secret);
}

Result<void> claim_directory(const fs::path& path, std::string_view marker,
                             const std::vector<std::string>& names) {
    std::error_code error;
    fs::path in_the_way;
    if (!fs::exists(path / marker, error)) {
        for (const auto& name : names)
            if (fs::exists(fs::symlink_status(path / name, error))) in_the_way = path / name;
        if (names.empty() && fs::exists(path, error) && !fs::is_empty(path, error))
            in_the_way = path;
    }
    if (!in_the_way.empty())
        return fail(ErrorKind::usage, "folder_in_use",
                    fmt::format("{} is there already, and not of this command's making",
                                in_the_way.string()),
                    "name a new or an empty folder");
    fs::create_directories(path, error);
    return write_file(path / marker, std::string_view("made by Imprint, and written over by it\n"));
}

Result<TemporaryDirectory> TemporaryDirectory::create(std::string_view prefix) {
    std::error_code error;
    const fs::path base = fs::temp_directory_path(error);
    std::string pattern =
        ((error ? fs::path("/tmp") : base) / fmt::format("{}-XXXXXX", prefix)).string();
    if (::mkdtemp(pattern.data()) == nullptr) return unwritable(pattern, errno);
    return TemporaryDirectory(pattern);
}

TemporaryDirectory::~TemporaryDirectory() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
}

TemporaryDirectory::TemporaryDirectory(TemporaryDirectory&& other) noexcept
    : path_(std::exchange(other.path_, {})) {}

TemporaryDirectory& TemporaryDirectory::operator=(TemporaryDirectory&& other) noexcept {
    std::swap(path_, other.path_);
    return *this;
}

}  // namespace imprint
