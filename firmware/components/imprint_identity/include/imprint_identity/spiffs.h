// Reads the files of a SPIFFS partition as they lie in flash, without mounting it. A mount erases a
// block whose magic is damaged, and with it what is in the block (pellepl/spiffs, spiffs_check.c
// and SPIFFS_mount); this reads the files that are still there, and never writes.
//
// Format: pellepl/spiffs src/spiffs_nucleus.h: the macros SPIFFS_OBJ_LOOKUP_PAGES to
// SPIFFS_DATA_SPAN_IX_FOR_OBJ_IX_SPAN_IX and the page structures. What is read of a file is what
// SPIFFS_read gives (spiffs_object_read, spiffs_page_data_check, spiffs_obj_lu_find_id_and_span).
//
// Plain C++17 without exceptions, RTTI or memory of its own: it runs on the chip, and on a computer
// it is what reads images.
#pragma once

#include <cstddef>
#include <cstdint>

#include "imprint_identity/flash.h"
#include "imprint_identity/identity.h"

namespace imprint_identity {
namespace spiffs {

struct Geometry {
    std::uint32_t image_size = 0;       // bytes; the partition's size
    std::uint32_t page_size = 256;      // bytes
    std::uint32_t block_size = 4096;    // bytes
    std::uint32_t name_length = 32;     // CONFIG_SPIFFS_OBJ_NAME_LEN, with the ending NUL
    std::uint32_t metadata_length = 4;  // CONFIG_SPIFFS_META_LENGTH
    bool use_magic = true;
    bool use_magic_length = true;
    bool big_endian = false;
    bool aligned_index_tables = false;  // CONFIG_SPIFFS_ALIGNED_OBJ_INDEX_TABLES

    friend bool operator==(const Geometry& a, const Geometry& b) {
        return a.image_size == b.image_size && a.page_size == b.page_size &&
               a.block_size == b.block_size && a.name_length == b.name_length &&
               a.metadata_length == b.metadata_length && a.use_magic == b.use_magic &&
               a.use_magic_length == b.use_magic_length && a.big_endian == b.big_endian &&
               a.aligned_index_tables == b.aligned_index_tables;
    }
};

constexpr std::uint16_t id_free = 0xFFFF;  // a lookup entry that is not written yet
constexpr std::uint16_t id_deleted = 0;
constexpr std::uint16_t id_index_bit = 0x8000;
// 0x7FFF with the index bit would read as a free entry.
constexpr std::uint16_t id_last = 0x7FFE;
constexpr std::uint32_t size_unwritten = 0xFFFFFFFF;  // an empty file that can still grow
constexpr std::uint8_t type_file = 1;

// Flags of a page: a flag is set if its bit is 0.
constexpr std::uint8_t flag_used = 0x01;
constexpr std::uint8_t flag_final = 0x02;
constexpr std::uint8_t flag_index = 0x04;
constexpr std::uint8_t flag_index_deleted = 0x40;
constexpr std::uint8_t flag_deleted = 0x80;

constexpr std::uint32_t data_header = 5;   // id u16, span u16, flags u8
constexpr std::uint32_t index_header = 8;  // the same, padded to 4
constexpr std::uint32_t size_at = 8;       // in the first index page: u32
constexpr std::uint32_t type_at = 12;      // u8
constexpr std::uint32_t name_at = 13;

// Whether a layout can be computed from it, and nothing in it lies outside of its page.
bool is_sound(const Geometry& geometry);

struct Layout {
    explicit Layout(const Geometry& geometry);  // is_sound() has accepted it

    std::uint32_t page_size;
    std::uint32_t block_size;
    std::uint32_t blocks;
    std::uint32_t pages_per_block;
    std::uint32_t lookup_pages;   // at the start of each block
    std::uint32_t usable_pages;   // in each block
    std::uint32_t data_bytes;     // of a file's content in one page
    std::uint32_t table_at;       // in the first index page of a file
    std::uint32_t head_entries;   // of that table
    std::uint32_t index_entries;  // of the table in each further index page
    bool big_endian;
    std::uint32_t magic_seed;
    bool magic_counts_blocks;

    [[nodiscard]] std::uint32_t pages() const { return blocks * pages_per_block; }

    [[nodiscard]] std::uint32_t pages_total() const { return blocks * usable_pages; }

    // The n-th usable page, counted over all blocks.
    [[nodiscard]] std::uint32_t page_of(std::uint32_t n) const {
        return n / usable_pages * pages_per_block + lookup_pages + n % usable_pages;
    }

    [[nodiscard]] bool is_lookup(std::uint32_t page) const {
        return page % pages_per_block < lookup_pages;
    }

    [[nodiscard]] std::size_t address_of(std::uint32_t page) const {
        return std::size_t{page} * page_size;
    }

