#include <algorithm>
#include <fmt/format.h>
#include <span>

#include "image/spiffs.h"
#include "image/spiffs_layout.h"
#include "image/text.h"

namespace imprint::image::spiffs {

namespace {

// SPIFFS keeps two blocks back for its garbage collection and counts only the pages of the others
// as free (spiffs_gc_check in spiffs_gc.c). The numbers below were measured with SPIFFS' own code
// on flash with NOR's rules, with pages of 256 to 1024 bytes: with fewer than 3 free pages it makes
// no new file (-10001), and with 2 a file that is opened to be replaced is lost; a second copy of a
// file of n pages beside the first, as careful firmware writes it, goes with 2 n + 1 pages at most.
constexpr std::uint32_t blocks_kept_back = 2;
constexpr std::uint32_t pages_to_write = 3;
constexpr std::uint32_t blocks_for_comfort = 5;
constexpr std::uint32_t percent_for_comfort = 75;

std::unexpected<Error> bad_name(std::string message, std::string hint = {}) {
    return fail(ErrorKind::config, "spiffs_name", std::move(message), std::move(hint));
}

Result<void> check_name(const std::string& path, const Geometry& geometry) {
    if (path.empty()) return bad_name("a file for a SPIFFS image has an empty name");
    if (path.front() != '/' || path.size() == 1 || path.back() == '/')
        return bad_name(fmt::format("{} is no name that a device can open below its mount point",
                                    in_quotes(path)),
                        "a name starts with a slash and ends without: \"/certificate.pem.crt\"");
    if (path.find('\0') != std::string::npos)
        return bad_name(fmt::format("the file name {} holds a NUL, where a device sees its end",
                                    in_quotes(path)));
    const std::uint32_t most = geometry.name_length - 1;
    if (path.size() > most)
        return bad_name(
            fmt::format("the file name {} has {} bytes and a device with a name length of {} opens "
                        "names of at most {} (-10036)",
                        in_quotes(path), path.size(), geometry.name_length, most),
            "shorten it, or raise CONFIG_SPIFFS_OBJ_NAME_LEN in the firmware and here alike");
    return {};
}

using Files = std::vector<const File*>;

// By bytes, so that the same files give the same image whatever the locale and the file system.
Result<Files> in_order(const std::vector<File>& files, const Geometry& geometry) {
    Files order;
    order.reserve(files.size());
    for (const File& file : files) {
        IMPRINT_CHECK(check_name(file.path, geometry));
        order.push_back(&file);
    }
    std::ranges::sort(order, [](const File* a, const File* b) {
        return std::ranges::lexicographical_compare(as_bytes(a->path), as_bytes(b->path));
    });
    const auto twice = std::ranges::adjacent_find(
        order, [](const File* a, const File* b) { return a->path == b->path; });
    if (twice != order.end())
        return bad_name(fmt::format("the file name {} is given twice", in_quotes((*twice)->path)));
    std::ranges::sort(order, [](const File* a, const File* b) {
        if (a->group != b->group) return a->group < b->group;
        return std::ranges::lexicographical_compare(as_bytes(a->path), as_bytes(b->path));
    });
    return order;
}

std::unexpected<Error> full(std::string message, std::string hint) {
    return fail(ErrorKind::config, "spiffs_full", std::move(message), std::move(hint));
}

std::string size_for(const Layout& layout, std::uint64_t pages, Use use) {
    const bool written = use == Use::read_write;
    const std::uint64_t needed = pages + (written ? pages_to_write : 0);
    const std::uint64_t blocks =
        (needed + layout.usable_pages - 1) / layout.usable_pages + (written ? blocks_kept_back : 0);
    const std::uint64_t bytes = blocks * layout.block_size;
    return fmt::format("{} (0x{:X}) bytes", bytes, bytes);
}

std::uint64_t pages_of(const Layout& layout, const File& file) {
    const std::uint64_t data = layout.data_pages(file.content.size());
    return data + layout.index_pages(data);
}

// Pages that SPIFFS gives to writers: those of the blocks that it does not keep back.
std::uint32_t pages_for_writing(const Layout& layout, std::uint64_t used) {
    const std::uint64_t all = std::uint64_t{layout.usable_pages} *
                              (layout.blocks - std::min(layout.blocks, blocks_kept_back));
    return static_cast<std::uint32_t>(all - std::min(all, used));
}

Result<Usage> plan(const Layout& layout, const Files& files, Use use) {
    std::uint64_t pages = 0;
    std::uint64_t bytes = 0;
    std::uint64_t gaps = 0;  // pages that stay free before a group's first block
    const File* former = nullptr;
    for (const File* file : files) {
        if (former != nullptr && former->group != file->group)
            gaps +=
                (layout.usable_pages - (pages + gaps) % layout.usable_pages) % layout.usable_pages;
        pages += pages_of(layout, *file);
        bytes += file->content.size();
        former = file;
    }
    if (files.size() > id_last)
        return full(fmt::format("a SPIFFS image holds at most {} files and {} are given", id_last,
                                files.size()),
                    "leave files out, or pack them into one");
    if (pages + gaps > layout.pages_total())
        return full(
            fmt::format("{} file(s) of {} bytes in all need {} pages of {} bytes and the "
                        "image of {} bytes has {}",
                        files.size(), bytes, pages + gaps, layout.page_size,
                        std::uint64_t{layout.blocks} * layout.block_size, layout.pages_total()),
            fmt::format("leave files out, or make the partition at least {}",
                        size_for(layout, pages + gaps, use)));
    Usage usage;
    usage.pages_used = static_cast<std::uint32_t>(pages);
    usage.pages_total = layout.pages_total();
    usage.blocks_total = layout.blocks;
    usage.blocks_free =
        layout.blocks -
        static_cast<std::uint32_t>((pages + gaps + layout.usable_pages - 1) / layout.usable_pages);
    const std::uint32_t left = pages_for_writing(layout, pages);
    if (use == Use::read_write && left < pages_to_write)
        return full(fmt::format("the files leave {} of {} pages for writing, beside the {} blocks "
                                "that SPIFFS keeps back, and it needs {}: each later write on the "
                                "device would fail (-10001)",
                                left, usage.pages_total, blocks_kept_back, pages_to_write),
                    fmt::format("make the partition at least {}, or say that the device only "
                                "reads it",
                                size_for(layout, pages, use)));
    return usage;
}

std::vector<std::string> head_room(const Layout& layout, const Files& files, const Usage& usage,
                                   Use use) {
    std::vector<std::string> warnings;
    if (use == Use::read_only || files.empty()) return warnings;
    const std::uint32_t left = pages_for_writing(layout, usage.pages_used);
    const File& largest = **std::ranges::max_element(
        files, {}, [](const File* file) { return file->content.size(); });
    const std::uint64_t needed = 2 * pages_of(layout, largest) + 1;
    if (usage.blocks_free < blocks_for_comfort)
        warnings.push_back(
            left < needed
                ? fmt::format("beside the {} blocks that SPIFFS keeps back, {} pages are left for "
                              "writing: the device may fail (-10001) to write {} anew, which takes "
                              "up to {}",
                              blocks_kept_back, left, in_quotes(largest.path), needed)
                : fmt::format("only {} of {} blocks stay free, and SPIFFS keeps {} of them back: "
                              "once the device has written {} pages, writing may fail (-10001)",
                              usage.blocks_free, usage.blocks_total, blocks_kept_back, left));
    const std::uint64_t percent = std::uint64_t{usage.pages_used} * 100 / usage.pages_total;
    if (std::uint64_t{usage.pages_used} * 100 >
        std::uint64_t{usage.pages_total} * percent_for_comfort)
        warnings.push_back(
            fmt::format("{} of {} pages are taken ({} %): above {} % SPIFFS slows "
                        "down and wears the flash",
                        usage.pages_used, usage.pages_total, percent, percent_for_comfort));
    return warnings;
}

// Lays pages down one after the other: of a file its first index page, then its data, with a
// further index page wherever the table of the former is full.
class Writer {
  public:
    Writer(const Layout& layout, Bytes& image) : layout_(layout), image_(image) {}

