// An identity in each format that a board reads, whole and broken: the board has its own, or says
// in one line what is wrong, and flash stays as it is.
#include "imprint_identity/storage.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>

#include "image/aes_blocks.h"
#include "image/nvs_keys.h"
#include "prepare/known_match.h"
#include "prepare/stored_images.h"

namespace imprint::prepare {
namespace {

using imprint_identity::all_parts;
using imprint_identity::Bench;
using imprint_identity::Identity;
using imprint_identity::Parts;
using imprint_identity::Problem;
using imprint_identity::Status;
using imprint_identity::Storage;
using ::testing::HasSubstr;

class StorageTest : public ::testing::Test {
  protected:
    Bench bench_of(Storage storage) {
        Bench bench;
        bench.storage = storage;
        bench.flash.read = [](void* self, std::uint32_t at, void* into, std::size_t size) {
            const Bytes& cells = static_cast<StorageTest*>(self)->cells_;
            if (at > cells.size() || size > cells.size() - at) return false;
            std::memcpy(into, cells.data() + at, size);
            return true;
        };
        bench.flash.write = [](void* self, std::uint32_t at, const void* from, std::size_t size) {
            auto& me = *static_cast<StorageTest*>(self);
            if (me.power_ == 0) return false;
            --me.power_;
            ++me.writes_;
            for (std::size_t i = 0; i < size; ++i)
                me.cells_.at(at + i) &= static_cast<const std::uint8_t*>(from)[i];
            return true;
        };
        bench.flash.context = this;
        bench.geometry.image_size = static_cast<std::uint32_t>(cells_.size());
        bench.name = "storage";
        bench.cipher = cipher_;
        return bench;
    }

    Problem load(Storage storage, Parts wanted = all_parts) {
        identity_ = {};
        mended_ = {};
        const imprint_identity::Mac mac = {0x24, 0x0A, 0xC4, 0x00, 0x00, 0x07};
        const std::size_t before = writes_;
        const Problem problem =
            imprint_identity::load(bench_of(storage), mac, crypto_, identity_, mended_, wanted);
        EXPECT_EQ(writes_, before) << "reading writes nothing";
        return problem;
    }

    [[nodiscard]] bool has(const Texts& texts) const {
        const auto is = [](const imprint_identity::Text& text, const std::string& wanted) {
            return std::string_view(text.c_str(), text.size()) == wanted;
        };
        return identity_.thing_name.equals("lamp-7") && identity_.port == 8883 &&
               identity_.client_id.equals("240ac4000007") &&
               identity_.endpoint.equals("broker.example.com") &&
               identity_.lot.equals("order-17") && is(identity_.certificate, texts.certificate) &&
               is(identity_.private_key, texts.private_key) && is(identity_.root_ca, texts.root_ca);
    }

    [[nodiscard]] bool holds(const std::string& text) const {
        return as_text(cells_).contains(text);
    }

