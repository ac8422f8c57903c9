#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

#include "image/spiffs.h"
#include "image/spiffs_layout.h"
#include "image/text.h"

namespace imprint::image::spiffs {

namespace {

std::unexpected<Error> damaged_spiffs(std::string message) {
    return fail(ErrorKind::config, "spiffs_damaged", std::move(message));
}

struct PageHeader {
    std::uint16_t id = 0;
    std::uint16_t span = 0;
    std::uint8_t flags = 0;

    // Written, finished and not deleted: what SPIFFS takes for alive.
    [[nodiscard]] bool alive() const {
        return (flags & (flag_used | flag_final | flag_deleted)) == flag_deleted;
    }

    [[nodiscard]] bool is_index() const { return (flags & flag_index) == 0; }
};

// Counts what a device lives with, so that a hostile image cannot make the list of warnings long.
class Oddities {
  public:
    void note(std::string_view what, const std::string& example) {
        for (auto& [kind, count, first] : kinds_)
            if (kind == what) {
                ++count;
                return;
            }
        kinds_.push_back({std::string(what), 1, example});
    }

    [[nodiscard]] std::vector<std::string> texts() const {
        std::vector<std::string> texts;
        for (const auto& [kind, count, first] : kinds_)
            texts.push_back(count == 1 ? fmt::format("{}: {}", kind, first)
                                       : fmt::format("{}: {} and {} more", kind, first, count - 1));
        return texts;
    }

  private:
    struct Kind {
        std::string what;
        std::size_t count;
        std::string first;
    };

    std::vector<Kind> kinds_;
};

class Reader {
  public:
    Reader(ByteView image, const Geometry& geometry)
        : image_(image), geometry_(geometry), layout_(geometry) {}

    Result<Contents> read() {
        IMPRINT_CHECK(check_magic());
        scan();
        Contents contents;
        contents.geometry = geometry_;
        std::set<std::string, std::less<>> names;
        for (const std::uint32_t head : heads_) {
            IMPRINT_TRY(File file, read_file(head));
            if (names.contains(file.path)) {
                oddities_.note("a device finds only the first of two files of one name",
                               in_quotes(file.path));
                continue;
            }
            names.insert(file.path);
            contents.files.push_back(std::move(file));
        }
        std::ranges::sort(contents.files, [](const File& a, const File& b) {
            return std::ranges::lexicographical_compare(as_bytes(a.path), as_bytes(b.path));
        });
        note_orphans();
        contents.usage = usage_;
        contents.warnings = oddities_.texts();
        return contents;
    }

  private:
    // A device mounts with one bad block, since power may fail while it erases one, and erases it.
    Result<void> check_magic() {
        erased_block_ = layout_.blocks;
        if (!geometry_.use_magic) return {};
        for (std::uint32_t block = 0; block < layout_.blocks; ++block) {
            const std::uint16_t magic = layout_.get16(image_, layout_.magic_at(block));
            if (magic == layout_.magic_of(block)) continue;
            if (erased_block_ != layout_.blocks)
                return damaged_spiffs(fmt::format(
                    "blocks {} and {} of {} carry no SPIFFS magic of this geometry (0x{:04x} where "
                    "0x{:04x} belongs): a device cannot mount it (-10025)",
                    erased_block_, block, layout_.blocks, magic, layout_.magic_of(block)));
            erased_block_ = block;
        }
        if (erased_block_ != layout_.blocks)
            oddities_.note("a device erases a block without magic when it mounts",
                           fmt::format("block {}", erased_block_));
        return {};
    }

    [[nodiscard]] PageHeader header(std::uint32_t page) const {
        const std::size_t at = layout_.address_of(page);
        return {layout_.get16(image_, at), layout_.get16(image_, at + 2), image_[at + 4]};
    }

    [[nodiscard]] std::string place(std::uint32_t page) const {
        return fmt::format("block {}, page {}", page / layout_.pages_per_block, page);
    }

    void scan() {
        usage_.pages_total = layout_.pages_total();
        usage_.blocks_total = layout_.blocks;
        live_data_.assign(std::size_t{layout_.blocks} * layout_.pages_per_block, false);
        for (std::uint32_t block = 0; block < layout_.blocks; ++block) {
            bool free = true;
            if (block != erased_block_)
                for (std::uint32_t k = 0; k < layout_.usable_pages; ++k)
                    free &= scan_page(block * layout_.pages_per_block + layout_.lookup_pages + k);
            if (free) ++usage_.blocks_free;
        }
    }

    // True when the page is free.
    bool scan_page(std::uint32_t page) {
        const std::uint16_t id = layout_.get16(image_, layout_.lookup_entry(page));
        if (id == id_free) return true;
        if (id == id_deleted) return false;
        ++usage_.pages_used;
        const PageHeader head = header(page);
        if (!head.alive()) {
            oddities_.note("a page was never finished", place(page));
        } else if (head.id != id || head.is_index() != ((id & id_index_bit) != 0)) {
            oddities_.note("a page says other than its lookup entry", place(page));
        } else if (!head.is_index()) {
            live_data_[page] = true;
        } else if (head.span == 0 && (head.flags & flag_index_deleted) == 0) {
            oddities_.note("a file was being deleted", place(page));
        } else if (!index_pages_.emplace(key(id, head.span), page).second) {
            oddities_.note("a device uses the first of two index pages of one file", place(page));
        } else if (head.span == 0) {
            heads_.push_back(page);
        }
        return false;
    }

