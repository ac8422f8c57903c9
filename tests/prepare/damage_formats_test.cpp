// A prepared partition of NVS or esp_secure_cert with one bit flipped: the board comes up with its
// own identity, or says what is damaged.
#include <cstring>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>

#include "image/nvs.h"
#include "image/secure_cert.h"
#include "imprint_identity/nvs.h"
#include "imprint_identity/storage.h"
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
using imprint_identity::Storage;
using ::testing::HasSubstr;

struct Pair {
    std::string certificate;
    std::string key;
};

Pair any_pair(const pki::Authority& authority, const char* name) {
    const auto now = std::chrono::system_clock::now();
    const auto key = pki::PrivateKey::generate(pki::KeyKind::ec_p256);
    const auto certificate = authority.issue_client(key->request(name), std::chrono::days(1), now);
    return {*certificate, std::string(key->to_pem().reveal_text())};
}

struct Case {
    Storage storage;
    const char* name;
    std::uint32_t size;
};

class FormatDamage : public ::testing::TestWithParam<Case> {
  protected:
    static constexpr std::uint32_t sector = 4096;

    FormatDamage()
        : authority_(*pki::Authority::create("test", pki::KeyKind::ec_p256, std::chrono::days(1),
                                             std::chrono::system_clock::now())),
          pair_(any_pair(authority_, "240ac4000007")) {
        partition_.name = "kept";
        partition_.size = GetParam().size;
    }

    [[nodiscard]] std::shared_ptr<const CredentialFormat> format() const {
        return GetParam().storage == Storage::nvs ? nvs_format(partition_)
                                                  : secure_cert_format(partition_);
    }

    // An image as Imprint writes it, with a real certificate.
    void make(std::uint32_t copies, const Pair& pair, const std::string& root) {
        CredentialSettings settings;
        settings.copies = copies;
        const auto form = make_credential_template({partition_, format(), {}, {}}, settings, root);
        ASSERT_TRUE(form) << form.error().describe();
        const auto image = credential_image_bytes(
            *form, pair.certificate, Secret(pair.key),
            {"lamp-7", "240ac4000007", "broker.example.com", 8883, "order-17", "S-1"});
        ASSERT_TRUE(image) << image.error().describe();
        image_ = *image;
    }

    void make(std::uint32_t copies) { make(copies, pair_, authority_.certificate_pem()); }

    [[nodiscard]] imprint_identity::Bench bench() {
        imprint_identity::Bench bench;
        bench.storage = GetParam().storage;
        bench.flash = {[](void* self, std::uint32_t at, void* into, std::size_t size) {
                           const Bytes& image = static_cast<FormatDamage*>(self)->image_;
                           if (at + size > image.size()) return false;
                           std::memcpy(into, image.data() + at, size);
                           return true;
                       },
                       this,
                       [](void* self, std::uint32_t at, const void* from, std::size_t size) {
                           Bytes& image = static_cast<FormatDamage*>(self)->image_;
                           if (at + size > image.size()) return false;
                           const auto* bytes = static_cast<const std::uint8_t*>(from);
                           for (std::size_t i = 0; i < size; ++i)
                               image[at + i] &= bytes[i];
                           return true;
                       }};
        bench.geometry.image_size = static_cast<std::uint32_t>(image_.size());
        bench.name = "kept";
        return bench;
    }

    Problem load() {
        identity_ = {};
        mended_ = {};
        const imprint_identity::Mac mac = {0x24, 0x0A, 0xC4, 0x00, 0x00, 0x07};
        return imprint_identity::load(bench(), mac, crypto_, identity_, mended_);
    }

    [[nodiscard]] bool is_its_own() const {
        return identity_.thing_name.equals("lamp-7") &&
               identity_.client_id.equals("240ac4000007") &&
               identity_.endpoint.equals("broker.example.com") && identity_.port == 8883 &&
               identity_.lot.equals("order-17") &&
               identity_.certificate.equals(pair_.certificate.c_str()) &&
               identity_.private_key.equals(pair_.key.c_str());
    }

