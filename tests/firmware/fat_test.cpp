#include "imprint_identity/fat.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string_view>

#include "fat_image.h"

namespace imprint_identity::fat {

namespace {

using testing::Bytes;
using testing::FatImage;
using ::testing::HasSubstr;
using testing::WornPartition;

constexpr std::size_t sector = WornPartition::sector;

std::string text_of(std::size_t size, unsigned seed) {
    std::string text(size, '\0');
    for (char& c : text) {
        seed = seed * 1664525U + 1013904223U;
        c = static_cast<char>(seed >> 24);
    }
    return text;
}

// A partition in memory, and what is written to it.
struct Partition {
    Bytes cells;
    std::size_t writes = 0;
    std::size_t power = 1'000'000;  // writes until it goes

    Flash flash() {
        Flash flash;
        flash.read = [](void* self, std::uint32_t at, void* into, std::size_t size) {
            const Bytes& cells = static_cast<Partition*>(self)->cells;
            if (at > cells.size() || size > cells.size() - at) return false;
            std::memcpy(into, cells.data() + at, size);
            return true;
        };
        flash.write = [](void* self, std::uint32_t at, const void* from, std::size_t size) {
            auto& me = *static_cast<Partition*>(self);
            if (me.power == 0) return false;
            --me.power;
            ++me.writes;
            const auto* bytes = static_cast<const std::uint8_t*>(from);
            for (std::size_t i = 0; i < size; ++i)
                me.cells.at(at + i) &= bytes[i];
            return true;
        };
        flash.context = this;
        return flash;
    }

    [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(cells.size()); }

    const char* open(Volume& volume) { return volume.open(flash(), size()); }

