// What a command says reaches its reporter whole and in order, and a reader that stands still holds
// up nobody who has a board in hand.
#include "cli/output/output.h"

#include <array>
#include <atomic>
#include <fmt/format.h>
#include <future>
#include <gmock/gmock.h>
#include <latch>
#include <stdexcept>
#include <system_error>

#include "base/files.h"
#include "board_tool/board_tool.h"
#include "simulator/pty_board.h"

namespace imprint::cli::output {
namespace {

using events::Step;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A pipe: what is written waits until somebody opens it.
class Pipe {
  public:
    void open() {
        if (!is_open_.exchange(true)) gate_.count_down();
    }

    // Returns once somebody is stuck in it.
    void await_writer() { stuck_.wait(); }

    [[nodiscard]] Streams streams() {
        return {[this](std::string_view text) { write(out, text); },
                [this](std::string_view text) { write(err, text); }};
    }

    std::string out;  // to be read once the output is finished
    std::string err;

  private:
    void write(std::string& stream, std::string_view text) {
        if (!is_met_.exchange(true)) stuck_.count_down();
        gate_.wait();
        stream += text;
    }

    std::latch gate_{1};
    std::latch stuck_{1};
    std::atomic<bool> is_open_ = false;
    std::atomic<bool> is_met_ = false;
};

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        lines.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return lines;
}

std::jthread no_thread(const std::function<void(std::stop_token)>&) {
    throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
}

// It puts off all that it draws.
class Drawing final : public Reporter {
  public:
    explicit Drawing(std::latch& settled) : settled_(settled) {}

    void event(const events::Event&) override { is_put_off_ = true; }

    void missed(std::uint64_t) override {}

    void raw(std::string_view) override {}

    [[nodiscard]] bool is_drawing() const override { return is_put_off_; }

    void settle() override {
        if (std::exchange(is_put_off_, false)) settled_.count_down();
    }

    void finish() override {}

  private:
    std::latch& settled_;
    bool is_put_off_ = false;
};

class OutputTest : public ::testing::Test {
  protected:
    void start_json(bool verbose = false, const ThreadMaker& make = make_thread) {
        output.emplace(make_json_reporter(pipe.streams()), bus, clock, verbose, make);
    }

    void start_plain(bool verbose = false, const ThreadMaker& make = make_thread) {
        Style style;
        style.verbose = verbose;
        output.emplace(make_plain_reporter(pipe.streams(), style), bus, clock, verbose, make);
    }

    void tell(events::Body body, const std::string& bay = {}) {
        output->event({clock.wall(), bay, {}, std::move(body)});
    }

    void note(const std::string& text) { tell(events::Note{.text = text}); }

    void finish() {
        pipe.open();
        const auto shown = output->finish();
        ASSERT_TRUE(shown) << shown.error().describe();
    }

