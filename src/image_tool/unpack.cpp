#include <cerrno>
#include <fmt/format.h>
#include <set>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "base/files.h"
#include "image/text.h"
#include "image_tool/commands.h"
#include "image_tool/private_key.h"
#include "image_tool/recognise.h"

namespace imprint::image_tool {

namespace {

namespace fs = std::filesystem;
using image::spiffs::Contents;
using image::spiffs::File;

std::unexpected<Error> bad_name(const std::string& path, std::string_view why) {
    return fail(ErrorKind::config, "unpack_name",
                fmt::format("the image holds a file named {}, {}", image::in_quotes(path), why),
                "nothing was written; inspect the image to see its names");
}

// The name of a file in the image as a path below the folder, part by part.
Result<fs::path> safe_path(const std::string& path) {
    fs::path safe;
    std::string_view rest = path;
    if (rest.starts_with('/')) rest.remove_prefix(1);
    for (;;) {
        const std::size_t slash = rest.find('/');
        const std::string_view part = rest.substr(0, slash);
        if (part.empty()) return bad_name(path, "with an empty part");
        if (part == "." || part == "..")
            return bad_name(path, "which could lead out of the folder");
        safe /= part;
        if (slash == std::string_view::npos) return safe;
        rest.remove_prefix(slash + 1);
    }
}

struct Plan {
    std::vector<std::pair<fs::path, const File*>> files;
    bool holds_private_key = false;
};

// SPIFFS knows no folders: there "/a" and "/a/b" are just two names.
Result<Plan> plan(const Contents& contents) {
    Plan plan;
    std::set<fs::path> folders;
    std::vector<const File*> files;
    for (const File& file : contents.files)
        files.push_back(&file);
    // Of a file that is cut short its beginning is worth having; an empty one in its place is not.
    for (const image::spiffs::PartialFile& partial : contents.partial)
        if (!partial.file.content.empty()) files.push_back(&partial.file);
    for (const File* file : files) {
        IMPRINT_TRY(fs::path path, safe_path(file->path));
        for (fs::path parent = path.parent_path(); !parent.empty(); parent = parent.parent_path())
            folders.insert(parent);
        plan.holds_private_key |= looks_like_private_key(file->path, file->content);
        plan.files.emplace_back(std::move(path), file);
    }
    for (const auto& [path, file] : plan.files)
        if (folders.contains(path))
            return bad_name(file->path, "which is also the folder of another");
    return plan;
}

Result<Contents> contents_of(std::variant<Finding, FlashFound> found,
                             const UnpackOptions& options) {
    if (auto* finding = std::get_if<Finding>(&found)) {
        if (auto* spiffs = std::get_if<SpiffsFound>(&finding->what))
            return std::move(spiffs->contents);
        if (const auto* named = std::get_if<Named>(&finding->what))
            return fail(ErrorKind::config, "image_unknown",
                        fmt::format("this is no SPIFFS image: {}", named->text),
                        "only SPIFFS images are unpacked");
        return fail(ErrorKind::config, "image_unknown", "there is no SPIFFS image in it",
                    "inspect it to see what it holds");
    }
    auto& flash = std::get<FlashFound>(found);
    std::vector<FlashPart*> candidates;
    for (FlashPart& part : flash.parts) {
        const bool wanted = options.partition.empty()
                                ? std::holds_alternative<SpiffsFound>(part.finding.what)
                                : part.name == options.partition;
        if (wanted) candidates.push_back(&part);
    }
    if (candidates.size() != 1)
        return fail(
            ErrorKind::usage, "partition_choice",
            options.partition.empty()
                ? fmt::format("the flash holds {} SPIFFS partitions with files", candidates.size())
                : fmt::format("the flash has no partition {}", image::in_quotes(options.partition)),
            "name one of its SPIFFS partitions");
    Finding& finding = candidates.front()->finding;
    if (auto* damaged = std::get_if<Damaged>(&finding.what))
        return with_context(std::move(damaged->error), candidates.front()->name);
    if (auto* spiffs = std::get_if<SpiffsFound>(&finding.what)) return std::move(spiffs->contents);
    if (const auto* named = std::get_if<Named>(&finding.what))
        return fail(ErrorKind::usage, "partition_choice",
                    fmt::format("partition {} holds no SPIFFS image: {}",
                                image::in_quotes(candidates.front()->name), named->text),
                    "only SPIFFS images are unpacked");
    return fail(ErrorKind::usage, "partition_choice",
                fmt::format("partition {} holds no SPIFFS image",
                            image::in_quotes(candidates.front()->name)));
}

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
    auto found = recognise(bytes, inspect_options);
    if (!found) return with_context(std::move(found).error(), file.string());
    auto contents = contents_of(*std::move(found), options);
    if (!contents) return with_context(std::move(contents).error(), file.string());
    auto planned = plan(*contents);
    if (!planned) return with_context(std::move(planned).error(), file.string());

    UnpackReport report;
    report.warnings = contents->warnings;
    report.holds_private_key = planned->holds_private_key;
    IMPRINT_TRY(NewDirectory made, NewDirectory::create(directory, planned->holds_private_key));
    for (const auto& [path, source] : planned->files) {
        const bool secret = looks_like_private_key(source->path, source->content);
        IMPRINT_CHECK(
            made.add(path, source->content, secret ? FileMode::secret : FileMode::ordinary));
        report.files.push_back(source->path);
    }
    IMPRINT_CHECK(made.move_into_place());
    return report;
}

}  // namespace imprint::image_tool
