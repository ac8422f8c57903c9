// Credentials that are replaced in the field, on flash that loses its power at each write and erase
// in turn: the board has the old ones or the new ones, whole, and can go on from there.
#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>
#include <random>

#include "imprint_identity/replace.h"
#include "pki/certificate.h"
#include "prepare/credential_formats.h"
#include "prepare/credential_image.h"
#include "prepare/nor_flash.h"

namespace imprint::prepare {
namespace {

using imprint_identity::Identity;
using imprint_identity::NewCredentials;
using imprint_identity::Places;
using imprint_identity::Problem;
using imprint_identity::Status;
using ::testing::HasSubstr;

struct Credentials {
    std::string certificate;
    std::string key;
};

class ReplacedCredentials : public ::testing::Test {
  protected:
    // Made once: keys take their time.
    struct Made {
        Credentials bench;
        Credentials second;
        Credentials third;
        Credentials anew;  // of a board that the bench has prepared once more
        Bytes image;
        Bytes image_anew;
    };

    static const Made& made() {
        static const Made made = [] {
            const auto now = std::chrono::system_clock::now();
            const auto authority =
                pki::Authority::create("test", pki::KeyKind::ec_p256, std::chrono::days(1), now);
            const auto pair = [&]() -> Credentials {
                const auto key = pki::PrivateKey::generate(pki::KeyKind::ec_p256);
                const auto certificate = authority->issue_client(key->request("240ac4000007"),
                                                                 std::chrono::days(1), now);
                return {*certificate, std::string(key->to_pem().reveal_text())};
            };
            Made all{pair(), pair(), pair(), pair(), {}, {}};
            image::Partition partition;
            partition.name = "storage";
            partition.size = 0x20000;
            const auto form = make_credential_template(
                {partition, spiffs_format(partition), {}, {}}, {}, authority->certificate_pem());
            const auto image_of = [&](const Credentials& of) {
                return *credential_image_bytes(
                    *form, of.certificate, Secret(of.key),
                    {"lamp-7", "240ac4000007", "broker.example.com", 8883, "order \"17\"", "S-1"});
            };
            all.image = image_of(all.bench);
            all.image_anew = image_of(all.anew);
            return all;
        }();
        return made;
    }

    static Nor new_board() {
        Nor nor;
        nor.bench = made().image;
        return nor;
    }

    static NewCredentials wanted(const Credentials& pair) {
        NewCredentials all;
        all.certificate = pair.certificate.c_str();
        all.private_key = pair.key.c_str();
        return all;
    }

    // Whose credentials the board has after a start.
    static const Credentials* in_force(Nor& nor) {
        nor.dead = false;
        nor.cut_at.reset();
        const std::size_t before = nor.operations;
        Identity identity;
        Problem mended;
        const Problem problem = load_in_force(nor.places(), identity, mended);
        EXPECT_EQ(problem.status, Status::ok) << problem.text;
        EXPECT_EQ(nor.operations, before) << "reading writes nothing";
        EXPECT_STREQ(identity.thing_name.c_str(), "lamp-7");
        EXPECT_STREQ(identity.lot.c_str(), "order \"17\"");
        for (const Credentials* pair : {&made().bench, &made().second, &made().third, &made().anew})
            if (identity.certificate.equals(pair->certificate.c_str()) &&
                identity.private_key.equals(pair->key.c_str()))
                return pair;
        return nullptr;
    }

    static Nor replaced_board() {
        Nor nor = new_board();
        EXPECT_EQ(stage(nor.places(), wanted(made().second)).status, Status::ok);
        EXPECT_EQ(commit(nor.places()).status, Status::ok);
        return nor;
    }

    // The bench has been stopped before it wrote the key.
    static void spiffs_without_key(Nor& nor) {
        const Places places = nor.places();
        imprint_identity::spiffs::Volume volume(places.bench, places.bench_geometry);
        EXPECT_TRUE(volume.wipe("private.pem.key"));
        EXPECT_TRUE(volume.wipe("copy/private.pem.key"));
    }

    // Each of both copies of device.json.
    static void damage_device(Bytes& image) {
        const std::string_view text = as_text(image);
        std::size_t found = 0;
        for (std::size_t at = 0;
             (at = text.find("\"thing_name\"", at)) != std::string_view::npos;) {
            image.at(at + 1) &= 0x54;
            ++found;
            ++at;
        }
        EXPECT_EQ(found, 2U);
    }

