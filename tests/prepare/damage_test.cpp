// A prepared partition with one bit flipped: the board comes up with its own identity, or says what
// is damaged.
#include <cstring>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>

#include "imprint_identity/spiffs.h"
#include "pki/certificate.h"
#include "prepare/credential_formats.h"
#include "prepare/credential_image.h"
#include "prepare/known_match.h"

namespace imprint::prepare {
namespace {

using imprint_identity::Crypto;
using imprint_identity::Identity;
using imprint_identity::Problem;
using imprint_identity::Status;

class DamageTest : public ::testing::Test {
  protected:
    static constexpr std::uint32_t sector = 4096;

    // An image as Imprint writes it, with a real certificate.
    void make(std::uint32_t copies) {
        const auto now = std::chrono::system_clock::now();
        const auto authority =
            pki::Authority::create("test", pki::KeyKind::ec_p256, std::chrono::days(1), now);
        const auto key = pki::PrivateKey::generate(pki::KeyKind::ec_p256);
        ASSERT_TRUE(authority && key);
        image::Partition partition;
        partition.name = "storage";
        partition.size = 0x20000;
        CredentialSettings settings;
        settings.copies = copies;
        const auto form = make_credential_template({partition, spiffs_format(partition), {}, {}},
                                                   settings, authority->certificate_pem());
        ASSERT_TRUE(form);
        const auto certificate =
            authority->issue_client(key->request("240ac4000007"), std::chrono::days(1), now);
        ASSERT_TRUE(certificate);
        certificate_ = *certificate;
        key_ = std::string(key->to_pem().reveal_text());
        const auto image = credential_image_bytes(
            *form, certificate_, Secret(key_),
            {"lamp-7", "240ac4000007", "broker.example.com", 8883, "order-17", "S-1"});
        ASSERT_TRUE(image) << image.error().describe();
        image_ = *image;
        geometry_.image_size = partition.size;
    }

    Problem load() {
        const imprint_identity::spiffs::Flash flash{
            [](void* self, std::uint32_t at, void* into, std::size_t size) {
                const Bytes& image = static_cast<DamageTest*>(self)->image_;
                if (at + size > image.size()) return false;
                std::memcpy(into, image.data() + at, size);
                return true;
            },
            this};
        identity_ = {};
        mended_ = {};
        const imprint_identity::Mac mac = {0x24, 0x0A, 0xC4, 0x00, 0x00, 0x07};
        return imprint_identity::spiffs::load(flash, geometry_, "storage", {}, mac, crypto_,
                                              identity_, mended_);
    }

    [[nodiscard]] bool is_its_own() const {
        return identity_.thing_name.equals("lamp-7") &&
               identity_.client_id.equals("240ac4000007") &&
               identity_.endpoint.equals("broker.example.com") && identity_.port == 8883 &&
               identity_.lot.equals("order-17") &&
               identity_.certificate.equals(certificate_.c_str()) &&
               identity_.private_key.equals(key_.c_str());
    }

    void flip(std::size_t bit) { image_[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8)); }

    // Each bit of what is written, and one in 61 of what is blank. Gives what came of it, by its
    // code; "" is the board's own identity.
    std::map<std::string, std::size_t> flip_each() {
        std::map<std::string, std::size_t> outcomes;
        const Bytes whole = image_;
        std::size_t step = 1;
        for (std::size_t bit = 0; bit < whole.size() * 8; bit += step) {
            constexpr std::size_t page = 256;
            const auto begin = whole.begin() + static_cast<std::ptrdiff_t>(bit / 8 / page * page);
            const bool is_blank =
                std::all_of(begin, begin + page, [](std::uint8_t byte) { return byte == 0xFF; });
            step = is_blank ? 61 : 1;
            flip(bit);
            const Problem problem = load();
            flip(bit);
            ++outcomes[problem ? to_string(problem.status) : mended_ ? "second copy" : "own"];
            if (problem) {
                EXPECT_STRNE(problem.text, "");
                EXPECT_NE(problem.status, Status::not_prepared) << "bit " << bit;
                EXPECT_NE(problem.status, Status::another_boards) << "bit " << bit;
            } else {
                EXPECT_TRUE(is_its_own()) << "bit " << bit;
            }
        }
        for (const auto& [outcome, count] : outcomes)
            std::cout << fmt::format("{:>8} {}\n", count, outcome);
        return outcomes;
    }

