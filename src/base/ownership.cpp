#include "base/ownership.h"

#include <fmt/format.h>
#include <optional>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace imprint {

namespace {

namespace fs = std::filesystem;

std::optional<struct stat> look(const fs::path& path) {
    struct stat info{};
    if (::lstat(path.c_str(), &info) != 0) return std::nullopt;
    return info;
}

std::unexpected<Error> refuse(const fs::path& path, const char* what, std::string hint) {
    return fail(ErrorKind::config, "not_ours", fmt::format("{} {}", path.string(), what),
                std::move(hint));
}

bool is_strangers(const struct stat& info, uid_t user) {
    return info.st_uid != user && info.st_uid != 0;
}

// A group that is root's own, or a user's own by the usual set-up, is not somebody else.
bool others_write(const struct stat& info, uid_t user) {
    if ((info.st_mode & S_IWOTH) != 0) return true;
    return user == 0 && (info.st_mode & S_IWGRP) != 0 && info.st_gid != 0;
}

Result<void> check_folder(const fs::path& folder, uid_t user) {
    const auto info = look(folder);
    if (!info) return {};
    if (user == 0 && is_strangers(*info, user))
        return refuse(folder, "belongs to another user, who could exchange what is in it",
                      fmt::format("run as that user, or: chown root {}", folder.string()));
    if (others_write(*info, user) && (info->st_mode & S_ISVTX) == 0)
        return refuse(folder, "can be written by others, who could exchange what is in it",
                      fmt::format("chmod go-w {}", folder.string()));
    return {};
}

}  // namespace

Result<void> check_ours(const fs::path& path, uid_t user) {
    std::error_code error;
    fs::path whole = fs::absolute(path, error).lexically_normal();
    if (!whole.has_filename()) whole = whole.parent_path();
    if (const auto info = look(whole)) {
        if (S_ISLNK(info->st_mode))
            return refuse(whole, "is a link", "name the place that it points to");
        if (is_strangers(*info, user))
            return refuse(whole, "belongs to another user",
                          "name one of your own, or run as that user");
        if (others_write(*info, user))
            return refuse(whole, "can be written by others",
                          fmt::format("see who wrote to it, then: chmod go-w {}", whole.string()));
    }
    // Links on the way are what they point to.
    fs::path folder = fs::weakly_canonical(whole.parent_path(), error);
    if (error) folder = whole.parent_path();
    while (!look(folder) && folder.has_relative_path())
        folder = folder.parent_path();
    for (;; folder = folder.parent_path()) {
        IMPRINT_CHECK(check_folder(folder, user));
        if (user != 0 || !folder.has_relative_path()) return {};
    }
}

Result<void> check_ours(const fs::path& path) {
    return check_ours(path, ::geteuid());
}

}  // namespace imprint
