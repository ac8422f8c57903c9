// Credentials that are replaced in the field on boards whose bench has written them in each format,
// with the power going at each write and erase: the old or the new ones, whole; and once a commit
// was answered, the former key is nowhere in flash.
#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <optional>

#include "image/aes_blocks.h"
#include "image/nvs_keys.h"
#include "imprint_identity/replace.h"
#include "prepare/known_match.h"
#include "prepare/stored_images.h"

namespace imprint::prepare {
namespace {

using imprint_identity::Identity;
using imprint_identity::Places;
using imprint_identity::Problem;
using imprint_identity::Status;
using imprint_identity::Storage;

constexpr std::uint32_t sector = 4096;

// NOR flash that loses its power in the midst of one operation, after half of its bytes.
struct Board {
    Bytes bench;
    Bytes slots = Bytes(8UL * sector, 0xFF);
    std::size_t operations = 0;
    std::optional<std::size_t> cut_at;
    bool is_dead = false;

    static bool read(const Bytes& cells, std::uint32_t at, void* into, std::size_t size) {
        if (at > cells.size() || size > cells.size() - at) return false;
        std::memcpy(into, cells.data() + at, size);
        return true;
    }

    std::size_t begin(std::size_t size) {
        if (is_dead) return 0;
        is_dead = operations++ == cut_at;
        return is_dead ? size / 2 : size;
    }

    bool write(Bytes& cells, std::uint32_t at, const void* from, std::size_t size) {
        const std::size_t done = begin(size);
        for (std::size_t i = 0; i < done; ++i)
            cells.at(at + i) &= static_cast<const std::uint8_t*>(from)[i];
        return !is_dead;
    }

    bool erase(std::uint32_t at, std::size_t size) {
        std::fill_n(slots.begin() + at, begin(size), 0xFF);
        return !is_dead;
    }

    [[nodiscard]] bool holds(std::string_view text) const {
        return as_text(bench).contains(text) || as_text(slots).contains(text);
    }
};

struct Kept {
    const char* name;
    Storage storage;
    bool is_encrypted;
};

class ReplacedInStorages : public ::testing::TestWithParam<Kept> {
  protected:
    ReplacedInStorages() {
        factory_.bench = image_of(GetParam().storage, pem_texts(), 2);
        if (GetParam().is_encrypted) image::nvs::encrypt(factory_.bench, keys_);
    }

    [[nodiscard]] Places places(Board& board) const {
        Places places;
        places.storage = GetParam().storage;
        places.bench.read = [](void* self, std::uint32_t at, void* into, std::size_t size) {
            return Board::read(static_cast<Board*>(self)->bench, at, into, size);
        };
        places.bench.write = [](void* self, std::uint32_t at, const void* from, std::size_t size) {
            auto& me = *static_cast<Board*>(self);
            return me.write(me.bench, at, from, size);
        };
        places.bench.context = &board;
        places.bench_geometry.image_size = static_cast<std::uint32_t>(board.bench.size());
        places.bench_name = "storage";
        if (GetParam().is_encrypted) places.bench_cipher = &cipher_;
        places.slots = {[](void* self, std::uint32_t at, void* into, std::size_t size) {
                            return Board::read(static_cast<Board*>(self)->slots, at, into, size);
                        },
                        [](void* self, std::uint32_t at, const void* from, std::size_t size) {
                            auto& me = *static_cast<Board*>(self);
                            return me.write(me.slots, at, from, size);
                        },
                        [](void* self, std::uint32_t at, std::size_t size) {
                            return static_cast<Board*>(self)->erase(at, size);
                        },
                        &board, static_cast<std::uint32_t>(board.slots.size())};
        const imprint_identity::Mac mac = {0x24, 0x0A, 0xC4, 0x00, 0x00, 0x07};
        std::ranges::copy(mac, std::begin(places.mac));
        places.crypto = crypto_with_known_matches();
        return places;
    }

    Problem stage(Board& board) const {
        imprint_identity::NewCredentials wanted;
        wanted.certificate = fresh().certificate.c_str();
        wanted.private_key = fresh().private_key.c_str();
        return imprint_identity::stage(places(board), wanted);
    }

    static const Texts& fresh() {
        static const Texts made = new_texts();
        return made;
    }