    void add(std::uint16_t id, const File& file) {
        if (file.group != group_ && next_ % layout_.usable_pages != 0)
            next_ += layout_.usable_pages - next_ % layout_.usable_pages;
        group_ = file.group;
        const ByteView content = file.content;
        std::span<std::uint8_t> index = start_page(id | id_index_bit, 0, flag_index);
        // The size stays unwritten where there is nothing: SPIFFS fills it in with the first write.
        layout_.put32(
            index, size_at,
            content.empty() ? size_unwritten : static_cast<std::uint32_t>(content.size()));
        index[type_at] = type_file;
        const std::span<std::uint8_t> name = index.subspan(name_at, layout_.table_at - name_at);
        std::ranges::fill(name, std::uint8_t{0});
        std::ranges::copy(as_bytes(file.path), name.begin());

        std::uint16_t index_span = 0;
        std::size_t entry_at = layout_.table_at;
        std::uint32_t entries_left = layout_.head_entries;
        std::uint16_t span = 0;
        for (std::size_t done = 0; done < content.size(); done += layout_.data_bytes, ++span) {
            if (entries_left == 0) {
                index = start_page(id | id_index_bit, ++index_span, flag_index);
                entry_at = index_header;
                entries_left = layout_.index_entries;
            }
            layout_.put16(index, entry_at, static_cast<std::uint16_t>(layout_.page_of(next_)));
            entry_at += 2;
            --entries_left;
            const std::span<std::uint8_t> page = start_page(id, span, 0);
            const std::size_t step =
                std::min<std::size_t>(layout_.data_bytes, content.size() - done);
            std::ranges::copy(content.subspan(done, step), page.subspan(data_header).begin());
        }
    }

  private:
    std::span<std::uint8_t> start_page(std::uint32_t id, std::uint16_t span, std::uint8_t flags) {
        const std::uint32_t number = layout_.page_of(next_++);
        layout_.put16(image_, layout_.lookup_entry(number), static_cast<std::uint16_t>(id));
        const std::span<std::uint8_t> page =
            std::span(image_).subspan(layout_.address_of(number), layout_.page_size);
        layout_.put16(page, 0, static_cast<std::uint16_t>(id));
        layout_.put16(page, 2, span);
        page[4] = static_cast<std::uint8_t>(~(flag_used | flag_final | flags));
        return page;
    }

    const Layout& layout_;
    Bytes& image_;
    std::uint32_t next_ = 0;
    unsigned group_ = 0;
};

}  // namespace

Result<Built> build(const Geometry& geometry, const std::vector<File>& files, Use use) {
    IMPRINT_CHECK(check(geometry));
    const Layout layout(geometry);
    IMPRINT_TRY(const Files order, in_order(files, geometry));
    IMPRINT_TRY(const Usage usage, plan(layout, order, use));
    Built built{Bytes(geometry.image_size, 0xFF), usage, head_room(layout, order, usage, use)};
    if (geometry.use_magic)
        for (std::uint32_t block = 0; block < layout.blocks; ++block)
            layout.put16(built.image, layout.magic_at(block), layout.magic_of(block));
    Writer writer(layout, built.image);
    std::uint16_t id = 0;
    for (const File* file : order)
        writer.add(++id, *file);
    return built;
}

}  // namespace imprint::image::spiffs
