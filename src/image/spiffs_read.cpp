// Reads as SPIFFS itself does: SPIFFS_readdir and SPIFFS_read in pellepl/spiffs' spiffs_hydrogen.c.
// It believes a data page's flags and part, not its file; and the lookup entry of a first index
// page, not the page's own number.
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <set>

#include "image/spiffs.h"
#include "image/spiffs_layout.h"
#include "image/spiffs_oddities.h"
#include "image/text.h"

namespace imprint::image::spiffs {

namespace {

// Files may share pages (a renaming that was cut off), so that they are more than the image is.
constexpr std::uint64_t most_of_image = 4;

std::unexpected<Error> damaged_spiffs(std::string message) {
    return fail(ErrorKind::config, "spiffs_damaged", std::move(message));
}

class Reader {
  public:
    Reader(ByteView image, const Geometry& geometry, Reading reading)
        : image_(image),
          geometry_(geometry),
          reading_(reading),
          layout_(geometry),
          budget_(most_of_image * image.size()) {}

    Result<Contents> read() {
        IMPRINT_CHECK(check_magic());
        scan();
        Contents contents;
        contents.geometry = geometry_;
        std::map<std::string, std::uint16_t, std::less<>> names;
        std::set<std::uint16_t> objects;
        for (const std::uint32_t head : heads_) {
            const std::uint16_t id = layout_.get16(image_, layout_.lookup_entry(head));
            const std::string name = name_of(head);
            const bool object_again = !objects.insert(id).second;
            if (const auto [known, is_new] = names.emplace(name, id); !is_new) {
                oddities_.note(known->second == id
                                   ? "a device uses the first of two index pages of one file"
                                   : "a device finds only the first of two files of one name",
                               in_quotes(name));
                continue;
            }
            if (object_again)
                oddities_.note("one file has two names, as a renaming that was cut off leaves it",
                               in_quotes(name));
            PartialFile file = read_file(head, id, name);
            if (file.problem.empty())
                contents.files.push_back(std::move(file.file));
            else
                contents.partial.push_back(std::move(file));
        }
        const auto by_path = [](const File& a, const File& b) {
            return std::ranges::lexicographical_compare(as_bytes(a.path), as_bytes(b.path));
        };
        std::ranges::sort(contents.files, by_path);
        std::ranges::sort(contents.partial, by_path, &PartialFile::file);
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
        std::vector<std::uint32_t> bad;
        for (std::uint32_t block = 0; block < layout_.blocks; ++block)
            if (layout_.get16(image_, layout_.magic_at(block)) != layout_.magic_of(block))
                bad.push_back(block);
        if (bad.size() > 1) {
            const std::uint16_t magic = layout_.get16(image_, layout_.magic_at(bad[1]));
            const std::string what = fmt::format(
                "blocks {} and {} of {} carry no SPIFFS magic of this geometry (0x{:04x} where "
                "0x{:04x} belongs): a device cannot mount it (-10025)",
                bad[0], bad[1], layout_.blocks, magic, layout_.magic_of(bad[1]));
            if (reading_ == Reading::as_mounted) return damaged_spiffs(what);
            oddities_.note("SPIFFS does not mount this, and its files were read all the same",
                           what);
            return {};
        }
        if (bad.empty()) return {};
        oddities_.note("a device erases a block without magic when it mounts",
                       fmt::format("block {}", bad[0]));
        if (reading_ == Reading::as_mounted) erased_block_ = bad[0];
        return {};
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
        const PageHeader head = layout_.header(image_, page);
        const bool index = (id & id_index_bit) != 0;
        if (index && head.is_listed()) heads_.push_back(page);
        if (!head.is_alive())
            oddities_.note("a page was never finished", place(page));
        else if (head.id != id || head.is_index() != index)
            oddities_.note("a page says other than its lookup entry", place(page));
        else if (!index)
            live_data_[page] = true;
        else if (head.span == 0 && !head.is_listed())
            oddities_.note("a file was being deleted", place(page));
        else
            index_pages_[key(id, head.span)].push_back(page);
        return false;
    }

    [[nodiscard]] static std::uint32_t key(std::uint16_t id, std::uint16_t span) {
        return std::uint32_t{id} << 16 | span;
    }

    [[nodiscard]] std::string name_of(std::uint32_t head) const {
        const ByteView page = image_.subspan(layout_.address_of(head), layout_.page_size);
        const std::string_view name = as_text(page.subspan(name_at, geometry_.name_length));
        return std::string(name.substr(0, name.find('\0')));
    }

    // Of two index pages for one part of a file, the first that SPIFFS comes to from the one
    // before.
    [[nodiscard]] std::optional<std::uint32_t> index_page(std::uint16_t id, std::uint16_t span,
                                                          std::uint32_t from) {
        const auto found = index_pages_.find(key(id, span));
        if (found == index_pages_.end()) return std::nullopt;
        const std::vector<std::uint32_t>& pages = found->second;
        if (pages.size() > 1)
            oddities_.note("a device uses the first of two index pages of one file",
                           place(pages.front()));
        const auto next = std::ranges::lower_bound(pages, from);
        return next == pages.end() ? pages.front() : *next;
    }

