// The stub's manners, as esp-flasher-stub's sources have them.
#include "simulator/stub_loader.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include "base/digest.h"
#include "simulator/wire_client.h"

namespace imprint::simulator {

namespace {

Bytes compressed(ByteView data) {
    uLongf size = compressBound(data.size());
    Bytes out(size);
    EXPECT_EQ(compress2(out.data(), &size, data.data(), data.size(), 9), Z_OK);
    out.resize(size);
    return out;
}

// Bytes that compress, but not to nothing.
Bytes pattern(std::size_t size) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i)
        bytes[i] = static_cast<std::uint8_t>((i * i) >> 7 ^ i / 3);
    return bytes;
}

class Stub : public testing::Test {
  protected:
    Stub() {
        stub_.start();
        (void)chip_.uart.take();
    }

    // One burst; the replies to it.
    std::vector<Bytes> send(ByteView bytes) {
        stub_.begin_burst();
        for (const std::uint8_t byte : bytes)
            if (state_ == Loader::running) state_ = stub_.receive(byte);
        return frames(joined(chip_.uart.take()));
    }

    // The reply's data, without header and status.
    Bytes ask(ByteView bytes, std::uint8_t status = 0) {
        const auto replies = send(bytes);
        EXPECT_EQ(replies.size(), 1U);
        if (replies.size() != 1) return {};
        const Bytes& reply = replies.front();
        EXPECT_EQ(reply.at(reply.size() - 2), status);
        EXPECT_EQ(reply.at(reply.size() - 1), 0);
        return {reply.begin() + 8, reply.end() - 2};
    }

    void ask_begin(Op op, std::uint32_t size, std::uint32_t blocks, std::uint32_t at,
                   std::uint8_t status = 0) {
        ask(request(op, words({size, blocks, 0x4000, at})), status);
    }

    void write_deflated(std::uint32_t at, ByteView data, std::size_t block = 0x4000) {
        const Bytes stream = compressed(data);
        const std::size_t blocks = (stream.size() + block - 1) / block;
        ask(request(Op::flash_defl_begin, words({static_cast<std::uint32_t>(data.size()),
                                                 static_cast<std::uint32_t>(blocks),
                                                 static_cast<std::uint32_t>(block), at})));
        for (std::size_t i = 0; i < blocks; ++i) {
            const ByteView rest = ByteView(stream).subspan(i * block);
            ask(data_request(Op::flash_defl_data, rest.first(std::min(block, rest.size())),
                             static_cast<std::uint32_t>(i)));
        }
    }

    Bytes md5_of(std::uint32_t at, std::uint32_t size, std::uint8_t status = 0) {
        return ask(request(Op::spi_flash_md5, words({at, size, 0, 0})), status);
    }

    static Bytes digest(ByteView data) {
        const Md5 sum = md5(data);
        return {sum.begin(), sum.end()};
    }

    Chip chip_{*parse_mac("240ac4000001"), 300, *Flash::blank(4U << 20)};
    StubLoader stub_{chip_};
    Loader state_ = Loader::running;
};

TEST_F(Stub, answers_a_sync_eight_times_with_the_value_zero) {
    const auto replies = send(sync_request());
    ASSERT_EQ(replies.size(), 8U);
    for (const Bytes& reply : replies)
        EXPECT_EQ(reply, (Bytes{1, 8, 2, 0, 0, 0, 0, 0, 0, 0}));
}

// esp-flasher-stub src/slip.c: two delimiters in a row are a frame, of which nobody hears.
TEST_F(Stub, a_stray_delimiter_loses_all_that_follows_until_another_one_comes) {
    EXPECT_TRUE(send(Bytes{0xC0}).empty());
    EXPECT_TRUE(send(sync_request()).empty());
    EXPECT_TRUE(send(sync_request()).empty());
    EXPECT_TRUE(send(Bytes{0xC0}).empty());
    EXPECT_EQ(send(sync_request()).size(), 8U);
}