    Bytes image_;
    std::string certificate_;
    std::string key_;
    imprint_identity::spiffs::Geometry geometry_;
    Crypto crypto_ = crypto_with_known_matches();
    Identity identity_;
    Problem mended_;
};

TEST_F(DamageTest, with_a_second_copy_each_flipped_bit_leaves_the_board_its_identity) {
    make(2);
    ASSERT_FALSE(load());
    ASSERT_FALSE(mended_);
    ASSERT_TRUE(is_its_own());
    const auto outcomes = flip_each();
    EXPECT_EQ(outcomes.size(), 2U) << "its own, from the first copy or from the second";
    EXPECT_GT(outcomes.at("second copy"), 10'000U);
}

TEST_F(DamageTest, without_one_each_flipped_bit_that_matters_is_told) {
    make(1);
    ASSERT_FALSE(load());
    const auto outcomes = flip_each();
    EXPECT_FALSE(outcomes.contains("second copy"));
    EXPECT_GT(outcomes.at("damaged"), 10'000U);
}

// As a mount of ESP-IDF's SPIFFS leaves it that has found the block's magic damaged.
TEST_F(DamageTest, with_a_block_erased_the_second_copy_is_read_and_that_is_told) {
    make(2);
    for (std::size_t block = 0; block < 6; ++block) {
        const Bytes whole = image_;
        std::fill_n(image_.begin() + static_cast<std::ptrdiff_t>(block * sector), sector, 0xFF);
        EXPECT_FALSE(load()) << "block " << block;
        EXPECT_TRUE(is_its_own()) << "block " << block;
        if (block == 0) {
            EXPECT_EQ(mended_.status, Status::file_missing) << mended_.text;
        }
        image_ = whole;
    }
}

TEST_F(DamageTest, a_blank_partition_was_never_prepared_and_one_of_other_settings_is_told_so) {
    make(2);
    const Bytes whole = image_;
    image_.assign(image_.size(), 0xFF);
    EXPECT_EQ(load().status, Status::not_prepared);
    image_ = whole;
    geometry_.page_size = 512;
    const Problem other = load();
    EXPECT_EQ(other.status, Status::storage_unavailable);
    EXPECT_THAT(other.text, ::testing::HasSubstr("no SPIFFS of this firmware's settings"));
    geometry_ = {};
    geometry_.image_size = 0x20800;
    EXPECT_EQ(load().status, Status::storage_unavailable) << "no whole number of blocks";
}

TEST_F(DamageTest, a_key_of_another_certificate_is_told) {
    make(1);
    const std::string first = certificate_;
    const Bytes image = image_;
    make(1);
    // The files of one board beside those of another, with digests that fit: as a wrong merge
    // leaves them.
    const image::Partition storage{.name = "storage", .size = 0x20000};
    const CredentialPlace place{storage, spiffs_format(storage), {}, {}};
    const auto form = make_credential_template(place, CredentialSettings{}, "ROOT");
    ASSERT_TRUE(form);
    const auto mixed = credential_image_bytes(
        *form, first, Secret(key_), {"lamp-7", "240ac4000007", "broker.example.com", 8883, ""});
    ASSERT_TRUE(mixed);
    image_ = *mixed;
    EXPECT_EQ(load().status, Status::not_pem) << "the root is no certificate";
    const auto sound = make_credential_template(place, CredentialSettings{}, first);
    image_ = *credential_image_bytes(*sound, first, Secret(key_),
                                     {"lamp-7", "240ac4000007", "broker.example.com", 8883, ""});
    EXPECT_EQ(load().status, Status::key_mismatch);
}

}  // namespace
}  // namespace imprint::prepare
