#include "ledger/spare.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <fmt/format.h>
#include <string>
#include <string_view>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include "base/fd.h"

namespace imprint::ledger {

namespace {

constexpr std::size_t whole = Spare::slots * Spare::slot_size;

std::unexpected<Error> unwritable(const std::filesystem::path& path, const char* what) {
    const std::error_code error(errno, std::generic_category());
    return fail(ErrorKind::ledger, "spare_unwritable",
                fmt::format("cannot {} {}: {}", what, path.string(), error.message()),
                "free some space on that disk, or put the ledger on another (--ledger)");
}

// Locked until it is closed.
Result<Fd> open_locked(const std::filesystem::path& path, int flags) {
    Fd file(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file) return unwritable(path, "open");
    while (::flock(file.get(), LOCK_EX) != 0)
        if (errno != EINTR) return unwritable(path, "lock");
    return file;
}

// A slot: "owed <row> <attempt> <started>\n" and zeros.
std::array<char, Spare::slot_size> to_slot(const SpareEntry& entry) {
    std::array<char, Spare::slot_size> slot{};
    fmt::format_to_n(slot.data(), slot.size(), "owed {} {} {}\n", entry.row, entry.attempt,
                     entry.started);
    return slot;
}

bool parse_number(std::string_view& text, std::int64_t& value, char end) {
    const auto [next, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || next == text.data() + text.size() || *next != end) return false;
    text.remove_prefix(static_cast<std::size_t>(next - text.data()) + 1);
    return true;
}

// Nothing: the slot is free, or was not wholly written.
bool parse_slot(std::string_view text, SpareEntry& entry) {
    constexpr std::string_view begin = "owed ";
    if (!text.starts_with(begin)) return false;
    text.remove_prefix(begin.size());
    return parse_number(text, entry.row, ' ') && parse_number(text, entry.attempt, ' ') &&
           parse_number(text, entry.started, '\n');
}

Result<std::string> read_whole(const Fd& file, const std::filesystem::path& path) {
    std::string content(whole, '\0');
    for (std::size_t at = 0; at < content.size();) {
        const auto got =
            ::pread(file.get(), content.data() + at, content.size() - at, static_cast<off_t>(at));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return unwritable(path, "read");
        if (got == 0) break;
        at += static_cast<std::size_t>(got);
    }
    return content;
}

Result<void> write_at(const Fd& file, const std::filesystem::path& path, std::string_view bytes,
                      std::size_t at) {
    while (!bytes.empty()) {
        const auto put = ::pwrite(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(at));
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return unwritable(path, "write");
        bytes.remove_prefix(static_cast<std::size_t>(put));
        at += static_cast<std::size_t>(put);
    }
    return {};
}

Result<void> sync(const Fd& file, const std::filesystem::path& path) {
    if (::fdatasync(file.get()) != 0) return unwritable(path, "write");
    return {};
}

}  // namespace

Result<void> Spare::reserve() const {
    IMPRINT_TRY(const Fd file, open_locked(path_, O_RDWR | O_CREAT));
    struct stat info{};
    if (::fstat(file.get(), &info) != 0) return unwritable(path_, "look at");
    if (info.st_size >= static_cast<off_t>(whole)) return {};
    // Zeros that are written, not a hole that is promised: they have their blocks.
    const std::string missing(whole - static_cast<std::size_t>(info.st_size), '\0');
    if (auto written = write_at(file, path_, missing, static_cast<std::size_t>(info.st_size));
        !written) {
        // What stays if it cannot be shortened is zeros as well: the next call goes on behind them.
        [[maybe_unused]] const int shortened = ::ftruncate(file.get(), info.st_size);
        return written;
    }
    return sync(file, path_);
}

Result<void> Spare::write(const SpareEntry& entry) const {
    IMPRINT_TRY(const Fd file, open_locked(path_, O_RDWR));
    IMPRINT_TRY(const std::string content, read_whole(file, path_));
    for (std::size_t at = 0; at < whole; at += slot_size) {
        SpareEntry there;
        if (parse_slot(std::string_view(content).substr(at, slot_size), there)) {
            if (there == entry) return {};
            continue;
        }
        const auto slot = to_slot(entry);
        IMPRINT_CHECK(write_at(file, path_, {slot.data(), slot.size()}, at));
        return sync(file, path_);
    }
    return fail(ErrorKind::ledger, "spare_full",
                fmt::format("{} holds as many debts as it can", path_.string()),
                "make the ledger writable again, then run `imprint registry sweep`");
}

Result<void> Spare::settle(
    const std::function<Result<void>(const std::vector<SpareEntry>&)>& take) const {
    // Nearly always there is nothing to settle: looking needs no lock, nor the right to write.
    std::error_code missing;
    if (!std::filesystem::exists(path_, missing)) return {};
    if (const Fd look(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)); look) {
        IMPRINT_TRY(const std::string content, read_whole(look, path_));
        if (content.find_first_not_of('\0') == std::string::npos) return {};
    }
    IMPRINT_TRY(const Fd file, open_locked(path_, O_RDWR));
    IMPRINT_TRY(const std::string content, read_whole(file, path_));
    std::vector<SpareEntry> entries;
    for (std::size_t at = 0; at < whole; at += slot_size) {
        SpareEntry entry;
        if (parse_slot(std::string_view(content).substr(at, slot_size), entry))
            entries.push_back(entry);
    }
    if (!entries.empty()) IMPRINT_CHECK(take(entries));
    IMPRINT_CHECK(write_at(file, path_, std::string(whole, '\0'), 0));
    return sync(file, path_);
}

}  // namespace imprint::ledger
