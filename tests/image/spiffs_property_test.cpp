// Any files in any geometry: what is built reads back, and the rule of what fits holds.
#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <optional>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>  // leans on gtest.h
#include <set>

#include "image/spiffs.h"
#include "imprint_identity/spiffs.h"

namespace imprint::image::spiffs {
namespace {

Geometry any_geometry() {
    Geometry geometry;
    geometry.page_size = *rc::gen::element(256U, 512U, 768U, 1024U);
    geometry.block_size =
        (geometry.page_size == 768 ? 12288U : 4096U) * *rc::gen::element(1U, 2U, 4U);
    geometry.image_size = geometry.block_size * *rc::gen::inRange(1U, 40U);
    geometry.name_length = *rc::gen::inRange(8U, 100U);
    geometry.metadata_length = *rc::gen::inRange(0U, 20U);
    geometry.use_magic = *rc::gen::arbitrary<bool>();
    geometry.use_magic_length = *rc::gen::arbitrary<bool>();
    geometry.big_endian = *rc::gen::arbitrary<bool>();
    geometry.aligned_index_tables = *rc::gen::arbitrary<bool>();
    return geometry;
}

std::vector<File> any_files(const Geometry& geometry) {
    const auto count = *rc::gen::inRange<std::size_t>(0, 12);
    std::map<std::string, Bytes> files;
    for (std::size_t i = 0; i < count; ++i) {
        std::string name = "/";
        const auto length = *rc::gen::inRange<std::size_t>(1, geometry.name_length - 1);
        for (std::size_t k = 0; k < length; ++k)
            name += static_cast<char>(*rc::gen::inRange(1, 256));
        if (name.back() == '/') name.back() = 'x';
        const auto size = *rc::gen::oneOf(
            rc::gen::inRange<std::size_t>(0, 3),
            rc::gen::map(rc::gen::inRange<std::size_t>(0, 300),
                         [&](std::size_t pages) { return pages * (geometry.page_size - 5); }),
            rc::gen::inRange<std::size_t>(0, 60000));
        Bytes content(size);
        auto state = *rc::gen::arbitrary<std::uint32_t>();
        for (std::uint8_t& byte : content) {
            state = state * 1664525U + 1013904223U;
            byte = static_cast<std::uint8_t>(state >> 24);
        }
        files[name] = std::move(content);
    }
    std::vector<File> list;
    for (auto& [path, content] : files)
        list.push_back({path, std::move(content)});
    return list;
}

// Written down again from the notes on the format, apart from the code that is tested.
std::uint64_t pages_needed(const Geometry& geometry, const std::vector<File>& files) {
    const std::uint64_t data_page = geometry.page_size - 5;
    std::uint64_t head = 13 + geometry.name_length + geometry.metadata_length;
    if (geometry.aligned_index_tables) head = (head + 1) / 2 * 2;
    const std::uint64_t in_head = (geometry.page_size - head) / 2;
    const std::uint64_t in_rest = (geometry.page_size - 8) / 2;
    std::uint64_t pages = 0;
    for (const File& file : files) {
        const std::uint64_t data = (file.content.size() + data_page - 1) / data_page;
        pages += data + 1;
        if (data > in_head) pages += (data - in_head + in_rest - 1) / in_rest;
    }
    return pages;
}

RC_GTEST_PROP(SpiffsProperty, what_fits_is_built_and_reads_back_and_the_rest_is_refused, ()) {
    const Geometry geometry = any_geometry();
    RC_ASSERT(check(geometry).has_value());
    const std::vector<File> files = any_files(geometry);
    const std::uint64_t per_block = geometry.block_size / geometry.page_size - 1;
    const std::uint64_t blocks = geometry.image_size / geometry.block_size;
    const std::uint64_t needed = pages_needed(geometry, files);
    const bool fits = needed <= blocks * per_block;
    RC_CLASSIFY(fits, "fits");
    RC_CLASSIFY(files.empty(), "no files");

    std::vector<File> shuffled = files;
    std::ranges::reverse(shuffled);
    const auto built = build(geometry, shuffled, Use::read_only);
    RC_ASSERT(built.has_value() == fits);
    const std::uint64_t free_blocks = fits ? blocks - (needed + per_block - 1) / per_block : 0;
    const std::uint64_t for_writing = blocks > 2 ? (blocks - 2) * per_block : 0;
    RC_ASSERT(build(geometry, files, Use::read_write).has_value() == (needed + 3 <= for_writing));
    if (!built) {
        RC_ASSERT(built.error().code == "spiffs_full");
        return;
    }
    RC_ASSERT(built->image.size() == geometry.image_size);
    RC_ASSERT(built->usage.pages_used == needed);
    RC_ASSERT(built->usage.blocks_free == free_blocks);

    const auto contents = read(built->image, geometry);
    RC_ASSERT(contents.has_value());
    RC_ASSERT(contents->warnings.empty());
    RC_ASSERT(contents->files.size() == files.size());
    for (std::size_t i = 0; i < files.size(); ++i) {
        RC_ASSERT(contents->files[i].path == files[i].path);
        RC_ASSERT(contents->files[i].content == files[i].content);
    }
    RC_ASSERT(contents->usage.pages_used == needed);
    RC_ASSERT(contents->usage.blocks_free == free_blocks);
}

// What the board's own reader, which keeps nothing in memory, says of a file; nothing: it is not
// there.
struct ReadByBoard {
    std::uint32_t size = 0;
    bool is_whole = false;
    Bytes content;
};

std::optional<ReadByBoard> read_by_board(const Bytes& image, const Geometry& geometry,
                                         const std::string& name) {
    const imprint_identity::spiffs::Flash flash{
        [](void* self, std::uint32_t at, void* into, std::size_t size) {
            const Bytes& bytes = *static_cast<const Bytes*>(self);
            if (at > bytes.size() || size > bytes.size() - at) return false;
            std::copy_n(bytes.begin() + at, size, static_cast<std::uint8_t*>(into));
            return true;
        },
        const_cast<Bytes*>(&image)};
    imprint_identity::spiffs::Volume volume(flash, geometry);
    const auto files = volume.source();
    const long size = files.size(files.context, name.c_str());
    if (size == imprint_identity::FileSource::missing) return std::nullopt;
    if (size > 0x100000) return ReadByBoard{static_cast<std::uint32_t>(size), false, {}};
    ReadByBoard read{static_cast<std::uint32_t>(size), false,
                     Bytes(static_cast<std::size_t>(size))};
    read.is_whole = files.read(files.context, name.c_str(),
                               reinterpret_cast<char*>(read.content.data()), read.content.size());
    return read;
}

RC_GTEST_PROP(SpiffsProperty, the_boards_reader_gives_what_the_images_reader_gives, ()) {
    const Geometry geometry = any_geometry();
    std::vector<File> files = any_files(geometry);
    for (File& file : files)
        file.group = *rc::gen::inRange(0U, 3U);
    auto built = build(geometry, files, Use::read_only);
    if (!built) return;
    const auto flips = *rc::gen::inRange(0, 40);
    for (int i = 0; i < flips; ++i) {
        // Most of them where something stands: in the first blocks.
        const auto reach = *rc::gen::element<std::size_t>(geometry.block_size, built->image.size());
        built->image[*rc::gen::inRange<std::size_t>(0, reach)] ^=
            static_cast<std::uint8_t>(1U << *rc::gen::inRange(0, 8));
    }
    const auto contents = read(built->image, geometry, Reading::as_it_lies);
    RC_ASSERT(contents.has_value());
    for (const File& file : contents->files) {
        if (file.path.size() < 2 || file.path.front() != '/') continue;
        const auto seen = read_by_board(built->image, geometry, file.path.substr(1));
        RC_ASSERT(seen.has_value());
        RC_ASSERT(seen->is_whole);
        RC_ASSERT(seen->content == file.content);
    }
    for (const auto& partial : contents->partial) {
        const std::string& path = partial.file.path;
        if (path.size() < 2 || path.front() != '/') continue;
        const auto seen = read_by_board(built->image, geometry, path.substr(1));
        RC_ASSERT(!seen || !seen->is_whole || seen->size != partial.size);
    }
    for (const File& file : files) {
        const auto is_it = [&](const File& one) { return one.path == file.path; };
        const bool is_listed = std::ranges::any_of(contents->files, is_it) ||
                               std::ranges::any_of(contents->partial, [&](const auto& one) {
                                   return is_it(one.file);
                               });
        RC_ASSERT(is_listed ==
                  read_by_board(built->image, geometry, file.path.substr(1)).has_value());
    }
}

RC_GTEST_PROP(SpiffsProperty, groups_share_no_block, ()) {
    const Geometry geometry = any_geometry();
    std::vector<File> files = any_files(geometry);
    for (File& file : files)
        file.group = *rc::gen::inRange(0U, 3U);
    const auto built = build(geometry, files, Use::read_only);
    if (!built) return;
    // With each block erased in turn, files of one group at most are lost.
    for (std::size_t at = 0; at < built->image.size(); at += geometry.block_size) {
        Bytes image = built->image;
        std::fill_n(image.begin() + static_cast<std::ptrdiff_t>(at), geometry.block_size, 0xFF);
        const auto contents = read(image, geometry, Reading::as_it_lies);
        RC_ASSERT(contents.has_value());
        std::set<unsigned> hit;
        for (const File& file : files)
            if (std::ranges::none_of(contents->files, [&](const File& one) {
                    return one.path == file.path && one.content == file.content;
                }))
                hit.insert(file.group);
        RC_ASSERT(hit.size() <= 1);
    }
}

}  // namespace
}  // namespace imprint::image::spiffs
