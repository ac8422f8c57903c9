#include <algorithm>
#include <fmt/format.h>
#include <system_error>

#include "base/files.h"
#include "base/secret.h"
#include "image_tool/commands.h"
#include "image_tool/directory.h"
#include "image_tool/private_key.h"

namespace imprint::image_tool {

namespace {

namespace fs = std::filesystem;

// An image within its own folder would be packed into the next one.
Result<void> check_output(const SpiffsCommand& command) {
    std::error_code error;
    const fs::path base = fs::weakly_canonical(command.base_dir, error);
    if (error) return {};
    const fs::path output = fs::weakly_canonical(command.output_file, error);
    if (error) return {};
    const auto differs = std::ranges::mismatch(base, output);
    if (differs.in1 != base.end()) return {};
    return fail(ErrorKind::usage, "output_inside_input",
                fmt::format("the image {} would lie in {}, whose files it is made of",
                            command.output_file.string(), command.base_dir.string()),
                "write it elsewhere");
}

image::spiffs::Geometry geometry_of(const SpiffsCommand& command) {
    image::spiffs::Geometry geometry;
    geometry.image_size = command.image_size;
    geometry.page_size = command.page_size;
    geometry.block_size = command.block_size;
    geometry.name_length = command.obj_name_len;
    geometry.metadata_length = command.meta_len;
    geometry.use_magic = command.use_magic;
    geometry.use_magic_length = command.use_magic_len;
    geometry.big_endian = command.big_endian;
    geometry.aligned_index_tables = command.aligned_obj_ix_tables;
    return geometry;
}

}  // namespace

Result<SpiffsReport> make_spiffs(const SpiffsCommand& command) {
    const image::spiffs::Geometry geometry = geometry_of(command);
    IMPRINT_CHECK(image::spiffs::check(geometry));
    IMPRINT_CHECK(check_output(command));
    IMPRINT_TRY(
        DirectoryContents contents,
        read_directory(command.base_dir,
                       command.follow_symlinks ? LinkedFolders::followed : LinkedFolders::left_out,
                       Litter::packed, command.image_size));
    const auto use =
        command.read_only ? image::spiffs::Use::read_only : image::spiffs::Use::read_write;
    IMPRINT_TRY(image::spiffs::Built built, image::spiffs::build(geometry, contents.files, use));
    SpiffsReport report;
    report.files = contents.files.size();
    report.usage = built.usage;
    report.warnings = std::move(contents.warnings);
    report.warnings.insert(report.warnings.end(), built.warnings.begin(), built.warnings.end());
    for (auto& file : contents.files) {
        report.bytes += file.content.size();
        report.holds_private_key |= looks_like_private_key(file.path, file.content);
        wipe(file.content);
    }
    const auto written = write_file(
        command.output_file, built.image,
        report.holds_private_key ? FileMode::secret : FileMode::ordinary, Durability::cached);
    wipe(built.image);
    IMPRINT_CHECK(written);
    return report;
}

}  // namespace imprint::image_tool
