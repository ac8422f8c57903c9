// FAT images for tests, and wear levelling under them: written from the format's description, apart
// from the code that reads them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace imprint_identity::testing {

using Bytes = std::vector<std::uint8_t>;

inline void put16(Bytes& bytes, std::size_t at, std::uint32_t value) {
    bytes.at(at) = static_cast<std::uint8_t>(value);
    bytes.at(at + 1) = static_cast<std::uint8_t>(value >> 8);
}

inline void put32(Bytes& bytes, std::size_t at, std::uint32_t value) {
    put16(bytes, at, value);
    put16(bytes, at + 2, value >> 16);
}

class FatImage {
  public:
    struct Options {
        std::uint32_t sectors = 30;
        std::uint32_t sector_size = 4096;
        std::uint32_t cluster_sectors = 1;
        std::uint32_t reserved = 1;
        std::uint32_t tables = 2;
        std::uint32_t root_entries = 512;
        bool scattered = false;  // clusters in no order
    };

    explicit FatImage(const Options& options)
        : options_(options), image_(std::size_t{options.sectors} * options.sector_size, 0) {
        const std::uint32_t root_sectors = options.root_entries * 32 / options.sector_size;
        std::uint32_t table_sectors = 1;
        for (;; ++table_sectors) {
            data_sector_ = options.reserved + options.tables * table_sectors + root_sectors;
            clusters_ = (options.sectors - data_sector_) / options.cluster_sectors;
            is_fat12_ = clusters_ < 4085;
            const std::uint32_t bits = (clusters_ + 2) * (is_fat12_ ? 12 : 16);
            if (bits <= table_sectors * options.sector_size * 8) break;
        }
        table_sectors_ = table_sectors;
        write_boot_sector();
        next_.assign(clusters_ + 2, 0);
        next_[0] = is_fat12_ ? 0xFF8 : 0xFFF8;
        next_[1] = end();
        for (std::uint32_t cluster = 2; cluster < clusters_ + 2; ++cluster)
            free_.push_back(cluster);
        if (options.scattered) {
            std::mt19937 random(5);
            std::shuffle(free_.begin(), free_.end(), random);
        }
    }

    // In a folder, too: "copy/a".
    void add(const std::string& path, const std::string& content) {
        const std::size_t slash = path.find('/');
        if (slash == std::string::npos) {
            put_entry(root_, path, 0x20, content);
            return;
        }
        folders_.try_emplace(path.substr(0, slash));
        put_entry(folders_.at(path.substr(0, slash)), path.substr(slash + 1), 0x20, content);
    }

    Bytes finish() {
        for (auto& [name, entries] : folders_) {
            Bytes whole(64, 0);
            std::fill_n(whole.begin(), 11, ' ');
            whole[0] = '.';
            whole[11] = 0x10;
            std::copy_n(whole.begin(), 32, whole.begin() + 32);
            whole[33] = '.';
            whole.insert(whole.end(), entries.begin(), entries.end());
            put_entry(root_, name, 0x10, std::string(whole.begin(), whole.end()));
        }
        const std::size_t root_at = sector_at(options_.reserved + options_.tables * table_sectors_);
        std::copy(root_.begin(), root_.end(),
                  image_.begin() + static_cast<std::ptrdiff_t>(root_at));
        for (std::uint32_t table = 0; table < options_.tables; ++table)
            for (std::uint32_t cluster = 0; cluster < clusters_ + 2; ++cluster)
                write_next(sector_at(options_.reserved + table * table_sectors_), cluster,
                           next_[cluster]);
        return image_;
    }

    // For what a test does to it.
    [[nodiscard]] std::uint32_t clusters() const { return clusters_; }

    [[nodiscard]] std::uint32_t first_cluster(const std::string& name) const {
        return first_.at(name);
    }

    void set_next(std::uint32_t cluster, std::uint32_t next) { next_.at(cluster) = next; }

    [[nodiscard]] std::uint32_t next(std::uint32_t cluster) const { return next_.at(cluster); }

    [[nodiscard]] std::uint32_t end() const { return is_fat12_ ? 0xFFF : 0xFFFF; }

    [[nodiscard]] bool is_fat12() const { return is_fat12_; }

