#include "simulator/bench.h"

#include <array>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>
#include <set>

#include "base/error_code.h"
#include "base/files.h"
#include "simulator/auto_hands.h"
#include "simulator/hands.h"
#include "simulator/wire_client.h"
#include "transport/port.h"
#include "transport/port_watch.h"

namespace imprint::simulator {

namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class BenchTest : public ::testing::Test {
  protected:
    BenchTest() {
        options_.bays = 3;
        options_.directory = folder_.path() / "bench";
        options_.board.flash_size = 256U << 10;
        options_.board.network = false;
        open();
    }

    void open() { bench_.emplace(Bench::open(options_).value()); }

    [[nodiscard]] fs::path link(const std::string& bay) const { return options_.directory / bay; }

    [[nodiscard]] fs::path flash(const MacAddress& mac) const {
        return options_.directory / "boards" / (mac.id() + ".flash");
    }

    TemporaryDirectory folder_ = *TemporaryDirectory::create();
    BenchOptions options_;
    std::optional<Bench> bench_;
};

TEST_F(BenchTest, a_board_is_a_link_while_it_is_in_and_a_flash_file_ever_after) {
    EXPECT_FALSE(fs::exists(link("1")));
    const auto mac = bench_->put("1");
    ASSERT_TRUE(mac) << mac.error().describe();
    EXPECT_EQ(mac->id(), "240ac4000000");
    EXPECT_TRUE(fs::is_symlink(link("1")));
    EXPECT_TRUE(fs::is_character_file(link("1")));
    EXPECT_EQ(bench_->state().bays[0].board, *mac);

    EXPECT_EQ(bench_->take("1").value(), *mac);
    EXPECT_FALSE(fs::is_symlink(link("1")));
    EXPECT_EQ(fs::file_size(flash(*mac)), 256U << 10);
    EXPECT_EQ(bench_->state().bays[0].board, std::nullopt);
    EXPECT_THAT(bench_->state().box, ElementsAre(*mac));
}

TEST_F(BenchTest, what_is_in_its_flash_goes_with_a_board_from_bay_to_bay_and_run_to_run) {
    const auto mac = bench_->put("1").value();
    ASSERT_TRUE(bench_->take("1"));
    std::fstream file(flash(mac), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096);
    file.put('I');
    file.close();
    ASSERT_TRUE(bench_->put("2", mac));
    bench_.reset();
    EXPECT_FALSE(fs::is_symlink(link("2")));
    open();
    EXPECT_THAT(bench_->state().box, ElementsAre(mac));
    EXPECT_EQ(bench_->put("3", mac).value(), mac);
    EXPECT_EQ(read_file(flash(mac)).value().at(4096), 'I');
    // A new one has an address that nobody has.
    EXPECT_EQ(bench_->put("1").value().id(), "240ac4000001");
}

TEST_F(BenchTest, the_watch_of_a_station_sees_them_come_and_go_and_be_exchanged) {
    SystemClock clock;
    const auto watch = transport::watch_folder(options_.directory, clock).value();
    const auto next = [&] { return watch->next(Milliseconds(5000), {}).value(); };
    using Kind = transport::PortChange::Kind;
    const auto kinds = [](const std::vector<transport::PortChange>& changes) {
        std::vector<Kind> all;
        for (const auto& change : changes)
            all.push_back(change.kind);
        return all;
    };
    ASSERT_TRUE(bench_->put("2"));
    const auto came = next();
    EXPECT_THAT(kinds(came), ElementsAre(Kind::came));
    EXPECT_EQ(came[0].port.path, link("2"));
    ASSERT_TRUE(bench_->swap("2"));
    EXPECT_THAT(kinds(next()), ElementsAre(Kind::went, Kind::came));
    ASSERT_TRUE(bench_->take("2"));
    EXPECT_THAT(kinds(next()), ElementsAre(Kind::went));
}

TEST_F(BenchTest, what_no_hand_can_do_is_refused_and_changes_nothing) {
    const auto mac = bench_->put("1").value();
    const auto unknown = *parse_mac("240ac4999999");
    EXPECT_EQ(code_of(bench_->put("1")), "hands_refused");
    EXPECT_EQ(code_of(bench_->put("4")), "hands_refused");
    EXPECT_EQ(code_of(bench_->put("2", mac)), "hands_refused");
    EXPECT_EQ(code_of(bench_->put("2", unknown)), "hands_refused");
    EXPECT_EQ(code_of(bench_->take("2")), "hands_refused");
    EXPECT_EQ(code_of(bench_->swap("2")), "hands_refused");
    EXPECT_EQ(code_of(bench_->swap("1", mac)), "hands_refused");
    EXPECT_EQ(code_of(bench_->mend_cable("1")), "hands_refused");
    EXPECT_EQ(code_of(bench_->ship(mac)), "hands_refused");
    EXPECT_EQ(bench_->state().bays[0].board, mac);
    EXPECT_THAT(bench_->state().box, IsEmpty());
}

TEST_F(BenchTest, a_board_that_is_shipped_leaves_nothing) {
    const auto mac = bench_->put("1").value();
    ASSERT_TRUE(bench_->take("1"));
    ASSERT_TRUE(bench_->ship(mac));
    EXPECT_FALSE(fs::exists(flash(mac)));
    EXPECT_THAT(bench_->state().box, IsEmpty());
    EXPECT_NE(bench_->put("1").value(), mac);
}

TEST_F(BenchTest, a_second_bench_in_the_same_folder_is_refused) {
    EXPECT_EQ(code_of(Bench::open(options_)), "bay_directory");
}

TEST_F(BenchTest, a_link_that_a_killed_bench_left_is_no_board) {
    bench_.reset();
    fs::create_symlink("/dev/pts/0", link("3"));
    open();
    EXPECT_FALSE(fs::is_symlink(link("3")));
}

// A board answers a SYNC over a whole cable, and over a mended one.
TEST_F(BenchTest, a_broken_cable_carries_nothing_and_its_port_stays) {
    const auto answers = [&](Milliseconds patience) {
        const auto port = transport::open_port(link("1").string()).value();
        EXPECT_TRUE(port->set_baud(115'200));
        EXPECT_TRUE(port->write(sync_request()));
        std::array<std::uint8_t, 256> bytes{};
        return port->read(bytes, patience).value() > 0;
    };
    constexpr Milliseconds long_enough(10'000);
    constexpr Milliseconds a_moment(300);
    options_.board.boot_button_held = true;
    bench_.reset();
    open();
    ASSERT_TRUE(bench_->put("1"));
    EXPECT_TRUE(answers(long_enough));
    ASSERT_TRUE(bench_->break_cable("1"));
    EXPECT_FALSE(answers(a_moment));
    EXPECT_TRUE(fs::is_character_file(link("1")));
    EXPECT_FALSE(bench_->state().bays[0].cable_whole);
    // The cable is the bay's: another board at its end is heard no better.
    ASSERT_TRUE(bench_->swap("1"));
    EXPECT_FALSE(answers(a_moment));
    ASSERT_TRUE(bench_->mend_cable("1"));
    EXPECT_TRUE(answers(long_enough));
}

TEST_F(BenchTest, a_broken_cable_takes_a_chip_with_its_own_usb_off_the_bus) {
    options_.board.chip = "esp32s3";
    options_.board.usb = UsbKind::serial_jtag;
    bench_.reset();
    open();
    ASSERT_TRUE(bench_->put("1"));
    ASSERT_TRUE(bench_->break_cable("1"));
    EXPECT_FALSE(fs::is_symlink(link("1")));
    EXPECT_TRUE(bench_->state().bays[0].board);
    ASSERT_TRUE(bench_->mend_cable("1"));
    EXPECT_TRUE(fs::is_character_file(link("1")));
}

TEST_F(BenchTest, hands_are_moved_by_lines) {
    EXPECT_EQ(obey(*bench_, "put 1"), "ok 240ac4000000");
    EXPECT_EQ(obey(*bench_, "  put\t2 \r"), "ok 240ac4000001");
    EXPECT_EQ(obey(*bench_, "take 1"), "ok 240ac4000000");
    EXPECT_EQ(obey(*bench_, "swap 2 24:0A:C4:00:00:00"), "ok 240ac4000000");
    EXPECT_EQ(obey(*bench_, "break 3"), "ok");
    EXPECT_EQ(obey(*bench_, "state"), R"(ok {"bays":[{"bay":"1","cable":"whole"},)"
                                      R"({"bay":"2","board":"240ac4000000","cable":"whole"},)"
                                      R"({"bay":"3","cable":"broken"}],"box":["240ac4000001"]})");
    EXPECT_EQ(obey(*bench_, "mend 3"), "ok");
    EXPECT_THAT(obey(*bench_, "put 2"), StartsWith("error hands_refused "));
    EXPECT_THAT(obey(*bench_, "put 1 240ac4"), StartsWith("error bad_mac "));
    for (const auto* line : {"", " ", "put", "take 1 240ac4000001", "state 1", "shout", "PUT 1"})
        EXPECT_THAT(obey(*bench_, line), StartsWith("error bad_usage ")) << line;
    EXPECT_THAT(obey(*bench_, std::string(longest_hand_line + 1, 'p')), HasSubstr("too long"));
}

// Whatever comes, each line has one answer of one line, and boards are neither lost nor doubled.
TEST_F(BenchTest, whatever_is_said_each_line_has_one_answer) {
    std::mt19937 random(1);
    const std::vector<std::string> words{
        "put", "take",  "swap",     "break",        "mend",         "1",   "2", "3", "4",
        "",    "state", "\x01\x7F", "240ac4000000", "240ac4000001", "\xFF"};
    for (int i = 0; i < 300; ++i) {
        std::string line;
        for (std::uint32_t count = random() % 4; count > 0; --count)
            line += words[random() % words.size()] + (random() % 8 == 0 ? "\t" : " ");
        const std::string answer = obey(*bench_, line);
        EXPECT_TRUE(answer == "ok" || answer.starts_with("ok ") || answer.starts_with("error "))
            << answer;
        EXPECT_TRUE(std::ranges::none_of(answer, [](char c) { return c >= 0 && c < 0x20; }));
        auto state = bench_->state();
        std::set<MacAddress> seen(state.box.begin(), state.box.end());
        std::size_t count = state.box.size();
        for (const auto& bay : state.bays) {
            if (!bay.board) continue;
            seen.insert(*bay.board);
            ++count;
            EXPECT_EQ(fs::is_symlink(link(bay.name)), true);
        }
        EXPECT_EQ(seen.size(), count);
    }
}

// The moves of a plan at a real bench, in time that jumps.
TEST_F(BenchTest, an_operator_is_played_to_the_end) {
    class Jumping final : public Clock {
      public:
        [[nodiscard]] Instant now() const override { return now_; }

        [[nodiscard]] WallTime wall() const override { return {}; }

        bool sleep(Milliseconds time, const std::stop_token& stop) override {
            now_ += time;
            return !stop.stop_requested();
        }

      private:
        Instant now_;
    } clock;

    std::vector<HandDone> told;
    const auto played =
        play_operator(*bench_, {.plan = {.seed = 5, .bays = 3, .boards = 12}, .ship = true},
                      [&](const HandDone& done) {
                          told.push_back(done);
                          const auto state = bench_->state();
                          const auto& bay = state.bays.at(done.move.bay);
                          EXPECT_EQ(bay.name, done.bay);
                          const bool is_out = done.move.what == Hand::take;
                          EXPECT_EQ(bay.board, is_out ? std::nullopt : std::optional(done.board));
                      },
                      clock, {});
    ASSERT_TRUE(played) << played.error().describe();
    std::set<MacAddress> done;
    for (const auto& one : told)
        if (one.move.long_enough) done.insert(one.former.value_or(one.board));
    EXPECT_EQ(done.size(), 12U);
    for (const auto& bay : bench_->state().bays)
        EXPECT_FALSE(bay.board);
    EXPECT_LT(bench_->state().box.size(), 12U);
}

TEST_F(BenchTest, a_played_operator_stops_when_asked_to) {
    std::stop_source stop;
    SystemClock clock;
    const auto played = play_operator(
        *bench_, {.plan = {.bays = 3}}, [&](const HandDone&) { stop.request_stop(); }, clock,
        stop.get_token());
    EXPECT_TRUE(played);
}

}  // namespace

}  // namespace imprint::simulator
