#include <cerrno>
#include <fmt/format.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "base/files.h"
#include "base/secret.h"
#include "image_tool/commands.h"
#include "image_tool/recognise.h"
#include "image_tool/unpack_plan.h"

namespace imprint::image_tool {

namespace {

namespace fs = std::filesystem;

std::unexpected<Error> unwritable(const fs::path& path, const std::error_code& error) {
    return fail(ErrorKind::config, "file_unwritable",
                fmt::format("cannot make the folder {}: {}", path.string(), error.message()));
}

// Made beside its place and moved there when it is complete; removed when it never is.
class NewDirectory {
  public:
    static Result<NewDirectory> create(const fs::path& target, bool secret) {
        fs::path clean = target.lexically_normal();
        if (!clean.has_filename()) clean = clean.parent_path();
        std::error_code error;
        const fs::file_status status = fs::symlink_status(clean, error);
        const bool usable = !fs::exists(status) ||
                            (fs::is_directory(status) && fs::is_empty(clean, error) && !error);
        if (!usable)
            return fail(ErrorKind::usage, "directory_not_empty",
                        fmt::format("{} is there already and is no empty folder", target.string()),
                        "name a new folder");
        error.clear();
        if (clean.has_parent_path()) fs::create_directories(clean.parent_path(), error);
        if (error) return unwritable(clean.parent_path(), error);
        NewDirectory made(clean);
        if (::mkdir(made.path_.c_str(), secret ? 0700 : 0755) != 0)
            return unwritable(made.path_, std::error_code(errno, std::generic_category()));
        made.made_ = true;
        return made;
    }

    ~NewDirectory() {
        std::error_code ignored;
        if (made_) fs::remove_all(path_, ignored);
    }

    NewDirectory(NewDirectory&& other) noexcept
        : target_(std::move(other.target_)),
          path_(std::move(other.path_)),
          made_(std::exchange(other.made_, false)) {}

    NewDirectory(const NewDirectory&) = delete;
    NewDirectory& operator=(const NewDirectory&) = delete;
    NewDirectory& operator=(NewDirectory&&) = delete;

    Result<void> add(const fs::path& below, ByteView content, FileMode mode) {
        const fs::path path = path_ / below;
        std::error_code error;
        fs::create_directories(path.parent_path(), error);
        if (error) return unwritable(path.parent_path(), error);
        return write_file(path, content, mode, Durability::cached);
    }

    Result<void> move_into_place() {
        if (::rename(path_.c_str(), target_.c_str()) != 0)
            return unwritable(target_, std::error_code(errno, std::generic_category()));
        made_ = false;
        return {};
    }

  private:
    explicit NewDirectory(fs::path target) : target_(std::move(target)), path_(target_) {
        path_ += fmt::format(".{}.new", ::getpid());
    }

    fs::path target_;
    fs::path path_;
    bool made_ = false;
};

}  // namespace

Result<UnpackReport> unpack(const fs::path& file, const fs::path& directory,
                            const UnpackOptions& options) {
    IMPRINT_TRY(const Bytes bytes, read_file(file, file_limit::flash_image));
    InspectOptions inspect_options;
    inspect_options.table_offset = options.table_offset;
    inspect_options.nvs_keys = options.nvs_keys;
    auto found = recognise(bytes, inspect_options);
    if (!found) return with_context(std::move(found).error(), file.string());
    auto plan = plan_unpacking(*std::move(found), options);
    if (!plan) return with_context(std::move(plan).error(), file.string());

    UnpackReport report;
    report.warnings = std::move(plan->warnings);
    report.holds_private_key = plan->holds_private_key;
    IMPRINT_TRY(NewDirectory made, NewDirectory::create(directory, plan->secret));
    for (PlannedFile& planned : plan->files) {
        const auto added = made.add(planned.path, planned.content,
                                    planned.secret ? FileMode::secret : FileMode::ordinary);
        wipe(planned.content);
        IMPRINT_CHECK(added);
        report.files.push_back(std::move(planned.name));
    }
    IMPRINT_CHECK(made.move_into_place());
    return report;
}

}  // namespace imprint::image_tool