    PartialFile read_file(std::uint32_t head, std::uint16_t id, const std::string& name) {
        const ByteView page = image_.subspan(layout_.address_of(head), layout_.page_size);
        PartialFile file{{name, {}}, layout_.get32(page, size_at), {}};
        const std::string who = fmt::format("object {} {}", id & ~id_index_bit, in_quotes(name));
        if (page[type_at] != type_file)
            oddities_.note(fmt::format("an object of type {} is no file", page[type_at]), who);
        if (file.size == size_unwritten) file.size = 0;
        if (layout_.get32(page, size_at) == 0)
            oddities_.note("an empty file of size 0 loses what a device writes to it later", who);
        file.problem = read_content(head, id, file);
        if (!file.problem.empty()) {
            oddities_.note("a device cannot read a file to its end",
                           fmt::format("{}: {} of {} bytes: {}", who, file.file.content.size(),
                                       file.size, file.problem));
        } else if (name.size() == geometry_.name_length) {
            file.problem = "a device cannot open a name without its ending NUL (-10036)";
            oddities_.note(file.problem, who);
        }
        return file;
    }

    // What the walk through a file's content reads.
    struct Pages {
        Reader& reader;

        bool header(std::uint32_t page, PageHeader& into) const {
            into = reader.layout_.header(reader.image_, page);
            return true;
        }

        bool entry(std::uint32_t page, std::uint32_t at, std::uint16_t& into) const {
            into = reader.layout_.get16(reader.image_, reader.layout_.address_of(page) + at);
            return true;
        }

        bool next_index_page(std::uint16_t id, std::uint16_t span, std::uint32_t from,
                             std::uint32_t& into, bool& found) const {
            const auto page = reader.index_page(id, span, from);
            found = page.has_value();
            if (found) into = *page;
            return true;
        }

        [[nodiscard]] const char* refusal(std::uint32_t page) const {
            const bool is_gone = page / reader.layout_.pages_per_block == reader.erased_block_;
            return is_gone ? "is in a block that a device erases when it mounts" : nullptr;
        }
    };

    // Gives what is wrong with the first page that SPIFFS does not read; empty: it reads all.
    [[nodiscard]] std::string read_content(std::uint32_t head, std::uint16_t id,
                                           PartialFile& file) {
        Pages pages{*this};
        imprint_identity::spiffs::Walk<Pages> walk(pages, layout_, {head, id, file.size});
        decltype(walk)::Part part;
        while (walk.next(part)) {
            note_ownership(part.page, id);
            if (budget_ < part.size) return "the files are many times larger than the image";
            budget_ -= part.size;
            append(file.file.content,
                   image_.subspan(layout_.address_of(part.page) + data_header, part.size));
        }
        std::array<char, 160> text{};
        const std::size_t size =
            imprint_identity::spiffs::describe(walk.trouble(), text.data(), text.size());
        return {text.data(), size};
    }

    void note_ownership(std::uint32_t data, std::uint16_t id) {
        const std::uint16_t entry = layout_.get16(image_, layout_.lookup_entry(data));
        const std::uint16_t owner = id & static_cast<std::uint16_t>(~id_index_bit);
        if (layout_.header(image_, data).id != owner)
            oddities_.note("a device reads a page of another file", place(data));
        else if (entry != owner)
            oddities_.note(
                "a page of a file may be overwritten: its lookup entry is free or not "
                "this file's",
                place(data));
        live_data_[data] = false;
    }

    void note_orphans() {
        for (std::uint32_t page = 0; page < live_data_.size(); ++page)
            if (live_data_[page]) oddities_.note("a data page belongs to no file", place(page));
        // An index page whose first is gone belongs to nobody either.
        for (const auto& [which, pages] : index_pages_)
            if ((which & 0xFFFF) != 0 && !index_pages_.contains(which & 0xFFFF0000U))
                oddities_.note("an index page belongs to no file", place(pages.front()));
    }

    ByteView image_;
    const Geometry& geometry_;
    Reading reading_;
    Layout layout_;
    Oddities oddities_;
    Usage usage_;
    std::uint64_t budget_;  // bytes of files that may still be given
    std::uint32_t erased_block_ = 0;
    std::vector<std::uint32_t> heads_;  // first index pages of listed files, as they lie
    std::map<std::uint32_t, std::vector<std::uint32_t>> index_pages_;  // id and span → pages
    std::vector<bool> live_data_;                                      // claimed by no file yet
};

}  // namespace

Result<Contents> read(ByteView image, const Geometry& geometry, Reading reading) {
    IMPRINT_CHECK(check(geometry));
    if (image.size() != geometry.image_size)
        return damaged_spiffs(fmt::format("the SPIFFS image has {} bytes and its geometry says {}",
                                          image.size(), geometry.image_size));
    return Reader(image, geometry, reading).read();
}

}  // namespace imprint::image::spiffs
