#include "simulator/flash.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <utility>

#include "base/files.h"

namespace imprint::simulator {

namespace {

constexpr std::uint8_t erased = 0xFF;

Result<void> check_size(std::uint32_t size) {
    if (std::has_single_bit(size) && size >= (256U << 10) && size <= (128U << 20)) return {};
    return fail(
        ErrorKind::config, "flash_size",
        fmt::format("a simulated flash has 256 KB to 128 MB in powers of two, not {} bytes", size));
}

std::unexpected<Error> file_error(const std::filesystem::path& path, std::string_view what) {
    return fail(
        ErrorKind::config, "flash_file",
        fmt::format("cannot {} the flash file {}: {}", what, path.string(), std::strerror(errno)));
}

}  // namespace

Result<Flash> Flash::blank(std::uint32_t size) {
    IMPRINT_CHECK(check_size(size));
    void* memory =
        ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return file_error("(memory)", "map");
    std::memset(memory, erased, size);
    return Flash(static_cast<std::uint8_t*>(memory), size, Fd());
}

Result<Flash> Flash::in_file(const std::filesystem::path& path, std::uint32_t size) {
    IMPRINT_CHECK(check_size(size));
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored))
        IMPRINT_CHECK(write_file(path, ByteView(Bytes(size, erased)), FileMode::secret));
    Fd file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    if (!file) return file_error(path, "open");
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0)
        return fail(ErrorKind::config, "flash_file_busy",
                    fmt::format("another simulated board uses the flash file {}", path.string()));
    struct stat status{};
    if (::fstat(file.get(), &status) != 0) return file_error(path, "look at");
    if (status.st_size != static_cast<off_t>(size))
        return fail(ErrorKind::config, "flash_size",
                    fmt::format("the flash file {} has {} bytes, the board's flash {}",
                                path.string(), status.st_size, size),
                    "remove the file, or ask for a board with that flash size");
    void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
    if (memory == MAP_FAILED) return file_error(path, "map");
    return Flash(static_cast<std::uint8_t*>(memory), size, std::move(file));
}

Flash::Flash(Flash&& other) noexcept
    : memory_(std::exchange(other.memory_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      told_(other.told_),
      id_(other.id_),
      status_(other.status_),
      mask_(other.mask_),
      missing_(other.missing_),
      fails_next_(other.fails_next_),
      file_(std::move(other.file_)) {}

Flash& Flash::operator=(Flash&& other) noexcept {
    std::swap(memory_, other.memory_);
    std::swap(size_, other.size_);
    std::swap(told_, other.told_);
    std::swap(id_, other.id_);
    std::swap(status_, other.status_);
    std::swap(mask_, other.mask_);
    std::swap(missing_, other.missing_);
    std::swap(fails_next_, other.fails_next_);
    std::swap(file_, other.file_);
    return *this;
}

Flash::~Flash() {
    if (memory_ != nullptr) ::munmap(memory_, size_);
}

Bytes Flash::read(std::uint32_t at, std::uint32_t size) const {
    Bytes data(size);
    for (std::uint8_t& byte : data)
        byte = memory_[wrapped(at++)];
    return data;
}

bool Flash::program(std::uint32_t at, ByteView data) {
    // A status of ones, as nobody gives it, means busy too.
    if (std::exchange(fails_next_, false) || missing_) return false;
    for (const std::uint8_t byte : data) {
        const std::uint32_t place = wrapped(at++);
        if (!status_.protects(place, size_)) memory_[place] &= byte;
    }
    return true;
}

void Flash::preload(std::uint32_t at, ByteView content) {
    std::ranges::copy(content, memory_ + at);
}

void Flash::erase(std::uint32_t at, std::uint32_t size) {
    const std::uint32_t from = wrapped(at) & ~(size - 1);
    if (!status_.protects(from, size_) && !status_.protects(from + size - 1, size_))
        std::memset(memory_ + from, erased, size);
}

void Flash::erase_sector(std::uint32_t at) {
    erase(at, sector);
}

void Flash::erase_block(std::uint32_t at) {
    erase(at, block);
}

// Not while any of it is protected.
void Flash::erase_chip() {
    if (!status_.protects(0, size_) && !status_.protects(size_ - 1, size_))
        std::memset(memory_, erased, size_);
}

std::uint32_t Flash::jedec_id() const {
    if (missing_) return 0xFFFFFF;
    if (id_ != 0) return id_;
    const auto capacity = static_cast<std::uint32_t>(std::bit_width(told_) - 1);
    return 0xEF | 0x40U << 8 | capacity << 16;
}

}  // namespace imprint::simulator