    // Each bit of what is written, and one in 61 of what is blank. Gives what came of it, by its
    // code; "" is the board's own identity.
    std::map<std::string, std::size_t> flip_each() {
        std::map<std::string, std::size_t> outcomes;
        const Bytes whole = image_;
        std::size_t step = 1;
        for (std::size_t bit = 0; bit < whole.size() * 8; bit += step) {
            constexpr std::size_t row = 32;
            const auto begin = whole.begin() + static_cast<std::ptrdiff_t>(bit / 8 / row * row);
            const bool is_blank =
                std::all_of(begin, begin + row, [](std::uint8_t byte) { return byte == 0xFF; });
            step = is_blank ? 61 : 1;
            image_[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
            const Problem problem = load();
            image_[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
            ++outcomes[problem ? to_string(problem.status) : mended_ ? "second copy" : "own"];
            if (problem) {
                EXPECT_STRNE(problem.text, "");
                EXPECT_NE(problem.status, Status::not_prepared) << "bit " << bit;
                EXPECT_NE(problem.status, Status::another_boards) << "bit " << bit;
            } else {
                EXPECT_TRUE(is_its_own()) << "bit " << bit;
            }
        }
        EXPECT_EQ(image_, whole) << "reading writes nothing";
        for (const auto& [outcome, count] : outcomes)
            std::cout << fmt::format("{:>8} {}\n", count, outcome);
        return outcomes;
    }

    pki::Authority authority_;
    Pair pair_;
    image::Partition partition_;
    Bytes image_;
    Crypto crypto_ = crypto_with_known_matches();
    Identity identity_;
    Problem mended_;
};

INSTANTIATE_TEST_SUITE_P(Formats, FormatDamage,
                         ::testing::Values(Case{Storage::nvs, "nvs", 0x6000},
                                           Case{Storage::esp_secure_cert, "secure_cert", 0x2000}),
                         [](const auto& one) { return std::string(one.param.name); });

TEST_P(FormatDamage, with_a_second_copy_each_flipped_bit_leaves_the_board_its_identity) {
    make(2);
    const Problem none = load();
    ASSERT_FALSE(none) << none.text;
    ASSERT_FALSE(mended_);
    ASSERT_TRUE(is_its_own());
    const auto outcomes = flip_each();
    EXPECT_EQ(outcomes.size(), 2U) << "its own, from the first copy or from the second";
    EXPECT_GT(outcomes.at("second copy"), 10'000U);
}

TEST_P(FormatDamage, without_one_each_flipped_bit_that_matters_is_told) {
    make(1);
    ASSERT_FALSE(load());
    const auto outcomes = flip_each();
    EXPECT_EQ(outcomes.size(), 2U) << "its own, or damaged";
    EXPECT_GT(outcomes.at("damaged"), 10'000U);
}

TEST_P(FormatDamage, a_blank_partition_was_never_prepared_and_one_of_another_format_is_told_so) {
    make(2);
    image_.assign(image_.size(), 0xFF);
    EXPECT_EQ(load().status, Status::not_prepared);
    image_.assign(image_.size(), 0x5A);
    const Problem other = load();
    EXPECT_EQ(other.status, Status::storage_unavailable);
    EXPECT_THAT(other.text, HasSubstr("the partition kept holds no"));
    image_.resize(3);
    EXPECT_EQ(load().status, Status::storage_unavailable);
}

TEST_P(FormatDamage, another_boards_identity_and_a_key_of_another_certificate_are_refused) {
    make(2, {pair_.certificate, any_pair(authority_, "other").key}, authority_.certificate_pem());
    EXPECT_EQ(load().status, Status::key_mismatch);
    make(2);
    const imprint_identity::Mac other = {0x24, 0x0A, 0xC4, 0x00, 0x00, 0x08};
    EXPECT_EQ(imprint_identity::load(bench(), other, crypto_, identity_, mended_).status,
              Status::another_boards);
}

TEST_P(FormatDamage, a_wiped_key_is_nowhere_in_flash) {
    for (const std::uint32_t copies : {1U, 2U}) {
        make(copies);
        const std::string part = pair_.key.substr(40, 30);
        const auto is_there = [&] { return as_text(image_).find(part) != std::string_view::npos; };
        EXPECT_TRUE(is_there());
        EXPECT_TRUE(imprint_identity::wipe_key(bench()));
        EXPECT_FALSE(is_there());
        EXPECT_TRUE(load());
    }
}

// What ESP-IDF and esp_secure_cert_mgr do first with a page or header that they find damaged.
TEST_P(FormatDamage, with_the_first_sector_erased_the_second_copy_is_read) {
    make(2);
    if (GetParam().storage == Storage::esp_secure_cert) return;  // both may be in one sector
    std::fill_n(image_.begin(), sector, 0xFF);
    const Problem none = load();
    EXPECT_FALSE(none) << none.text;
    EXPECT_TRUE(is_its_own());
    EXPECT_TRUE(mended_);
}

// The board's reader and the one on the computer are two: they have to agree.
TEST(BoardReadsNvs, what_was_written_anew_counts_on_whichever_page_it_is) {
    namespace nvs = image::nvs;
    auto builder = *nvs::Builder::create(0x5000);
    ASSERT_TRUE(builder.enter("imprint"));
    ASSERT_TRUE(builder.add({"root_ca", nvs::Type::blob, 0, Bytes(5000, 'r')}));
    ASSERT_TRUE(builder.add({"device.json", nvs::Type::string, 0, Bytes(100, 'd')}));
    Bytes image = std::move(builder).finish().image;
    const auto flash = [](Bytes& bytes) {
        return imprint_identity::Flash{
            [](void* self, std::uint32_t at, void* into, std::size_t size) {
                const Bytes& from = *static_cast<Bytes*>(self);
                if (at + size > from.size()) return false;
                std::memcpy(into, from.data() + at, size);
                return true;
            },
            &bytes};
    };
    const auto value = [&](const char* name) {
        imprint_identity::nvs::Volume volume(flash(image),
                                             static_cast<std::uint32_t>(image.size()));
        const auto source = volume.source();
        const long size = source.size(source.context, name);
        std::string text(size > 0 ? static_cast<std::size_t>(size) : 0, '\0');
        if (size <= 0 || !source.read(source.context, name, text.data(), text.size()))
            return std::string("none: ") + volume.trouble();
        return text;
    };
    const std::string text = std::string(100, 'd') + '\0';  // as NVS stores it
    EXPECT_EQ(value("root_ca"), std::string(5000, 'r'));
    EXPECT_EQ(value("device.json"), text);
    EXPECT_EQ(value("certificate"), "none: ");
    // The pages change places: what counts is their sequence.
    constexpr std::ptrdiff_t page = 4096;
    std::swap_ranges(image.begin(), image.begin() + page, image.begin() + 2 * page);
    EXPECT_EQ(value("root_ca"), std::string(5000, 'r'));
    // A former value that was never erased, on a page with a lower sequence.
    auto former = *nvs::Builder::create(0x3000);
    ASSERT_TRUE(former.enter("imprint"));
    ASSERT_TRUE(former.add({"device.json", nvs::Type::string, 0, Bytes(50, 'f')}));
    const Bytes older = std::move(former).finish().image;
    Bytes both(image.begin(), image.begin() + 3 * page);
    both.insert(both.end(), older.begin(), older.begin() + page);
    image = both;
    EXPECT_EQ(value("device.json"), text);
}

}  // namespace
}  // namespace imprint::prepare
