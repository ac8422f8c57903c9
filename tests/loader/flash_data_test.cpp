#include "loader/flash_data.h"

#include <gtest/gtest.h>
#include <libdeflate.h>
#include <random>
#include <set>
#include <thread>
#include <vector>

namespace imprint::loader {
namespace {

Bytes inflated(ByteView stream, std::size_t size) {
    Bytes content(size);
    libdeflate_decompressor* decompressor = libdeflate_alloc_decompressor();
    const auto result = libdeflate_zlib_decompress(decompressor, stream.data(), stream.size(),
                                                   content.data(), content.size(), nullptr);
    libdeflate_free_decompressor(decompressor);
    EXPECT_EQ(result, LIBDEFLATE_SUCCESS);
    return content;
}

Bytes noise(std::size_t size) {
    std::mt19937 random(11);
    Bytes bytes(size);
    for (std::uint8_t& byte : bytes)
        byte = static_cast<std::uint8_t>(random());
    return bytes;
}

TEST(FlashData, is_padded_to_whole_sectors_with_what_erased_flash_holds) {
    const FlashData data("app.bin", 0x10000, Bytes(5000, 0x11));
    EXPECT_EQ(data.label(), "app.bin");
    EXPECT_EQ(data.offset(), 0x10000U);
    ASSERT_EQ(data.size(), 8192U);
    EXPECT_EQ(data.content()[4999], 0x11);
    EXPECT_EQ(data.content()[5000], 0xFF);
    EXPECT_EQ(data.content()[8191], 0xFF);
    EXPECT_EQ(data.md5(), md5(data.content()));
    EXPECT_EQ(FlashData("", 0, Bytes(4096)).size(), 4096U);
    EXPECT_EQ(FlashData("", 0, {}).size(), 0U);
}

TEST(FlashData, its_stream_holds_its_content) {
    for (const Bytes& content : {Bytes(100'000, 0x42), noise(70'000), Bytes(4096, 0xFF)}) {
        const FlashData data("", 0, content);
        EXPECT_TRUE(std::ranges::equal(inflated(data.compressed(), data.size()), data.content()));
    }
    EXPECT_LT(FlashData("", 0, Bytes(0xF0000, 0xFF)).compressed().size(), 2000U);
}

TEST(FlashData, says_how_much_flash_a_part_of_the_stream_fills) {
    Bytes content = noise(50'000);
    content.resize(200'000, 0x55);
    const FlashData data("", 0, std::move(content));
    EXPECT_EQ(data.inflated(0), 0U);
    EXPECT_EQ(data.inflated(data.compressed().size()), data.size());
    std::uint32_t before = 0;
    for (std::size_t at = 0; at < data.compressed().size(); at += 1024) {
        EXPECT_GE(data.inflated(at), before);
        before = data.inflated(at);
    }
    // Noise does not shrink: 32 KB of stream are about 32 KB of it.
    EXPECT_NEAR(data.inflated(32768), 32768, 600);
}

TEST(FlashData, a_part_is_compressed_once_for_all_who_ask_for_it) {
    const FlashData data("app.bin", 0x10000, noise(64 * 4096));
    std::vector<const std::uint8_t*> seen(4);
    {
        std::vector<std::jthread> threads;
        for (auto& one : seen)
            threads.emplace_back(
                [&] { one = data.slice(0x2000, 0x8000).pieces()[0].compressed.data(); });
    }
    EXPECT_EQ(std::set(seen.begin(), seen.end()).size(), 1U);
    EXPECT_NE(data.slice(0x3000, 0x1000).content().data(),
              data.slice(0x2000, 0x1000).content().data());
    const FlashData kept = data.slice(0x2000, 0x8000);
    for (std::uint32_t i = 0; i < 200; ++i)
        static_cast<void>(data.slice(0x1000 * (i % 57), 0x1000 * (1 + i % 7)));
    EXPECT_NE(data.slice(0x2000, 0x8000).content().data(), kept.content().data())
        << "not everything is remembered for ever";
    EXPECT_EQ(kept.offset(), 0x12000U) << "whoever has one keeps it";
    EXPECT_EQ(Bytes(kept.content().begin(), kept.content().end()),
              Bytes(data.content().begin() + 0x2000, data.content().begin() + 0xA000));
}

TEST(FlashData, a_slice_stands_where_it_stood_in_the_whole) {
    const FlashData data("app.bin", 0x10000, noise(40'960));
    const FlashData part = data.slice(0x2000, 0x3000);
    EXPECT_EQ(part.label(), "app.bin");
    EXPECT_EQ(part.offset(), 0x12000U);
    EXPECT_TRUE(std::ranges::equal(part.content(), data.content().subspan(0x2000, 0x3000)));
    EXPECT_TRUE(std::ranges::equal(inflated(part.compressed(), 0x3000), part.content()));
}

}  // namespace
}  // namespace imprint::loader
