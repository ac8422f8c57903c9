// Reads pages and entries as ESP-IDF does: Page::load and mLoadEntryTable in nvs_page.cpp,
// Item::checkHeaderConsistency in nvs_types.cpp. A device erases what is wrong; here it is told.
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <tuple>

#include "image/nvs_items.h"
#include "image/text.h"

namespace imprint::image::nvs {

namespace {

bool is_all_ff(ByteView bytes) {
    return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0xFF; });
}

bool is_page_state(std::uint32_t state) {
    return state == page_active || state == page_full || state == page_freeing;
}

bool has_right_header(ByteView page) {
    return is_page_state(get_u32(page, 0)) && get_u32(page, page_crc_at) == page_checksum(page);
}

bool is_type(std::uint8_t type) {
    return has_data(type) || is_number(type) || type == type_index;
}

// Whether this could be the beginning of an entry, whatever its checksum is: one encrypted entry of
// two thousand million looks like it.
bool looks_like_entry(ByteView entry) {
    const ByteView key = entry.subspan(key_at, key_bytes);
    const auto end = std::ranges::find(key, std::uint8_t{0});
    if (end == key.begin() || end == key.end() ||
        !std::all_of(key.begin(), end, [](std::uint8_t c) { return c > ' ' && c != 0x7F; }) ||
        !std::all_of(end, key.end(), [](std::uint8_t c) { return c == 0; }))
        return false;
    const std::uint8_t type = entry[type_at];
    if (has_data(type))
        return get_u16(entry, value_at + 2) == 0xFFFF &&
               entry[span_at] == 1 + entries_for(get_u16(entry, value_at));
    return is_type(type) && entry[span_at] == 1 && entry[chunk_at] == no_chunk;
}

// Reads one page.
class PageReader {
  public:
    PageReader(ByteView image, std::uint32_t number, Pages& pages, Faults& faults)
        : page_(image.subspan(std::size_t{number} * page_size, page_size)),
          number_(number),
          pages_(pages),
          faults_(faults) {}

    void read() {
        std::uint32_t entry = 0;
        while (entry < entries_a_page) {
            const EntryState state = entry_state(page_, entry);
            if (state == EntryState::written) {
                entry += written(entry);
                continue;
            }
            end_run(entry);
            if (state == EntryState::erased) ++pages_.erased;
            if (state == EntryState::illegal)
                faults_.note(number_, entry, "it is marked as neither written nor erased");
            if (state == EntryState::empty && is_first_empty_ && !is_all_ff(head(entry).first(4))) {
                is_first_empty_ = false;
                if (get_u32(page_, 0) == page_active)
                    faults_.note(number_, entry, "it was never finished");
            }
            ++entry;
        }
        end_run(entries_a_page);
    }

  private:
    [[nodiscard]] ByteView head(std::uint32_t entry) const {
        return page_.subspan(entry_place(0, entry), entry_size);
    }

    // Gives how many entries were looked at.
    std::uint32_t written(std::uint32_t entry) {
        ++pages_.usage.entries_used;
        const ByteView bytes = head(entry);
        if (get_u32(bytes, crc_at) != entry_checksum(bytes)) {
            ++pages_.unreadable;
            if (looks_like_entry(bytes)) ++pages_.plausible;
            if (!run_) run_ = entry;
            return 1;
        }
        end_run(entry);
        const std::string problem = wrong_with(entry, bytes);
        if (!problem.empty()) {
            faults_.note(number_, entry, problem);
            return 1;
        }
        Item item{
            number_, entry, bytes[0], bytes[type_at], no_chunk, {}, bytes.subspan(value_at, 8), {}};
        const std::string_view key = as_text(bytes.subspan(key_at, key_bytes - 1));
        item.key = key.substr(0, key.find('\0'));
        if (item.type == type_chunk) item.chunk = bytes[chunk_at];
        const std::uint32_t span = bytes[span_at];
        if (has_data(item.type)) {
            pages_.usage.entries_used += span - 1;
            item.data = page_.subspan(entry_place(0, entry + 1), get_u16(bytes, value_at));
            if (const std::string fault = wrong_with_data(item, span); !fault.empty()) {
                faults_.note(item, fault);
                return span;
            }
        }
        pages_.items.push_back(std::move(item));
        return span;
    }

    // What the checksum does not tell: lengths that would lead beyond the page.
    [[nodiscard]] static std::string wrong_with(std::uint32_t entry, ByteView bytes) {
        const std::uint8_t type = bytes[type_at];
        const std::uint32_t span = bytes[span_at];
        if (!is_type(type)) return fmt::format("its type 0x{:02x} is unknown", type);
        if (!has_data(type)) {
            if (span != 1) return fmt::format("it takes {} entries, and its type one", span);
            return {};
        }
        const std::uint32_t size = get_u16(bytes, value_at);
        if (span != 1 + entries_for(size))
            return fmt::format("it takes {} entries, and its {} bytes {}", span, size,
                               1 + entries_for(size));
        if (entry + span > entries_a_page)
            return fmt::format("its {} bytes end beyond the page", size);
        if (type == type_chunk && bytes[chunk_at] == no_chunk)
            return "it is a chunk of a blob without a number";
        return {};
    }