TEST_F(Stub, the_former_one_takes_an_empty_frame_for_the_last_that_it_got) {
    StubLoader former{chip_, true};
    const auto ask_former = [&](ByteView bytes) {
        for (const std::uint8_t byte : bytes)
            EXPECT_EQ(former.receive(byte), Loader::running);
        EXPECT_EQ(former.tick({}), Loader::running);
        return frames(joined(chip_.uart.take()));
    };
    EXPECT_EQ(ask_former(sync_request()).size(), 8U);
    EXPECT_TRUE(ask_former(Bytes{0xC0}).empty());
    const auto replies = ask_former(request(Op::read_reg, words({0x40001000})));
    ASSERT_EQ(replies.size(), 8U) << "to the SYNC before";
    EXPECT_EQ(replies[0][1], static_cast<std::uint8_t>(Op::sync));
}

TEST_F(Stub, the_former_one_loses_a_request_that_a_short_one_follows_at_once) {
    StubLoader former{chip_, true};
    const auto ask_former = [&](const Bytes& bytes) {
        for (const std::uint8_t byte : bytes)
            EXPECT_EQ(former.receive(byte), Loader::running);
        EXPECT_EQ(former.tick({}), Loader::running);
        return frames(joined(chip_.uart.take()));
    };
    const auto two = [](const Bytes& first, const Bytes& second) {
        Bytes both = first;
        append(both, second);
        return both;
    };
    const Bytes read = request(Op::read_reg, words({0x40001000}));
    const auto replies = ask_former(two(sync_request(), read));
    ASSERT_EQ(replies.size(), 1U);
    EXPECT_EQ(replies[0][1], static_cast<std::uint8_t>(Op::read_reg));
    // A long one does not: its end comes with another interrupt.
    const Bytes block = data_request(Op::flash_data, Bytes(300, 7), 0);
    EXPECT_EQ(ask_former(two(read, block)).size(), 2U);
    EXPECT_EQ(send(two(read, read)).size(), 2U) << "its successor has two buffers";
}

TEST_F(Stub, the_former_one_resets_the_chip_when_it_is_told_to_and_its_successor_does_not) {
    ask_begin(Op::flash_begin, 0, 0, 0);
    ask(request(Op::flash_end, words({0})));
    EXPECT_EQ(state_, Loader::running);
    StubLoader former{chip_, true};
    for (const std::uint8_t byte : request(Op::flash_begin, words({0, 0, 0x4000, 0})))
        EXPECT_EQ(former.receive(byte), Loader::running);
    EXPECT_EQ(former.tick({}), Loader::running);
    for (const std::uint8_t byte : request(Op::flash_end, words({0})))
        EXPECT_EQ(former.receive(byte), Loader::running);
    EXPECT_EQ(former.tick({}), Loader::resets);
}

TEST_F(Stub, what_the_flash_does_not_take_is_told_by_the_next_answer) {
    const Bytes data = pattern(0x1000);
    ask_begin(Op::flash_begin, 0x1000, 1, 0x20000);
    chip_.flash.fail_next_program();
    ask(data_request(Op::flash_data, data, 0));
    ask(request(Op::spi_flash_md5, words({0x20000, 0x1000, 0, 0})), 0xC4);
    EXPECT_EQ(chip_.flash.read(0x20000, 1), Bytes{0xFF});
    ask_begin(Op::flash_begin, 0x1000, 1, 0x20000);
    ask(data_request(Op::flash_data, data, 0));
    EXPECT_EQ(md5_of(0x20000, 0x1000), digest(data)) << "the one after goes well";
}

TEST_F(Stub, leaves_the_flashs_protection_as_it_is_and_the_former_one_takes_it_away) {
    constexpr std::uint8_t all = 0x1C;
    chip_.flash.status().set(0, all);
    ask_begin(Op::flash_begin, 0, 1, 0);
    ask(request(Op::erase_region, words({0, 0x1000})));
    EXPECT_EQ(chip_.flash.status().get(0), all);
    StubLoader former{chip_, true};
    for (const std::uint8_t byte : request(Op::flash_begin, words({0, 1, 0x4000, 0})))
        (void)former.receive(byte);
    (void)former.tick({});
    EXPECT_EQ(chip_.flash.status().get(0), 0);
}

