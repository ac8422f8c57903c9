// Reads files of a FAT partition as they lie in flash, without mounting it: ESP-IDF's wear
// levelling writes when it is mounted, and begins anew where its own records are damaged
// (WL_Flash::init). This reads what is there, and never writes.
//
// Formats: Microsoft, "FAT: General Overview of On-Disk Format", 1.03, for FAT12 and FAT16, with
// the number of clusters from which on it is FAT16 as FatFs has it (ff.c, MAX_FAT12); ESP-IDF
// components/wear_levelling/WL_Flash.cpp, version 2, as wl_fatfsgen.py writes it, too.
//
// Plain C++17 without exceptions, RTTI or memory of its own.
#pragma once

#include <cstddef>
#include <cstdint>

#include "imprint_identity/flash.h"
#include "imprint_identity/identity.h"

namespace imprint_identity {
namespace fat {

// Where wear levelling has put each sector. All sectors but one, the dummy, hold content; with each
// move the dummy changes its place with the sector behind it.
class Wear {
  public:
    enum class Found : std::uint8_t {
        yes,
        no,             // the partition holds its content as it is
        of_other_size,  // its records are those of a partition of another size
        unreadable
    };

    Found open(const Flash& flash, std::uint32_t size);

    // The content, as long as this lives.
    Flash content();

    [[nodiscard]] std::uint32_t capacity() const { return capacity_; }

    // The sector that holds none, but may still have what a moved one had.
    [[nodiscard]] std::uint32_t dummy_at() const;

  private:
    static bool read(void* self, std::uint32_t at, void* into, std::size_t size);
    static bool write(void* self, std::uint32_t at, const void* from, std::size_t size);
    [[nodiscard]] std::uint32_t place_of(std::uint32_t at) const;
    Found open_state(std::uint32_t at);
    bool count_moves(std::uint32_t at, std::uint32_t& into);

    Flash flash_;
    std::uint32_t capacity_ = 0;   // bytes of content
    std::uint32_t dummy_ = 0;      // its sector
    std::uint32_t rounds_ = 0;     // of the dummy through all sectors
    std::uint32_t device_id_ = 0;  // what the records are made of
};

struct Layout {
    std::uint32_t sector_size = 0;
    std::uint32_t cluster_size = 0;  // bytes
    std::uint32_t table_at = 0;      // of the first table
    std::uint32_t root_at = 0;
    std::uint32_t root_entries = 0;
    std::uint32_t data_at = 0;  // of cluster 2
    std::uint32_t clusters = 0;
    bool is_fat12 = false;
};

class Volume {
  public:
    // size: bytes of the partition. Null: it is open; else why not, as a sentence's end: "has no
    // boot sector".
    const char* open(const Flash& flash, std::uint32_t size);

    // Files by their name, also in a folder: "copy/device.json". Letters count whatever their case.
    // The volume outlives it.
    FileSource source();

    // As FileSource has them.
    long size(const char* name);
    bool read(const char* name, char* into, std::size_t size);

    // Of the last file that could not be read: a sentence's end, or empty.
    [[nodiscard]] const char* trouble() const { return trouble_; }

    // Whether the root lists what cannot be, or nothing while clusters are in use: then it is
    // damaged, or lies elsewhere than the boot sector says.
    bool has_lost_files();

    // Writes zeros over the content of a file, and of what wear levelling has left of sectors that
    // it moved. False: flash does not do that. No such file: there is nothing to do.
    bool wipe(const char* name);

  private:
    struct File {
        std::uint32_t cluster = 0;  // its first one; of the root: 0
        std::uint32_t size = 0;
        bool is_folder = false;
    };

    // One folder's entries, one after the other.
    struct Place {
        std::uint32_t at = 0;    // the next entry
        std::uint32_t left = 0;  // entries in this cluster, or in the root
        std::uint32_t cluster = 0;
        std::uint32_t steps = 0;  // clusters that were gone through
    };

    enum class Found : std::uint8_t { yes, no, unreadable };

    const char* read_layout(const std::uint8_t* boot, std::uint32_t capacity);
    const char* check_table(std::uint8_t media);
    bool read_bytes(std::uint32_t at, void* into, std::size_t size);
    Found find(const char* path, File& into);
    Found find_in(const File& folder, const char* name, std::size_t length, File& into);
    Found next_entry(Place& place, std::uint8_t (&into)[32]);
    bool next_cluster(std::uint32_t cluster, std::uint32_t& into);
    // Calls with(address, bytes) for each part of a file's content.
    template <typename With>
    bool for_each_part(const File& file, const With& with);

    bool fail(const char* why);

    [[nodiscard]] bool is_cluster(std::uint32_t number) const {
        return number >= 2 && number < layout_.clusters + 2;
    }

    [[nodiscard]] std::uint32_t address_of(std::uint32_t cluster) const {
        return layout_.data_at + (cluster - 2) * layout_.cluster_size;
    }

    Wear wear_;
    bool is_worn_ = false;
    Flash flash_;    // of the partition
    Flash content_;  // of the file system
    Layout layout_;
    char trouble_[96] = "";
};

}  // namespace fat
}  // namespace imprint_identity
