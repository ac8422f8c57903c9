#include "loader/protocol.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>

namespace imprint::loader {
namespace {

using ::testing::HasSubstr;

Reply reply_of(const std::string& hex, ReplySize promised = {}) {
    auto reply = decode_reply(from_hex(hex).value());
    if (!reply) {
        ADD_FAILURE() << hex << " is no reply";
        return {};
    }
    split_status(*reply, promised);
    return *std::move(reply);
}

// --- requests: the examples of serial-protocol.rst, "Tracing Esptool Serial Communications"

TEST(Request, read_reg_and_sync_are_as_documented) {
    EXPECT_EQ(to_hex(request(Op::read_reg, {0x40001000}).encode()), "000a04000000000000100040");
    EXPECT_EQ(to_hex(sync_request().encode()),
              "0008240000000000"
              "07071220"
              "5555555555555555555555555555555555555555555555555555555555555555");
}

TEST(Request, a_data_command_carries_the_checksum_of_its_block_alone) {
    const Bytes block{0x01, 0x02, 0xFF};
    const Request made = data_request(Op::flash_defl_data, 7, block);
    EXPECT_EQ(made.checksum, 0xEFU ^ 0x01 ^ 0x02 ^ 0xFF);
    EXPECT_EQ(to_hex(made.encode()),
              "00111300130000000300000007000000000000000000000"
              "00102ff");
}

TEST(Request, begin_has_a_fifth_word_only_where_it_is_taken) {
    const Transfer transfer{0x3000, 2, 0x4000, 0x10000};
    EXPECT_EQ(to_hex(begin_request(Op::flash_defl_begin, transfer, EncryptedWord::none).encode()),
              "0010100000000000"
              "00300000"
              "02000000"
              "00400000"
              "00000100");
    EXPECT_EQ(begin_request(Op::flash_defl_begin, transfer, EncryptedWord::plain).data.size(), 20U);
}

// --- replies: as an ESP32's ROM and stub sent them

TEST(Reply, the_roms_value_and_success) {
    const Reply reply = reply_of("010a0400831df00000000000");
    EXPECT_EQ(reply.op, Op::read_reg);
    EXPECT_EQ(reply.value, 0x00F01D83U);
    EXPECT_EQ(reply.error, 0);
    EXPECT_TRUE(reply.data.empty());
}

TEST(Reply, the_roms_refusal_names_its_number) {
    const Reply reply = reply_of("010804000707122001050000");
    EXPECT_EQ(reply.error, rom_invalid_message);
}

TEST(Reply, a_number_left_over_beside_a_success_is_no_error) {
    EXPECT_EQ(reply_of("010304000020049600050000").error, 0);
}

TEST(Reply, the_stubs_two_status_bytes_say_the_number_at_once) {
    EXPECT_EQ(reply_of("01080200000000000000").error, 0);
    EXPECT_EQ(reply_of("0111020000000000c100").error, 0xC1);
}

TEST(Reply, status_stands_behind_the_promised_data_in_either_form) {
    const std::string digits = "3765633765346366646133323932356633316531666561366130633330366336";
    const Reply rom = reply_of("0113240007071220" + digits + "00000000", {32});
    EXPECT_EQ(rom.error, 0);
    EXPECT_EQ(as_text(rom.data), "7ec7e4cfda32925f31e1fea6a0c306c6");

    const Reply stub = reply_of(
        "0113120000000000"
        "7ec7e4cfda32925f31e1fea6a0c306c6"
        "0000",
        {16});
    EXPECT_EQ(stub.error, 0);
    EXPECT_EQ(to_hex(stub.data), "7ec7e4cfda32925f31e1fea6a0c306c6");
}

TEST(Reply, a_refusal_comes_without_the_promised_data) {
    EXPECT_EQ(reply_of("0113020000000000c400", {16}).error, 0xC4);
    EXPECT_EQ(reply_of("011304000000000001090000", {32}).error, 0x09);
}

TEST(Reply, success_without_the_promised_data_is_none) {
    EXPECT_NE(reply_of("011302000000000000"
                       "00",
                       {16})
                  .error,
              0);
}

TEST(Reply, what_lost_a_byte_or_is_no_reply_is_not_taken) {
    EXPECT_FALSE(decode_reply(from_hex("010a0400831d0000000000").value()));
    EXPECT_FALSE(decode_reply(from_hex("000a0400831df00000000000").value()));
    EXPECT_FALSE(decode_reply(as_bytes("OHAI")));
    EXPECT_FALSE(decode_reply({}));
}

TEST(Reply, any_bytes_are_survived) {
    std::mt19937 random(3);
    for (int round = 0; round < 20000; ++round) {
        Bytes frame(random() % 60);
        for (std::uint8_t& byte : frame)
            byte = static_cast<std::uint8_t>(random());
        if (frame.size() >= 8 && round % 2 == 0) {
            frame[0] = 1;
            put_u16(frame, 2, static_cast<std::uint16_t>(frame.size() - 8));
        }
        auto reply = decode_reply(frame);
        if (!reply) continue;
        const ReplySize promised{random() % 40, random() % 20};
        split_status(*reply, promised);
        ASSERT_LE(reply->data.size(), frame.size());
        static_cast<void>(parse_security_info(reply->data));
        EXPECT_FALSE(describe_error(reply->error).empty());
    }
}

TEST(SecurityInfo, long_and_short_form_are_told_apart) {
    const std::string body =
        "05000000"
        "07"
        "04040400000000";
    const Reply with_id = reply_of("0114180000000000" + body +
                                       "05000000"
                                       "02000000"
                                       "00000000",
                                   security_info_size);
    const auto c3 = parse_security_info(with_id.data);
    ASSERT_TRUE(c3);
    EXPECT_EQ(c3->flags, SecurityInfo::secure_boot | SecurityInfo::secure_download);
    EXPECT_EQ(c3->flash_crypt_count, 7);
    EXPECT_EQ(c3->key_purposes[2], 4);
    EXPECT_EQ(c3->chip_id, 5U);

    const Reply without = reply_of("0114100000000000" + body + "00000000", security_info_size);
    EXPECT_EQ(without.error, 0);
    const auto s2 = parse_security_info(without.data);
    ASSERT_TRUE(s2);
    EXPECT_EQ(s2->flash_crypt_count, 7);
    EXPECT_FALSE(s2->chip_id);
    EXPECT_FALSE(parse_security_info(Bytes(11)));
}

TEST(LoaderError, is_told_with_number_and_meaning) {
    EXPECT_THAT(describe_error(0xC7), HasSubstr("C7, the compressed data is damaged"));
    EXPECT_THAT(describe_error(0x07), HasSubstr("checksum"));
    EXPECT_EQ(describe_error(0x42), "42");
    EXPECT_TRUE(arrived_damaged(0x07));
    EXPECT_TRUE(arrived_damaged(0xC1));
    EXPECT_TRUE(arrived_damaged(0xC0));
}

}  // namespace
}  // namespace imprint::loader