    // The lookup entry of a page that is not itself a lookup page.
    [[nodiscard]] std::size_t lookup_entry(std::uint32_t page) const {
        const std::uint32_t block = page / pages_per_block;
        return std::size_t{block} * block_size +
               std::size_t{page % pages_per_block - lookup_pages} * 2;
    }

    [[nodiscard]] std::size_t magic_at(std::uint32_t block) const {
        return std::size_t{block} * block_size + std::size_t{lookup_pages} * page_size - 4;
    }

    [[nodiscard]] std::uint16_t magic_of(std::uint32_t block) const {
        return static_cast<std::uint16_t>(magic_seed ^ (magic_counts_blocks ? blocks - block : 0));
    }

    [[nodiscard]] std::uint64_t data_pages(std::uint64_t size) const {
        return (size + data_bytes - 1) / data_bytes;
    }

    // Index pages of a file with that many data pages: one, and more once its table is full.
    [[nodiscard]] std::uint64_t index_pages(std::uint64_t data) const {
        if (data <= head_entries) return 1;
        return 1 + (data - head_entries + index_entries - 1) / index_entries;
    }

    std::uint16_t load16(const std::uint8_t* at) const {
        const unsigned first = big_endian ? at[1] : at[0];
        const unsigned second = big_endian ? at[0] : at[1];
        return static_cast<std::uint16_t>(first | second << 8);
    }

    std::uint32_t load32(const std::uint8_t* at) const {
        const std::uint32_t first = load16(at);
        const std::uint32_t second = load16(at + 2);
        return big_endian ? first << 16 | second : second << 16 | first;
    }
};

struct PageHeader {
    std::uint16_t id = 0;
    std::uint16_t span = 0;  // its number among the pages of its kind of one file
    std::uint8_t flags = 0;

    // Written, finished and not deleted: what SPIFFS takes for alive.
    [[nodiscard]] bool is_alive() const {
        return (flags & (flag_used | flag_final | flag_deleted)) == flag_deleted;
    }

    [[nodiscard]] bool is_index() const { return (flags & flag_index) == 0; }

    // Whether SPIFFS_readdir shows the file whose first index page this is.
    [[nodiscard]] bool is_listed() const {
        return span == 0 && (flags & (flag_final | flag_deleted | flag_index_deleted)) ==
                                (flag_deleted | flag_index_deleted);
    }

    // Why SPIFFS does not read such a page; null: it does.
    [[nodiscard]] const char* refusal() const;
};

PageHeader header_of(const Layout& layout, const std::uint8_t* page);

// A file, by its first index page.
struct FileHead {
    std::uint32_t page = 0;
    std::uint16_t id = 0;  // as the page's lookup entry has it, with the index bit
    std::uint32_t size = 0;
};

// Why a file cannot be read to its end.
struct Trouble {
    enum class Where : std::uint8_t { none, flash, head, index, data };

    Where where = Where::none;
    std::uint32_t page = 0;  // of head and data
    std::uint32_t span = 0;  // of index and data
    const char* why =
        nullptr;  // of head and data; null: the page is part `is_span` of object `is_id`
    std::uint16_t is_span = 0;
    std::uint16_t is_id = 0;
    std::uint32_t done = 0;  // bytes that were read before

    explicit operator bool() const { return where != Where::none; }
};

// "its part 3 is listed on page 20, which was never finished". Gives how many bytes that has.
std::size_t describe(const Trouble& trouble, char* into, std::size_t size);

// The pages of a file's content, one after the other. Pages is what they are read from:
//
//   bool header(std::uint32_t page, PageHeader& into);
//   bool entry(std::uint32_t page, std::uint32_t at, std::uint16_t& into);  // of an index page
//   bool next_index_page(std::uint16_t id, std::uint16_t span, std::uint32_t from,
//                        std::uint32_t& into, bool& found);
//   const char* refusal(std::uint32_t page);  // why none is read there; null: it is
//
// The first three give false where the flash cannot be read.
template <typename Pages>
class Walk {
  public:
    struct Part {
        std::uint32_t page = 0;
        std::uint32_t size = 0;  // bytes of content in it
    };

    Walk(Pages& pages, const Layout& layout, const FileHead& file)
        : pages_(pages), layout_(layout), file_(file), index_(file.page) {
        entry_at_ = layout.table_at;
        entries_left_ = layout.head_entries;
    }

