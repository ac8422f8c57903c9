#include "cli/manual.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>

#include <nlohmann/json.hpp>

#include "base/documented_table.h"
#include "base/files.h"
#include "cli/exit_codes.h"
#include "cli/help.h"
#include "cli/program.h"
#include "cli/reference.h"
#include "cli/roff.h"
#include "config/keys.h"

namespace imprint::cli {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class ManualTest : public testing::Test {
  protected:
    std::string page(const std::string& file) {
        for (const auto& page : manual_pages(table_, {"0.1.0", "2026-11-30"}))
            if (page.file == file) return page.text;
        return {};
    }

    const CommandRow table_ = command_table();
};

TEST(Roff, takes_no_text_for_a_request) {
    EXPECT_EQ(roff::prose("as `--lot x` says"), "as \\fB\\-\\-lot x\\fR says");
    EXPECT_EQ(roff::literal("a\\b ^~`'\" …"), "a\\eb \\(ha\\(ti\\(ga\\(aq\\(dq \\[u2026]");
    EXPECT_EQ(roff::prose("it's 3 × 4"), "it's 3 \\[u00D7] 4");
    roff::Page page("x", "1", {});
    page.line(".SH is no heading");
    // Nor where a line of the source is broken.
    page.line(std::string(79, 'x') + " .PP");
    page.line("[" + roff::bold("--apply") + "]");
    const std::string text = page.take();
    EXPECT_THAT(text, HasSubstr("\n\\%[\\fB\\-\\-apply\\fR]\n"));
    EXPECT_THAT(text, HasSubstr("\n\\&.SH is no heading\n"));
    EXPECT_THAT(text, HasSubstr("x\n\\&.PP\n"));
}

TEST_F(ManualTest, has_a_page_for_each_command_and_one_for_the_configuration) {
    std::set<std::string> files;
    for (const auto& page : manual_pages(table_, {}))
        EXPECT_TRUE(files.insert(page.file).second) << page.file;
    for (const char* file : {"imprint.1", "imprint-registry.1", "imprint-registry-serve.1",
                             "imprint-image-nvs-generate.1", "imprint.toml.5"})
        EXPECT_THAT(files, Contains(file));
    EXPECT_THAT(files, Not(Contains("imprint-reference.1")));
    EXPECT_EQ(files.size(), with_all_below(table_).size() + 1);
}

// With IMPRINT_UPDATE_SNAPSHOTS set, the file is written anew instead.
TEST_F(ManualTest, a_page_is_as_it_was) {
    const auto file = std::filesystem::path(IMPRINT_TEST_DATA) / "cli" / "imprint-lot-open.1";
    const std::string now = page("imprint-lot-open.1");
    if (std::getenv("IMPRINT_UPDATE_SNAPSHOTS") != nullptr) {
        ASSERT_TRUE(write_file(file, now));
        return;
    }
    EXPECT_EQ(now, read_text(file).value_or("")) << "run this test with IMPRINT_UPDATE_SNAPSHOTS=1";
}

TEST_F(ManualTest, tells_of_a_command_what_its_tables_have) {
    const std::string check = page("imprint-registry-policy-check.1");
    EXPECT_THAT(check, HasSubstr(".TP\n\\%\\fB7\\fR\n"));
    EXPECT_THAT(check, Not(HasSubstr(".TP\n\\%\\fB8\\fR\n")));
    EXPECT_THAT(page("imprint-prepare.1"), HasSubstr(".TP\n\\%\\fB8\\fR\n"));
    EXPECT_THAT(page("imprint-prepare.1"), HasSubstr("IMPRINT_STATION_BAUD"));
    EXPECT_THAT(page("imprint-registry-serve.1"), Not(HasSubstr("ENVIRONMENT")));
    EXPECT_THAT(page("imprint-ledger-list.1"), HasSubstr("passed, failed"));
    const std::string keys = page("imprint.toml.5");
    for (const auto& key : config::config_keys())
        EXPECT_THAT(keys, HasSubstr(roff::bold(key.name))) << key.name;
}

TEST_F(ManualTest, no_line_is_an_unmeant_request) {
    const std::set<std::string> known{".\\\"", ".TH", ".SH", ".SS", ".PP", ".TP", ".RS",
                                      ".RE",   ".EX", ".EE", ".br", ".nh", ".ad"};
    for (const auto& page : manual_pages(table_, {"0.1.0", "2026-11-30"})) {
        std::istringstream lines(page.text);
        for (std::string line; std::getline(lines, line);)
            if (line.starts_with('.') || line.starts_with('\'')) {
                EXPECT_TRUE(known.contains(line.substr(0, line.find(' ')))) << page.file << line;
            }
    }
}

TEST(ExitCodes, the_documentation_holds_the_table_as_it_is) {
    expect_documented("docs/exit-codes.md",
                      "<!-- codes: written by tests/cli/manual_test.cpp -->\n",
                      "<!-- end of codes -->\n", exit_code_document());
}

// The kinds of errors fix most of them.
TEST(ExitCodes, each_kind_of_error_has_its_own) {
    for (const auto& row : error_table)
        for (const ErrorKind kind : row.kinds)
            EXPECT_TRUE(std::ranges::find(exit_code_table, exit_code(kind), &ExitCodeRow::code) !=
                        exit_code_table.end())
                << row.code;
}

TEST(ExitCodes, a_row_names_commands_that_there_are) {
    const CommandRow table = command_table();
    std::string text;
    for (const auto* command : with_all_below(table))
        text += command->path + ',';
    for (const auto& row : exit_code_table) {
        std::string_view names = row.commands;
        while (!names.empty()) {
            const auto comma = std::min(names.find(','), names.size());
            EXPECT_THAT(text, HasSubstr(std::string(names.substr(0, comma)) + ','));
            names.remove_prefix(std::min(comma + 1, names.size()));
        }
    }
}

TEST(CommandTable, help_and_examples_come_from_it) {
    const CommandRow table = command_table();
    const CommandRow* prepare = table.find("prepare");
    ASSERT_NE(prepare, nullptr);
    EXPECT_EQ(usage_line(*prepare), "imprint prepare [options]");
    EXPECT_EQ(usage_line(*table.find("board")->find("flash")),
              "imprint board flash [options] [PIECES…]");
    const auto examples = prepare->examples();
    ASSERT_EQ(examples.size(), 3U);
    EXPECT_EQ(examples[2].line, "imprint prepare --dry-run");
    EXPECT_EQ(examples[2].purpose, "say what would be done");
    EXPECT_EQ(option_label(*prepare->option("-p")), "-p, --port PORT");
    EXPECT_THAT(help_text(*prepare), HasSubstr("  -p, --port PORT  a board's serial port"));
    EXPECT_THAT(help_text(table), Not(HasSubstr("reference")));
    for (const auto* command : with_all_below(table)) {
        EXPECT_FALSE(command->examples().empty()) << command->path;
        for (const auto& option : command->options)
            EXPECT_FALSE(option.meaning.empty()) << command->path << option.names.front();
    }
}

TEST(Reference, has_what_the_tables_have) {
    const CommandRow table = command_table();
    const auto json = nlohmann::json::parse(reference_json(table));
    EXPECT_EQ(json["commands"].size(), with_all_below(table).size());
    EXPECT_EQ(json["errors"].size(), error_table.size());
    EXPECT_EQ(json["keys"].size(), config::config_keys().size());
    EXPECT_EQ(json["exit_codes"].size(), exit_code_table.size());
    const auto prepare = std::ranges::find_if(
        json["commands"], [](const auto& command) { return command["path"] == "imprint prepare"; });
    ASSERT_NE(prepare, json["commands"].end());
    EXPECT_EQ((*prepare)["options"][1]["names"][0], "--all");
    EXPECT_EQ((*prepare)["options"][1].contains("value"), false);
    EXPECT_EQ((*prepare)["options"][0]["value_kind"], "port");
    EXPECT_EQ((*prepare)["examples"][2]["purpose"], "say what would be done");
}

}  // namespace
}  // namespace imprint::cli