    // Whose key the board has after a start: "old" or "new".
    [[nodiscard]] std::string in_force(Board& board) const {
        board.is_dead = false;
        board.cut_at.reset();
        const std::size_t before = board.operations;
        Identity identity;
        Problem mended;
        const Problem problem = load_in_force(places(board), identity, mended);
        EXPECT_FALSE(problem) << problem.text;
        EXPECT_EQ(board.operations, before) << "reading writes nothing";
        if (identity.private_key.equals(pem_texts().private_key.c_str())) return "old";
        return identity.private_key.equals(fresh().private_key.c_str()) ? "new" : "neither";
    }

    // What only the bench's key has.
    void expect_old_key_gone(Board& board) const {
        for (const std::size_t at : {40U, 56U, 72U})
            EXPECT_FALSE(board.holds(pem_texts().private_key.substr(at, 16)));
        if (!GetParam().is_encrypted) return;
        ASSERT_TRUE(image::nvs::decrypt(board.bench, keys_));
        EXPECT_FALSE(board.holds(pem_texts().private_key.substr(40, 16)));
    }

    // The power goes at each operation in turn. Gives how many there are.
    template <typename Act, typename After>
    static std::size_t cut_everywhere(const Board& begin, const Act& act, const After& after) {
        Board whole = begin;
        whole.operations = 0;
        EXPECT_EQ(act(whole).status, Status::ok);
        for (std::size_t at = 0; at < whole.operations; ++at) {
            SCOPED_TRACE(fmt::format("operation {} of {}", at, whole.operations));
            Board board = begin;
            board.operations = 0;
            board.cut_at = at;
            EXPECT_NE(act(board).status, Status::ok);
            after(board);
            if (::testing::Test::HasFailure()) break;
        }
        return whole.operations;
    }

    image::nvs::Keys keys_ = image::nvs::Keys::random();
    image::nvs::AesBlocks blocks_{keys_.bytes().reveal()};
    imprint_identity::nvs::Cipher cipher_ = blocks_.cipher();
    Board factory_;
};

std::string name_of(const ::testing::TestParamInfo<Kept>& info) {
    return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(Formats, ReplacedInStorages,
                         ::testing::Values(Kept{"spiffs", Storage::spiffs, false},
                                           Kept{"nvs", Storage::nvs, false},
                                           Kept{"encrypted_nvs", Storage::nvs, true},
                                           Kept{"esp_secure_cert", Storage::esp_secure_cert, false},
                                           Kept{"fat", Storage::fat, false}),
                         name_of);

TEST_P(ReplacedInStorages, a_power_cut_at_any_operation_leaves_the_old_or_the_new_ones) {
    EXPECT_EQ(in_force(factory_), "old");
    const auto stage_it = [this](Board& board) { return stage(board); };
    const auto commit_it = [this](Board& board) { return commit(places(board)); };
    const auto roll_it_back = [this](Board& board) { return rollback(places(board)); };
    std::size_t points = cut_everywhere(factory_, stage_it,
                                        [&](Board& board) { EXPECT_EQ(in_force(board), "old"); });
    Board staged = factory_;
    ASSERT_EQ(stage(staged).status, Status::ok);
    points += cut_everywhere(staged, roll_it_back,
                             [&](Board& board) { EXPECT_EQ(in_force(board), "old"); });
    points += cut_everywhere(staged, commit_it, [&](Board& board) {
        EXPECT_NE(in_force(board), "neither");
        EXPECT_EQ(commit_it(board).status, Status::ok) << "it finishes what is left";
        EXPECT_EQ(in_force(board), "new");
        expect_old_key_gone(board);
    });
    std::cout << fmt::format("{:>8} cut points\n", points);
}

TEST_P(ReplacedInStorages, the_new_ones_may_be_der) {
    imprint_identity::NewCredentials wanted;
    wanted.certificate = der_texts().certificate.data();
    wanted.certificate_size = der_texts().certificate.size();
    wanted.private_key = der_texts().private_key.data();
    wanted.private_key_size = der_texts().private_key.size();
    ASSERT_EQ(imprint_identity::stage(places(factory_), wanted).status, Status::ok);
    ASSERT_EQ(commit(places(factory_)).status, Status::ok);
    Identity identity;
    Problem mended;
    EXPECT_FALSE(load_in_force(places(factory_), identity, mended));
    EXPECT_EQ(std::string(identity.private_key.c_str(), identity.private_key.size()),
              der_texts().private_key);
    EXPECT_STREQ(identity.root_ca.c_str(), pem_texts().root_ca.c_str()) << "stays as it is";
    EXPECT_FALSE(load_in_force(places(factory_), identity, mended, 0));
    EXPECT_TRUE(identity.private_key.empty()) << "nobody wants it";
}

}  // namespace
}  // namespace imprint::prepare
