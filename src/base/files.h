// Reads and writes whole files. A written file appears complete or not at all.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"

namespace imprint {

// The maximum size of a file, by its purpose: a larger one is the wrong file.
namespace file_limit {
inline constexpr std::uint64_t document = 4U << 20;       // configuration, policy, PEM, table, JSON
inline constexpr std::uint64_t long_text = 64U << 20;     // a list of boards, a log
inline constexpr std::uint64_t flash_image = 128U << 20;  // the largest flash that esptool knows
}  // namespace file_limit

// Reads a regular file. A pipe, a socket or a device is refused before anything is read from it,
// except /dev/null, which counts as an empty file. Errors (kind config), naming the path:
// file_missing, file_unreadable, file_not_regular, file_too_large.
[[nodiscard]] Result<Bytes> read_file(const std::filesystem::path& path,
                                      std::uint64_t most = file_limit::document);
[[nodiscard]] Result<std::string> read_text(const std::filesystem::path& path,
                                            std::uint64_t most = file_limit::document);

// Reads to the end. Errors (kind config): file_unreadable, file_too_large.
[[nodiscard]] Result<Bytes> read_standard_input(std::uint64_t most = file_limit::document);

enum class FileMode { ordinary, secret };  // secret: 0600, even while it is being written

// Whether a file has to survive a power cut (ten milliseconds or more on a disk), or can be made
// again by whoever needs it.
enum class Durability { synced, cached };

// Writes a temporary file beside the target, syncs, and renames it over the target: a crash leaves
// the old file or the new one. A link is replaced; a pipe or a device (/dev/stdout) is written to
// directly, a secret only without a link. Error: file_unwritable (kind config).
[[nodiscard]] Result<void> write_file(const std::filesystem::path& path, ByteView bytes,
                                      FileMode mode = FileMode::ordinary,
                                      Durability durability = Durability::synced);
[[nodiscard]] Result<void> write_file(const std::filesystem::path& path, std::string_view text,
                                      FileMode mode = FileMode::ordinary,
                                      Durability durability = Durability::synced);

// The same for a file that somebody else has filled: it lies beside the target, and gets its name.
[[nodiscard]] Result<void> put_in_place(const std::filesystem::path& finished,
                                        const std::filesystem::path& path);

// Creates the folder (and its parents) with mode 0700; an existing folder of ours is set to 0700.
[[nodiscard]] Result<void> make_private_directory(const std::filesystem::path& path);

// A private folder that the program itself creates. A new or empty one gets its own .gitignore, so
// that git never picks up what will be in it. Error: that of check_ours.
[[nodiscard]] Result<void> make_own_directory(const std::filesystem::path& path);

// For a folder that is to get these files, whatever else is in it: none of them may exist yet. If
// no names are given, the folder must be empty. Neither applies if the folder has the marker of an
// earlier call; this call writes the marker. Error: folder_in_use (usage), with nothing touched.
[[nodiscard]] Result<void> claim_directory(const std::filesystem::path& path,
                                           std::string_view marker,
                                           const std::vector<std::string>& names = {});

// The last lines of a text file, for a message; empty if there is no such file.
[[nodiscard]] std::string last_lines(const std::filesystem::path& path, std::size_t count);

// A new folder in the system's temporary folder, mode 0700; removed with its contents.
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
