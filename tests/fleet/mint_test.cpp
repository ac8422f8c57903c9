// What minting leaves in its store, also where it is broken off and gone on with.
#include <gmock/gmock.h>

#include "base/error_code.h"
#include "fleet/minted_world.h"
#include "prepare/credential_formats.h"

namespace imprint::fleet {
namespace {

using ::testing::SizeIs;

class MintTest : public testing::MintedWorld {
  protected:
    Result<MintSummary> make_from_list(const std::string& text) {
        EXPECT_TRUE(write_file(file("list"), text));
        IMPRINT_TRY(const MintNames names,
                    names_from_list(store_, file("list"), settings_, "lot-7"));
        return mint(tools(), store_, names, [](std::int64_t) {});
    }
};

TEST_F(MintTest, each_has_a_key_of_its_own_and_the_certificate_for_it) {
    ASSERT_EQ(make_by_number(3)->made, 3);
    std::set<std::string> keys;
    for (const auto& one : all()) {
        const auto info = pki::inspect_certificate(one.certificate_pem).value();
        const auto key = pki::PrivateKey::from_pem(one.private_key_pem).value();
        EXPECT_EQ(info.public_pem, key.public_pem());
        EXPECT_EQ(info.id, one.certificate_id);
        EXPECT_EQ(info.subject_common_name, one.thing);
        EXPECT_FALSE(one.registered);
        keys.insert(info.public_pem);
    }
    EXPECT_THAT(keys, SizeIs(3));
    EXPECT_EQ(all().back().thing, "lamp-0000003");
}

TEST_F(MintTest, it_goes_on_where_it_was_and_makes_none_twice) {
    ASSERT_EQ(make_by_number(2)->made, 2);
    const std::string first = all().front().certificate_id;
    EXPECT_EQ(make_by_number(5)->made, 3);
    EXPECT_THAT(all(), SizeIs(5));
    EXPECT_EQ(all().front().certificate_id, first);
    EXPECT_EQ(make_by_number(5)->made, 0);
}

TEST_F(MintTest, a_store_of_other_names_is_not_gone_on_with) {
    ASSERT_TRUE(make_by_number(2));
    EXPECT_EQ(code_of(make_by_number(5, "bulb-{n}")), "mint_other_name");
    EXPECT_EQ(code_of(make_by_number(5, "lamp")), "mint_name");
    EXPECT_EQ(code_of(make_by_number(5, "{mac}-{n}")), "mint_name");
    EXPECT_THAT(all(), SizeIs(2));
}

TEST_F(MintTest, of_more_than_a_batch_each_is_made_once) {
    EXPECT_EQ(make_by_number(1030)->made, 1030);
    const auto made = all();
    ASSERT_THAT(made, SizeIs(1030));
    for (std::size_t i = 0; i < made.size(); ++i)
        ASSERT_EQ(made[i].thing, fmt::format("lamp-{:07}", i + 1));
}

TEST_F(MintTest, a_board_of_the_list_gets_one_identity_however_often_it_is_named) {
    EXPECT_EQ(make_from_list("246f28aabbcc\n246f28aabbcd\n24:6f:28:aa:bb:cc\n")->made, 2);
    EXPECT_EQ(make_from_list("246f28aabbcc\n246f28aabbce\n")->made, 1);
    EXPECT_EQ(all().front().mac, "246f28aabbcc");
}

TEST_F(MintTest, a_mac_that_no_single_board_has_is_refused_before_anything_is_made) {
    for (const char* odd : {"ffffffffffff", "000000000000", "016f28aabbcc"}) {
        EXPECT_EQ(code_of(make_from_list(std::string("246f28aabbcc\n") + odd + "\n")), "mint_list")
            << odd;
        EXPECT_THAT(all(), ::testing::IsEmpty());
    }
}

TEST_F(MintTest, an_image_that_cannot_be_kept_leaves_no_identity_of_its_batch) {
    const prepare::CloudFacts cloud;
    image::Partition partition;
    partition.size = 0x10000;
    const auto form = prepare::make_credential_template(
        {partition, prepare::spiffs_format(partition), {}, {}}, {}, "ROOT");
    MintTools with_images = tools();
    with_images.form = &*form;
    with_images.cloud = &cloud;
    with_images.keep_image = [](const std::string& thing, ByteView) -> Result<void> {
        if (thing == "lamp-0000001") return {};
        return fail(ErrorKind::config, "file_unwritable", "full");
    };
    const auto made = mint(with_images, store_, names_by_number(store_, "lamp-{n}", 2).value(),
                           [](std::int64_t) {});
    EXPECT_EQ(code_of(made), "file_unwritable");
    EXPECT_THAT(all(), ::testing::IsEmpty());
}

}  // namespace
}  // namespace imprint::fleet
