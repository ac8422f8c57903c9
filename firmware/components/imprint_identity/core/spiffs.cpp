#include "imprint_identity/spiffs.h"

#include <cstdio>
#include <cstring>

#include "common.h"
#include "wipe.h"

namespace imprint_identity {
namespace spiffs {

bool is_sound(const Geometry& geometry) {
    constexpr std::uint32_t smallest_page = 64;
    if (geometry.page_size < smallest_page || geometry.block_size % geometry.page_size != 0)
        return false;
    const std::uint32_t pages = geometry.block_size / geometry.page_size;
    const std::uint32_t words = geometry.page_size / 2;  // in one lookup page
    if (pages < 2 || (pages > words && pages % words != 0)) return false;
    if (geometry.image_size == 0 || geometry.image_size % geometry.block_size != 0) return false;
    if (geometry.image_size / geometry.page_size > 0xFFFF) return false;
    // The name and what follows it leave room for one entry of the table at least.
    const std::uint64_t before = std::uint64_t{name_at} + geometry.name_length +
                                 geometry.metadata_length + (geometry.aligned_index_tables ? 1 : 0);
    return geometry.name_length >= 2 && before + 2 <= geometry.page_size;
}

Layout::Layout(const Geometry& geometry)
    : page_size(geometry.page_size),
      block_size(geometry.block_size),
      blocks(geometry.image_size / geometry.block_size),
      pages_per_block(geometry.block_size / geometry.page_size),
      lookup_pages(pages_per_block * 2 / page_size),
      data_bytes(page_size - data_header),
      table_at(name_at + geometry.name_length + geometry.metadata_length),
      big_endian(geometry.big_endian),
      magic_seed(0x20140529U ^ page_size),
      magic_counts_blocks(geometry.use_magic_length) {
    if (lookup_pages == 0) lookup_pages = 1;
    usable_pages = pages_per_block - lookup_pages;
    if (geometry.aligned_index_tables) table_at += table_at % 2;
    head_entries = (page_size - table_at) / 2;
    index_entries = (page_size - index_header) / 2;
}

const char* PageHeader::refusal() const {
    if ((flags & flag_used) != 0) return "is not written";
    if ((flags & flag_deleted) == 0) return "is deleted";
    if ((flags & flag_final) != 0) return "was never finished";
    return nullptr;
}

PageHeader header_of(const Layout& layout, const std::uint8_t* page) {
    PageHeader header;
    header.id = layout.load16(page);
    header.span = layout.load16(page + 2);
    header.flags = page[4];
    return header;
}

std::size_t describe(const Trouble& trouble, char* into, std::size_t size) {
    const auto number = [](std::uint32_t value) { return static_cast<unsigned long>(value); };
    int wanted = 0;
    switch (trouble.where) {
        case Trouble::Where::none:
            break;
        case Trouble::Where::flash:
            wanted = std::snprintf(into, size, "the flash cannot be read");
            break;
        case Trouble::Where::head:
            wanted = std::snprintf(into, size, "its first page, %lu, %s", number(trouble.page),
                                   trouble.why);
            break;
        case Trouble::Where::index:
            wanted = std::snprintf(
                into, size, "it has no index page %lu, where its bytes from %lu on are listed",
                number(trouble.span), number(trouble.done));
            break;
        case Trouble::Where::data:
            wanted = trouble.why != nullptr
                         ? std::snprintf(into, size, "its part %lu is listed on page %lu, which %s",
                                         number(trouble.span), number(trouble.page), trouble.why)
                         : std::snprintf(into, size,
                                         "its part %lu is listed on page %lu, which is part %u of "
                                         "object %u",
                                         number(trouble.span), number(trouble.page),
                                         unsigned{trouble.is_span}, unsigned{trouble.is_id});
            break;
    }
    if (wanted <= 0 || size == 0) return 0;
    const auto length = static_cast<std::size_t>(wanted);
    return length < size ? length : size - 1;
}

Volume::Volume(const Flash& flash, const Geometry& geometry)
    : flash_(flash), geometry_(geometry), layout_(geometry) {}

bool Volume::header(std::uint32_t page, PageHeader& into) {
    std::uint8_t bytes[data_header];
    const auto at = static_cast<std::uint32_t>(layout_.address_of(page));
    if (!flash_.read(flash_.context, at, bytes, sizeof(bytes))) return false;
    into = header_of(layout_, bytes);
    return true;
}

bool Volume::entry(std::uint32_t page, std::uint32_t at, std::uint16_t& into) {
    std::uint8_t bytes[2];
    const auto begin = static_cast<std::uint32_t>(layout_.address_of(page));
    if (!flash_.read(flash_.context, begin + at, bytes, sizeof(bytes))) return false;
    into = layout_.load16(bytes);
    return true;
}

bool Volume::lookup(std::uint32_t page, std::uint16_t& into) {
    std::uint8_t bytes[2];
    const auto at = static_cast<std::uint32_t>(layout_.lookup_entry(page));
    if (!flash_.read(flash_.context, at, bytes, sizeof(bytes))) return false;
    into = layout_.load16(bytes);
    return true;
}

// Of two pages for one part of a file, the first that SPIFFS comes to from the one before.
bool Volume::next_index_page(std::uint16_t id, std::uint16_t span, std::uint32_t from,
                             std::uint32_t& into, bool& found) {
    found = false;
    for (std::uint32_t i = 0; i < layout_.pages() && !found; ++i) {
        const std::uint32_t page = (from + i) % layout_.pages();
        if (layout_.is_lookup(page)) continue;
        std::uint16_t entry = 0;
        if (!lookup(page, entry)) return false;
        if (entry != id) continue;
        PageHeader head;
        if (!header(page, head)) return false;
        if (!head.is_alive() || !head.is_index() || head.id != id || head.span != span) continue;
        into = page;
        found = true;
    }
    return true;
}

bool Volume::is_named(std::uint32_t page, const char* name, bool& is_it) {
    is_it = false;
    const std::size_t length = std::strlen(name);
    if (length + 1 >= geometry_.name_length) return true;  // no name can be that long
    auto at = static_cast<std::uint32_t>(layout_.address_of(page) + name_at);
    // With the slash in front and the NUL behind.
    for (std::size_t done = 0; done < length + 2;) {
        char piece[16];
        const std::size_t left = length + 2 - done;
        const std::size_t step = left < sizeof(piece) ? left : sizeof(piece);
        if (!flash_.read(flash_.context, at, piece, step)) return false;
        for (std::size_t i = 0; i < step; ++i, ++done)
            if (piece[i] != (done == 0 ? '/' : name[done - 1])) return true;
        at += static_cast<std::uint32_t>(step);
    }
    is_it = true;
    return true;
}

Volume::Found Volume::find(const char* name, FileHead& into) {
    for (std::uint32_t page = 0; page < layout_.pages(); ++page) {
        if (layout_.is_lookup(page)) continue;
        std::uint16_t id = 0;
        if (!lookup(page, id)) return Found::unreadable;
        if (id == id_free || (id & id_index_bit) == 0) continue;
        PageHeader head;
        if (!header(page, head)) return Found::unreadable;
        if (!head.is_listed()) continue;
        bool is_it = false;
        if (!is_named(page, name, is_it)) return Found::unreadable;
        if (!is_it) continue;
        std::uint8_t size[4];
        const auto at = static_cast<std::uint32_t>(layout_.address_of(page) + size_at);
        if (!flash_.read(flash_.context, at, size, sizeof(size))) return Found::unreadable;
        into.page = page;
        into.id = id;
        into.size = layout_.load32(size);
        if (into.size == size_unwritten) into.size = 0;
        return Found::yes;
    }
    return Found::no;
}

bool Volume::read(const char* name, char* into, std::size_t size) {
    FileHead file;
    trouble_[0] = '\0';
    if (find(name, file) != Found::yes || file.size != size) return false;
    Walk<Volume> walk(*this, layout_, file);
    Walk<Volume>::Part part;
    while (walk.next(part)) {
        const auto at = static_cast<std::uint32_t>(layout_.address_of(part.page) + data_header);
        if (!flash_.read(flash_.context, at, into, part.size)) return false;
        into += part.size;
    }
    if (!walk.trouble()) return true;
    describe(walk.trouble(), trouble_, sizeof(trouble_));
    return false;
}

bool Volume::wipe(const char* name) {
    FileHead file;
    switch (find(name, file)) {
        case Found::no:
            return true;
        case Found::unreadable:
            return false;
        case Found::yes:
            break;
    }
    const auto id = static_cast<std::uint16_t>(file.id & ~id_index_bit);
    for (std::uint32_t page = 0; page < layout_.pages(); ++page) {
        if (layout_.is_lookup(page)) continue;
        std::uint16_t entry = 0;
        if (!lookup(page, entry)) return false;
        const auto at = static_cast<std::uint32_t>(layout_.address_of(page) + data_header);
        if (entry == id && !wipe_flash(flash_, at, layout_.data_bytes)) return false;
    }
    return true;
}

FileSource Volume::source() {
    return source_of(*this);
}

long Volume::size(const char* name) {
    FileHead file;
    switch (find(name, file)) {
        case Found::no:
            return FileSource::missing;
        case Found::unreadable:
            return FileSource::unreadable;
        case Found::yes:
            break;
    }
    return size_told(file.size);
}

bool Volume::count_magic(std::uint32_t& into) {
    into = 0;
    for (std::uint32_t block = 0; block < layout_.blocks; ++block) {
        std::uint8_t bytes[2];
        const auto at = static_cast<std::uint32_t>(layout_.magic_at(block));
        if (!flash_.read(flash_.context, at, bytes, sizeof(bytes))) return false;
        if (layout_.load16(bytes) == layout_.magic_of(block)) ++into;
    }
    return true;
}

Problem load(const Flash& flash, const Geometry& geometry, const char* name, const FileNames& names,
             const Mac& mac, const Crypto& crypto, Identity& into, Problem& mended, Parts wanted) {
    Problem bad;
    if (!is_sound(geometry)) {
        bad.status = Status::storage_unavailable;
        (void)std::snprintf(bad.text, sizeof(bad.text),
                            "the partition %s has %lu bytes, and this firmware's SPIFFS settings "
                            "do not go with that",
                            name, static_cast<unsigned long>(geometry.image_size));
        return bad;
    }
    Volume volume(flash, geometry);
    bad = imprint_identity::load(volume.source(), names, mac, crypto, into, mended, wanted);
    if (bad.status != Status::not_prepared || !geometry.use_magic) return bad;
    std::uint32_t magic = 0;
    std::uint8_t first[16];
    bool is_blank = true;
    if (!volume.count_magic(magic) || !flash.read(flash.context, 0, first, sizeof(first))) {
        bad.status = Status::storage_unavailable;
        (void)std::snprintf(bad.text, sizeof(bad.text), "the partition %s cannot be read", name);
        return bad;
    }
    for (const std::uint8_t byte : first)
        is_blank = is_blank && byte == 0xFF;
    if (magic != 0 || is_blank) return bad;
    bad.status = Status::storage_unavailable;
    (void)std::snprintf(bad.text, sizeof(bad.text),
                        "the partition %s holds no SPIFFS of this firmware's settings (page %lu, "
                        "name %lu, metadata %lu)",
                        name, static_cast<unsigned long>(geometry.page_size),
                        static_cast<unsigned long>(geometry.name_length),
                        static_cast<unsigned long>(geometry.metadata_length));
    return bad;
}

}  // namespace spiffs
}  // namespace imprint_identity