    [[nodiscard]] std::string wrong_with_data(const Item& item, std::uint32_t span) const {
        for (std::uint32_t more = 1; more < span; ++more)
            if (entry_state(page_, item.entry + more) != EntryState::written)
                return fmt::format("the data of {} was never finished", in_quotes(item.key));
        if (checksum(item.data) != get_u32(item.value, data_crc_at - value_at))
            return fmt::format("the CRC of the data of {} is wrong", in_quotes(item.key));
        return {};
    }

    // Where the first of several is damaged, its data looks like further damaged ones.
    void end_run(std::uint32_t entry) {
        if (!run_) return;
        const std::uint32_t others = entry - *run_ - 1;
        faults_.note(number_, run_,
                     others == 0
                         ? "its CRC is wrong"
                         : fmt::format("its CRC is wrong, and so it is up to entry {}", entry - 1));
        run_.reset();
    }

    ByteView page_;
    std::uint32_t number_;
    Pages& pages_;
    Faults& faults_;
    std::optional<std::uint32_t> run_;  // of wrong ones: where it began
    bool is_first_empty_ = true;
};

struct Placed {
    std::uint32_t sequence;
    std::uint32_t page;
};

// Why a device does not look into a page; empty: it does.
std::string wrong_with_page(ByteView page) {
    const std::uint32_t state = get_u32(page, 0);
    if (state == page_erased) return is_all_ff(page) ? "" : "it has no header, and is not erased";
    if (!is_page_state(state)) return fmt::format("its state 0x{:08X} is unknown", state);
    if (!has_right_header(page)) return "the CRC of its header is wrong";
    if (page[version_at] < static_cast<std::uint8_t>(Version::two))
        return fmt::format("it is of a newer version (0x{:02X}) than is known", page[version_at]);
    return {};
}

}  // namespace

void Faults::note(std::uint32_t page, std::optional<std::uint32_t> entry, std::string problem) {
    constexpr std::size_t most = 100;
    if (list.size() < most)
        list.push_back({page, entry, std::move(problem)});
    else
        ++more;
}

void Faults::note(const Item& item, std::string problem) {
    note(item.page, item.entry, std::move(problem));
}

std::string Fault::text() const {
    return entry ? fmt::format("page {}, entry {}: {}", page, *entry, problem)
                 : fmt::format("page {}: {}", page, problem);
}

bool has_data(std::uint8_t type) {
    return type == static_cast<std::uint8_t>(Type::string) ||
           type == static_cast<std::uint8_t>(Type::blob) || type == type_chunk;
}

bool is_number(std::uint8_t type) {
    constexpr std::array numbers{Type::u8,  Type::i8,  Type::u16, Type::i16, Type::u32,
                                 Type::i32, Type::u64, Type::i64, Type::f32, Type::f64};
    return std::ranges::find(numbers, static_cast<Type>(type)) != numbers.end();
}

bool is_nvs(ByteView image) {
    if (image.empty() || image.size() % page_size != 0) return false;
    std::size_t right = 0;
    std::size_t others = 0;
    for (std::size_t at = 0; at < image.size(); at += page_size) {
        const ByteView page = image.subspan(at, page_size);
        if (has_right_header(page))
            ++right;
        else if (!is_all_ff(page))
            ++others;
    }
    return right > 0 && right >= others;
}

bool has_nvs_page(ByteView image) {
    if (image.empty() || image.size() % page_size != 0) return false;
    for (std::size_t at = 0; at < image.size(); at += page_size)
        if (is_page_state(get_u32(image, at))) return true;
    return false;
}

Pages read_pages(ByteView image, Faults& faults) {
    Pages pages;
    std::vector<Placed> order;
    pages.usage.pages_total = static_cast<std::uint32_t>(image.size() / page_size);
    for (std::uint32_t number = 0; number < pages.usage.pages_total; ++number) {
        const ByteView page = image.subspan(std::size_t{number} * page_size, page_size);
        if (const std::string problem = wrong_with_page(page); !problem.empty())
            faults.note(number, std::nullopt, problem);
        else if (get_u32(page, 0) != page_erased)
            order.push_back({get_u32(page, sequence_at), number});
    }
    std::ranges::sort(order, [](const Placed& a, const Placed& b) {
        return std::tie(a.sequence, a.page) < std::tie(b.sequence, b.page);
    });
    for (std::size_t i = 0; i < order.size(); ++i) {
        if (i > 0 && order[i].sequence == order[i - 1].sequence)
            faults.note(order[i].page, std::nullopt,
                        fmt::format("it has the sequence number {} of page {}", order[i].sequence,
                                    order[i - 1].page));
        ++pages.usage.pages_used;
        PageReader(image, order[i].page, pages, faults).read();
    }
    return pages;
}

}  // namespace imprint::image::nvs