    static Problem staged(Nor& nor) {
        Identity identity;
        Problem mended;
        return load_staged(nor.places(), identity, mended);
    }

    // Lets the power go at each operation of what is done, in each way. after: what must hold.
    template <typename Do, typename After>
    static std::size_t cut_everywhere(const Nor& begin, const Do& act, const After& after) {
        Nor whole = begin;
        whole.operations = 0;
        EXPECT_EQ(act(whole).status, Status::ok);
        for (std::size_t at = 0; at < whole.operations; ++at)
            for (const Tear tear : {Tear::nothing, Tear::half, Tear::anything, Tear::all}) {
                SCOPED_TRACE(fmt::format("operation {} of {}, tear {}", at, whole.operations,
                                         static_cast<int>(tear)));
                Nor nor = begin;
                nor.operations = 0;
                nor.cut_at = at;
                nor.tear = tear;
                EXPECT_NE(act(nor).status, Status::ok);
                EXPECT_TRUE(nor.dead);
                after(nor);
                if (::testing::Test::HasFailure()) return at;
            }
        return whole.operations;
    }
};

TEST_F(ReplacedCredentials, are_staged_tried_committed_and_the_former_key_is_gone) {
    Nor nor = new_board();
    EXPECT_EQ(in_force(nor), &made().bench);
    EXPECT_EQ(staged(nor).status, Status::nothing_staged);
    EXPECT_EQ(commit(nor.places()).status, Status::nothing_staged);
    const std::string bench_key = made().bench.key.substr(40, 60);
    ASSERT_TRUE(nor.holds(bench_key));

    EXPECT_EQ(stage(nor.places(), wanted(made().second)).status, Status::ok);
    EXPECT_EQ(in_force(nor), &made().bench) << "until it is committed";
    EXPECT_EQ(staged(nor).status, Status::ok);
    EXPECT_EQ(commit(nor.places()).status, Status::ok);
    EXPECT_EQ(in_force(nor), &made().second);
    EXPECT_FALSE(nor.holds(bench_key));
    EXPECT_EQ(staged(nor).status, Status::nothing_staged);

    EXPECT_EQ(stage(nor.places(), wanted(made().third)).status, Status::ok);
    EXPECT_EQ(in_force(nor), &made().second);
    EXPECT_EQ(commit(nor.places()).status, Status::ok);
    EXPECT_EQ(in_force(nor), &made().third);
    EXPECT_FALSE(nor.holds(made().second.key.substr(40, 60)));

    const std::size_t before = nor.operations;
    EXPECT_EQ(commit(nor.places()).status, Status::ok) << "there is nothing left to do";
    EXPECT_EQ(nor.operations, before) << "and flash is not worn";
}

TEST_F(ReplacedCredentials, that_are_rolled_back_leave_no_key) {
    Nor nor = new_board();
    EXPECT_EQ(stage(nor.places(), wanted(made().second)).status, Status::ok);
    EXPECT_TRUE(nor.holds(made().second.key.substr(40, 60)));
    EXPECT_EQ(rollback(nor.places()).status, Status::ok);
    EXPECT_FALSE(nor.holds(made().second.key.substr(40, 60)));
    EXPECT_EQ(staged(nor).status, Status::nothing_staged);
    EXPECT_EQ(in_force(nor), &made().bench);
}

TEST_F(ReplacedCredentials, what_would_not_work_is_not_written) {
    Nor nor = new_board();
    const Credentials mixed{made().second.certificate, made().third.key};
    EXPECT_EQ(stage(nor.places(), wanted(mixed)).status, Status::key_mismatch);
    NewCredentials no_ca = wanted(made().second);
    no_ca.root_ca = "no certificate";
    EXPECT_EQ(stage(nor.places(), no_ca).status, Status::not_pem);
    nor.slots.resize(3UL * sector);
    EXPECT_EQ(stage(nor.places(), wanted(made().second)).status, Status::no_room);
    nor.slots = Bytes(4UL * sector, 0xFF);
    const std::string long_ca = [] {
        std::string text;
        while (text.size() < 6000)
            text += made().second.certificate;
        return text;
    }();
    NewCredentials large = wanted(made().second);
    large.root_ca = long_ca.c_str();
    const Problem problem = stage(nor.places(), large);
    EXPECT_EQ(problem.status, Status::no_room);
    EXPECT_THAT(problem.text, HasSubstr("needs a partition of 32768 bytes"));
    EXPECT_EQ(nor.operations, 0U);
    Places without = nor.places();
    without.slots = {};
    EXPECT_EQ(stage(without, wanted(made().second)).status, Status::storage_unavailable);
}

TEST_F(ReplacedCredentials, another_broker_comes_with_them) {
    Nor nor = new_board();
    NewCredentials moved = wanted(made().second);
    moved.endpoint = "new.example.com";
    moved.port = 443;
    EXPECT_EQ(stage(nor.places(), moved).status, Status::ok);
    EXPECT_EQ(commit(nor.places()).status, Status::ok);
    Identity identity;
    Problem mended;
    EXPECT_EQ(load_in_force(nor.places(), identity, mended).status, Status::ok);
    EXPECT_STREQ(identity.endpoint.c_str(), "new.example.com");
    EXPECT_EQ(identity.port, 443);
}

TEST_F(ReplacedCredentials, flash_that_takes_nothing_is_told_and_nothing_is_staged) {
    Nor nor = new_board();
    // A cell that stays 0, in the first copy's files.
    Places stuck = nor.places();
    stuck.slots.write = [](void* self, std::uint32_t at, const void* from, std::size_t size) {
        auto& cells = static_cast<Nor*>(self)->slots;
        std::memcpy(cells.data() + at, from, size);
        cells[200] = 0;
        return true;
    };
    EXPECT_EQ(stage(stuck, wanted(made().second)).status, Status::not_written);
    EXPECT_EQ(staged(nor).status, Status::nothing_staged);
    EXPECT_EQ(in_force(nor), &made().bench);
}

TEST_F(ReplacedCredentials, a_power_cut_at_any_operation_leaves_the_old_or_the_new_ones) {
    std::size_t points = 0;
    const Nor factory = new_board();
    const Nor replaced_once = replaced_board();
    Nor prepared_anew = new_board();
    for (const Credentials* pair : {&made().third, &made().second}) {
        EXPECT_EQ(stage(prepared_anew.places(), wanted(*pair)).status, Status::ok);
        EXPECT_EQ(commit(prepared_anew.places()).status, Status::ok);
    }
    prepared_anew.bench = made().image_anew;

    struct Start {
        const Nor& begin;
        const Credentials* old;
    };

    for (const Start& start : {Start{factory, &made().bench}, Start{replaced_once, &made().second},
                               Start{prepared_anew, &made().anew}}) {
        const Nor& begin = start.begin;
        const Credentials* const old = start.old;
        const auto go_on = [&](Nor& nor) {
            EXPECT_EQ(stage(nor.places(), wanted(made().third)).status, Status::ok);
            EXPECT_EQ(commit(nor.places()).status, Status::ok);
            EXPECT_EQ(in_force(nor), &made().third);
            EXPECT_FALSE(nor.holds(old->key.substr(40, 60)));
        };
        const auto stage_third = [](Nor& nor) { return stage(nor.places(), wanted(made().third)); };
        points += cut_everywhere(begin, stage_third, [&](Nor& nor) {
            EXPECT_EQ(in_force(nor), old);
            const Status left = staged(nor).status;
            EXPECT_TRUE(left == Status::nothing_staged || left == Status::ok) << to_string(left);
            go_on(nor);
        });

        Nor with_staged = begin;
        EXPECT_EQ(stage_third(with_staged).status, Status::ok);
        points += cut_everywhere(
            with_staged, [](Nor& nor) { return commit(nor.places()); },
            [&](Nor& nor) {
                const Credentials* const now = in_force(nor);
                EXPECT_TRUE(now == old || now == &made().third);
                // The next start goes on, and the old key is gone.
                EXPECT_EQ(commit(nor.places()).status, Status::ok);
                EXPECT_EQ(in_force(nor), &made().third);
                EXPECT_FALSE(nor.holds(old->key.substr(40, 60)));
            });
        points += cut_everywhere(
            with_staged, [](Nor& nor) { return rollback(nor.places()); },
            [&](Nor& nor) {
                EXPECT_EQ(in_force(nor), old);
                EXPECT_EQ(rollback(nor.places()).status, Status::ok);
                EXPECT_FALSE(nor.holds(made().third.key.substr(40, 60)));
                EXPECT_EQ(in_force(nor), old);
                go_on(nor);
            });
    }
    std::cout << points << " operations, each cut in four ways\n";
    EXPECT_GT(points, 100U);
}

TEST_F(ReplacedCredentials, give_way_to_what_the_bench_writes_anew) {
    Nor nor = replaced_board();
    EXPECT_EQ(stage(nor.places(), wanted(made().third)).status, Status::ok);
    nor.bench = made().image_anew;
    EXPECT_EQ(in_force(nor), &made().anew);
    EXPECT_EQ(staged(nor).status, Status::nothing_staged) << "it was for the former ones";
    EXPECT_EQ(commit(nor.places()).status, Status::nothing_staged);
    EXPECT_EQ(in_force(nor), &made().anew);
    EXPECT_FALSE(nor.holds(made().second.key.substr(40, 60)));
    EXPECT_FALSE(nor.holds(made().third.key.substr(40, 60)));

    EXPECT_EQ(stage(nor.places(), wanted(made().third)).status, Status::ok);
    EXPECT_EQ(commit(nor.places()).status, Status::ok);
    EXPECT_EQ(in_force(nor), &made().third);
}

TEST_F(ReplacedCredentials, of_a_former_preparation_never_come_back) {
    Nor nor = replaced_board();
    EXPECT_EQ(stage(nor.places(), wanted(made().third)).status, Status::ok);
    EXPECT_EQ(commit(nor.places()).status, Status::ok);
    nor.bench = made().image_anew;
    EXPECT_EQ(stage(nor.places(), wanted(made().second)).status, Status::ok);
    // The power goes when the mark is written twice, and nothing is wiped yet.
    nor.operations = 0;
    nor.cut_at = 2;
    EXPECT_NE(commit(nor.places()).status, Status::ok);
    EXPECT_TRUE(nor.holds(made().third.key.substr(40, 60)));
    EXPECT_EQ(in_force(nor), &made().second);
    // Nor when nothing tells any more which set is of which preparation.
    damage_device(nor.bench);
    EXPECT_EQ(in_force(nor), &made().second);
}

TEST_F(ReplacedCredentials, stay_while_the_bench_has_not_written_all) {
    Nor nor = replaced_board();
    const Nor before = nor;
    nor.bench = made().image_anew;
    spiffs_without_key(nor);
    EXPECT_EQ(commit(nor.places()).status, Status::nothing_staged);
    EXPECT_EQ(nor.slots, before.slots);
}

TEST_F(ReplacedCredentials, do_not_need_what_the_bench_wrote) {
    Nor nor = replaced_board();
    const Bytes bench = nor.bench;
    damage_device(nor.bench);
    EXPECT_EQ(in_force(nor), &made().second);
    EXPECT_EQ(stage(nor.places(), wanted(made().third)).status, Status::ok);
    EXPECT_EQ(commit(nor.places()).status, Status::ok);
    EXPECT_EQ(in_force(nor), &made().third);
    nor.bench = bench;  // a flash that reads wrong now and then
    EXPECT_EQ(in_force(nor), &made().third);
}

TEST_F(ReplacedCredentials,
       after_a_commit_that_was_answered_the_new_ones_are_in_force_whatever_is_flipped) {
    Nor nor = new_board();
    EXPECT_EQ(stage(nor.places(), wanted(made().second)).status, Status::ok);
    EXPECT_EQ(commit(nor.places()).status, Status::ok);
    // One bit in 31 of the slot in force: both copies of all that counts.
    for (std::size_t bit = 0; bit < std::size_t{4} * sector * 8; bit += 31) {
        const auto flip = static_cast<std::uint8_t>(1U << (bit % 8));
        nor.slots[bit / 8] ^= flip;
        EXPECT_EQ(in_force(nor), &made().second) << "bit " << bit;
        nor.slots[bit / 8] ^= flip;
        if (HasFailure()) break;
    }
}

}  // namespace
}  // namespace imprint::prepare
