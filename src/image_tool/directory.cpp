#include "image_tool/directory.h"

#include <algorithm>
#include <cerrno>
#include <fmt/format.h>
#include <sys/stat.h>
#include <system_error>

#include "base/files.h"
#include "image/text.h"

namespace imprint::image_tool {

namespace {

namespace fs = std::filesystem;

std::unexpected<Error> refuse(std::string code, std::string message, std::string mend = {}) {
    return fail(ErrorKind::config, std::move(code), std::move(message), std::move(mend));
}

// What a folder is, whatever it is called: a link may lead back to it.
struct Place {
    dev_t device = 0;
    ino_t inode = 0;
    bool operator==(const Place&) const = default;
};

class Walk {
  public:
    Walk(bool follow_symlinks, std::uint64_t size_limit)
        : follow_symlinks_(follow_symlinks), size_limit_(size_limit) {}

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
            contents_.warnings.push_back(fmt::format(
                "the empty folder {} is left out: SPIFFS has no folders", image::quoted(prefix)));
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
            if (!is_link || follow_symlinks_) return enter(entry, name);
            contents_.warnings.push_back(
                fmt::format("the folder behind the link {} is left out: links are not followed",
                            image::quoted(name)));
            return {};
        }
        if (!S_ISREG(target.st_mode))
            return refuse("file_not_regular",
                          fmt::format("{} is neither a file nor a folder", entry.string()),
                          "remove it");
        if (static_cast<std::uint64_t>(target.st_size) > size_limit_)
            return refuse("spiffs_full", fmt::format("{} has {} bytes and the whole image has {}",
                                                     entry.string(), target.st_size, size_limit_));
        IMPRINT_TRY(Bytes content, read_file(entry, file_limit::flash_image));
        contents_.files.push_back({name, std::move(content)});
        return {};
    }

    bool follow_symlinks_;
    std::uint64_t size_limit_;
    std::vector<Place> above_;
    DirectoryContents contents_;
};

}  // namespace

Result<DirectoryContents> read_directory(const fs::path& directory, bool follow_symlinks,
                                         std::uint64_t size_limit) {
    Walk walk(follow_symlinks, size_limit);
    IMPRINT_CHECK(walk.enter(directory, ""));
    return std::move(walk).contents();
}

}  // namespace imprint::image_tool
