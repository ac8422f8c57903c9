#include "base/files.h"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
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

namespace {

std::unexpected<Error> unreadable(const std::string& name, int error) {
    return fail(ErrorKind::config, "file_unreadable",
                fmt::format("cannot read {}: {}", name, reason(error)));
}

std::unexpected<Error> too_large(const std::string& name, std::uint64_t size, std::uint64_t most) {
    return fail(ErrorKind::config, "file_too_large",
                fmt::format("{} has {}{} bytes, and what is meant here has at most {}", name,
                            size > most ? "" : "more than ", size, most),
                "name the file that is meant");
}

std::string_view kind_of(mode_t mode) {
    if (S_ISDIR(mode)) return "a folder";
    if (S_ISFIFO(mode)) return "a pipe";
    if (S_ISSOCK(mode)) return "a socket";
    return "a device";
}

std::unexpected<Error> not_regular(const fs::path& path, std::string_view kind) {
    return fail(ErrorKind::config, "file_not_regular",
                fmt::format("{} is {}, and a file is meant", path.string(), kind),
                "name a file, or write what comes out of it into one first");
}

bool is_null_device(const struct stat& info) {
    return S_ISCHR(info.st_mode) && info.st_rdev == makedev(1, 3);  // Linux: admin-guide/devices
}

// expected: bytes that there probably are.
Result<Bytes> read_to_end(int fd, const std::string& name, std::size_t expected,
                          std::uint64_t most) {
    Bytes bytes;
    constexpr std::size_t step = 65536;
    // Room for the last, empty read as well: growing would leave a copy of a key behind.
    bytes.reserve(expected + step);
    for (;;) {
        const std::size_t had = bytes.size();
        bytes.resize(had + step);
        const ssize_t got = ::read(fd, bytes.data() + had, step);
        const int error = errno;
        bytes.resize(had + static_cast<std::size_t>(got > 0 ? got : 0));
        if (got == 0) return bytes;
        if (got < 0 && error != EINTR) return unreadable(name, error);
        if (bytes.size() > most) return too_large(name, most, most);
    }
}

}  // namespace

Result<Bytes> read_file(const fs::path& path, std::uint64_t most) {
    // A pipe would wait for its writer.
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!file) {
        const int error = errno;
        if (error == ENOENT || error == ENOTDIR)
            return fail(ErrorKind::config, "file_missing",
                        fmt::format("there is no file {}", path.string()));
        if (error == ENXIO) return not_regular(path, "a socket");
        return unreadable(path.string(), error);
    }
    struct stat info{};
    if (::fstat(file.get(), &info) != 0) return unreadable(path.string(), errno);
    if (is_null_device(info)) return Bytes{};
    if (!S_ISREG(info.st_mode)) return not_regular(path, kind_of(info.st_mode));
    const auto size = static_cast<std::uint64_t>(info.st_size);
    if (size > most) return too_large(path.string(), size, most);
    return read_to_end(file.get(), path.string(), static_cast<std::size_t>(size), most);
}

Result<std::string> read_text(const fs::path& path, std::uint64_t most) {
    IMPRINT_TRY(const Bytes bytes, read_file(path, most));
    return std::string(as_text(bytes));
}

Result<Bytes> read_standard_input(std::uint64_t most) {
    return read_to_end(STDIN_FILENO, "standard input", 0, most);
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
// Another link that leads to one may be of somebody's making who wants to have the secret.
bool is_stream(const fs::path& path, FileMode mode) {
    if (path.string().starts_with("/dev/") || path.string().starts_with("/proc/")) return true;
    std::error_code none;
    const auto type =
        (mode == FileMode::secret ? fs::symlink_status(path, none) : fs::status(path, none)).type();
    return type == fs::file_type::character || type == fs::file_type::fifo;
}

// A name is as durable as its folder.
void sync_folder_of(const fs::path& path) {
    const fs::path parent = path.has_parent_path() ? path.parent_path() : fs::path(".");
    if (const Fd folder(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)); folder)
        static_cast<void>(::fsync(folder.get()));
}

}  // namespace

Result<void> write_file(const fs::path& path, ByteView bytes, FileMode mode,
                        Durability durability) {
    if (is_stream(path, mode)) return write_into(path, bytes);
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
    if (durability == Durability::synced) sync_folder_of(path);
    return {};
}

Result<void> put_in_place(const fs::path& finished, const fs::path& path) {
    const Fd file(::open(finished.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file || ::fsync(file.get()) != 0) return unwritable(finished, errno);
    if (::rename(finished.c_str(), path.c_str()) != 0) return unwritable(path, errno);
    sync_folder_of(path);
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

std::string last_lines(const fs::path& path, std::size_t count) {
    const auto text = read_text(path, file_limit::long_text);
    if (!text) return {};
    std::size_t from = text->ends_with('\n') ? text->size() - 1 : text->size();
    while (count > 0 && from > 0) {
        const auto newline = text->rfind('\n', from - 1);
        if (newline == std::string::npos) return *text;
        from = newline;
        --count;
    }
    return from == 0 ? *text : text->substr(from + 1);
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
