#include "imprint_identity/nvs.h"

#include <cstdio>
#include <cstring>

#include "common.h"
#include "crc.h"

namespace imprint_identity {
namespace nvs {

namespace {

constexpr std::uint32_t entries_a_page = 126;
constexpr std::uint32_t entry_size = 32;
constexpr std::uint32_t no_entry = entries_a_page;

// In a page: header, two bits for each entry, entries.
constexpr std::uint32_t sequence_at = 4;
constexpr std::uint32_t page_crc_at = 28;
constexpr std::uint32_t states_at = 32;
constexpr std::uint32_t entries_at = 64;

// In an entry.
constexpr std::uint32_t type_at = 1;
constexpr std::uint32_t span_at = 2;
constexpr std::uint32_t chunk_at = 3;
constexpr std::uint32_t crc_at = 4;
constexpr std::uint32_t key_at = 8;
constexpr std::uint32_t key_size = 16;
constexpr std::uint32_t value_at = 24;
constexpr std::uint32_t data_crc_at = 28;
constexpr std::uint32_t chunks_at = 28;       // of an index
constexpr std::uint32_t first_chunk_at = 29;  // likewise

constexpr std::uint8_t type_u8 = 0x01;
constexpr std::uint8_t type_string = 0x21;
constexpr std::uint8_t type_blob = 0x41;  // of version 1
constexpr std::uint8_t type_chunk = 0x42;
constexpr std::uint8_t type_index = 0x48;
constexpr std::uint8_t no_chunk = 0xFF;

constexpr unsigned state_written = 2;

bool is_page_state(std::uint32_t state) {
    return state == 0xFFFFFFFE || state == 0xFFFFFFFC || state == 0xFFFFFFF8;
}

bool has_data(std::uint8_t type) {
    return type == type_string || type == type_blob || type == type_chunk;
}

std::uint32_t entry_address(std::uint32_t page, std::uint32_t entry) {
    return page * page_size + entries_at + entry * entry_size;
}

std::uint32_t entry_crc(const std::uint8_t* head) {
    Crc crc;
    crc.add(head, crc_at);
    crc.add(head + key_at, entry_size - key_at);
    return crc.value();
}

bool is_right(const std::uint8_t* head) {
    return load32(head + crc_at) == entry_crc(head);
}

bool is_meant(const std::uint8_t* head, std::uint8_t space, const char* key) {
    return head[0] == space &&
           std::strncmp(reinterpret_cast<const char*>(head + key_at), key, key_size) == 0;
}

bool is_blank(const std::uint8_t* bytes, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i)
        if (bytes[i] != 0xFF) return false;
    return true;
}

// Further entries that an entry's data takes; its own length is no more than a page has.
std::uint32_t data_entries(const std::uint8_t* head) {
    if (!has_data(head[type_at])) return 0;
    return (load16(head + value_at) + entry_size - 1) / entry_size;
}

}  // namespace

// The page that is looked through.
struct Volume::Page {
    std::uint32_t number = 0;
    std::uint32_t sequence = 0;
    std::uint32_t entry = 0;  // the next one
    std::uint8_t head[entries_at] = {};

