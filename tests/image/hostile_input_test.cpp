// Bytes from a stranger's flash: the readers answer or refuse; they never crash, hang or allocate
// out of measure. Worth most under the address sanitizer.
#include <gtest/gtest.h>
#include <random>

#include "image/app_image.h"
#include "image/partition_table.h"
#include "image/spiffs.h"

namespace imprint::image {
namespace {

class Mutator {
  public:
    explicit Mutator(std::uint32_t seed) : random_(seed) {}

    std::size_t below(std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_);
    }

    // A few bytes, mostly near the start of a page, where headers, lookup entries and tables are.
    Bytes mutate(Bytes bytes, std::size_t page) {
        const std::size_t changes = 1 + below(12);
        for (std::size_t i = 0; i < changes && !bytes.empty(); ++i) {
            std::size_t at = below(bytes.size());
            if (below(4) != 0) at = at / page * page + below(std::min<std::size_t>(page, 64));
            if (at >= bytes.size()) continue;
            constexpr std::uint8_t telling[] = {0x00, 0xFF, 0x80, 0x7F, 0x01};
            switch (below(3)) {
                case 0:
                    bytes[at] ^= static_cast<std::uint8_t>(1U << below(8));
                    break;
                case 1:
                    bytes[at] = telling[below(std::size(telling))];
                    break;
                default:
                    bytes[at] = static_cast<std::uint8_t>(below(256));
            }
        }
        if (below(20) == 0) bytes.resize(below(bytes.size() + 1));
        return bytes;
    }