    [[nodiscard]] bool holds(const std::string& text) const {
        const std::string_view all(reinterpret_cast<const char*>(cells.data()), cells.size());
        return all.find(text) != std::string_view::npos;
    }
};

// "": missing; what is wrong with it; or its content with a "=" in front.
std::string read(Volume& volume, const std::string& name) {
    const FileSource files = volume.source();
    const long size = files.size(files.context, name.c_str());
    if (size == FileSource::missing) return "";
    if (size < 0) return files.trouble(files.context);
    std::string text(static_cast<std::size_t>(size), '?');
    if (files.read(files.context, name.c_str(), text.data(), text.size())) return "=" + text;
    return files.trouble(files.context);
}

std::map<std::string, std::string> some_files(std::size_t cluster) {
    return {{"certificate.pem.crt", text_of(1500, 1)},
            {"private.pem.key", text_of(cluster, 2)},
            {"aws-root-ca.pem", text_of(3 * cluster + 1, 3)},
            {"device.json", text_of(cluster - 1, 4)},
            {"EMPTY.TXT", ""},
            {"SHORT.PEM", text_of(7, 5)},
            {"copy/certificate.pem.crt", text_of(1501, 6)},
            {"copy/device.json", text_of(2 * cluster, 7)}};
}

FatImage image_with(const FatImage::Options& options) {
    FatImage image(options);
    for (const auto& [name, content] :
         some_files(std::size_t{options.sector_size} * options.cluster_sectors))
        image.add(name, content);
    return image;
}

void expect_some_files(Volume& volume, std::size_t cluster) {
    for (const auto& [name, content] : some_files(cluster))
        EXPECT_EQ(read(volume, name), "=" + content) << name;
    EXPECT_EQ(read(volume, "no-such-file.txt"), "");
    EXPECT_EQ(read(volume, "copy/private.pem.key"), "");
    EXPECT_EQ(read(volume, "copy"), "") << "a folder is no file";
    EXPECT_EQ(read(volume, "SHORT.PEM/x"), "");
}

TEST(Fat, reads_each_file_whatever_the_layout_is) {
    for (const std::uint32_t sector_size : {512U, 1024U, 4096U})
        for (const std::uint32_t cluster_sectors : {1U, 2U, 8U})
            for (const std::uint32_t sectors : {400U, 5000U})
                for (const bool scattered : {false, true}) {
                    if (sectors == 5000 && sector_size != 512) continue;
                    FatImage::Options options;
                    options.sector_size = sector_size;
                    options.cluster_sectors = cluster_sectors;
                    options.sectors = sectors;
                    options.scattered = scattered;
                    options.tables = scattered ? 1 : 2;
                    FatImage image = image_with(options);
                    EXPECT_EQ(image.is_fat12(), sectors == 400 || cluster_sectors > 1);
                    Partition partition{image.finish()};
                    Volume volume;
                    ASSERT_STREQ(partition.open(volume), nullptr);
                    expect_some_files(volume, std::size_t{sector_size} * cluster_sectors);
                }
}

TEST(Fat, letters_count_whatever_their_case) {
    FatImage image({});
    image.add("Device.JSON", "long");
    image.add("CERT.PEM", "short");
    Partition partition{image.finish()};
    Volume volume;
    ASSERT_STREQ(partition.open(volume), nullptr);
    EXPECT_EQ(read(volume, "device.json"), "=long");
    EXPECT_EQ(read(volume, "cert.pem"), "=short");
    EXPECT_EQ(read(volume, "cert.pe"), "");
    EXPECT_EQ(read(volume, "cert"), "");
    EXPECT_EQ(read(volume, "device.jso"), "");
    EXPECT_EQ(read(volume, "device.jsonx"), "");
    EXPECT_EQ(read(volume, ""), "");
}

// A long name of another file's, which was deleted by a system that knows no long names.
TEST(Fat, a_long_name_without_its_file_names_nothing) {
    FatImage image({});
    image.add("device.json", "old");
    Bytes bytes = image.finish();
    const std::size_t root_at = 3 * sector;
    ASSERT_EQ(bytes[root_at + 11], 0x0F);
    bytes[root_at + 32] = 'X';  // the short name that its checksum is of
    Partition partition{bytes};
    Volume volume;
    ASSERT_STREQ(partition.open(volume), nullptr);
    EXPECT_EQ(read(volume, "device.json"), "");
    bytes[root_at + 32] = 0xE5;
    partition.cells = bytes;
    EXPECT_EQ(read(volume, "device.json"), "");
}

TEST(Fat, wear_levelling_is_followed_wherever_it_has_moved_sectors) {
    constexpr std::size_t size = 20 * sector;
    FatImage::Options options;
    options.sectors = static_cast<std::uint32_t>(WornPartition::capacity(size) / sector);
    options.tables = 1;
    FatImage image(options);
    image.add("device.json", text_of(9000, 1));
    image.add("copy/device.json", text_of(100, 2));
    WornPartition worn(image.finish(), size);
    for (int moves = 0; moves < 300; ++moves, worn.move()) {
        SCOPED_TRACE(moves);
        Partition partition{worn.cells()};
        Volume volume;
        ASSERT_STREQ(partition.open(volume), nullptr);
        EXPECT_EQ(read(volume, "device.json"), "=" + text_of(9000, 1));
        EXPECT_EQ(read(volume, "copy/device.json"), "=" + text_of(100, 2));
        EXPECT_EQ(partition.writes, 0U);
        for (const int copy : {0, 1}) {
            // Its state, and the records of its moves.
            for (const std::size_t at : {std::size_t{8}, std::size_t{64}}) {
                Partition damaged{worn.cells()};
                damaged.cells[worn.state_at(copy) + at] ^= 4;
                ASSERT_STREQ(damaged.open(volume), nullptr);
                EXPECT_EQ(read(volume, "device.json"), "=" + text_of(9000, 1)) << copy << at;
            }
        }
    }
}

// Each as a power cut leaves it: the first copy is written before the second.
TEST(Fat, of_two_states_of_wear_levelling_the_newer_one_counts) {
    constexpr std::size_t size = 20 * sector;
    FatImage::Options options;
    options.sectors = static_cast<std::uint32_t>(WornPartition::capacity(size) / sector);
    FatImage image(options);
    image.add("device.json", text_of(9000, 1));
    WornPartition worn(image.finish(), size);
    for (int moves = 0; moves < 40; ++moves) {
        const Bytes before = worn.cells();
        worn.move();
        Partition partition{worn.cells()};
        const auto second = static_cast<std::ptrdiff_t>(worn.state_at(1));
        std::copy(before.begin() + second, before.end() - static_cast<std::ptrdiff_t>(sector),
                  partition.cells.begin() + second);
        Volume volume;
        ASSERT_STREQ(partition.open(volume), nullptr) << moves;
        EXPECT_EQ(read(volume, "device.json"), "=" + text_of(9000, 1)) << moves;
    }
}

TEST(Fat, a_partition_of_another_size_or_with_nothing_of_it_is_told) {
    Volume volume;
    constexpr std::size_t size = 20 * sector;
    WornPartition worn(FatImage({.sectors = 15}).finish(), size);
    Partition partition{worn.cells()};
    EXPECT_STREQ(partition.open(volume), nullptr);
    partition.cells.resize(size + sector, 0xFF);
    EXPECT_STREQ(partition.open(volume), "has no boot sector");
    // The records are where a partition of this size has them, and are another's.
    WornPartition smaller(FatImage({.sectors = 15}).finish(), size);
    partition.cells = smaller.cells();
    const std::size_t state = smaller.state_at(0);
    for (const std::size_t at : {state, smaller.state_at(1)}) {
        testing::put32(partition.cells, at + 4, 99);
        testing::put32(partition.cells, at + 60, testing::crc_of(partition.cells.data() + at, 60));
    }
    EXPECT_STREQ(partition.open(volume),
                 "has records of wear levelling for a partition of another size");
    partition.cells = FatImage({.sectors = 30}).finish();
    partition.cells.resize(29 * sector);
    EXPECT_STREQ(partition.open(volume), "holds a file system that is larger than it");
    partition.cells.assign(20 * sector, 0xFF);
    EXPECT_STREQ(partition.open(volume), "has no boot sector");
    partition.cells.assign(100, 0xFF);
    EXPECT_STREQ(partition.open(volume), "cannot be read");
}

TEST(Fat, a_boot_sector_that_cannot_be_is_refused) {
    const Bytes sound = FatImage({.sectors = 60, .sector_size = 512, .tables = 1}).finish();

    const struct {
        std::size_t at;
        std::uint8_t value;
        const char* why;
    } faults[] = {
        {0, 0x00, "has no boot sector"},
        {510, 0x00, "has no boot sector"},
        {12, 0x03, "has a boot sector that is none of FAT12 or FAT16"},
        {13, 3, "has a boot sector that is none of FAT12 or FAT16"},
        {13, 128, "has a boot sector whose sizes cannot be"},
        {14, 0, "has a boot sector that is none of FAT12 or FAT16"},
        {14, 2, "has no table of clusters where its boot sector says"},
        {16, 0, "has a boot sector that is none of FAT12 or FAT16"},
        {16, 3, "has a boot sector that is none of FAT12 or FAT16"},
        {17, 1, "has a boot sector that is none of FAT12 or FAT16"},
        {18, 0, "has a boot sector that is none of FAT12 or FAT16"},
        {18, 0x20, "has a boot sector whose sizes cannot be"},
        {21, 0xF0, "has no table of clusters where its boot sector says"},
        {22, 0, "has a boot sector that is none of FAT12 or FAT16"},
        {23, 1, "has a boot sector whose sizes cannot be"},
        {20, 1, "holds a file system that is larger than it"},
    };

    for (const auto& fault : faults) {
        Partition partition{sound};
        Volume volume;
        ASSERT_STREQ(partition.open(volume), nullptr);
        partition.cells[fault.at] = fault.value;
        EXPECT_STREQ(partition.open(volume), fault.why) << fault.at << "=" << int{fault.value};
    }
}

TEST(Fat, a_table_that_is_too_short_for_its_clusters_is_refused) {
    FatImage image({.sectors = 400, .sector_size = 512, .tables = 1});
    Partition partition{image.finish()};
    ASSERT_EQ(partition.cells[22], 2);
    partition.cells[22] = 1;
    Volume volume;
    EXPECT_STREQ(partition.open(volume), "has a boot sector whose sizes cannot be");
}

TEST(Fat, a_fat32_is_told) {
    Partition partition{FatImage({.sectors = 60, .sector_size = 512}).finish()};
    testing::put16(partition.cells, 19, 0);
    testing::put32(partition.cells, 32, 70'000);
    testing::put16(partition.cells, 22, 256);
    Volume volume;
    partition.cells.resize(std::size_t{70'000} * 512);
    EXPECT_STREQ(partition.open(volume), "holds a FAT32, which is not read");
}

TEST(Fat, a_chain_that_cannot_be_is_told_with_its_cluster) {
    for (const std::uint32_t sectors : {60U, 5000U}) {
        FatImage::Options options{.sectors = sectors, .sector_size = 512};
        const auto read_with = [&](const auto& change) {
            FatImage image(options);
            image.add("private.pem.key", text_of(1200, 1));
            change(image, image.first_cluster("private.pem.key"));
            Partition partition{image.finish()};
            Volume volume;
            EXPECT_STREQ(partition.open(volume), nullptr);
            return read(volume, "private.pem.key");
        };
        EXPECT_EQ(read_with([](FatImage&, std::uint32_t) {}), "=" + text_of(1200, 1));
        EXPECT_EQ(read_with([](FatImage& image, std::uint32_t first) { image.set_next(first, 0); }),
                  "its cluster 2 is marked as free");
        EXPECT_THAT(
            read_with([](FatImage& image, std::uint32_t first) { image.set_next(first, 1); }),
            HasSubstr("cluster 1, behind its 2, cannot be"));
        EXPECT_THAT(read_with([](FatImage& image, std::uint32_t first) {
                        image.set_next(first, image.clusters() + 2);
                    }),
                    HasSubstr(", behind its 2, cannot be"));
        EXPECT_EQ(read_with([](FatImage& image, std::uint32_t first) {
                      image.set_next(first, image.end());
                  }),
                  "its clusters end before it does");
        EXPECT_EQ(read_with([](FatImage& image, std::uint32_t first) {
                      image.set_next(first + 2, first + 3);
                      image.set_next(first + 3, image.end());
                  }),
                  "it has more clusters than its size says");
        EXPECT_EQ(read_with([](FatImage& image, std::uint32_t first) {
                      image.set_next(first + 2, first);
                  }),
                  "it has more clusters than its size says");
    }
}

TEST(Fat, a_folder_whose_clusters_have_no_end_is_told) {
    FatImage image({.sectors = 200, .sector_size = 512});
    for (int i = 0; i < 40; ++i)
        image.add("copy/a-name-that-is-long-" + std::to_string(i), "x");
    image.finish();  // which gives the folder its clusters
    const std::uint32_t first = image.first_cluster("copy");
    image.set_next(image.next(first), first);
    Partition partition{image.finish()};
    Volume volume;
    ASSERT_STREQ(partition.open(volume), nullptr);
    EXPECT_EQ(read(volume, "copy/not-there"), "its folder's clusters have no end");
}

TEST(Fat, a_file_that_begins_nowhere_is_told) {
    FatImage image({});
    image.add("A.TXT", "content");
    Bytes bytes = image.finish();
    for (const std::uint32_t cluster : {0U, 1U, 60'000U}) {
        testing::put16(bytes, 3 * sector + 26, cluster);
        Partition partition{bytes};
        Volume volume;
        ASSERT_STREQ(partition.open(volume), nullptr);
        EXPECT_EQ(read(volume, "A.TXT"),
                  "its first cluster, " + std::to_string(cluster) + ", cannot be");
    }
}

TEST(Fat, a_key_that_is_wiped_is_nowhere_in_flash_and_all_else_stays) {
    constexpr std::size_t size = 20 * sector;
    FatImage::Options options;
    options.sectors = static_cast<std::uint32_t>(WornPartition::capacity(size) / sector);
    const std::string key = text_of(5000, 1);
    FatImage image(options);
    image.add("private.pem.key", key);
    image.add("device.json", text_of(9000, 2));
    WornPartition worn(image.finish(), size);
    for (int moves = 0; moves < 20; ++moves, worn.move()) {
        SCOPED_TRACE(moves);
        ASSERT_TRUE(Partition{worn.cells()}.holds(key.substr(0, 16)));
        for (std::size_t power = 0;; ++power) {
            Partition partition{worn.cells()};
            partition.power = power;
            Volume volume;
            ASSERT_STREQ(partition.open(volume), nullptr);
            const bool is_done = volume.wipe("private.pem.key");
            partition.power = 1'000'000;
            EXPECT_TRUE(volume.wipe("private.pem.key"));
            for (const std::size_t at : {0U, 2000U, 4080U, 4096U, 4984U})
                ASSERT_FALSE(partition.holds(key.substr(at, 16))) << at;
            EXPECT_EQ(read(volume, "device.json"), "=" + text_of(9000, 2));
            EXPECT_EQ(read(volume, "private.pem.key"), "=" + std::string(5000, '\0'));
            const std::size_t before = partition.writes;
            EXPECT_TRUE(volume.wipe("private.pem.key"));
            EXPECT_EQ(partition.writes, before) << "flash is not worn";
            if (is_done) break;
            power += moves == 0 ? 3 : 97;
        }
    }
}

TEST(Fat, flash_that_takes_nothing_is_told_when_a_key_is_wiped) {
    FatImage image({});
    image.add("private.pem.key", "secret");
    Partition partition{image.finish()};
    Flash flash = partition.flash();
    flash.write = nullptr;
    Volume volume;
    ASSERT_STREQ(volume.open(flash, partition.size()), nullptr);
    EXPECT_FALSE(volume.wipe("private.pem.key"));
    EXPECT_TRUE(volume.wipe("not-there")) << "there is nothing to do";
}

}  // namespace

}  // namespace imprint_identity::fat
