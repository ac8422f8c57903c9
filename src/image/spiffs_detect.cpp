#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <optional>

#include "image/spiffs.h"
#include "image/spiffs_layout.h"

namespace imprint::image::spiffs {

namespace {

constexpr std::array<std::uint32_t, 5> page_sizes{256, 512, 1024, 2048, 4096};
constexpr std::array<std::uint32_t, 6> block_sizes{4096, 8192, 16384, 32768, 65536, 131072};

// Name and metadata lengths people build with; the first is ESP-IDF's default. The image itself
// holds only their sum: where a name ends and metadata begins does not matter to a reader.
struct Lengths {
    std::uint32_t name;
    std::uint32_t metadata;
};

constexpr std::array<Lengths, 10> usual_lengths{
    {{32, 4}, {32, 0}, {64, 4}, {64, 0}, {128, 4}, {128, 0}, {32, 8}, {64, 8}, {48, 4}, {32, 5}}};

std::uint32_t blocks_with_magic(ByteView image, const Layout& layout) {
    std::uint32_t count = 0;
    for (std::uint32_t block = 0; block < layout.blocks; ++block)
        if (layout.get16(image, layout.magic_at(block)) == layout.magic_of(block)) ++count;
    return count;
}

// Where magic does not say it the lookup tables must speak for themselves: each entry as its page
// says, and each page marked as written and of its kind. Gives the number of pages in use, or 0
// when too many contradict their entries: power that failed leaves a few such pages on a device. A
// block whose magic is gone was being erased, and says nothing.
std::uint32_t pages_that_agree(ByteView image, const Layout& layout, bool with_magic) {
    constexpr std::uint32_t agree_for_each_that_does_not = 4;
    std::uint32_t used = 0;
    std::uint32_t contradict = 0;
    for (std::uint32_t n = 0; n < layout.pages_total(); ++n) {
        const std::uint32_t page = layout.page_of(n);
        const std::uint32_t block = page / layout.pages_per_block;
        if (with_magic && layout.get16(image, layout.magic_at(block)) != layout.magic_of(block))
            continue;
        const std::size_t at = layout.address_of(page);
        const std::uint16_t entry = layout.get16(image, layout.lookup_entry(page));
        if (entry == id_deleted) continue;
        const std::uint16_t id = layout.get16(image, at);
        if (entry == id_free && id == id_free) continue;
        const std::uint8_t flags = image[at + 4];
        const bool is_index = (flags & flag_index) == 0;
        const bool agrees =
            entry == id && (flags & flag_used) == 0 && is_index == ((entry & id_index_bit) != 0);
        ++(agrees ? used : contradict);
    }
    return contradict * agree_for_each_that_does_not <= used ? used : 0;
}

std::vector<Geometry> candidates(ByteView image) {
    std::vector<Geometry> all;
    for (const std::uint32_t block : block_sizes)
        for (const std::uint32_t page : page_sizes)
            for (const bool big : {false, true}) {
                Geometry geometry;
                geometry.image_size = static_cast<std::uint32_t>(image.size());
                geometry.page_size = page;
                geometry.block_size = block;
                geometry.big_endian = big;
                if (check(geometry)) all.push_back(geometry);
            }
    return all;
}

// A magic without the length stands in every block, so it is also found where blocks of twice the
// size would carry theirs, and there in all of them while one of the smaller ones is being erased.
// Of those that fit, the one by which the most pages agree counts, else the smallest.
std::optional<Geometry> detect_blocks(ByteView image) {
    const std::vector<Geometry> all = candidates(image);
    std::optional<Geometry> by_magic;
    std::uint32_t agreed = 0;
    for (const std::uint32_t missing : {0U, 1U})
        for (Geometry geometry : all)
            for (const bool length : {true, false}) {
                geometry.use_magic_length = length;
                const Layout layout(geometry);
                // One magic of 16 bits may be chance.
                if (missing > 0 && layout.blocks < 3) continue;
                if (blocks_with_magic(image, layout) != layout.blocks - missing) continue;
                const std::uint32_t agree = pages_that_agree(image, layout, true);
                if (by_magic && agree <= agreed) continue;
                by_magic = geometry;
                agreed = agree;
            }
    if (by_magic) return by_magic;
    // A few pages agree with too large a page size as well: the right one explains the most.
    std::optional<Geometry> best;
    std::uint32_t most = 0;
    for (Geometry geometry : all) {
        geometry.use_magic = false;
        const std::uint32_t agree = pages_that_agree(image, Layout(geometry), false);
        if (agree <= most) continue;
        most = agree;
        best = geometry;
    }
    return best;
}

// The live pages of one file: its first index pages, and its data pages by part. Where power failed
// there may be two of each.
struct Object {
    std::vector<std::uint32_t> heads;
    std::multimap<std::uint16_t, std::uint32_t> data;
};

std::map<std::uint16_t, Object> objects(ByteView image, const Layout& layout) {
    std::map<std::uint16_t, Object> found;
    for (std::uint32_t n = 0; n < layout.pages_total(); ++n) {
        const std::uint32_t page = layout.page_of(n);
        const std::size_t at = layout.address_of(page);
        const std::uint16_t id = layout.get16(image, at);
        const std::uint16_t span = layout.get16(image, at + 2);
        if (id != layout.get16(image, layout.lookup_entry(page)) || id == id_free ||
            id == id_deleted || (image[at + 4] & (flag_used | flag_deleted)) != flag_deleted)
            continue;
        Object& object = found[id & ~id_index_bit];
        // A hostile image has thousands of one kind.
        constexpr std::size_t most_of_a_kind = 4;
        if ((id & id_index_bit) == 0) {
            if (object.data.count(span) < most_of_a_kind) object.data.emplace(span, page);
        } else if (span == 0 && object.heads.size() < most_of_a_kind) {
            object.heads.push_back(page);
        }
    }
    return found;
}

// Is this page the one of the file's that has this part?
bool is_part(std::uint16_t page, std::uint32_t part, const Object& object) {
    const auto [first, last] = object.data.equal_range(static_cast<std::uint16_t>(part));
    return std::any_of(first, last, [&](const auto& found) { return found.second == page; });
}

// Does the table of a file's pages stand at this place of its first index page?
bool table_stands_at(std::uint32_t at, ByteView page, const Object& object, const Layout& layout) {
    const std::uint64_t pages = layout.data_pages(layout.get32(page, size_at));
    for (std::uint32_t part = 0; at + 2 <= page.size(); ++part, at += 2) {
        const std::uint16_t entry = layout.get16(page, at);
        if (part >= pages ? entry != 0xFFFF : !is_part(entry, part, object)) return false;
    }
    return true;
}

// Where the tables of files stand that were cut off in writing: the place by which the most of
// their entries are right. Of the first few, for there may be as many as there are pages.
std::optional<std::uint32_t> likeliest_table(ByteView image, const Layout& layout,
                                             const std::map<std::uint16_t, Object>& objects) {
    std::vector<std::uint32_t> right(layout.page_size, 0);
    int left = 64;
    for (const auto& [id, object] : objects)
        for (const std::uint32_t head : object.heads) {
            if (--left < 0) break;
            const ByteView page = image.subspan(layout.address_of(head), layout.page_size);
            for (std::uint32_t place = name_at + 2; place + 2 <= page.size(); ++place)
                for (std::uint32_t part = 0, at = place; at + 2 <= page.size(); ++part, at += 2)
                    if (is_part(layout.get16(page, at), part, object)) ++right[place];
        }
    const auto best = std::ranges::max_element(right);
    if (*best == 0) return std::nullopt;
    return static_cast<std::uint32_t>(best - right.begin());
}

void set_lengths(Geometry& geometry, std::uint32_t together, std::size_t longest_name) {
    const auto fits = [&](const Lengths& lengths) { return lengths.name > longest_name; };
    for (const bool aligned : {false, true})
        for (const Lengths& lengths : usual_lengths) {
            const std::uint32_t sum = lengths.name + lengths.metadata;
            const std::uint32_t padded = sum + (aligned ? (name_at + sum) % 2 : 0);
            if (padded != together || !fits(lengths)) continue;
            geometry.name_length = lengths.name;
            geometry.metadata_length = lengths.metadata;
            geometry.aligned_index_tables = aligned;
            return;
        }
    geometry.metadata_length = together > longest_name + 4 ? 4 : 0;
    geometry.name_length = together - geometry.metadata_length;
}

// Names and metadata end where the table begins: the one place that suits all files.
void detect_lengths(ByteView image, Geometry& geometry) {
    const Layout layout(geometry);
    std::vector<std::uint32_t> places;
    bool first = true;
    std::size_t longest_name = 0;
    const auto look_at = [&](std::uint32_t head, const Object& object) {
        const ByteView page = image.subspan(layout.address_of(head), layout.page_size);
        const std::uint32_t size = layout.get32(page, size_at);
        if (size == 0 || size == size_unwritten) return;
        const std::string_view text = as_text(page.subspan(name_at));
        longest_name = std::max(longest_name, std::min(text.find('\0'), text.size()));
        std::vector<std::uint32_t> suits;
        for (std::uint32_t at = name_at + 2; at + 2 <= page.size(); ++at)
            if ((first || std::ranges::find(places, at) != places.end()) &&
                table_stands_at(at, page, object, layout))
                suits.push_back(at);
        // A damaged file says nothing about the others.
        if (suits.empty()) return;
        places = std::move(suits);
        first = false;
    };
    const auto found_objects = objects(image, layout);
    for (const auto& [id, object] : found_objects)
        for (const std::uint32_t head : object.heads)
            look_at(head, object);
    if (places.empty())
        if (const auto place = likeliest_table(image, layout, found_objects))
            places.push_back(*place);
    if (places.empty()) return;
    Geometry found = geometry;
    set_lengths(found, places.front() - name_at, longest_name);
    if (check(found)) geometry = found;
}

}  // namespace

Result<Geometry> detect(ByteView image) {
    std::optional<Geometry> geometry = detect_blocks(image);
    if (!geometry)
        return fail(ErrorKind::config, "spiffs_unrecognised",
                    fmt::format("the {} bytes are no SPIFFS image: no page and block size fits "
                                "their magic numbers or lookup tables",
                                image.size()));
    detect_lengths(image, *geometry);
    return *geometry;
}

}  // namespace imprint::image::spiffs