  private:
    std::mt19937 random_;
};

constexpr std::uint32_t rounds = 4000;

std::size_t total(const spiffs::Contents& contents) {
    std::size_t bytes = 0;
    for (const auto& file : contents.files)
        bytes += file.content.size();
    for (const auto& partial : contents.partial)
        bytes += partial.file.content.size();
    return bytes;
}

TEST(HostileInput, a_spiffs_image_never_gives_many_times_what_it_holds) {
    spiffs::Geometry geometry;
    geometry.image_size = 0x8000;
    const Bytes log(40, 'l');
    const Bytes image = spiffs::build(geometry,
                                      {{"/a", Bytes(700, 1)},
                                       {"/b", {}},
                                       {"/c", Bytes(1, 2)},
                                       {"/long", Bytes(15000, 3)},
                                       {"/log", log}},
                                      spiffs::Use::read_only)
                            .value()
                            .image;
    Mutator mutator(1);
    std::size_t readable = 0;
    for (std::uint32_t round = 0; round < rounds; ++round) {
        const Bytes bytes = mutator.mutate(image, 256);
        spiffs::Geometry claimed = geometry;
        claimed.use_magic = mutator.below(2) == 0;
        claimed.image_size = static_cast<std::uint32_t>(bytes.size());
        const auto contents = spiffs::read(bytes, claimed);
        if (contents) {
            ++readable;
            ASSERT_LE(total(*contents), 4 * bytes.size());
        }
        if (const auto found = spiffs::detect(bytes)) {
            const auto seen = spiffs::read(bytes, *found);
            if (seen) {
                ASSERT_LE(total(*seen), 4 * bytes.size());
            }
        }
    }
    EXPECT_GT(readable, 0U);
}

// Each page of the image is the first of a file of its own, and all of them list the same content.
TEST(HostileInput, files_that_share_all_their_pages_do_not_fill_the_memory) {
    spiffs::Geometry geometry;
    geometry.image_size = 0x40000;
    geometry.use_magic = false;
    const std::uint32_t blocks = geometry.image_size / 4096;
    Bytes image = spiffs::build(geometry, {{"/f", Bytes(25000, 1)}}).value().image;
    const Bytes head(image.begin() + 256, image.begin() + 512);
    std::uint16_t id = 1;
    for (std::uint32_t block = 8; block < blocks; ++block)
        for (std::uint32_t k = 1; k < 16; ++k) {
            ++id;
            const std::size_t at = block * 4096 + k * 256;
            std::ranges::copy(head, image.begin() + static_cast<std::ptrdiff_t>(at));
            put_u16(image, at, id | 0x8000U);
            put_u16(image, at + 14, 0x2020 + id);
            put_u16(image, block * 4096 + (k - 1) * 2, id | 0x8000U);
        }
    const auto contents = spiffs::read(image, geometry);
    ASSERT_TRUE(contents) << contents.error().describe();
    EXPECT_GT(contents->files.size(), 30U);
    EXPECT_GT(contents->partial.size(), 500U);
    EXPECT_LE(total(*contents), 4 * image.size());
}

TEST(HostileInput, noise_is_no_spiffs_but_is_survived) {
    Mutator mutator(2);
    for (std::uint32_t round = 0; round < 300; ++round) {
        Bytes bytes(0x4000);
        for (std::uint8_t& byte : bytes)
            byte = static_cast<std::uint8_t>(mutator.below(256));
        // Pages that claim to be alive, so that the readers go on.
        for (std::size_t at = 256; at < bytes.size(); at += 256)
            bytes[at + 4] = mutator.below(2) == 0 ? 0xF8 : 0xFC;
        spiffs::Geometry geometry;
        geometry.image_size = 0x4000;
        geometry.use_magic = false;
        static_cast<void>(spiffs::read(bytes, geometry));
        static_cast<void>(spiffs::detect(bytes));
    }
}

TEST(HostileInput, a_partition_table_is_survived_and_stays_writable) {
    const Bytes table = PartitionTable::parse_csv(
                            "nvs,data,nvs,,24K\nota,data,ota,,8K\nfactory,app,factory,,1M\n"
                            "x,data,spiffs,,64K,readonly\n")
                            .value()
                            .to_binary(false);
    Mutator mutator(3);
    for (std::uint32_t round = 0; round < rounds; ++round) {
        const Bytes bytes = mutator.mutate(Bytes(table.begin(), table.begin() + 192), 32);
        static_cast<void>(PartitionTable::parse(bytes, {}));
        const auto parsed = PartitionTable::parse_binary(bytes);
        if (!parsed) continue;
        static_cast<void>(parsed->warnings());
        static_cast<void>(parsed->flash_size_needed());
        static_cast<void>(PartitionTable::parse_csv(parsed->to_csv()));
        const auto again = PartitionTable::parse_binary(parsed->to_binary(false));
        ASSERT_TRUE(again);
        ASSERT_EQ(again->partitions(), parsed->partitions());
    }
}

TEST(HostileInput, a_csv_is_survived) {
    const std::string csv =
        "# Name, Type\nnvs,data,nvs,0x9000,24K,encrypted:readonly\nfactory,app,factory,,1M\n"
        "x,0x40,1,,-0x200000\nb,bootloader,primary,N/A,N/A\n";
    PartitionTable::Options options;
    options.primary_bootloader_offset = 0x1000;
    options.variable = [](std::string_view) { return std::optional<std::string>("1K"); };
    Mutator mutator(4);
    for (std::uint32_t round = 0; round < rounds; ++round) {
        const ByteView text = as_bytes(csv);
        const auto table =
            PartitionTable::parse(mutator.mutate(Bytes(text.begin(), text.end()), 16), options);
        if (table) {
            ASSERT_EQ(table->to_binary().size(), PartitionTable::binary_size);
        }
    }
}

TEST(HostileInput, an_app_image_is_survived) {
    AppImageParts parts;
    parts.segments = {{0x3C020020, build_app_description({})}, {0x40374000, Bytes(64, 7)}};
    const Bytes image = build_app_image(parts);
    Mutator mutator(5);
    for (std::uint32_t round = 0; round < rounds; ++round)
        static_cast<void>(parse_app_image(mutator.mutate(image, 16)));
}

}  // namespace
}  // namespace imprint::image