TEST_F(Stub, writes_a_deflated_region_exactly) {
    const Bytes data = pattern(100'000);
    chip_.flash.program(0, Bytes(chip_.flash.size(), 0xA5));
    write_deflated(0x20000, data);
    EXPECT_EQ(md5_of(0x20000, static_cast<std::uint32_t>(data.size())), digest(data));
    EXPECT_TRUE(ask(request(Op::flash_defl_end, words({1}))).empty());
    // Erased to the end of the last sector, and no further on either side.
    EXPECT_EQ(chip_.flash.read(0x1FFFF, 1), Bytes{0xA5});
    EXPECT_EQ(chip_.flash.read(0x20000 + 100'000, 1), Bytes{0xFF});
    EXPECT_EQ(chip_.flash.read(0x20000 + 0x19000, 1), Bytes{0xA5});
}

TEST_F(Stub, takes_a_stream_in_blocks_of_any_size) {
    for (const std::size_t block : {1, 2, 3, 77, 1024}) {
        const Bytes data = pattern(3000 + block);
        write_deflated(0x30000, data, block);
        EXPECT_EQ(md5_of(0x30000, static_cast<std::uint32_t>(data.size())), digest(data)) << block;
    }
}

TEST_F(Stub, acknowledges_a_block_before_it_writes_and_reports_the_failure_at_the_next_command) {
    ask_begin(Op::flash_defl_begin, 0x1000, 1, 0x20000);
    ask(data_request(Op::flash_defl_data, Bytes(100, 0x12),
                     0));  // no zlib stream, but acknowledged
    chip_.flash.program(0x1000, Bytes{0});
    ask(request(Op::erase_region, words({0x1000, 0x1000})), 0xC7);
    EXPECT_EQ(chip_.flash.read(0x1000, 1), Bytes{0})
        << "the command that carries the error is skipped";
    ask(request(Op::erase_region, words({0x1000, 0x1000})));
    EXPECT_EQ(chip_.flash.read(0x1000, 1), Bytes{0xFF});
}

TEST_F(Stub, a_wrong_checksum_is_refused_at_once_and_the_block_may_come_again) {
    const Bytes data = pattern(0x1000);
    const Bytes stream = compressed(data);
    ask_begin(Op::flash_defl_begin, 0x1000, 1, 0x20000);
    Bytes damaged = words({static_cast<std::uint32_t>(stream.size()), 0, 0, 0});
    append(damaged, stream);
    ask(request(Op::flash_defl_data, damaged, data_checksum(stream) ^ 1U), 0xC1);
    ask(data_request(Op::flash_defl_data, stream, 0));
    EXPECT_EQ(md5_of(0x20000, 0x1000), digest(data));
}

TEST_F(Stub, a_block_sent_twice_corrupts_the_stream) {
    const Bytes data = pattern(60'000);
    const Bytes stream = compressed(data);
    ASSERT_GT(stream.size(), 2048U);
    ask(request(Op::flash_defl_begin, words({60'000, 9, 1024, 0x20000})));
    const auto block = [&](std::size_t i) {
        return data_request(Op::flash_defl_data, ByteView(stream).subspan(i * 1024, 1024),
                            static_cast<std::uint32_t>(i));
    };
    (void)send(block(0));
    (void)send(block(1));
    (void)send(block(1));
    const auto replies = send(request(Op::spi_flash_md5, words({0x20000, 60'000, 0, 0})));
    ASSERT_EQ(replies.size(), 1U);
    const Bytes& reply = replies.front();
    const bool refused = reply.at(reply.size() - 2) != 0;
    EXPECT_TRUE(refused || Bytes(reply.begin() + 8, reply.end() - 2) != digest(data));
}

TEST_F(Stub, of_frames_behind_a_write_it_keeps_one) {
    const Bytes data = pattern(0x1000);
    ask_begin(Op::flash_begin, 0x1000, 1, 0x20000);
    Bytes burst = data_request(Op::flash_data, data, 0);
    append(burst, request(Op::spi_flash_md5, words({0x20000, 0x1000, 0, 0})));
    append(burst, request(Op::read_reg, words({0x40001000})));
    const auto replies = send(burst);
    ASSERT_EQ(replies.size(), 2U);
    EXPECT_EQ(replies[1].at(1), static_cast<std::uint8_t>(Op::spi_flash_md5));
    // Without a write there is time for all.
    burst = request(Op::read_reg, words({0x40001000}));
    append(burst, burst);
    append(burst, burst);
    EXPECT_EQ(send(burst).size(), 4U);
}

TEST_F(Stub, leaves_blank_sectors_alone_and_erases_the_others) {
    chip_.flash.program(0x22000, Bytes{0});
    const Bytes data(0x3000, 0xFF);
    ask_begin(Op::flash_begin, 0x3000, 1, 0x20000);
    ask(data_request(Op::flash_data, data, 0));
    EXPECT_EQ(md5_of(0x20000, 0x3000), digest(data));
}

TEST_F(Stub, flash_end_wants_every_announced_byte) {
    const Bytes data = pattern(0x1000);
    ask_begin(Op::flash_begin, 0x2000, 2, 0x20000);
    ask(data_request(Op::flash_data, data, 0));
    ask(request(Op::flash_end, words({1})), 0xC0);
    ask(data_request(Op::flash_data, data, 1));
    ask(request(Op::flash_end, words({1})));
    ask(request(Op::flash_end, words({1})), 0xC6);
}

TEST_F(Stub, more_than_was_announced_hangs_it) {
    const Bytes stream = compressed(pattern(0x3000));
    ask_begin(Op::flash_defl_begin, 0x1000, 1, 0x20000);
    (void)send(data_request(Op::flash_defl_data, stream, 0));
    EXPECT_EQ(state_, Loader::hangs);
}

TEST_F(Stub, refuses_what_lies_behind_the_chips_end) {
    md5_of(0x3FF000, 0x2000, 0xC4);
    ask_begin(Op::flash_begin, 0x1000, 1, 0x400000, 0xC4);
}

TEST_F(Stub, knows_the_chips_size_without_being_told) {
    const Bytes data = pattern(0x1000);
    write_deflated(0x3FF000, data);
    EXPECT_EQ(md5_of(0x3FF000, 0x1000), digest(data));
}

TEST_F(Stub, checks_sizes_and_ops) {
    ask(request(Op::spi_attach, words({0, 0})), 0xC0);
    ask(request(Op::read_reg, words({0, 0})), 0xC0);
    ask(request(Op::erase_region, words({0x1001, 0x1000})), 0xC0);
    ask(request(Op::get_security_info), 0xFF);
    ask(request(Op{0x42}), 0xC3);
    ask(request(Op::flash_data, words({0, 0, 0, 0})), 0xC6);
    Bytes wrong_length = request(Op::read_reg, words({0x40001000}));
    wrong_length[3] = 8;
    ask(wrong_length, 0xC0);
}

TEST_F(Stub, reads_flash_packet_by_packet_as_they_are_acknowledged) {
    const Bytes data = pattern(0x2800);
    chip_.flash.program(0x10000, data);
    auto replies = send(request(Op::read_flash, words({0x10000, 0x2800, 0x1000, 64})));
    ASSERT_EQ(replies.size(), 2U);  // the reply and, one at a time, the first packet
    Bytes read = replies[1];
    while (read.size() < data.size()) {
        replies = send(slip_frame(words({static_cast<std::uint32_t>(read.size())})));
        ASSERT_EQ(replies.size(), 1U);
        append(read, replies[0]);
    }
    EXPECT_EQ(read, data);
    replies = send(slip_frame(words({static_cast<std::uint32_t>(read.size())})));
    ASSERT_EQ(replies.size(), 1U);
    EXPECT_EQ(replies[0], digest(data));
    EXPECT_EQ(send(sync_request()).size(), 8U);
}

TEST_F(Stub, answers_a_change_of_rate_at_the_old_one) {
    for (const std::uint8_t byte : request(Op::change_baudrate, words({921600, 115200})))
        (void)stub_.receive(byte);
    const auto sent = chip_.uart.take();
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(sent.front().baud, 115200U);
    EXPECT_EQ(chip_.uart.baud(), 921600U);
}

}  // namespace

}  // namespace imprint::simulator