    [[nodiscard]] unsigned state(std::uint32_t of) const {
        return head[states_at + of / 4] >> (of % 4 * 2) & 3U;
    }
};

FileNames keys() {
    FileNames named;
    named.certificate = "certificate";
    named.private_key = "private_key";
    named.root_ca = "root_ca";
    named.device = "device.json";
    return named;
}

// The first one is told.
void Volume::note(std::uint32_t page, std::uint32_t entry, const char* what) {
    if (trouble_[0] != '\0') return;
    if (entry == no_entry)
        (void)std::snprintf(trouble_, sizeof(trouble_), "page %lu: %s",
                            static_cast<unsigned long>(page), what);
    else
        (void)std::snprintf(trouble_, sizeof(trouble_), "page %lu, entry %lu: %s",
                            static_cast<unsigned long>(page), static_cast<unsigned long>(entry),
                            what);
}

bool Volume::open(std::uint32_t number, Page& page, PageState& state) {
    page.number = number;
    page.entry = 0;
    if (!flash_.read(flash_.context, number * page_size, page.head, sizeof(page.head)))
        return false;
    page.sequence = load32(page.head + sequence_at);
    Crc crc;
    crc.add(page.head + sequence_at, page_crc_at - sequence_at);
    const bool has_state = is_page_state(load32(page.head));
    const bool has_crc = load32(page.head + page_crc_at) == crc.value();
    // One of them is right where the other is damaged.
    state = is_blank(page.head, sizeof(page.head)) ? PageState::blank
            : has_state && has_crc                 ? PageState::in_use
            : has_state || has_crc                 ? PageState::damaged
                                                   : PageState::foreign;
    return true;
}

// The next thing that begins like an entry, whatever its checksum is: item.entry is no_entry where
// there is none. What a length says is believed only where the number of entries says the same, so
// that data is not taken for entries. False: flash cannot be read.
bool Volume::next(Page& page, Item& item) {
    item.entry = no_entry;
    if (page.entry >= entries_a_page) return true;
    item.sequence = page.sequence;
    item.page = page.number;
    if (!flash_.read(flash_.context, entry_address(page.number, page.entry), item.head,
                     sizeof(item.head)))
        return false;
    item.entry = page.entry++;
    const std::uint32_t more = data_entries(item.head);
    if (item.head[span_at] == 1 + more) page.entry += more;
    return true;
}

Volume::Found Volume::find(const Wanted& wanted, Item& into) {
    bool is_found = false;
    for (std::uint32_t number = 0; number < pages_; ++number) {
        Page page;
        PageState state = PageState::blank;
        if (!open(number, page, state)) return Found::unreadable;
        if (state != PageState::in_use) continue;
        for (;;) {
            Item item;
            if (!next(page, item)) return Found::unreadable;
            if (item.entry == no_entry) break;
            if (!is_meant(item.head, wanted.space, wanted.key) ||
                item.head[type_at] != wanted.type || item.head[chunk_at] != wanted.chunk ||
                page.state(item.entry) != state_written || !is_right(item.head))
                continue;
            // Later on the same page is newer.
            if (!is_found || item.sequence >= into.sequence) into = item;
            is_found = true;
        }
    }
    if (is_found) return Found::yes;
    return look_for_damage(wanted) ? Found::no : Found::unreadable;
}

// Notes what may be the reason that something is not found. False: flash cannot be read.
bool Volume::look_for_damage(const Wanted& wanted) {
    if (trouble_[0] != '\0') return true;
    for (std::uint32_t number = 0; number < pages_; ++number) {
        Page page;
        PageState state = PageState::blank;
        if (!open(number, page, state)) return false;
        if (state == PageState::damaged || state == PageState::foreign)
            note(number, no_entry, "its header is damaged");
        if (state != PageState::in_use) continue;
        for (;;) {
            Item item;
            if (!next(page, item)) return false;
            if (item.entry == no_entry) break;
            const bool is_written = page.state(item.entry) == state_written;
            if (is_written && !is_right(item.head))
                note(number, item.entry, "its CRC is wrong");
            else if (!is_written && is_right(item.head) &&
                     is_meant(item.head, wanted.space, wanted.key))
                note(number, item.entry, "it is marked as erased");
        }
    }
    return true;
}

// key: what is left of the name.
Volume::Found Volume::find_space(const char* name, const char*& key, std::uint8_t& into) {
    const std::size_t length = std::strlen(copy_folder);
    const bool is_copy = std::strncmp(name, copy_folder, length) == 0;
    key = is_copy ? name + length : name;
    Item item;
    const Found found = find({is_copy ? copy_name_space : name_space, 0, type_u8, no_chunk}, item);
    into = item.head[value_at];
    return found;
}

Volume::Found Volume::find_value(const char* name, Value& into) {
    into = {};
    const char* key = name;
    const Found has_space = find_space(name, key, into.space);
    if (has_space != Found::yes) return has_space;
    Found found = find({key, into.space, type_index, no_chunk}, into.item);
    if (found == Found::yes) {
        into.is_in_chunks = true;
        into.chunks = into.item.head[chunks_at];
        into.first_chunk = into.item.head[first_chunk_at];
        into.size = load32(into.item.head + value_at);
        return found;
    }
    constexpr std::uint8_t whole[] = {type_blob, type_string};
    for (const std::uint8_t type : whole)
        if (found == Found::no) found = find({key, into.space, type, no_chunk}, into.item);
    into.size = load16(into.item.head + value_at);
    return found;
}

Volume::Found Volume::find_piece(const Value& value, const char* key, unsigned number, Item& into) {
    into = value.item;
    if (!value.is_in_chunks) return Found::yes;
    return find(
        {key, value.space, type_chunk, static_cast<std::uint8_t>(value.first_chunk + number)},
        into);
}

long Volume::size(const char* name) {
    trouble_[0] = '\0';
    last_name_[0] = '\0';
    switch (find_value(name, last_)) {
        case Found::unreadable:
            return FileSource::unreadable;
        case Found::no:
            return trouble_[0] == '\0' ? FileSource::missing : 1;  // reading it says why
        case Found::yes:
            break;
    }
    if (last_.size == 0) return 0;
    if (const std::size_t length = std::strlen(name); length < sizeof(last_name_))
        std::memcpy(last_name_, name, length + 1);
    return size_told(last_.size);
}

// False: it is not what was written. left: of what is wanted.
bool Volume::read_piece(const Item& item, char*& into, std::size_t& left) {
    const std::uint32_t size = load16(item.head + value_at);
    const std::uint32_t first = item.entry + 1;
    if (first + data_entries(item.head) > entries_a_page) {
        note(item.page, item.entry, "it ends beyond the page");
        return false;
    }
    Crc crc;
    std::uint8_t piece[entry_size];
    for (std::uint32_t done = 0; done < size;) {
        const std::uint32_t step = size - done < sizeof(piece) ? size - done : sizeof(piece);
        const std::uint32_t at = entry_address(item.page, first) + done;
        if (!flash_.read(flash_.context, at, piece, step)) return false;
        crc.add(piece, step);
        const std::size_t taken = left < step ? left : step;
        std::memcpy(into, piece, taken);
        into += taken;
        left -= taken;
        done += step;
    }
    std::memset(piece, 0, sizeof(piece));
    if (crc.value() == load32(item.head + data_crc_at)) return true;
    note(item.page, item.entry, "the CRC of its data is wrong");
    return false;
}

bool Volume::read(const char* name, char* into, std::size_t size) {
    trouble_[0] = '\0';
    if (std::strcmp(name, last_name_) != 0 && find_value(name, last_) != Found::yes) return false;
    const Value& value = last_;
    const char* const key = reinterpret_cast<const char*>(value.item.head + key_at);
    std::size_t left = size;
    for (unsigned number = 0; number < value.chunks; ++number) {
        Item item;
        switch (find_piece(value, key, number, item)) {
            case Found::unreadable:
                return false;
            case Found::no:
                note(value.item.page, value.item.entry, "a chunk of it is missing");
                return false;
            case Found::yes:
                break;
        }
        if (!read_piece(item, into, left)) return false;
    }
    if (left == 0) return true;
    note(value.item.page, value.item.entry, "its chunks are too short");
    return false;
}

bool Volume::has_pages() {
    for (std::uint32_t number = 0; number < pages_; ++number) {
        Page page;
        PageState state = PageState::blank;
        if (!open(number, page, state)) return false;
        if (state == PageState::in_use || state == PageState::damaged) return true;
    }
    return false;
}

bool Volume::wipe(const char* name) {
    constexpr std::uint8_t zeros[entry_size] = {};
    const char* key = name;
    std::uint8_t space = 0;
    const Found has_space = find_space(name, key, space);
    if (has_space != Found::yes) return has_space == Found::no;
    for (std::uint32_t number = 0; number < pages_; ++number) {
        Page page;
        PageState state = PageState::blank;
        if (!open(number, page, state)) return false;
        if (state == PageState::blank) continue;
        for (;;) {
            Item item;
            if (!next(page, item)) return false;
            if (item.entry == no_entry) break;
            if (!is_meant(item.head, space, key) || !is_right(item.head)) continue;
            std::uint32_t last = item.entry + data_entries(item.head);
            if (last >= entries_a_page) last = entries_a_page - 1;
            for (std::uint32_t entry = item.entry + 1; entry <= last; ++entry) {
                const std::uint32_t at = entry_address(number, entry);
                if (!flash_.write(flash_.context, at, zeros, sizeof(zeros))) return false;
            }
        }
    }
    return true;
}

FileSource Volume::source() {
    FileSource values = source_of(*this);
    values.kind = "value";
    values.ends_with_nul = true;
    return values;
}

Problem load(const Flash& flash, std::uint32_t size, const char* name, const Mac& mac,
             const Crypto& crypto, Identity& into, Problem& mended, Parts wanted) {
    Volume volume(flash, size);
    const Problem bad =
        imprint_identity::load(volume.source(), keys(), mac, crypto, into, mended, wanted);
    if (bad.status != Status::not_prepared && bad.status != Status::damaged) return bad;
    if (volume.has_pages()) return bad;
    std::uint8_t first[entries_at];
    if (size < page_size || !flash.read(flash.context, 0, first, sizeof(first)))
        return problem(Status::storage_unavailable, "the partition %s cannot be read", name);
    if (is_blank(first, sizeof(first))) return bad;
    return problem(Status::storage_unavailable, "the partition %s holds no NVS", name);
}

}  // namespace nvs
}  // namespace imprint_identity
