#include "image_tool/directory.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fmt/format.h>
#include <string_view>
#include <sys/stat.h>
#include <system_error>

#include "base/files.h"
#include "image/text.h"

namespace imprint::image_tool {

namespace {

namespace fs = std::filesystem;
using namespace std::string_view_literals;

std::unexpected<Error> refuse(ErrorCode code, std::string message, std::string hint = {}) {
    return fail(ErrorKind::config, code, std::move(message), std::move(hint));
}

// What a folder is, whatever it is called: a link may lead back to it.
struct Place {
    dev_t device = 0;
    ino_t inode = 0;
    bool operator==(const Place&) const = default;
};

// Apple's QA1 "._" files (AppleDouble, RFC 1740) and .DS_Store, Windows' thumbnail caches and
// folder settings, KDE's .directory; folders as well: what they hold is of the same kind.
constexpr std::array litter_names{".DS_Store"sv,       "Thumbs.db"sv,  "ehthumbs.db"sv,
                                  "desktop.ini"sv,     ".directory"sv, "__MACOSX"sv,
                                  ".Spotlight-V100"sv, ".Trashes"sv,   ".fseventsd"sv};

bool is_litter(std::string_view name) {
    return name.starts_with("._") || std::ranges::find(litter_names, name) != litter_names.end();
}

class Walk {
  public:
    Walk(LinkedFolders linked, Litter litter, std::uint64_t size_limit)
        : linked_(linked), litter_(litter), size_limit_(size_limit) {}

    Result<void> enter(const fs::path& directory, const std::string& prefix) {
        struct stat info{};
        if (::stat(directory.c_str(), &info) != 0) return unreadable(directory, errno);
        if (!S_ISDIR(info.st_mode))
            return refuse("directory_unreadable",
                          fmt::format("{} is no folder", directory.string()));
        const Place place{info.st_dev, info.st_ino};
        if (std::ranges::find(above_, place) != above_.end())
            return refuse("symlink_loop",
                          fmt::format("the link {} leads back into a folder that holds it",
                                      directory.string()),
                          "remove the link, or do not follow links");
        above_.push_back(place);
        std::error_code error;
        std::vector<fs::path> entries;
        for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
             entry.increment(error))
            entries.push_back(entry->path());
        if (error) return unreadable(directory, error.value());
        // Warnings and errors, too, are the same on every machine.
        std::ranges::sort(entries);
        if (entries.empty() && !prefix.empty())
            contents_.warnings.push_back(
                fmt::format("the empty folder {} is left out: SPIFFS has no folders",
                            image::in_quotes(prefix)));
        for (const fs::path& entry : entries)
            IMPRINT_CHECK(take(entry, prefix + "/" + entry.filename().string()));
        above_.pop_back();
        return {};
    }

    [[nodiscard]] DirectoryContents contents() && { return std::move(contents_); }

  private:
    static std::unexpected<Error> unreadable(const fs::path& path, int error) {
        return refuse("directory_unreadable",
                      fmt::format("cannot read the folder {}: {}", path.string(),
                                  std::generic_category().message(error)));
    }

    Result<void> take(const fs::path& entry, const std::string& name) {
        if (is_litter(entry.filename().string())) {
            contents_.warnings.push_back(
                fmt::format("{} is what a desktop leaves behind: it is {}", image::in_quotes(name),
                            litter_ == Litter::left_out ? "left out" : "packed all the same"));
            if (litter_ == Litter::left_out) return {};
        }
        struct stat itself{};
        struct stat target{};
        if (::lstat(entry.c_str(), &itself) != 0) return unreadable(entry, errno);
        const bool is_link = S_ISLNK(itself.st_mode);
        if (::stat(entry.c_str(), &target) != 0) {
            if (is_link && (errno == ENOENT || errno == ELOOP))
                return refuse("symlink_dangling",
                              fmt::format("the link {} leads nowhere", entry.string()),
                              "remove it, or put there what it names");
            return refuse("file_unreadable", fmt::format("cannot read {}: {}", entry.string(),
                                                         std::generic_category().message(errno)));
        }
        if (S_ISDIR(target.st_mode)) {
            if (!is_link || linked_ == LinkedFolders::followed) return enter(entry, name);
            if (linked_ == LinkedFolders::refused)
                return refuse("symlink_to_folder",
                              fmt::format("the link {} leads to a folder", entry.string()),
                              "put the folder itself there: links to folders are not followed");
            contents_.warnings.push_back(
                fmt::format("the folder behind the link {} is left out: links are not followed",
                            image::in_quotes(name)));
            return {};
        }
        if (!S_ISREG(target.st_mode))
            return refuse("file_not_regular",
                          fmt::format("{} is neither a file nor a folder", entry.string()),
                          "remove it");
        if (static_cast<std::uint64_t>(target.st_size) > size_limit_)
            return refuse("spiffs_full", fmt::format("{} has {} bytes and the whole image has {}",
                                                     entry.string(), target.st_size, size_limit_));
        total_ += static_cast<std::uint64_t>(target.st_size);
        if (total_ > size_limit_)
            return refuse("spiffs_full",
                          fmt::format("the files up to {} have {} bytes together and the whole "
                                      "image has {}",
                                      entry.string(), total_, size_limit_));
        IMPRINT_TRY(Bytes content, read_file(entry, file_limit::flash_image));
        contents_.files.push_back({name, std::move(content)});
        return {};
    }

    LinkedFolders linked_;
    Litter litter_;
    std::uint64_t size_limit_;
    std::uint64_t total_ = 0;
    std::vector<Place> above_;
    DirectoryContents contents_;
};

}  // namespace

Result<DirectoryContents> read_directory(const fs::path& directory, LinkedFolders linked,
                                         Litter litter, std::uint64_t size_limit) {
    Walk walk(linked, litter, size_limit);
    IMPRINT_CHECK(walk.enter(directory, ""));
    return std::move(walk).contents();
}

}  // namespace imprint::image_tool