    SystemClock clock;
    Pipe pipe;
    events::EventBus bus;
    std::optional<Output> output;
};

// Also where nothing more happens, and where there is no thread.
TEST_F(OutputTest, what_was_put_off_is_drawn) {
    for (const ThreadMaker& make : {ThreadMaker(make_thread), ThreadMaker(no_thread)}) {
        std::latch settled(1);
        events::EventBus own;
        Output drawing(std::make_unique<Drawing>(settled), own, clock, false, make);
        drawing.event({clock.wall(), {}, {}, events::Note{.text = "the last"}});
        settled.wait();
    }
}

TEST_F(OutputTest, shows_everything_in_its_order_before_it_is_finished) {
    start_plain();
    std::vector<std::string> expected;
    for (int i = 0; i < 2000; ++i) {
        note(fmt::format("{}", i));
        expected.push_back(fmt::format("Note: {}", i));
    }
    finish();
    EXPECT_THAT(lines_of(pipe.out), ElementsAreArray(expected));
}

TEST_F(OutputTest, of_several_bays_keeps_the_order_of_each) {
    start_plain();
    pipe.open();
    {
        std::vector<std::jthread> bays;
        for (int bay = 0; bay < 4; ++bay)
            bays.emplace_back([this, bay] {
                for (int i = 0; i < 500; ++i)
                    note(fmt::format("{} {}", bay, i));
            });
    }
    finish();
    std::array<int, 4> next{};
    for (const auto& line : lines_of(pipe.out)) {
        const auto bay = static_cast<std::size_t>(line.at(6) - '0');
        EXPECT_EQ(line, fmt::format("Note: {} {}", bay, next.at(bay)++));
    }
    EXPECT_THAT(next, ElementsAre(500, 500, 500, 500));
}

// A board on its pseudo-terminal is flashed while the first line still waits for a reader.
TEST_F(OutputTest, a_board_is_flashed_while_nobody_reads) {
    const auto folder = TemporaryDirectory::create().value();
    simulator::BoardOptions simulated;
    simulated.mac = {{0x24, 0x0A, 0xC4, 0x77, 0x00, 0x01}};
    simulated.flash_file = folder.path() / "flash.bin";
    simulated.network = false;
    const auto board = simulator::PtyBoard::start(simulated);
    ASSERT_TRUE(board) << board.error().describe();
    ASSERT_TRUE(write_file(folder.path() / "data.bin", std::string_view(std::string(20'000, 'x'))));
    const auto set = flash_files::parse_pairs({"0x200000", (folder.path() / "data.bin").string()});
    ASSERT_TRUE(set) << set.error().describe();
    const auto content = flash_files::load_flash_set(*set);
    ASSERT_TRUE(content) << content.error().describe();
    prepare::StationSettings settings;
    settings.rates = folder.path() / "rates.json";

    start_json();
    note("before");
    pipe.await_writer();
    auto tool = board_tool::BoardTool::open(board->path(), settings, clock, output->sink(), {}, {});
    ASSERT_TRUE(tool) << tool.error().describe();
    const auto flashed = tool->flash(*content);
    ASSERT_TRUE(flashed) << flashed.error().describe();
    EXPECT_EQ(flashed->bytes, flashed->written);
    output->result(events::FileWritten{.path = "done"}, "");
    EXPECT_EQ(pipe.out, "");
    finish();

    const auto lines = lines_of(pipe.out);
    ASSERT_GT(lines.size(), 3);
    EXPECT_THAT(lines[0], HasSubstr("\"text\":\"before\""));
    EXPECT_THAT(lines[1], AllOf(HasSubstr("board_step"), HasSubstr("\"step\":\"firmware\"")));
    for (std::size_t i = 2; i + 1 < lines.size(); ++i)
        EXPECT_THAT(lines[i], HasSubstr("\"event\":\"board_progress\""));
    EXPECT_THAT(lines[lines.size() - 2],
                HasSubstr(fmt::format("\"done\":{0},\"total\":{0}", flashed->bytes)));
    EXPECT_THAT(lines.back(), HasSubstr("\"path\":\"done\""));
}

TEST_F(OutputTest, a_night_without_a_reader_loses_no_board) {
    constexpr int boards = 2000;
    start_json();
    note("before");
    pipe.await_writer();
    for (int i = 0; i < boards; ++i) {
        tell(events::BoardStarted{.port = "p"}, "bay0");
        tell(events::BoardStep{.step = Step::firmware}, "bay0");
        for (std::uint64_t done = 0; done < 50; ++done)
            tell(events::BoardProgress{.step = Step::firmware, .done = done, .total = 50}, "bay0");
        output->log(LogLevel::warning, "slow");
        tell(
            events::BoardFailed{
                .kind = ErrorKind::board, .code = fmt::format("n{}", i), .reason = {}, .hint = {}},
            "bay0");
    }
    tell(events::RunFinished{.passed = 0, .failed = boards, .seconds = 1});
    finish();

    const auto lines = lines_of(pipe.out);
    // Of the progress only little is left.
    EXPECT_LT(lines.size(), boards * 10);
    int failed = 0;
    for (const auto& line : lines)
        if (line.contains("board_failed")) {
            EXPECT_THAT(line, HasSubstr(fmt::format("\"code\":\"n{}\"", failed)));
            ++failed;
        }
    EXPECT_EQ(failed, boards);
    EXPECT_THAT(lines.back(), HasSubstr("run_finished"));
    EXPECT_THAT(pipe.err, HasSubstr("lines of the log are missing"));
}

TEST_F(OutputTest, who_makes_results_in_thousands_waits_for_the_reader) {
    constexpr int most = 1000;
    std::atomic<int> made = 0;
    int shown = 0;
    int unread = 0;
    Streams streams = pipe.streams();
    streams.out = [&, write = streams.out](std::string_view text) {
        write(text);
        unread = std::max(unread, made - shown);
        ++shown;
    };
    output.emplace(make_plain_reporter(streams, {}), bus, clock, false);
    auto making = std::async(std::launch::async, [&] {
        for (; made < 5 * most; ++made)
            output->result(events::FileWritten{.path = "x"}, "wrote x\n");
    });
    while (made < most)
        std::this_thread::yield();
    pipe.open();
    making.get();
    finish();
    EXPECT_EQ(shown, 5 * most);
    EXPECT_LE(unread, most);
}

// A result that is told as an event, for it has a bay: the next one does not wait for ever.
TEST_F(OutputTest, whoever_makes_a_result_it_counts_as_one) {
    start_plain();
    pipe.open();
    for (int i = 0; i < 3; ++i) {
        output->event({clock.wall(), "bay1", {}, events::FileWritten{.path = "x"}, "wrote x\n"});
        output->sink()({clock.wall(), "bay1", {}, events::FileWritten{.path = "y"}, "wrote y\n"});
        output->result(events::FileWritten{.path = "z"}, "wrote z\n");
    }
    finish();
    EXPECT_THAT(lines_of(pipe.out), SizeIs(9));
}

TEST_F(OutputTest, raw_bytes_come_behind_what_was_told_before) {
    start_plain();
    pipe.open();
    for (int i = 0; i < 100; ++i)
        note("before");
    output->raw("bytes\n");
    note("after");
    finish();
    const auto lines = lines_of(pipe.out);
    ASSERT_THAT(lines, SizeIs(102));
    EXPECT_EQ(lines[99], "Note: before");
    EXPECT_EQ(lines[100], "bytes");
    EXPECT_EQ(lines[101], "Note: after");
}

TEST_F(OutputTest, without_a_thread_everything_is_shown_at_once) {
    pipe.open();
    start_plain(false, no_thread);
    note("one");
    EXPECT_EQ(pipe.out, "Note: one\n");
    output->result(events::FileWritten{.path = "x"}, "wrote x\n");
    output->raw("bytes\n");
    output->log(LogLevel::warning, "slow");
    finish();
    EXPECT_EQ(pipe.out, "Note: one\nwrote x\nbytes\n");
    EXPECT_EQ(pipe.err, "warning: slow\n");
}

TEST_F(OutputTest, the_log_is_shown_if_it_is_asked_for_and_warnings_always) {
    for (const bool verbose : {false, true}) {
        events::EventBus another;
        Pipe read;
        read.open();
        Output shown(make_json_reporter(read.streams()), another, clock, verbose);
        shown.log(LogLevel::debug, "detail");
        shown.log(LogLevel::warning, "slow");
        ASSERT_TRUE(shown.finish());
        EXPECT_EQ(read.err, verbose ? "debug: detail\nwarning: slow\n" : "warning: slow\n");
        EXPECT_EQ(read.out, "");
    }
}

TEST_F(OutputTest, what_ended_the_command_is_its_last_event) {
    start_json();
    note("before");
    output->error({ErrorKind::board, "no_board", "nothing answers", "press BOOT", {"bay0"}});
    finish();
    EXPECT_THAT(lines_of(pipe.out).back(),
                EndsWith("\"kind\":\"board\",\"code\":\"no_board\",\"reason\":\"bay0: nothing "
                         "answers\",\"mend\":\"press BOOT\"}"));
    EXPECT_EQ(pipe.err, "error: bay0: nothing answers [no_board]\n  hint: press BOOT\n");
}

// As where it turns out at the very end that the disk is full.
TEST_F(OutputTest, an_error_of_the_end_itself_is_shown_too) {
    start_plain();
    note("before");
    finish();
    output->error({ErrorKind::config, "output_unwritable", "the disk is full", {}, {}});
    EXPECT_EQ(pipe.err,
              "error: the disk is full [output_unwritable]\n  hint: what was to be done is done\n");
}

TEST_F(OutputTest, who_forgets_to_finish_it_loses_nothing) {
    start_plain();
    pipe.open();
    for (int i = 0; i < 100; ++i)
        note("n");
    output.reset();
    EXPECT_THAT(lines_of(pipe.out), SizeIs(100));
}

TEST_F(OutputTest, a_reporter_that_throws_stops_nobody_and_is_told_at_the_end) {
    Streams broken{[](std::string_view) { throw std::runtime_error("no memory"); },
                   [](std::string_view) {}};
    output.emplace(make_plain_reporter(broken, {}), bus, clock, false);
    for (int i = 0; i < 3000; ++i)
        output->result(events::FileWritten{.path = "x"}, "wrote x\n");
    output->raw("bytes");
    const auto shown = output->finish();
    ASSERT_FALSE(shown);
    EXPECT_EQ(shown.error().kind, ErrorKind::bug);
    EXPECT_THAT(shown.error().describe(), HasSubstr("no memory"));
}

}  // namespace
}  // namespace imprint::cli::output