    [[nodiscard]] std::size_t address_of(std::uint32_t cluster) const {
        return sector_at(data_sector_ + (cluster - 2) * options_.cluster_sectors);
    }

  private:
    [[nodiscard]] std::size_t sector_at(std::uint32_t sector) const {
        return std::size_t{sector} * options_.sector_size;
    }

    void write_boot_sector() {
        image_[0] = 0xEB;
        image_[1] = 0xFE;
        image_[2] = 0x90;
        put16(image_, 11, options_.sector_size);
        image_[13] = static_cast<std::uint8_t>(options_.cluster_sectors);
        put16(image_, 14, options_.reserved);
        image_[16] = static_cast<std::uint8_t>(options_.tables);
        put16(image_, 17, options_.root_entries);
        if (options_.sectors < 0x10000)
            put16(image_, 19, options_.sectors);
        else
            put32(image_, 32, options_.sectors);
        image_[21] = 0xF8;
        put16(image_, 22, table_sectors_);
        image_[510] = 0x55;
        image_[511] = 0xAA;
    }

    void write_next(std::size_t table, std::uint32_t cluster, std::uint32_t next) {
        if (!is_fat12_) {
            put16(image_, table + std::size_t{cluster} * 2, next);
            return;
        }
        const std::size_t at = table + std::size_t{cluster} * 3 / 2;
        if (cluster % 2 == 0) {
            image_.at(at) = static_cast<std::uint8_t>(next);
            image_.at(at + 1) = static_cast<std::uint8_t>((image_.at(at + 1) & 0xF0) | next >> 8);
        } else {
            image_.at(at) = static_cast<std::uint8_t>((image_.at(at) & 0x0F) | next << 4);
            image_.at(at + 1) = static_cast<std::uint8_t>(next >> 4);
        }
    }

    std::uint32_t store(const std::string& content) {
        const std::size_t cluster_size = sector_at(options_.cluster_sectors);
        std::uint32_t first = 0;
        std::uint32_t last = 0;
        for (std::size_t done = 0; done < content.size(); done += cluster_size) {
            const std::uint32_t cluster = free_.at(0);
            free_.erase(free_.begin());
            if (last == 0)
                first = cluster;
            else
                next_[last] = cluster;
            next_[cluster] = end();
            last = cluster;
            const std::size_t step = std::min(cluster_size, content.size() - done);
            std::memcpy(image_.data() + address_of(cluster), content.data() + done, step);
        }
        return first;
    }

    static bool is_short(const std::string& name) {
        const std::size_t dot = name.find('.');
        const std::size_t base = dot == std::string::npos ? name.size() : dot;
        return base <= 8 && (dot == std::string::npos || name.size() - dot - 1 <= 3) &&
               std::all_of(name.begin(), name.end(), [](char c) {
                   return c == '.' || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
               });
    }

    void put_entry(Bytes& into, const std::string& name, std::uint8_t attributes,
                   const std::string& content) {
        std::string short_name(11, ' ');
        if (is_short(name)) {
            const std::size_t dot = std::min(name.find('.'), name.size());
            name.copy(short_name.data(), dot);
            if (dot < name.size()) name.copy(short_name.data() + 8, 3, dot + 1);
        } else {
            const std::string alias = "F" + std::to_string(100 + ++aliases_) + "~1";
            alias.copy(short_name.data(), alias.size());
            put_long_name(into, name, short_name);
        }
        Bytes entry(32, 0);
        std::copy(short_name.begin(), short_name.end(), entry.begin());
        entry[11] = attributes;
        first_[name] = store(content);
        put16(entry, 26, first_[name]);
        put32(entry, 28, attributes == 0x10 ? 0 : static_cast<std::uint32_t>(content.size()));
        into.insert(into.end(), entry.begin(), entry.end());
    }

