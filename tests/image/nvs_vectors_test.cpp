#include <algorithm>
#include <gtest/gtest.h>

#include "image/nvs.h"
#include "image/nvs_keys.h"
#include "image/nvs_support.h"

namespace imprint::image::nvs {
namespace {

class NvsVectors : public ::testing::TestWithParam<Vector> {
  protected:
    [[nodiscard]] static Keys keys() { return Keys::parse(Secret(nvs_data("keys.bin"))).value(); }
};

std::string vector_name(const ::testing::TestParamInfo<Vector>& info) {
    std::string name = info.param.name;
    std::ranges::replace(name, '-', '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(Reference, NvsVectors, ::testing::ValuesIn(nvs_vectors()), vector_name);

TEST_P(NvsVectors, what_is_read_builds_the_same_bytes_again) {
    const Vector& vector = GetParam();
    const auto contents = read(vector.image);
    ASSERT_TRUE(contents) << contents.error().describe();
    EXPECT_EQ(faults(*contents), "");
    EXPECT_FALSE(contents->encrypted);
    Builder builder = Builder::create(vector.size, vector.version).value();
    for (const Namespace& space : contents->namespaces) {
        ASSERT_TRUE(builder.enter(space.name));
        for (const Entry& entry : space.entries)
            ASSERT_TRUE(builder.add(entry));
    }
    const Built built = std::move(builder).finish();
    EXPECT_EQ(built.usage.entries_used, contents->usage.entries_used);
    EXPECT_EQ(built.usage.pages_used, contents->usage.pages_used);
    const auto differs = std::ranges::mismatch(built.image, vector.image);
    EXPECT_EQ(differs.in1, built.image.end())
        << "first difference at byte " << differs.in1 - built.image.begin();
}

TEST_P(NvsVectors, encrypted_it_is_the_references) {
    const Vector& vector = GetParam();
    Bytes image = vector.image;
    encrypt(image, keys());
    EXPECT_TRUE(image == vector.encrypted);
}

TEST_P(NvsVectors, decrypted_it_is_the_plain_one) {
    const Vector& vector = GetParam();
    Bytes image = vector.encrypted;
    ASSERT_TRUE(decrypt(image, keys()));
    EXPECT_TRUE(image == vector.image);
}

TEST_P(NvsVectors, encrypted_it_is_known_as_encrypted) {
    const auto contents = read(GetParam().encrypted);
    ASSERT_TRUE(contents);
    EXPECT_EQ(contents->encrypted, GetParam().name != "empty");
    EXPECT_TRUE(contents->namespaces.empty());
    EXPECT_EQ(faults(*contents), "");
    EXPECT_TRUE(is_nvs(GetParam().encrypted));
}

TEST(OlderNvsVectors, of_generators_before_0_1_7_are_built_too) {
    const auto older = older_nvs_vectors();
    ASSERT_EQ(older.size(), 4U);
    for (const Vector& vector : older) {
        const auto contents = read(vector.image);
        ASSERT_TRUE(contents);
        EXPECT_EQ(faults(*contents), "");
        Builder builder = Builder::create(vector.size, vector.version).value();
        for (const Namespace& space : contents->namespaces) {
            ASSERT_TRUE(builder.enter(space.name));
            for (const Entry& entry : space.entries)
                ASSERT_TRUE(builder.add(entry));
        }
        Built built = std::move(builder).finish(Ending::all_are_full);
        EXPECT_TRUE(built.image == vector.image) << vector.name;
        encrypt(built.image, Keys::parse(Secret(nvs_data("keys.bin"))).value());
        EXPECT_TRUE(built.image == vector.encrypted) << vector.name;
    }
}

TEST(NvsValues, of_all_types_are_those_that_were_written) {
    const auto contents = read(nvs_vectors().front().image);
    ASSERT_TRUE(contents);
    EXPECT_EQ(told(*contents),
              "ns1.u8k u8 255\nns1.i8k i8 -128\nns1.u16k u16 65535\nns1.i16k i16 -5\n"
              "ns1.u32k u32 4294967295\nns1.i32k i32 -2147483648\n"
              "ns1.u64k u64 18446744073709551615\nns1.i64k i64 -9\nns1.str string 11\n"
              "ns1.hexb blob 6\nns1.b64 blob 5\n");
    const auto& entries = contents->namespaces.front().entries;
    EXPECT_EQ(as_text(entries[8].data), "hello world");
    EXPECT_EQ(to_hex(entries[9].data), "deadbeef0102");
    EXPECT_EQ(as_text(entries[10].data), "hello");
}

}  // namespace
}  // namespace imprint::image::nvs