    // False: that was all, or there is a trouble.
    bool next(Part& part) {
        if (span_ == 0 && !is_head_sound()) return false;
        if (done_ >= file_.size) return false;
        if (entries_left_ == 0 && !take_next_index_page()) return false;
        std::uint16_t page = 0;
        if (!pages_.entry(index_, entry_at_, page)) return fail(Trouble::Where::flash);
        entry_at_ += 2;
        --entries_left_;
        if (!is_data_sound(page)) return false;
        part.page = page;
        part.size =
            layout_.data_bytes < file_.size - done_ ? layout_.data_bytes : file_.size - done_;
        done_ += part.size;
        ++span_;
        return true;
    }

    [[nodiscard]] const Trouble& trouble() const { return trouble_; }

  private:
    bool fail(Trouble::Where where, std::uint32_t page = 0, const char* why = nullptr) {
        trouble_.where = where;
        trouble_.page = page;
        trouble_.span = where == Trouble::Where::index ? index_span_ : span_;
        trouble_.why = why;
        trouble_.done = done_;
        return false;
    }

    bool is_head_sound() {
        PageHeader head;
        if (!pages_.header(file_.page, head)) return fail(Trouble::Where::flash);
        if (const char* why = head.refusal()) return fail(Trouble::Where::head, file_.page, why);
        if (!head.is_index())
            return fail(Trouble::Where::head, file_.page, "is marked as one of content");
        return true;
    }

    bool take_next_index_page() {
        bool found = false;
        std::uint32_t next = 0;
        ++index_span_;
        if (!pages_.next_index_page(file_.id, index_span_, index_, next, found))
            return fail(Trouble::Where::flash);
        if (!found) return fail(Trouble::Where::index);
        index_ = next;
        entry_at_ = index_header;
        entries_left_ = layout_.index_entries;
        return true;
    }

    bool is_data_sound(std::uint32_t page) {
        using Where = Trouble::Where;
        if (page == id_free) return fail(Where::data, page, "was not filled in");
        if (page >= layout_.pages()) return fail(Where::data, page, "is beyond the image's end");
        if (layout_.is_lookup(page)) return fail(Where::data, page, "is a lookup page");
        if (const char* why = pages_.refusal(page)) return fail(Where::data, page, why);
        PageHeader head;
        if (!pages_.header(page, head)) return fail(Where::flash);
        if (const char* why = head.refusal()) return fail(Where::data, page, why);
        if (head.is_index()) return fail(Where::data, page, "is an index page");
        if (head.span == span_) return true;
        trouble_.is_span = head.span;
        trouble_.is_id = head.id;
        return fail(Where::data, page);
    }

    Pages& pages_;
    const Layout& layout_;
    FileHead file_;
    std::uint32_t index_;  // page of the table that is read
    std::uint32_t entry_at_ = 0;
    std::uint32_t entries_left_ = 0;
    std::uint16_t index_span_ = 0;
    std::uint32_t span_ = 0;
    std::uint32_t done_ = 0;
    Trouble trouble_;
};

using imprint_identity::Flash;

class Volume {
  public:
    // The geometry is sound.
    Volume(const Flash& flash, const Geometry& geometry);

    // Files in the root, by their name without the slash. The volume outlives it.
    FileSource source();

    // As FileSource has them.
    long size(const char* name);
    bool read(const char* name, char* into, std::size_t size);

    // Of all blocks, how many have the magic of this geometry; false: flash cannot be read.
    bool count_magic(std::uint32_t& into);

    // Of the last file that could not be read: a sentence's end, or empty.
    [[nodiscard]] const char* trouble() const { return trouble_; }

    // Writes zeros over the content of a file, wherever its pages lie: of what was there nothing
    // can be read any more, and SPIFFS finds a file of zeros. False: flash does not do that. No
    // such file: there is nothing to do.
    bool wipe(const char* name);

    // What a Walk reads.
    bool header(std::uint32_t page, PageHeader& into);
    bool entry(std::uint32_t page, std::uint32_t at, std::uint16_t& into);
    bool next_index_page(std::uint16_t id, std::uint16_t span, std::uint32_t from,
                         std::uint32_t& into, bool& found);

    [[nodiscard]] const char* refusal(std::uint32_t) const { return nullptr; }

  private:
    enum class Found : std::uint8_t { yes, no, unreadable };

    Found find(const char* name, FileHead& into);
    bool is_named(std::uint32_t page, const char* name, bool& is_it);
    bool lookup(std::uint32_t page, std::uint16_t& into);

    Flash flash_;
    Geometry geometry_;
    Layout layout_;
    char trouble_[96] = "";
};

// The identity of a partition: imprint_identity::load, with what the partition itself tells where
// nothing is found in it. name: the partition's, for the console.
Problem load(const Flash& flash, const Geometry& geometry, const char* name, const FileNames& names,
             const Mac& mac, const Crypto& crypto, Identity& into, Problem& mended,
             Parts wanted = all_parts);

}  // namespace spiffs
}  // namespace imprint_identity