    // Each bit of what is written, or one in so many. Gives what came of it, by its code; "own" and
    // "second copy" are the board's own identity.
    std::map<std::string, std::size_t> flip_each(Storage storage, std::size_t one_in = 1) {
        std::map<std::string, std::size_t> outcomes;
        constexpr std::size_t part = 32;
        for (std::size_t bit = 0, step = 1; bit < cells_.size() * 8; bit += step) {
            const auto begin = cells_.begin() + static_cast<std::ptrdiff_t>(bit / 8 / part * part);
            const bool is_plain = std::all_of(
                begin, begin + part, [](std::uint8_t byte) { return byte == 0xFF || byte == 0; });
            step = is_plain ? 211 * one_in : one_in;
            const auto flip = [&] {
                cells_[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
            };
            flip();
            const Problem problem = load(storage);
            flip();
            ++outcomes[problem ? to_string(problem.status) : mended_ ? "second copy" : "own"];
            if (problem)
                EXPECT_STRNE(problem.text, "");
            else
                EXPECT_TRUE(has(pem_texts())) << "bit " << bit;
            EXPECT_NE(problem.status, Status::another_boards) << "bit " << bit;
        }
        for (const auto& [outcome, count] : outcomes)
            std::cout << fmt::format("{:>8} {} ({})\n", count, outcome, to_string(storage));
        return outcomes;
    }

    Bytes cells_;
    std::size_t writes_ = 0;
    std::size_t power_ = 1'000'000;  // writes until it goes
    const imprint_identity::nvs::Cipher* cipher_ = nullptr;
    imprint_identity::Crypto crypto_ = crypto_with_known_matches();
    Identity identity_;
    Problem mended_;
};

TEST_F(StorageTest, what_lies_beside_the_identity_is_read_too) {
    const std::string wifi = R"({"ssid":"plant 3"})";
    for (const Storage storage : all_formats) {
        SCOPED_TRACE(to_string(storage));
        const char* const name = storage == Storage::esp_secure_cert ? "user_data_2" : "wifi.json";
        Files files = files_of(pem_texts(), names_in(storage));
        files.emplace(name, wifi);
        cells_ = image_of(storage, {files});
        imprint_identity::Text text;
        const Problem problem = read_extra(bench_of(storage), name, 64, text);
        EXPECT_FALSE(problem) << std::string(problem.text);
        EXPECT_EQ(std::string_view(text.c_str(), text.size()), wifi);
        text.clear();
        EXPECT_EQ(read_extra(bench_of(storage), name, wifi.size() - 1, text).status,
                  Status::file_too_large);
        EXPECT_EQ(read_extra(bench_of(storage), "user_data_3", 64, text).status,
                  Status::file_missing);
        EXPECT_TRUE(text.empty());
        EXPECT_EQ(writes_, 0U);
    }
}

TEST_F(StorageTest, each_format_gives_the_identity_in_pem_and_in_der) {
    for (const Storage storage : all_formats)
        for (const Texts* texts : {&pem_texts(), &der_texts()}) {
            SCOPED_TRACE(to_string(storage));
            cells_ = image_of(storage, *texts);
            const Problem problem = load(storage);
            EXPECT_FALSE(problem) << problem.text;
            EXPECT_TRUE(has(*texts));
            EXPECT_FALSE(load(storage, 0));
            EXPECT_TRUE(identity_.private_key.empty());
            EXPECT_STREQ(identity_.thing_name.c_str(), "lamp-7");
        }
    cells_ = fat_image({files_of(pem_texts(), {})}, false);
    EXPECT_FALSE(load(Storage::fat)) << "without wear levelling";
    EXPECT_TRUE(has(pem_texts()));
}

// In 256 sizes of the last byte of a signature, one is 0.
TEST_F(StorageTest, a_last_byte_of_zero_in_der_is_no_end_of_a_text) {
    Texts texts = der_texts();
    // An element of any kind, whose last byte is 0.
    texts.root_ca = std::string("\x30\x05\x30\x03\x01\x01\x00", 7);
    texts = with_device(texts, pem_texts().certificate);
    for (const Storage storage : all_formats) {
        cells_ = image_of(storage, texts);
        const Problem problem = load(storage);
        EXPECT_FALSE(problem) << problem.text;
        EXPECT_TRUE(has(texts)) << to_string(storage);
    }
}

TEST_F(StorageTest, another_format_than_the_firmware_reads_is_told_by_its_name) {
    for (const Storage stored : all_formats)
        for (const Storage wanted : all_formats) {
            if (stored == wanted) continue;
            cells_ = image_of(stored, pem_texts());
            const Problem problem = load(wanted);
            EXPECT_EQ(problem.status, Status::storage_unavailable);
            EXPECT_EQ(std::string(problem.text),
                      fmt::format("the partition storage holds {}, and this firmware reads {} from "
                                  "it",
                                  to_string(stored), to_string(wanted)));
        }
}

TEST_F(StorageTest, a_blank_partition_was_never_prepared) {
    for (const Storage storage : all_formats) {
        cells_.assign(stored_size, 0xFF);
        const Problem problem = load(storage);
        EXPECT_EQ(problem.status, Status::not_prepared) << to_string(storage);
        EXPECT_STREQ(problem.text,
                     "the partition storage is blank: this board was never prepared, or all of it "
                     "was erased");
    }
}

TEST_F(StorageTest, what_is_nothing_at_all_is_told) {
    for (const Storage storage : all_formats) {
        cells_.assign(stored_size, 0x5A);
        const Problem problem = load(storage);
        EXPECT_EQ(problem.status, Status::storage_unavailable) << to_string(storage);
        EXPECT_THAT(problem.text, HasSubstr("the partition storage h"));
    }
}

TEST_F(StorageTest, a_partition_that_cannot_be_read_or_is_not_there_is_told) {
    for (const Storage storage : all_formats) {
        cells_ = image_of(storage, pem_texts());
        Bench bench = bench_of(storage);
        const imprint_identity::Mac mac = {};
        bench.flash.read = [](void*, std::uint32_t, void*, std::size_t) { return false; };
        Problem problem = imprint_identity::load(bench, mac, crypto_, identity_, mended_);
        EXPECT_TRUE(problem.status == Status::storage_unavailable ||
                    problem.status == Status::file_unreadable)
            << to_string(storage) << problem.text;
        EXPECT_THAT(problem.text, HasSubstr("cannot be read"));
        bench.flash = {};
        problem = imprint_identity::load(bench, mac, crypto_, identity_, mended_);
        EXPECT_EQ(problem.status, Status::storage_unavailable);
        EXPECT_EQ(std::string(problem.text),
                  fmt::format("there is no {} partition storage", to_string(storage)));
        EXPECT_TRUE(wipe_key(bench)) << "there is nothing to do";
    }
}

TEST_F(StorageTest, files_that_are_missing_empty_or_too_large_are_named) {
    for (const Storage storage : all_formats) {
        const auto names = names_in(storage);
        for (const char* name :
             {names.certificate, names.private_key, names.root_ca, names.device}) {
            SCOPED_TRACE(fmt::format("{} in {}", name, to_string(storage)));
            Files files = files_of(pem_texts(), names);
            files.erase(name);
            cells_ = image_of(storage, {files});
            Problem problem = load(storage);
            EXPECT_EQ(problem.status, Status::file_missing) << problem.text;
            EXPECT_THAT(problem.text, HasSubstr(name));
            files[name] = "";
            cells_ = image_of(storage, {files});
            problem = load(storage);
            EXPECT_EQ(problem.status, Status::file_empty) << problem.text;
            EXPECT_THAT(problem.text, HasSubstr(name));
            files[name] = std::string(9000, 'x');
            cells_ = image_of(storage, {files});
            problem = load(storage);
            EXPECT_EQ(problem.status, Status::file_too_large) << problem.text;
            EXPECT_THAT(problem.text, HasSubstr(name));
        }
    }
}

// Where its files are whole all the same, they are read.
TEST_F(StorageTest, an_image_that_was_cut_short_is_told) {
    for (const Storage storage : all_formats) {
        cells_ = image_of(storage, pem_texts());
        std::size_t used = cells_.size();
        while (cells_[used - 1] == 0xFF)
            --used;
        cells_.resize(used / 2 / 4096 * 4096);
        const Problem problem = load(storage);
        if (storage == Storage::spiffs)
            EXPECT_TRUE(has(pem_texts()));
        else
            EXPECT_TRUE(problem) << to_string(storage);
    }
}

class EncryptedNvs : public StorageTest {
  protected:
    void encrypt(const image::nvs::Keys& keys) {
        cells_ = image_of(Storage::nvs, pem_texts(), 2);
        image::nvs::encrypt(cells_, keys);
    }

