// esp_secure_cert partitions: built as configure_esp_secure_cert.py does, and read when damaged.
#include "image/secure_cert.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/digest.h"
#include "base/error_code.h"
#include "base/files.h"
#include "base/text_bytes.h"

namespace imprint::image::secure_cert {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace tlv = imprint_identity::secure_cert;

constexpr std::uint32_t partition_size = 0x2000;

std::vector<Entry> some_entries() {
    return {{tlv::ca_cert, 0, 0, bytes_of("root")},
            {tlv::dev_cert, 0, 0, Bytes(33, 'c')},
            {tlv::priv_key, 0, 0, Bytes(16, 'k')},
            {52, 3, 0, {}}};
}

Bytes some_image() {
    return build(partition_size, some_entries()).value().image;
}

std::vector<std::string> names_of(const Contents& contents) {
    std::vector<std::string> names;
    for (const Entry& entry : contents.entries)
        names.push_back(entry_name(entry.type, entry.subtype));
    return names;
}

std::vector<std::string> faults_of(const Contents& contents) {
    std::vector<std::string> faults;
    for (const Fault& fault : contents.faults)
        faults.push_back(fault.text());
    return faults;
}

TEST(SecureCert, an_entry_is_a_header_its_data_zeros_and_a_crc) {
    const Bytes image = some_image();
    // docs/format.md of esp_secure_cert_mgr; the CRC as zlib.crc32(…, 0xFFFFFFFF) has it.
    const Bytes first{0x11, 0xBA, 0x5E, 0xBA, 0, 0, 0, 0, 0, 0, 4, 0, 'r', 'o',
                      'o',  't',  0,    0,    0, 0, 0, 0, 0, 0, 0, 0, 0,   0};
    EXPECT_TRUE(std::ranges::equal(first, ByteView(image).first(first.size())));
    EXPECT_EQ(get_u32(image, 28), crc32(first, 0xFFFFFFFF));
    EXPECT_EQ(get_u32(image, 32), tlv::magic);
    EXPECT_EQ(image[32 + 8], tlv::dev_cert);
}

TEST(SecureCert, what_is_built_is_read_with_its_sha_256) {
    const auto built = build(partition_size, some_entries());
    ASSERT_TRUE(built) << built.error().describe();
    ASSERT_EQ(built->image.size(), partition_size);
    const Contents contents = read(built->image);
    EXPECT_THAT(names_of(contents),
                ElementsAre("ca_cert", "dev_cert", "priv_key", "user_data_2.3", "integrity"));
    EXPECT_EQ(contents.entries[1].data, Bytes(33, 'c'));
    EXPECT_EQ(contents.used, built->used);
    EXPECT_EQ(contents.integrity, Integrity::right);
    EXPECT_THAT(faults_of(contents), IsEmpty());
    EXPECT_TRUE(std::ranges::all_of(ByteView(built->image).subspan(built->used),
                                    [](std::uint8_t byte) { return byte == 0xFF; }));
}

// The tool writes as far as there is something.
TEST(SecureCert, an_image_that_ends_with_its_last_entry_is_read_too) {
    auto built = build(partition_size, some_entries()).value();
    built.image.resize(built.used);
    EXPECT_TRUE(is_secure_cert(built.image));
    const Contents contents = read(built.image);
    EXPECT_THAT(contents.entries, ::testing::SizeIs(5));
    EXPECT_THAT(faults_of(contents), IsEmpty());
}

TEST(SecureCert, what_was_ended_by_a_mark_as_older_tools_do_is_read_without_a_fault) {
    auto built = build(partition_size, some_entries()).value();
    put_u32(built.image, built.used, 0xFFFF);
    EXPECT_THAT(faults_of(read(built.image)), IsEmpty());
}

TEST(SecureCert, a_damaged_entry_is_left_out_and_those_behind_it_are_read) {
    Bytes image = some_image();
    image[14] ^= 1;
    Contents contents = read(image);
    EXPECT_THAT(names_of(contents),
                ElementsAre("dev_cert", "priv_key", "user_data_2.3", "integrity"));
    EXPECT_THAT(faults_of(contents), ElementsAre("at 0x0: the CRC of the entry ca_cert is wrong",
                                                 HasSubstr("its SHA-256 is not the one")));
    EXPECT_EQ(contents.integrity, Integrity::wrong);
    EXPECT_TRUE(is_secure_cert(image));

    image = some_image();
    image[32] ^= 0x10;  // of the magic
    contents = read(image);
    EXPECT_THAT(names_of(contents),
                ElementsAre("ca_cert", "priv_key", "user_data_2.3", "integrity"));
    EXPECT_THAT(faults_of(contents), ::testing::Contains("at 0x20: no entry begins here, where one "
                                                         "should"));

    image = some_image();
    put_u16(image, 10, 0xFFFF);
    EXPECT_THAT(faults_of(read(image)),
                ::testing::Contains(HasSubstr("65535 bytes of the entry ca_cert end beyond")));
}

TEST(SecureCert, its_first_entry_may_be_the_damaged_one) {
    Bytes image = some_image();
    image[0] ^= 1;
    EXPECT_TRUE(is_secure_cert(image));
    EXPECT_FALSE(is_secure_cert(Bytes(partition_size, 0xFF)));
    EXPECT_FALSE(is_secure_cert(Bytes(partition_size, 0)));
    EXPECT_FALSE(is_secure_cert({}));
}

TEST(SecureCert, an_entry_that_is_there_twice_is_told) {
    Bytes image = some_image();
    // priv_key of 48 bytes in all becomes a second dev_cert.
    const std::size_t at = 32 + 64;
    ASSERT_EQ(image[at + 8], tlv::priv_key);
    image[at + 8] = tlv::dev_cert;
    put_u32(image, at + 28, crc32(ByteView(image).subspan(at, 28), 0xFFFFFFFF));
    EXPECT_THAT(faults_of(read(image)),
                ::testing::Contains(HasSubstr("the entry dev_cert is there twice")));
    EXPECT_EQ(code_of(build(partition_size, {{1, 0, 0, {}}, {1, 0, 0, {}}})), "secure_cert_value");
    EXPECT_TRUE(build(partition_size, {{1, 0, 0, {}}, {1, 1, 0, {}}}));
    EXPECT_EQ(code_of(build(partition_size, {{tlv::integrity, 0, 0, {}}})), "secure_cert_value");
}

// esp_secure_cert_find_tlv looks for a further entry behind the last.
TEST(SecureCert, behind_the_last_entry_a_piece_stays_blank) {
    const std::uint32_t room = partition_size - 48 - 16;
    EXPECT_TRUE(build(partition_size, {{51, 0, 0, Bytes(room - 16, 1)}}));
    const auto full = build(partition_size, {{51, 0, 0, Bytes(room - 15, 1)}});
    ASSERT_EQ(code_of(full), "secure_cert_full");
    EXPECT_THAT(full.error().message, HasSubstr("8208 bytes"));
}

TEST(SecureCert, no_more_is_built_than_its_16_bit_places_reach) {
    EXPECT_TRUE(build(0x20000, {{51, 0, 0, Bytes(60'000, 1)}}));
    EXPECT_EQ(code_of(build(0x20000, {{51, 0, 0, Bytes(65'500, 1)}})), "secure_cert_full");
}

// What configure_esp_secure_cert.py writes: tests/data/image/README.md.
Bytes vector_data(const std::string& name) {
    return read_file(std::string(IMPRINT_TEST_DATA "/image/secure_cert/") + name).value();
}

class SecureCertVectors : public ::testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Reference, SecureCertVectors,
                         ::testing::Values("plain", "twice", "user-data", "lengths"),
                         [](const auto& one) {
                             std::string name = one.param;
                             std::ranges::replace(name, '-', '_');
                             return name;
                         });

TEST_P(SecureCertVectors, what_is_read_builds_the_same_bytes_again) {
    const Bytes wanted = vector_data(std::string(GetParam()) + ".bin");
    Contents contents = read(wanted);
    EXPECT_THAT(faults_of(contents), IsEmpty());
    EXPECT_EQ(contents.integrity, Integrity::right);
    EXPECT_EQ(contents.used, wanted.size());
    contents.entries.pop_back();
    const auto built = build(partition_size, contents.entries);
    ASSERT_TRUE(built) << built.error().describe();
    EXPECT_TRUE(std::ranges::equal(ByteView(built->image).first(built->used), wanted));
}

TEST(SecureCert, of_the_same_texts_the_same_bytes_are_built) {
    std::vector<Entry> entries;
    for (const auto& [type, name] :
         {std::pair(tlv::ca_cert, "root.pem"), std::pair(tlv::dev_cert, "cert.pem"),
          std::pair(tlv::priv_key, "key.pem")}) {
        entries.push_back({type, 0, 0, vector_data(name)});
        entries.back().data.push_back(0);
    }
    const auto built = build(partition_size, entries);
    EXPECT_EQ(Bytes(built->image.begin(), built->image.begin() + built->used),
              vector_data("plain.bin"));
}

TEST(SecureCert, names_of_entries_go_both_ways) {
    for (unsigned type = 0; type < 256; ++type)
        for (const auto subtype : {std::uint8_t{0}, std::uint8_t{1}, std::uint8_t{254}}) {
            const auto kind = find_kind(entry_name(static_cast<std::uint8_t>(type), subtype));
            ASSERT_TRUE(kind);
            EXPECT_EQ(kind->type, type);
            EXPECT_EQ(kind->subtype, subtype);
        }
    for (const char* name : {"", "key", "user_data_6", "type_256", "type_", "dev_cert.",
                             "dev_cert.256", "dev_cert.x", "type_-1"})
        EXPECT_FALSE(find_kind(name)) << name;
}

}  // namespace
}  // namespace imprint::image::secure_cert
