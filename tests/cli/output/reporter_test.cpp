// What a person, a pipe and a program see of one run; on the terminal as its screen then looks.
#include "cli/output/reporter.h"

#include <ctime>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <random>
#include <span>

#include "cli/output/bay_line.h"
#include "cli/output/screen.h"
#include "cli/output/sentences.h"

namespace imprint::cli::output {
namespace {

using events::Event;
using events::Step;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

class SteppedClock final : public Clock {
  public:
    [[nodiscard]] Instant now() const override { return Instant() + passed; }

    [[nodiscard]] WallTime wall() const override {
        return WallTime(std::chrono::sys_days(std::chrono::year(2026) / 7 / 14)) + passed;
    }

    bool sleep(Milliseconds time, const std::stop_token&) override {
        passed += time;
        return true;
    }

    Milliseconds passed{0};
};

class ReporterTest : public ::testing::Test {
  protected:
    Streams streams() {
        return {[this](std::string_view text) {
                    out += text;
                    screen.write(text);
                },
                [this](std::string_view text) {
                    err += text;
                    screen.write(text);
                }};
    }

    void terminal(std::size_t columns, std::size_t rows = 24, bool colour = false) {
        screen = testing::Screen(columns);
        Style style;
        style.colour = colour;
        style.unicode = true;
        style.size = [columns, rows] { return TerminalSize{columns, rows}; };
        reporter = make_terminal_reporter(streams(), style, clock);
    }

    void plain() { reporter = make_plain_reporter(streams(), {}); }

    void json() { reporter = make_json_reporter(streams()); }

    void tell(events::Body body, const std::string& bay = {}) {
        Event event{clock.wall(), bay, {}, std::move(body)};
        if (!bay.empty() && events::as<events::BoardStarted>(event) == nullptr)
            event.mac = parse_mac("246f2800000" + bay.substr(bay.size() - 1));
        reporter->event(event);
    }

    void note(const std::string& text) { tell(events::Note{.text = text}); }

    // Once nothing more comes.
    std::string shown() {
        reporter->settle();
        return screen.text();
    }

    void start(const std::string& bay, const std::string& port) {
        tell(events::BoardStarted{.port = port}, bay);
    }

    void step(const std::string& bay, Step step) { tell(events::BoardStep{.step = step}, bay); }

    void progress(const std::string& bay, Step step, std::uint64_t done) {
        clock.passed += Milliseconds(500);
        tell(events::BoardProgress{.step = step, .done = done, .total = 1'000'000}, bay);
    }

    void pass(const std::string& bay, std::uint64_t retired) {
        tell(events::BoardPassed{.thing = "246f28000000",
                                 .certificate_id = std::string(64, 'c'),
                                 .seconds = 12.34,
                                 .retired = retired,
                                 .retirement_owed = 0,
                                 .queued = false,
                                 .bytes_written = 0},
             bay);
    }

    void begin() {
        tell(events::RunStarted{
            .version = "0.1", .boards = 2, .lot = "A7", .endpoint = "host", .firmware_commit = {}});
        for (const char* bay : {"bay0", "bay1"}) {
            start(bay, "/dev/ttyUSB0");
            tell(events::BoardIdentified{.chip = "ESP32",
                                         .revision = "v3.0",
                                         .flash_size = 4U << 20,
                                         .port = "/dev/ttyUSB0"},
                 bay);
        }
    }

    void end() {
        pass("bay0", 1);
        tell(events::BoardFailed{.kind = ErrorKind::board,
                                 .code = "board_lost",
                                 .reason = "the board on /dev/ttyUSB1 stopped answering",
                                 .hint = "check the cable",
                                 .certificate_state = events::CertificateFate::inactive},
             "bay1");
        tell(events::RunFinished{.passed = 1, .failed = 1, .seconds = 13.0});
        reporter->finish();
    }