    image::nvs::Keys keys_ = image::nvs::Keys::random();
    image::nvs::AesBlocks blocks_{keys_.bytes().reveal()};
    imprint_identity::nvs::Cipher our_cipher_ = blocks_.cipher();
};

TEST_F(EncryptedNvs, is_read_with_its_keys) {
    encrypt(keys_);
    cipher_ = &our_cipher_;
    const Problem problem = load(Storage::nvs);
    EXPECT_FALSE(problem) << problem.text;
    EXPECT_TRUE(has(pem_texts()));
}

TEST_F(EncryptedNvs, that_is_not_as_the_firmware_wants_it_is_told) {
    encrypt(keys_);
    EXPECT_STREQ(load(Storage::nvs).text,
                 "the partition storage is encrypted, and this firmware reads it as it is");
    cipher_ = &our_cipher_;
    encrypt(image::nvs::Keys::random());
    EXPECT_STREQ(load(Storage::nvs).text,
                 "the partition storage is not encrypted with this chip's keys");
    cells_ = image_of(Storage::nvs, pem_texts());
    EXPECT_STREQ(load(Storage::nvs).text,
                 "the partition storage is not encrypted, as this firmware wants it");
    cells_.assign(stored_size, 0xFF);
    EXPECT_EQ(load(Storage::nvs).status, Status::not_prepared);
    encrypt(keys_);
    blocks_.works = false;
    EXPECT_TRUE(load(Storage::nvs));
}

TEST_F(EncryptedNvs, a_key_that_is_wiped_can_be_read_no_more) {
    encrypt(keys_);
    cipher_ = &our_cipher_;
    EXPECT_TRUE(wipe_key(bench_of(Storage::nvs)));
    EXPECT_EQ(load(Storage::nvs).status, Status::damaged);
    EXPECT_FALSE(load(Storage::nvs, imprint_identity::part_certificate)) << "all else stays";
    ASSERT_TRUE(image::nvs::decrypt(cells_, keys_));
    EXPECT_FALSE(holds(pem_texts().private_key.substr(40, 32)));
}

// One bit of the partition is wrong: a whole unit of the cipher is.
TEST_F(EncryptedNvs, each_flipped_bit_leaves_the_board_its_identity_or_is_told) {
    encrypt(keys_);
    cipher_ = &our_cipher_;
    const auto outcomes = flip_each(Storage::nvs, 37);
    EXPECT_GT(outcomes.at("second copy"), 300U);
}

TEST_F(StorageTest, a_key_that_is_wiped_is_gone_whenever_the_power_goes) {
    for (const Storage storage : all_formats) {
        SCOPED_TRACE(to_string(storage));
        const Bytes whole = image_of(storage, pem_texts(), 2);
        std::size_t points = 0;
        for (bool is_done = false; !is_done; ++points) {
            cells_ = whole;
            power_ = points;
            is_done = wipe_key(bench_of(storage));
            power_ = 1'000'000;
            EXPECT_TRUE(wipe_key(bench_of(storage)));
            for (const std::size_t at : {40U, 56U, 72U})
                ASSERT_FALSE(holds(pem_texts().private_key.substr(at, 16))) << points;
            EXPECT_FALSE(load(storage, imprint_identity::part_certificate)) << "all else stays";
        }
        EXPECT_TRUE(load(storage));
        std::cout << fmt::format("{:>8} cut points ({})\n", points, to_string(storage));
    }
}

TEST_F(StorageTest, with_a_second_copy_in_fat_a_flipped_bit_leaves_the_board_its_identity) {
    cells_ = image_of(Storage::fat, pem_texts(), 2);
    const auto outcomes = flip_each(Storage::fat);
    EXPECT_GT(outcomes.at("second copy"), 10'000U);
    EXPECT_FALSE(outcomes.contains("not_prepared"));
}

TEST_F(StorageTest, without_one_in_fat_a_flipped_bit_is_told) {
    cells_ = image_of(Storage::fat, pem_texts());
    const auto outcomes = flip_each(Storage::fat);
    EXPECT_FALSE(outcomes.contains("second copy"));
    EXPECT_FALSE(outcomes.contains("not_prepared"));
    EXPECT_GT(outcomes.at("damaged"), 10'000U);
}

}  // namespace
}  // namespace imprint::prepare