    [[nodiscard]] static std::uint32_t key(std::uint16_t id, std::uint16_t span) {
        return std::uint32_t{id} << 16 | span;
    }

    Result<File> read_file(std::uint32_t head) {
        const ByteView page = image_.subspan(layout_.address_of(head), layout_.page_size);
        const std::uint16_t id = layout_.get16(page, 0);
        const std::string_view name = as_text(page.subspan(name_at, geometry_.name_length));
        File file;
        file.path = name.substr(0, std::min(name.find('\0'), name.size()));
        const std::string who =
            fmt::format("object {} {}", id & ~id_index_bit, in_quotes(file.path));
        if (file.path.size() == name.size())
            oddities_.note("a device cannot open a name without its ending NUL (-10036)", who);
        if (page[type_at] != type_file)
            oddities_.note(fmt::format("an object of type {} is no file", page[type_at]), who);
        const std::uint32_t size = layout_.get32(page, size_at);
        if (size == size_unwritten) return file;
        if (size == 0)
            oddities_.note("an empty file of size 0 loses what a device writes to it later", who);
        const std::uint64_t pages = layout_.data_pages(size);
        if (pages > layout_.pages_total() || pages > 0xFFFF)
            return damaged_spiffs(
                fmt::format("{}: {} says that it has {} bytes, {} pages, and the image "
                            "has {}",
                            place(head), who, size, pages, layout_.pages_total()));
        file.content.reserve(size);
        std::uint32_t index = head;
        std::size_t entry_at = layout_.table_at;
        std::uint32_t entries_left = layout_.head_entries;
        std::uint16_t index_span = 0;
        for (std::uint32_t span = 0; span < pages; ++span) {
            if (entries_left == 0) {
                const auto found = index_pages_.find(key(id, ++index_span));
                if (found == index_pages_.end())
                    return damaged_spiffs(fmt::format(
                        "{}: {} has no index page {}, where its bytes from "
                        "{} on are listed",
                        place(head), who, index_span, std::uint64_t{span} * layout_.data_bytes));
                index = found->second;
                entry_at = index_header;
                entries_left = layout_.index_entries;
            }
            const std::uint32_t data = layout_.get16(image_, layout_.address_of(index) + entry_at);
            entry_at += 2;
            --entries_left;
            IMPRINT_CHECK(check_data_page(data, id & ~id_index_bit, span, place(index), who));
            live_data_[data] = false;
            const std::size_t step =
                std::min<std::size_t>(layout_.data_bytes, size - file.content.size());
            append(file.content, image_.subspan(layout_.address_of(data) + data_header, step));
        }
        return file;
    }

    // What SPIFFS checks before it reads (spiffs_page_data_check), and that the page is this
    // file's own.
    [[nodiscard]] Result<void> check_data_page(std::uint32_t data, std::uint32_t id,
                                               std::uint32_t span, const std::string& index,
                                               const std::string& who) const {
        const auto refuse = [&](std::string_view why) {
            return damaged_spiffs(fmt::format("{}: {} lists page {} for its part {}, {}", index,
                                              who, data, span, why));
        };
        if (data >= layout_.blocks * layout_.pages_per_block)
            return refuse(fmt::format("and the image has {} pages",
                                      layout_.blocks * layout_.pages_per_block));
        if (layout_.is_lookup(data)) return refuse("which is a lookup page");
        if (data / layout_.pages_per_block == erased_block_)
            return refuse("in a block that a device erases when it mounts");
        const PageHeader head = header(data);
        if (!head.alive() || head.is_index()) return refuse("which is no live data page");
        if (head.id != id || head.span != span)
            return refuse(fmt::format("which is part {} of object {}", head.span, head.id));
        if (!live_data_[data]) return refuse("which its lookup entry does not give to this object");
        return {};
    }

    void note_orphans() {
        for (std::uint32_t page = 0; page < live_data_.size(); ++page)
            if (live_data_[page]) oddities_.note("a data page belongs to no file", place(page));
        // An index page whose first is gone belongs to nobody either.
        for (const auto& [which, page] : index_pages_)
            if ((which & 0xFFFF) != 0 && !index_pages_.contains(which & 0xFFFF0000U))
                oddities_.note("an index page belongs to no file", place(page));
    }

    ByteView image_;
    const Geometry& geometry_;
    Layout layout_;
    Oddities oddities_;
    Usage usage_;
    std::uint32_t erased_block_ = 0;
    std::vector<std::uint32_t> heads_;  // first index pages, in the order of their place
    std::map<std::uint32_t, std::uint32_t> index_pages_;  // id and span → page
    std::vector<bool> live_data_;                         // not yet claimed by a file
};

}  // namespace

Result<Contents> read(ByteView image, const Geometry& geometry) {
    IMPRINT_CHECK(check(geometry));
    if (image.size() != geometry.image_size)
        return damaged_spiffs(fmt::format("the SPIFFS image has {} bytes and its geometry says {}",
                                          image.size(), geometry.image_size));
    return Reader(image, geometry).read();
}

}  // namespace imprint::image::spiffs
