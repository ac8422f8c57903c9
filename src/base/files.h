// Whole files in, whole files out. A file that is written appears complete or not at all.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"

namespace imprint {

// What a file may have at most, by what it is for: one that is larger is not what was meant.
namespace file_limit {
inline constexpr std::uint64_t document = 4U << 20;       // configuration, policy, PEM, table, JSON
inline constexpr std::uint64_t long_text = 64U << 20;     // a list of boards, a log
inline constexpr std::uint64_t flash_image = 128U << 20;  // the largest flash that esptool knows
}  // namespace file_limit

// A file that is there at once and has an end: a pipe, a socket or a device is refused before
// anything is read of it, but for /dev/null, which is an empty file. Errors (kind config), naming
// the path: file_missing, file_unreadable, file_not_regular, file_too_large.
[[nodiscard]] Result<Bytes> read_file(const std::filesystem::path& path,
                                      std::uint64_t most = file_limit::document);
[[nodiscard]] Result<std::string> read_text(const std::filesystem::path& path,
                                            std::uint64_t most = file_limit::document);

// To its end. Errors (kind config): file_unreadable, file_too_large.
[[nodiscard]] Result<Bytes> read_standard_input(std::uint64_t most = file_limit::document);

enum class FileMode { ordinary, secret };  // secret: 0600, also while it is being written

// Whether a file has to outlive a power cut (ten milliseconds or more on a disk), or can be made
// again by whoever asked for it.
enum class Durability { synced, cached };

// Writes beside the target, syncs, and renames over it: a crash leaves the old file or the new one.
// A link is replaced; a pipe or a device (/dev/stdout) is written into. Error: file_unwritable
// (kind config).
[[nodiscard]] Result<void> write_file(const std::filesystem::path& path, ByteView bytes,
                                      FileMode mode = FileMode::ordinary,
                                      Durability durability = Durability::synced);
[[nodiscard]] Result<void> write_file(const std::filesystem::path& path, std::string_view text,
                                      FileMode mode = FileMode::ordinary,
                                      Durability durability = Durability::synced);

// Makes the folder (and its parents) with mode 0700; an existing one of ours is narrowed to 0700.
[[nodiscard]] Result<void> make_private_directory(const std::filesystem::path& path);

// A private folder of the program's own making. One that is new or empty gets a .gitignore of its
// own, so that git never takes along what will lie in it. Error: that of check_ours.
[[nodiscard]] Result<void> make_own_directory(const std::filesystem::path& path);

// For a folder that is to get these files, whatever lies there: none of them may be there yet, and
// where no names are given nothing at all, unless the folder bears the marker of an earlier time.
// This puts it there. Error: folder_in_use (usage), and nothing was touched.
[[nodiscard]] Result<void> claim_directory(const std::filesystem::path& path,
                                           std::string_view marker,
                                           const std::vector<std::string>& names = {});

// The last lines of a text file, for a message; empty when there is none.
[[nodiscard]] std::string last_lines(const std::filesystem::path& path, std::size_t count);

// A folder of its own under the system's temporary one, mode 0700, removed with what is in it.
class TemporaryDirectory {
  public:
    [[nodiscard]] static Result<TemporaryDirectory> create(std::string_view prefix = "imprint");
    ~TemporaryDirectory();
    TemporaryDirectory(TemporaryDirectory&& other) noexcept;
    TemporaryDirectory& operator=(TemporaryDirectory&& other) noexcept;
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    explicit TemporaryDirectory(std::filesystem::path path) : path_(std::move(path)) {}

    std::filesystem::path path_;
};

}  // namespace imprint
