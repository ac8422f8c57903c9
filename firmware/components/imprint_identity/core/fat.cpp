#include "imprint_identity/fat.h"

#include <cstdio>
#include <cstring>

#include "common.h"
#include "crc.h"
#include "fat_names.h"
#include "wipe.h"

namespace imprint_identity {
namespace fat {

namespace {

constexpr std::uint32_t flash_sector = 4096;
constexpr std::uint32_t boot_size = 512;
constexpr std::uint32_t entry_size = 32;

// In the boot sector (section 3.1).
constexpr std::uint32_t sector_size_at = 11;
constexpr std::uint32_t cluster_sectors_at = 13;
constexpr std::uint32_t reserved_at = 14;
constexpr std::uint32_t tables_at = 16;
constexpr std::uint32_t root_entries_at = 17;
constexpr std::uint32_t sectors_at = 19;
constexpr std::uint32_t media_at = 21;
constexpr std::uint32_t table_sectors_at = 22;
constexpr std::uint32_t more_sectors_at = 32;
constexpr std::uint32_t signature_at = 510;

constexpr std::uint32_t most_fat12 = 0xFF5;  // clusters
constexpr std::uint32_t most_fat16 = 0xFFF5;

// In an entry of a folder (section 6).
constexpr std::uint32_t attributes_at = 11;
constexpr std::uint32_t cluster_at = 26;
constexpr std::uint32_t size_at = 28;
constexpr std::uint8_t entry_end = 0x00;
constexpr std::uint8_t entry_free = 0xE5;
constexpr std::uint8_t is_label = 0x08;
constexpr std::uint8_t is_folder = 0x10;
constexpr std::uint8_t is_long_name = 0x0F;
constexpr std::uint8_t attribute_bits = 0x3F;

bool is_power_of_two(std::uint32_t number) {
    return number != 0 && (number & (number - 1)) == 0;
}

}  // namespace

bool Volume::fail(const char* why) {
    (void)std::snprintf(trouble_, sizeof(trouble_), "%s", why);
    return false;
}

bool Volume::read_bytes(std::uint32_t at, void* into, std::size_t size) {
    if (content_.read(content_.context, at, into, size)) return true;
    return fail("the flash cannot be read");
}

const char* Volume::read_layout(const std::uint8_t* boot, std::uint32_t capacity) {
    if ((boot[0] != 0xEB && boot[0] != 0xE9) || boot[signature_at] != 0x55 ||
        boot[signature_at + 1] != 0xAA)
        return "has no boot sector";
    const std::uint32_t sector = load16(boot + sector_size_at);
    const std::uint32_t cluster_sectors = boot[cluster_sectors_at];
    const std::uint32_t tables = boot[tables_at];
    const std::uint32_t table_sectors = load16(boot + table_sectors_at);
    const std::uint32_t reserved = load16(boot + reserved_at);
    const std::uint32_t few_sectors = load16(boot + sectors_at);
    const std::uint32_t sectors = few_sectors != 0 ? few_sectors : load32(boot + more_sectors_at);
    layout_.root_entries = load16(boot + root_entries_at);
    if (!is_power_of_two(sector) || sector < 512 || sector > 4096 ||
        !is_power_of_two(cluster_sectors) || reserved == 0 || tables == 0 || tables > 2 ||
        table_sectors == 0 || layout_.root_entries == 0 ||
        layout_.root_entries * entry_size % sector != 0)
        return "has a boot sector that is none of FAT12 or FAT16";
    if (sectors > capacity / sector) return "holds a file system that is larger than it";
    const std::uint32_t root_sectors = layout_.root_entries * entry_size / sector;
    const std::uint32_t before = reserved + tables * table_sectors + root_sectors;
    if (before + cluster_sectors > sectors) return "has a boot sector whose sizes cannot be";
    layout_.sector_size = sector;
    layout_.cluster_size = cluster_sectors * sector;
    layout_.clusters = (sectors - before) / cluster_sectors;
    layout_.is_fat12 = layout_.clusters <= most_fat12;
    if (layout_.clusters > most_fat16) return "holds a FAT32, which is not read";
    layout_.table_at = reserved * sector;
    layout_.root_at = (reserved + tables * table_sectors) * sector;
    layout_.data_at = before * sector;
    const std::uint32_t bits = (layout_.clusters + 2) * (layout_.is_fat12 ? 12 : 16);
    if ((bits + 7) / 8 > table_sectors * sector) return "has a boot sector whose sizes cannot be";
    return check_table(boot[media_at]);
}

// The first entry repeats the boot sector's byte for the kind of disk, and the second ends a chain:
// where they do not, the table lies elsewhere.
const char* Volume::check_table(std::uint8_t media) {
    std::uint8_t begin[4];
    if (!read_bytes(layout_.table_at, begin, sizeof(begin))) return "cannot be read";
    const bool is_right =
        begin[0] == media && (layout_.is_fat12 ? begin[1] == 0xFF && begin[2] == 0xFF
                                               : begin[1] == 0xFF && (begin[2] & 0xF8) == 0xF8 &&
                                                     (begin[3] & 0x3F) == 0x3F);
    return is_right ? nullptr : "has no table of clusters where its boot sector says";
}

const char* Volume::open(const Flash& flash, std::uint32_t size) {
    flash_ = flash;
    std::uint32_t capacity = size;
    switch (wear_.open(flash, size)) {
        case Wear::Found::unreadable:
            return "cannot be read";
        case Wear::Found::of_other_size:
            return "has records of wear levelling for a partition of another size";
        case Wear::Found::yes:
            is_worn_ = true;
            content_ = wear_.content();
            capacity = wear_.capacity();
            break;
        case Wear::Found::no:
            is_worn_ = false;
            content_ = flash;
            break;
    }
    std::uint8_t boot[boot_size];
    if (capacity < boot_size || !read_bytes(0, boot, sizeof(boot))) return "cannot be read";
    return read_layout(boot, capacity);
}

// The one behind it in its chain; 0: it was the last. False: there is a trouble.
bool Volume::next_cluster(std::uint32_t cluster, std::uint32_t& into) {
    std::uint8_t bytes[2];
    const std::uint32_t at = layout_.is_fat12 ? cluster + cluster / 2 : cluster * 2;
    if (!read_bytes(layout_.table_at + at, bytes, sizeof(bytes))) return false;
    std::uint32_t next = load16(bytes);
    if (layout_.is_fat12) next = cluster % 2 != 0 ? next >> 4 : next & 0xFFF;
    const std::uint32_t end = layout_.is_fat12 ? 0xFF8 : 0xFFF8;
    into = next >= end ? 0 : next;
    if (into == 0 && next < end) {
        (void)std::snprintf(trouble_, sizeof(trouble_), "its cluster %lu is marked as free",
                            static_cast<unsigned long>(cluster));
        return false;
    }
    if (into == 0 || is_cluster(into)) return true;
    (void)std::snprintf(trouble_, sizeof(trouble_), "cluster %lu, behind its %lu, cannot be",
                        static_cast<unsigned long>(into), static_cast<unsigned long>(cluster));
    return false;
}

Volume::Found Volume::next_entry(Place& place, std::uint8_t (&into)[entry_size]) {
    if (place.left == 0) {
        if (place.cluster == 0) return Found::no;  // the root ends
        // In a chain without end there are more clusters than on the disk.
        if (++place.steps > layout_.clusters) {
            (void)fail("its folder's clusters have no end");
            return Found::unreadable;
        }
        std::uint32_t next = 0;
        if (!next_cluster(place.cluster, next)) return Found::unreadable;
        if (next == 0) return Found::no;
        place.cluster = next;
        place.at = address_of(next);
        place.left = layout_.cluster_size / entry_size;
    }
    if (!read_bytes(place.at, into, entry_size)) return Found::unreadable;
    if (into[0] == entry_end) return Found::no;
    place.at += entry_size;
    --place.left;
    return Found::yes;
}

Volume::Found Volume::find_in(const File& folder, const char* name, std::size_t length,
                              File& into) {
    const Name wanted{name, length};
    Place place;
    place.cluster = folder.cluster;
    place.at = folder.cluster == 0 ? layout_.root_at : address_of(folder.cluster);
    place.left = folder.cluster == 0 ? layout_.root_entries : layout_.cluster_size / entry_size;
    LongName long_name(wanted);
    std::uint8_t entry[entry_size];
    for (;;) {
        const Found found = next_entry(place, entry);
        if (found != Found::yes) return found;
        const std::uint8_t attributes = entry[attributes_at] & attribute_bits;
        if (entry[0] == entry_free) {
            long_name.end();
        } else if (attributes == is_long_name) {
            long_name.take(entry);
        } else {
            const bool is_it = (attributes & is_label) == 0 &&
                               (long_name.is_it(entry) || is_short_name(entry, wanted));
            long_name.end();
            if (!is_it) continue;
            into.cluster = load16(entry + cluster_at);
            into.size = load32(entry + size_at);
            into.is_folder = (attributes & is_folder) != 0;
            return Found::yes;
        }
    }
}

Volume::Found Volume::find(const char* path, File& into) {
    trouble_[0] = '\0';
    into = {};
    into.is_folder = true;
    for (;;) {
        const char* const slash = std::strchr(path, '/');
        const std::size_t length =
            slash != nullptr ? static_cast<std::size_t>(slash - path) : std::strlen(path);
        const File folder = into;
        const Found found = find_in(folder, path, length, into);
        if (found != Found::yes) return found;
        if (into.is_folder != (slash != nullptr)) return Found::no;
        const bool is_empty = !into.is_folder && into.size == 0;
        if (!is_empty && !is_cluster(into.cluster)) {
            (void)std::snprintf(trouble_, sizeof(trouble_), "its first cluster, %lu, cannot be",
                                static_cast<unsigned long>(into.cluster));
            return Found::unreadable;
        }
        if (slash == nullptr) return Found::yes;
        path = slash + 1;
    }
}

template <typename With>
bool Volume::for_each_part(const File& file, const With& with) {
    std::uint32_t cluster = file.cluster;
    for (std::uint32_t left = file.size; left != 0;) {
        if (cluster == 0) return fail("its clusters end before it does");
        const std::uint32_t step = left < layout_.cluster_size ? left : layout_.cluster_size;
        if (!with(address_of(cluster), step)) return false;
        left -= step;
        if (!next_cluster(cluster, cluster)) return false;
    }
    return cluster == 0 || file.size == 0 || fail("it has more clusters than its size says");
}

bool Volume::read(const char* name, char* into, std::size_t size) {
    File file;
    if (find(name, file) != Found::yes || file.size != size) return false;
    return for_each_part(file, [&](std::uint32_t at, std::uint32_t step) {
        if (!read_bytes(at, into, step)) return false;
        into += step;
        return true;
    });
}

bool Volume::has_lost_files() {
    std::uint8_t entry[entry_size];
    Place place;
    place.at = layout_.root_at;
    place.left = layout_.root_entries;
    bool has_any = false;
    while (next_entry(place, entry) == Found::yes) {
        if (entry[0] == entry_free) continue;
        // Something else is there.
        if ((entry[attributes_at] & ~attribute_bits) != 0) return true;
        has_any = has_any || (entry[attributes_at] & is_label) == 0;
    }
    if (has_any) return false;
    for (std::uint32_t cluster = 2; is_cluster(cluster); ++cluster) {
        std::uint32_t next = 0;
        const bool is_end = next_cluster(cluster, next) && next == 0;
        if (is_end) return true;
    }
    return false;
}

bool Volume::wipe(const char* name) {
    File file;
    switch (find(name, file)) {
        case Found::no:
            return true;
        case Found::unreadable:
            return false;
        case Found::yes:
            break;
    }
    // All of the last cluster, too: a longer file may have been there.
    const auto wipe_part = [this](std::uint32_t at, std::uint32_t) {
        return wipe_flash(content_, at, layout_.cluster_size);
    };
    return for_each_part(file, wipe_part) &&
           (!is_worn_ || wipe_flash(flash_, wear_.dummy_at(), flash_sector));
}

FileSource Volume::source() {
    return source_of(*this);
}

long Volume::size(const char* name) {
    File file;
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

}  // namespace fat
}  // namespace imprint_identity