    SteppedClock clock;
    testing::Screen screen{80};
    std::string out;
    std::string err;
    std::unique_ptr<Reporter> reporter;
};

TEST_F(ReporterTest, a_terminal_has_a_live_line_for_each_bay_at_work) {
    terminal(80);
    begin();
    step("bay0", Step::firmware);
    step("bay1", Step::identity);
    progress("bay0", Step::firmware, 500'000);
    EXPECT_EQ(screen.text(),
              "Preparing 2 boards of lot A7 for host\n"
              "bay0  246f28000000  writing firmware     ██████████░░░░░░░░░░  50%  976.6 KB/s\n"
              "bay1  246f28000001  making its identity\n"
              "0 of 2 done, 0:00\n");
}

TEST_F(ReporterTest, a_terminal_keeps_only_the_sentences_in_the_end) {
    terminal(80);
    begin();
    step("bay0", Step::credentials);
    progress("bay0", Step::credentials, 250'000);
    end();
    EXPECT_EQ(screen.text(),
              "Preparing 2 boards of lot A7 for host\n"
              "PASS bay0 246f28000000: thing 246f28000000, certificate cccccccccccc, 12.3 s, 1\n"
              "     former certificate retired\n"
              "FAIL bay1 246f28000001: the board on /dev/ttyUSB1 stopped answering\n"
              "     [board_lost]\n"
              "     hint: check the cable\n"
              "     its new certificate is INACTIVE\n"
              "1 passed, 1 failed, 13.0 s\n");
    EXPECT_THAT(screen.faults(), IsEmpty());
}

TEST_F(ReporterTest, a_pipe_gets_sentences_and_no_control_character) {
    plain();
    begin();
    step("bay0", Step::firmware);
    progress("bay0", Step::firmware, 500'000);
    end();
    EXPECT_EQ(out,
              "Preparing 2 boards of lot A7 for host\n"
              "bay0: started on /dev/ttyUSB0\n"
              "bay0: ESP32 v3.0, 4 MB of flash, MAC 24:6f:28:00:00:00\n"
              "bay1: started on /dev/ttyUSB0\n"
              "bay1: ESP32 v3.0, 4 MB of flash, MAC 24:6f:28:00:00:01\n"
              "bay0: writing firmware\n"
              "PASS bay0 246f28000000: thing 246f28000000, certificate cccccccccccc, 12.3 s, "
              "1 former certificate retired\n"
              "FAIL bay1 246f28000001: the board on /dev/ttyUSB1 stopped answering [board_lost]\n"
              "     hint: check the cable\n"
              "     its new certificate is INACTIVE\n"
              "1 passed, 1 failed, 13.0 s\n");
    EXPECT_EQ(err, "");
}

TEST_F(ReporterTest, a_program_gets_one_event_a_line_and_the_person_beside_it_the_error) {
    json();
    begin();
    tell(events::CommandFailed{.kind = ErrorKind::board,
                               .code = "no_board",
                               .reason = "nothing answers",
                               .hint = "press BOOT"});
    std::size_t lines = 0;
    for (std::size_t at = 0; at < out.size(); at = out.find('\n', at) + 1, ++lines)
        EXPECT_THAT(out.substr(at), StartsWith("{\"v\":1,\"event\":\""));
    EXPECT_EQ(lines, 6);
    EXPECT_THAT(out, HasSubstr("\"code\":\"no_board\""));
    EXPECT_EQ(err, "error: nothing answers [no_board]\n  hint: press BOOT\n");
}

// What a pipe shows of a command's result is the command's own text, and of a program's the event.
TEST_F(ReporterTest, a_result_is_text_for_a_person_and_an_event_for_a_program) {
    for (const bool for_a_program : {false, true}) {
        out.clear();
        if (for_a_program)
            json();
        else
            plain();
        Event event{clock.wall(), {}, {}, events::FileWritten{.path = "a"}};
        event.text = "wrote a\n";
        reporter->event(event);
        EXPECT_EQ(out, for_a_program ? "{\"v\":1,\"event\":\"file_written\",\"time\":"
                                       "\"2026-07-14T00:00:00.000Z\",\"path\":\"a\"}\n"
                                     : "wrote a\n");
    }
}

TEST_F(ReporterTest, the_log_goes_to_standard_error) {
    for (int kind = 0; kind < 3; ++kind) {
        out.clear();
        err.clear();
        if (kind == 0) plain();
        if (kind == 1) json();
        if (kind == 2) terminal(80);
        tell(events::LogLine{.level = LogLevel::warning, .line = "slow\x07"});
        reporter->missed(2);
        EXPECT_EQ(out, "");
        EXPECT_EQ(err,
                  "warning: slow?\n"
                  "warning: 2 lines of the log are missing: nobody read it in time\n");
    }
}

TEST_F(ReporterTest, every_step_has_a_phrase) {
    for (std::size_t i = 0; i < events::Words<Step>::all.size(); ++i)
        EXPECT_THAT(phrase_of(static_cast<Step>(i)), Not(IsEmpty()));
}

TEST_F(ReporterTest, colour_is_only_there_where_it_is_wanted) {
    for (const bool colour : {false, true}) {
        out.clear();
        terminal(80, 24, colour);
        begin();
        step("bay0", Step::firmware);
        progress("bay0", Step::firmware, 500'000);
        end();
        EXPECT_EQ(out.find("\x1b[1;32m") != std::string::npos, colour);
        EXPECT_EQ(out.find('m', out.find("\x1b[")) != std::string::npos &&
                      out.find("\x1b[0m") != std::string::npos,
                  colour);
        EXPECT_THAT(screen.faults(), IsEmpty());
    }
}

TEST_F(ReporterTest, what_a_board_or_a_file_is_called_does_not_steer_the_terminal) {
    for (const bool to_pipe : {false, true}) {
        out.clear();
        if (to_pipe)
            plain();
        else
            terminal(80);
        note("evil\x1b[2J\x07\rname");
        tell(
            events::BoardFailed{
                .kind = ErrorKind::board, .code = "x", .reason = "said \x1b]0;x\x07", .hint = {}},
            "bay0");
        EXPECT_THAT(out, AllOf(Not(HasSubstr("\x1b[2J")), Not(HasSubstr("\x1b]")),
                               Not(HasSubstr("\x07")), Not(HasSubstr("\r"))));
    }
}

TEST_F(ReporterTest, a_boards_own_colours_go_to_a_terminal_with_colours_and_nowhere_else) {
    const auto told = [this](events::Body body) {
        out.clear();
        Event event{clock.wall(), {}, {}, std::move(body)};
        event.text = "\x1b[31mE (1) x\x1b[2J\n";
        reporter->event(event);
        return out;
    };
    terminal(80, 24, true);
    EXPECT_THAT(
        told(events::BoardConsole{.line = "E (1) x"}),
        AllOf(HasSubstr("\x1b[31mE (1) x"), HasSubstr("\x1b[0m\n"), Not(HasSubstr("\x1b[2J"))));
    EXPECT_THAT(told(events::Note{.text = "x"}), Not(HasSubstr("\x1b[31m")))
        << "no board's console";
    terminal(80, 24, false);
    EXPECT_THAT(told(events::BoardConsole{.line = "E (1) x"}), Not(HasSubstr("\x1b[31m")));
    plain();
    EXPECT_EQ(told(events::BoardConsole{.line = "E (1) x"}), "E (1) x?[2J\n");
}

TEST_F(ReporterTest, more_bays_than_rows_are_counted) {
    terminal(80, 6);
    for (int bay = 0; bay < 9; ++bay) {
        start(fmt::format("bay{}", bay), "p");
        step(fmt::format("bay{}", bay), Step::identify);
    }
    EXPECT_EQ(shown(),
              "bay0  identifying          bay3  identifying          bay6  identifying\n"
              "bay1  identifying          bay4  identifying          bay7  identifying\n"
              "bay2  identifying          bay5  identifying          bay8  identifying\n");
    terminal(24, 6);
    for (int bay = 0; bay < 9; ++bay)
        start(fmt::format("bay{}", bay), "p");
    reporter->settle();
    EXPECT_THAT(screen.rows(), SizeIs(4));
    EXPECT_EQ(screen.rows().back(), "and 3 more bays");
}

TEST_F(ReporterTest, sixty_four_bays_can_be_looked_through_in_24_lines) {
    terminal(80, 24);
    std::vector<std::string> bays;
    for (int bay = 0; bay < 64; ++bay)
        bays.push_back(fmt::format("bay{}", bay));
    tell(events::RunStarted{.version = "0.1",
                            .boards = 64,
                            .lot = {},
                            .endpoint = "host",
                            .firmware_commit = {},
                            .bays = bays});
    for (const auto& bay : bays)
        step(bay, Step::firmware);
    progress("bay63", Step::firmware, 500'000);
    for (const auto& bay : bays)
        EXPECT_THAT(screen.text(), ::testing::ContainsRegex(bay + " ")) << bay;
    EXPECT_LE(screen.rows().size(), 24U);
    EXPECT_THAT(screen.text(), HasSubstr("50%"));
    EXPECT_THAT(screen.rows().back(), HasSubstr("0 of 64 done"));
    EXPECT_THAT(screen.faults(), IsEmpty());
}

// Results too, and names as long as USB paths: which bay, and how it stands.
TEST_F(ReporterTest, in_a_narrow_cell_the_bay_and_its_state_stay_readable) {
    terminal(80, 24);
    std::vector<std::string> bays;
    for (int bay = 0; bay < 64; ++bay)
        bays.push_back(fmt::format("pci-0000:00:14.0-usb-0:{}.{}:1.0", 1 + bay / 8, 1 + bay % 8));
    tell(events::RunStarted{.version = "0.1",
                            .boards = 64,
                            .lot = {},
                            .endpoint = "host",
                            .firmware_commit = {},
                            .bays = bays});
    for (std::size_t bay = 0; bay < bays.size(); ++bay) {
        const MacAddress mac = *parse_mac("246f28000000");
        if (bay % 3 == 0)
            reporter->event({clock.wall(), bays[bay], mac,
                             events::BoardFailed{.kind = ErrorKind::board,
                                                 .code = "board_lost",
                                                 .reason = "gone",
                                                 .hint = {},
                                                 .certificate_state = {}}});
        if (bay % 3 == 1)
            reporter->event(
                {clock.wall(), bays[bay], mac, events::BoardStep{.step = Step::credentials}});
    }
    reporter->settle();
    const auto rows = screen.rows();
    std::string live;
    for (const auto& row : std::span(rows).last(17))
        live += row + '\n';
    for (int bay = 0; bay < 64; ++bay) {
        const char* state = bay % 3 == 0 ? "FAIL" : bay % 3 == 1 ? "credentials" : "waiting";
        EXPECT_THAT(live, HasSubstr(fmt::format("{}.{}", 1 + bay / 8, 1 + bay % 8)));
        EXPECT_THAT(live, ::testing::ContainsRegex(
                              fmt::format("{}\\.{} +{}", 1 + bay / 8, 1 + bay % 8, state)));
    }
    EXPECT_THAT(live, HasSubstr("FAIL  board"));
    EXPECT_THAT(live, Not(HasSubstr("246f2"))) << "no piece of a MAC";
    EXPECT_THAT(screen.faults(), IsEmpty());
}

TEST(ShortNames, can_be_told_apart) {
    const std::vector<std::string> few{"left", "right"};
    EXPECT_EQ(short_names(few, 5), few);
    EXPECT_THAT(short_names({"/dev/ttyUSB0", "/dev/ttyUSB12"}, 6), ElementsAre("\xE2\x80\xA6"
                                                                               "0",
                                                                               "\xE2\x80\xA6"
                                                                               "12"));
    EXPECT_THAT(short_names({"a-1:1.0-port0", "a-2:1.0-port0"}, 5), ElementsAre("\xE2\x80\xA6"
                                                                                "1",
                                                                                "\xE2\x80\xA6"
                                                                                "2"));
    EXPECT_THAT(short_names({"\xC3\xA4-abcdefgh", "\xC3\xB6-abcdefgh"}, 3),
                ElementsAre("\xC3\xA4", "\xC3\xB6"));
    EXPECT_THAT(short_names({"same", "same"}, 2), SizeIs(2));
    EXPECT_THAT(short_names({"rfc2217://host-a:1", "socket://host-b:22"}, 9),
                ElementsAre("rfc2\xE2\x80\xA6"
                            "-a:1",
                            "sock\xE2\x80\xA6"
                            "b:22"));
}

// Ten frames a second, and of each only what changed: a terminal over a slow line keeps up.
TEST_F(ReporterTest, what_is_drawn_is_bounded_however_much_happens) {
    terminal(80, 24);
    std::vector<std::string> bays;
    for (int bay = 0; bay < 63; ++bay)
        bays.push_back(fmt::format("bay{}", bay));
    tell(events::RunStarted{.version = "0.1",
                            .boards = 63,
                            .lot = {},
                            .endpoint = "host",
                            .firmware_commit = {},
                            .bays = bays});
    out.clear();
    std::mt19937 random(7);
    for (int millisecond = 0; millisecond < 6000; ++millisecond) {
        clock.passed += Milliseconds(1);
        for (int event = 0; event < 4; ++event) {
            const std::string bay = bays[random() % bays.size()];
            if (event == 0)
                step(bay, random() % 2 == 0 ? Step::firmware : Step::credentials);
            else if (event == 1)
                tell(events::BoardConsole{.line = "I (1) x: y"}, bay);
            else
                tell(
                    events::BoardProgress{
                        .step = Step::firmware, .done = random() % 1'000'001, .total = 1'000'000},
                    bay);
        }
    }
    EXPECT_LT(out.size(), 6 * 30'000U);
    out.clear();
    const std::string before = shown();
    out.clear();
    clock.passed += Milliseconds(1000);
    reporter->settle();
    EXPECT_LT(out.size(), 200U) << "the clock alone";
    EXPECT_NE(screen.text(), before) << "and it goes on though nothing happens";
    for (int note_number = 0; note_number < 1000; ++note_number)
        note("one of many");
    EXPECT_LT(out.size(), 30'000U) << "not all lines again for each of many sentences";
    EXPECT_THAT(screen.faults(), IsEmpty());
}

TEST_F(ReporterTest, a_bay_keeps_its_place_and_says_what_became_of_its_board) {
    terminal(80);
    tell(events::RunStarted{.version = "0.1",
                            .boards = 4,
                            .lot = {},
                            .endpoint = "host",
                            .firmware_commit = {},
                            .bays = {"bay0", "bay1", "bay2", "bay3"}});
    step("bay2", Step::firmware);
    step("bay0", Step::firmware);
    clock.passed += Milliseconds(5000);
    pass("bay2", 0);
    tell(events::BayEmpty{.reason = "nothing answers on p", .hint = "look"}, "bay1");
    EXPECT_EQ(shown(),
              "Preparing 4 boards for host\n"
              "PASS bay2 246f28000002: thing 246f28000000, certificate cccccccccccc, 12.3 s\n"
              "EMPTY bay1: nothing answers on p\n"
              "bay0  246f28000000  writing firmware\n"
              "bay1  empty  246f28000001\n"
              "bay2  PASS  246f28000002\n"
              "bay3                waiting\n"
              "2 of 4 done, 0:05, about 0:07 left\n");
}

// The event of a lot that has a target, and boards that had passed before.
events::Lot lot_of(const std::string& name, std::int64_t target, std::uint64_t passed) {
    return {.name = name,
            .code = {},
            .state = {},
            .target = target,
            .opened = {},
            .since = {},
            .chip = {},
            .least_revision = {},
            .most_revision = {},
            .flash_size = 0,
            .firmware = {},
            .serial_template = {},
            .failed_serial = {},
            .golden = {},
            .merged = false,
            .boards = 0,
            .passed = passed,
            .failed = 0,
            .error = 0,
            .aborted = 0,
            .running = 0,
            .first_passed = 0,
            .first_failed = 0,
            .unidentified = 0};
}

TEST_F(ReporterTest, a_bench_counts_its_lot_says_when_it_ends_and_rings_for_a_failure) {
    for (const std::size_t columns : {60, 80, 200}) {
        clock.passed = {};
        terminal(columns);
        tell(events::RunStarted{.version = "0.1",
                                .boards = 2,
                                .lot = "o-17",
                                .endpoint = "host",
                                .firmware_commit = {},
                                .bays = {"bay0", "bay1"},
                                .watch = true});
        tell(lot_of("another", 7, 7));
        EXPECT_THAT(shown(), HasSubstr("\n0 passed, 0:00\n"));
        tell(lot_of("o-17", 250, 100));
        EXPECT_THAT(shown(), HasSubstr("\n100 of 250 passed, 0:00\n"));
        for (int i = 0; i < 4; ++i) {
            clock.passed += std::chrono::minutes(5);
            pass("bay0", 0);
        }
        EXPECT_THAT(shown(), HasSubstr("\n100 of 250 passed, 20:00"))
            << "a golden sample, or a board once more, is none of the lot's boards";
        tell(lot_of("o-17", 250, 104));
        // 146 more, at 12 an hour: 12 hours and 10 minutes.
        std::tm local{};
        const std::time_t end =
            std::chrono::system_clock::to_time_t(clock.wall() + std::chrono::minutes(12 * 60 + 10));
        ASSERT_NE(::localtime_r(&end, &local), nullptr);
        EXPECT_THAT(shown(),
                    HasSubstr(fmt::format("\n104 of 250 passed, 20:00, end about {}:{:02}\n",
                                          local.tm_hour, local.tm_min)));
        EXPECT_EQ(screen.bells(), 0U);
        tell(
            events::BoardFailed{
                .kind = ErrorKind::board, .code = "board_lost", .reason = "gone", .hint = ""},
            "bay1");
        EXPECT_EQ(screen.bells(), 1U);
        tell(events::BayChanged{.status = events::BayStatus::empty}, "bay1");
        tell(events::BayEmpty{.reason = "nothing answers", .hint = "look"}, "bay1");
        EXPECT_EQ(screen.bells(), 2U);
        EXPECT_THAT(shown(), HasSubstr("FAIL bay1 246f28000001: nothing answers [board_silent]\n"));
        clock.passed += std::chrono::minutes(60);
        EXPECT_THAT(shown(), HasSubstr("\n104 of 250 passed, 2 failed, 1:20:00\n"))
            << "nobody knows, by nothing in half an hour";
        EXPECT_THAT(screen.faults(), IsEmpty());
    }
}

TEST_F(ReporterTest, a_skipped_board_says_how_it_is_prepared_anew_where_it_is) {
    const events::BoardSkipped skipped{
        .thing = "t", .certificate_id = "c", .lot = "o-17", .passed = clock.wall()};
    plain();
    begin();
    tell(skipped, "bay0");
    EXPECT_THAT(out, HasSubstr("; --again prepares it anew\n"));
    tell(events::RunStarted{.version = "0.1",
                            .boards = 2,
                            .lot = "o-17",
                            .endpoint = "host",
                            .firmware_commit = {},
                            .bays = {},
                            .watch = true});
    tell(skipped, "bay0");
    EXPECT_THAT(out, HasSubstr("; \"again bay0\" prepares it anew\n"));
}

TEST_F(ReporterTest, a_single_run_does_not_ring) {
    terminal(80);
    begin();
    tell(
        events::BoardFailed{
            .kind = ErrorKind::board, .code = "board_lost", .reason = "gone", .hint = ""},
        "bay1");
    EXPECT_EQ(screen.bells(), 0U);
}

TEST_F(ReporterTest, what_is_typed_at_a_bench_leaves_nothing_behind) {
    terminal(40);
    tell(events::RunStarted{.version = "0.1",
                            .boards = 0,
                            .lot = "o-17",
                            .endpoint = "host",
                            .firmware_commit = {},
                            .bays = {"bay0", "bay1"},
                            .watch = true});
    const std::string before = shown();
    EXPECT_THAT(before, StartsWith("Waiting for boards of lot o-17 for host\n"));
    for (const std::string& line : {std::string("off bay1"), std::string(), std::string(90, 'x')}) {
        screen.write(line + "\n");
        reporter->typed(line);
        EXPECT_EQ(shown(), before) << line;
    }
    // Drawn once more, before the line was read here.
    screen.write("\n");
    clock.passed += Milliseconds(1000);
    reporter->settle();
    reporter->typed("");
    EXPECT_THAT(shown(), StartsWith("Waiting for boards of lot o-17 for host\nbay0"));
    EXPECT_EQ(std::ranges::count(shown(), '\n'), std::ranges::count(before, '\n'));
    EXPECT_THAT(screen.faults(), IsEmpty());
}

TEST_F(ReporterTest, what_a_terminal_echoes_leaves_nothing_behind) {
    terminal(80);
    begin();
    screen.write("^C");
    step("bay0", Step::firmware);
    EXPECT_EQ(shown(),
              "Preparing 2 boards of lot A7 for host\n"
              "bay0  246f28000000  writing firmware\n"
              "bay1  246f28000001  waiting\n"
              "0 of 2 done, 0:00\n");
}

TEST_F(ReporterTest, a_run_ends_with_its_results_in_the_order_of_the_bays) {
    plain();
    tell(events::RunFinished{
        .passed = 1,
        .failed = 1,
        .seconds = 2.5,
        .skipped = 1,
        .stopped = 1,
        .empty = 1,
        .results = {{"left", {*parse_mac("246f28000000")}, events::AttemptOutcome::failed, "x"},
                    {"b", {}, events::AttemptOutcome::empty, "board_silent"},
                    {"c", {*parse_mac("246f28000001")}, events::AttemptOutcome::passed, ""},
                    {"d", {*parse_mac("246f28000002")}, events::AttemptOutcome::skipped, ""},
                    {"e", {*parse_mac("246f28000003")}, events::AttemptOutcome::stopped, "y"}}});
    EXPECT_EQ(out,
              "left  FAIL     246f28000000  x\n"
              "b     empty\n"
              "c     PASS     246f28000001\n"
              "d     SKIP     246f28000002\n"
              "e     STOPPED  246f28000003\n"
              "1 passed, 1 failed, 1 skipped, 1 stopped, 1 bay empty, 2.5 s\n");
}

TEST_F(ReporterTest, only_the_last_line_of_the_results_has_the_runs_colour) {
    terminal(80, 24, true);
    tell(events::RunFinished{
        .passed = 1,
        .failed = 1,
        .seconds = 2.5,
        .results = {{"a", {*parse_mac("246f28000000")}, events::AttemptOutcome::failed, "x"},
                    {"b", {*parse_mac("246f28000001")}, events::AttemptOutcome::passed, ""}}});
    EXPECT_THAT(out, HasSubstr("a  FAIL  246f28000000  x\n"
                               "b  PASS  246f28000001\n"
                               "\x1b[1;31m1 passed, 1 failed, 2.5 s\x1b[0m\n"));
}

// Any order of events in any window leaves every sentence once, and never a line that is longer
// than the window.
TEST_F(ReporterTest, any_run_in_any_window_leaves_its_sentences_and_nothing_else) {
    std::mt19937 random(29);
    for (int round = 0; round < 150; ++round) {
        const std::size_t columns = 12 + random() % 110;
        terminal(columns, 3 + random() % 30, round % 2 == 0);
        clock.passed = Milliseconds(0);
        std::size_t notes = 0;
        for (int event = 0; event < 60; ++event) {
            const std::string bay = fmt::format("bay{}", random() % 8);
            clock.passed += Milliseconds(random() % 80);
            switch (random() % 5) {
                case 0:
                    start(bay, "p");
                    break;
                case 1:
                    step(bay, Step::firmware);
                    break;
                case 2:
                    progress(bay, Step::firmware, random() % 1'000'001);
                    break;
                case 3:
                    note(fmt::format("n{}", ++notes));
                    break;
                default:
                    pass(bay, 0);
            }
            for (const auto& row : screen.rows())
                ASSERT_LE(row.size(), 4 * columns);
        }
        reporter->finish();
        std::size_t seen = 0;
        for (const auto& row : screen.rows())
            if (row == fmt::format("Note: n{}", seen + 1)) ++seen;
        EXPECT_EQ(seen, notes);
        EXPECT_THAT(screen.faults(), IsEmpty());
        EXPECT_THAT(screen.rows(), Each(Not(HasSubstr("writing firmware"))));
    }
}

}  // namespace
}  // namespace imprint::cli::output