    static void put_long_name(Bytes& into, const std::string& name, const std::string& alias) {
        unsigned sum = 0;
        for (const char c : alias)
            sum = ((sum >> 1 | (sum & 1) << 7) + static_cast<unsigned char>(c)) & 0xFF;
        const std::size_t parts = (name.size() + 12) / 13;
        for (std::size_t part = parts; part-- > 0;) {
            Bytes entry(32, 0);
            entry[0] = static_cast<std::uint8_t>(part + 1 + (part + 1 == parts ? 0x40 : 0));
            entry[11] = 0x0F;
            entry[13] = static_cast<std::uint8_t>(sum);
            constexpr std::size_t places[] = {1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30};
            for (std::size_t i = 0; i < 13; ++i) {
                const std::size_t at = part * 13 + i;
                const unsigned letter = at < name.size()    ? static_cast<unsigned char>(name[at])
                                        : at == name.size() ? 0U
                                                            : 0xFFFFU;
                put16(entry, places[i], letter);
            }
            into.insert(into.end(), entry.begin(), entry.end());
        }
    }

    Options options_;
    Bytes image_;
    std::uint32_t data_sector_ = 0;
    std::uint32_t table_sectors_ = 0;
    std::uint32_t clusters_ = 0;
    bool is_fat12_ = true;
    std::vector<std::uint32_t> next_;
    std::vector<std::uint32_t> free_;
    Bytes root_;
    std::map<std::string, Bytes> folders_;
    std::map<std::string, std::uint32_t> first_;
    int aliases_ = 0;
};

inline std::uint32_t crc_of(const std::uint8_t* data, std::size_t size) {
    std::uint32_t crc = 0;
    for (std::size_t i = 0; i < size; ++i) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; ++bit)
            crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xEDB88320 : 0);
    }
    return ~crc;
}

// A partition as ESP-IDF's wear levelling keeps it, moved sector by sector as it does.
class WornPartition {
  public:
    static constexpr std::size_t sector = 4096;

    static std::size_t capacity(std::size_t size) {
        return size - 2 * state_bytes(size) - 2 * sector;
    }

    WornPartition(const Bytes& content, std::size_t size)
        : cells_(size, 0xFF), slots_(capacity(size) / sector + 1) {
        std::copy(content.begin(), content.end(), cells_.begin() + sector);
        write_state();
        put32(cells_, size - sector, 0);  // the configuration, which nobody reads
    }

    // What an erase of a sector leads to at times.
    void move() {
        const std::size_t from = (dummy_ + 1) % slots_;
        std::copy_n(cells_.begin() + static_cast<std::ptrdiff_t>(from * sector), sector,
                    cells_.begin() + static_cast<std::ptrdiff_t>(dummy_ * sector));
        for (const std::size_t at : {state_at(0), state_at(1)})
            for (std::uint32_t i = 0; i < 4; ++i) {
                Bytes number(4);
                put32(number, 0, device_ + static_cast<std::uint32_t>(dummy_) * 4 + i);
                put32(cells_, at + 64 + dummy_ * 16 + std::size_t{4} * i, crc_of(number.data(), 4));
            }
        if (++dummy_ < slots_) return;
        dummy_ = 0;
        if (++rounds_ >= slots_ - 1) rounds_ = 0;
        write_state();
    }

    [[nodiscard]] std::size_t state_at(int copy) const {
        return slots_ * sector + (copy == 0 ? 0 : state_bytes(cells_.size()));
    }

    [[nodiscard]] std::size_t dummy_at() const { return dummy_ * sector; }

    Bytes& cells() { return cells_; }

  private:
    static std::size_t state_bytes(std::size_t size) {
        return (64 + size / sector * 16 + sector - 1) / sector * sector;
    }

    void write_state() {
        for (const std::size_t at : {state_at(0), state_at(1)}) {
            std::fill_n(cells_.begin() + static_cast<std::ptrdiff_t>(at),
                        state_bytes(cells_.size()), 0xFF);
            const std::uint32_t words[] = {0,
                                           static_cast<std::uint32_t>(slots_),
                                           static_cast<std::uint32_t>(rounds_),
                                           0,
                                           16,
                                           sector,
                                           2,
                                           device_};
            for (std::size_t i = 0; i < 15; ++i)
                put32(cells_, at + 4 * i, i < 8 ? words[i] : 0);
            put32(cells_, at + 60, crc_of(cells_.data() + at, 60));
        }
    }

    Bytes cells_;
    std::size_t slots_;  // sectors of content, and the dummy
    std::size_t dummy_ = 0;
    std::size_t rounds_ = 0;
    std::uint32_t device_ = 0xC0FFEE12;
};

}  // namespace imprint_identity::testing
