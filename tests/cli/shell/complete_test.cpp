#include "cli/shell/complete.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sstream>

#include "cli/program.h"

namespace imprint::cli::shell {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;
using Words = std::vector<std::string>;

// The real commands; a station with two ports, two lots and a board.
class CompleteTest : public testing::Test {
  protected:
    Completion ask(const Words& words) {
        return complete(table_, words,
                        [this](ValueKind kind, const std::string& typed,
                               const config::Sources& sources) -> std::vector<Candidate> {
                            asked_for_ = typed;
                            sources_ = sources;
                            if (kind == ValueKind::port)
                                return {{"/dev/ttyUSB0", "bay left"}, {"/dev/ttyACM3"}};
                            if (kind == ValueKind::lot) return {{"order-17"}, {"order-18"}};
                            if (kind == ValueKind::board) return {{"246f28a1b2c3"}};
                            return {};
                        });
    }

    Words offered(const Words& words) {
        Words offers;
        for (const auto& candidate : ask(words).candidates)
            offers.push_back(candidate.word);
        return offers;
    }

    const CommandRow table_ = command_table();
    std::string asked_for_;
    config::Sources sources_;
};

TEST_F(CompleteTest, commands_with_their_meaning) {
    const auto completion = ask({"pre"});
    ASSERT_EQ(completion.candidates.size(), 1U);
    EXPECT_EQ(completion.candidates[0].word, "prepare");
    EXPECT_THAT(completion.candidates[0].meaning, StartsWith("Prepare boards"));
    EXPECT_THAT(offered({"image", "nvs", "gen"}), ElementsAre("generate", "generate-key"));
    EXPECT_THAT(offered({""}), AllOf(Contains("prepare"), Contains("demo")));
}

TEST_F(CompleteTest, what_is_for_programs_is_not_offered) {
    EXPECT_THAT(offered({""}), Not(Contains("reference")));
    EXPECT_THAT(offered({"refer"}), IsEmpty());
}

TEST_F(CompleteTest, options_that_were_not_given_yet) {
    EXPECT_THAT(offered({"prepare", "--a"}), ElementsAre("--all", "--again"));
    EXPECT_THAT(offered({"prepare", "--all", "--a"}), ElementsAre("--again"));
    // This one may be given again.
    EXPECT_THAT(offered({"prepare", "--set", "x=y", "--se"}), ElementsAre("--set"));
    EXPECT_THAT(offered({"prepare", "-p"}), ElementsAre("-p"));
    EXPECT_THAT(offered({"image", "spiffs", "--no-m"}),
                UnorderedElementsAre("--no-magic", "--no-magic-len"));
    // Nothing but an option can stand here.
    EXPECT_THAT(offered({"prepare", "--lot", "x", ""}),
                AllOf(Contains("--all"), Contains("--port")));
}

TEST_F(CompleteTest, choices) {
    EXPECT_THAT(offered({"ledger", "list", "--outcome", "pa"}), ElementsAre("passed"));
    EXPECT_THAT(offered({"ledger", "list", "--outcome=pa"}), ElementsAre("--outcome=passed"));
    EXPECT_THAT(offered({"completion", ""}), ElementsAre("bash", "fish", "zsh"));
}

TEST_F(CompleteTest, ports_or_else_files) {
    const auto completion = ask({"prepare", "--port", "/dev/ttyU"});
    EXPECT_THAT(completion.candidates, ElementsAre(Candidate{"/dev/ttyUSB0", "bay left"}));
    EXPECT_EQ(completion.paths, Paths::files);
    EXPECT_THAT(offered({"board", "info", "-p", ""}), ElementsAre("/dev/ttyUSB0", "/dev/ttyACM3"));
    EXPECT_THAT(offered({"prepare", "--port=/dev/ttyA"}), ElementsAre("--port=/dev/ttyACM3"));
    // It takes words until the next option.
    EXPECT_THAT(offered({"prepare", "-p", "/dev/ttyUSB0", "/dev/ttyA"}),
                ElementsAre("/dev/ttyACM3"));
    EXPECT_THAT(offered({"prepare", "-p", "/dev/ttyUSB0", "--all", "/dev/ttyA"}), IsEmpty());
    // A port of another kind: a number.
    EXPECT_THAT(offered({"registry", "serve", "--port", ""}), IsEmpty());
    EXPECT_THAT(offered({"simulate", "board", "--rfc2217", ""}), IsEmpty());
}

TEST_F(CompleteTest, lots_and_boards_of_the_ledger_that_the_line_names) {
    EXPECT_THAT(offered({"prepare", "--lot", "order-1"}), ElementsAre("order-17", "order-18"));
    EXPECT_EQ(asked_for_, "order-1");
    EXPECT_THAT(offered({"lot", "show", "--config", "other.toml", "--ledger", "l.db", "--set",
                         "station.name=b", ""}),
                ElementsAre("order-17", "order-18"));
    EXPECT_EQ(sources_.file, "other.toml");
    EXPECT_THAT(sources_.flags,
                ElementsAre(std::pair<std::string, std::string>("ledger.path", "l.db"),
                            std::pair<std::string, std::string>("station.name", "b")));
    EXPECT_THAT(offered({"ledger", "show", "246"}), ElementsAre("246f28a1b2c3"));
    // A new lot's name is nobody's yet.
    EXPECT_THAT(offered({"lot", "open", "order"}), IsEmpty());
    // One lot is all it takes.
    EXPECT_THAT(offered({"lot", "show", "order-17", "order"}), IsEmpty());
}

TEST_F(CompleteTest, keys_of_the_configuration_and_their_values) {
    EXPECT_THAT(offered({"prepare", "--set", "station.ba"}),
                UnorderedElementsAre("station.baud=", "station.bays=", "station.bays_file="));
    EXPECT_THAT(offered({"prepare", "--set", "identity.key="}),
                ElementsAre("identity.key=ec-p256", "identity.key=rsa-2048"));
    EXPECT_THAT(offered({"prepare", "--set=identity.key=r"}),
                ElementsAre("--set=identity.key=rsa-2048"));
    EXPECT_THAT(offered({"prepare", "--set", "firmware.update=t"}),
                ElementsAre("firmware.update=true"));
    EXPECT_THAT(offered({"prepare", "--baud", ""}), ElementsAre("auto"));
    EXPECT_THAT(offered({"prepare", "--set", "nonsense="}), IsEmpty());
}

TEST_F(CompleteTest, paths_are_the_shells_work) {
    const auto file = ask({"prepare", "--config", "im"});
    EXPECT_THAT(file.candidates, IsEmpty());
    EXPECT_EQ(file.paths, Paths::files);
    EXPECT_EQ(file.before_path, 0U);
    EXPECT_EQ(ask({"prepare", "--config=im"}).before_path, std::string("--config=").size());
    const auto key = ask({"prepare", "--set", "ledger.path=x"});
    EXPECT_EQ(key.paths, Paths::files);
    EXPECT_EQ(key.before_path, std::string("ledger.path=").size());
    EXPECT_EQ(ask({"registry", "serve", "--state", ""}).paths, Paths::folders);
    EXPECT_EQ(ask({"board", "flash", "0x1000", ""}).paths, Paths::files);
    EXPECT_EQ(ask({"image", "spiffs", "0x10000", ""}).paths, Paths::folders);
    EXPECT_EQ(ask({"image", "spiffs", "0x10000", "d", ""}).paths, Paths::files);
    EXPECT_EQ(ask({"prepare", "--all"}).paths, Paths::none);
}

TEST_F(CompleteTest, an_option_whose_value_may_be_left_out) {
    EXPECT_THAT(offered({"image", "partition-table", "--secure", "v"}), ElementsAre("v1", "v2"));
    EXPECT_THAT(offered({"image", "partition-table", "--secure", "--q"}), ElementsAre("--quiet"));
    EXPECT_EQ(ask({"image", "partition-table", "--secure", "--quiet", ""}).paths, Paths::files);
}

TEST_F(CompleteTest, behind_two_dashes_there_are_no_options) {
    EXPECT_THAT(offered({"label", "--", "--"}), IsEmpty());
    EXPECT_THAT(offered({"label", "--", "2"}), ElementsAre("246f28a1b2c3"));
}

TEST_F(CompleteTest, words_that_nobody_knows_are_left_alone) {
    EXPECT_THAT(offered({"prepar", ""}), IsEmpty());
    EXPECT_THAT(offered({"prepare", "--nonsense", "--al"}), ElementsAre("--all"));
    EXPECT_THAT(offered({"prepare", "--nonsense=x"}), IsEmpty());
    EXPECT_THAT(offered({"prepare", "-", "-"}), Not(IsEmpty()));
}

// Whatever is typed, each candidate goes on with it.
TEST_F(CompleteTest, each_candidate_begins_with_what_was_typed) {
    for (const auto* command : with_all_below(table_)) {
        Words words;
        std::istringstream path(command->path);
        for (std::string word; path >> word;)
            words.push_back(word);
        words.erase(words.begin());  // the program's name
        for (const std::string typed : {"", "-", "--", "--s", "--set=", "o", "--port=/"}) {
            Words all = words;
            all.push_back(typed);
            EXPECT_THAT(offered(all), Each(StartsWith(typed))) << command->path << ' ' << typed;
        }
    }
}

}  // namespace
}  // namespace imprint::cli::shell
