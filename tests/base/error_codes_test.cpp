// The table of error codes: in order, complete, used, and as the documentation has it.
#include "base/error_codes.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <map>
#include <regex>
#include <set>
#include <string>

#include "base/documented_table.h"
#include "base/error.h"
#include "base/files.h"

namespace imprint {
namespace {

namespace fs = std::filesystem;

std::string page() {
    std::string text = "| code | kind | what it means | what to do |\n|---|---|---|---|\n";
    for (const auto& row : error_table) {
        std::string kinds;
        for (const ErrorKind kind : row.kinds)
            kinds += fmt::format("{}{}", kinds.empty() ? "" : ", ", to_string(kind));
        text += fmt::format("| `{}` | {} | {} | {} |\n", row.code, kinds, row.meaning, row.hint);
    }
    return text;
}

// Where a source says kind and code of an error, and where it says a code alone.
struct Uses {
    std::map<std::string, std::set<std::string>> kinds;
    std::set<std::string> codes;
};

Uses uses() {
    const std::regex with_kind("ErrorKind::(\\w+),\\s*(?:ErrorCode\\()?\"([a-z0-9_]+)\"");
    const std::regex word("\"([a-z0-9_]+)\"");
    Uses found;
    for (const auto& entry :
         fs::recursive_directory_iterator(fs::path(IMPRINT_SOURCE_DIR) / "src")) {
        const auto extension = entry.path().extension();
        if ((extension != ".cpp" && extension != ".h") ||
            entry.path().filename() == "error_codes.h")
            continue;
        const std::string text = read_text(entry.path()).value();
        for (std::sregex_iterator it(text.begin(), text.end(), with_kind), end; it != end; ++it)
            found.kinds[(*it)[2]].insert((*it)[1]);
        for (std::sregex_iterator it(text.begin(), text.end(), word), end; it != end; ++it)
            found.codes.insert((*it)[1]);
    }
    return found;
}

TEST(ErrorCodes, are_in_order_and_each_is_there_once) {
    EXPECT_TRUE(std::ranges::is_sorted(error_table, {}, &ErrorRow::code));
    EXPECT_EQ(std::ranges::adjacent_find(error_table, {}, &ErrorRow::code), error_table.end());
    for (const auto& row : error_table) {
        EXPECT_FALSE(row.meaning.empty()) << row.code;
        EXPECT_FALSE(row.hint.empty()) << row.code;
    }
}

TEST(ErrorCodes, are_used_each_with_the_kinds_of_its_row) {
    const Uses found = uses();
    for (const auto& row : error_table) {
        EXPECT_TRUE(found.codes.contains(std::string(row.code))) << row.code << " is used nowhere";
        std::set<std::string> allowed;
        for (const ErrorKind kind : row.kinds)
            allowed.insert(std::string(to_string(kind)));
        const auto used = found.kinds.find(std::string(row.code));
        if (used == found.kinds.end()) continue;
        for (const auto& kind : used->second)
            EXPECT_TRUE(allowed.contains(kind)) << row.code << " as " << kind;
    }
}

TEST(ErrorCodes, the_documentation_holds_the_table_as_it_is) {
    expect_documented("docs/errors.md",
                      "<!-- codes: written by tests/base/error_codes_test.cpp -->\n",
                      "<!-- end of codes -->\n", page());
}

TEST(ErrorCodes, are_asked_for_by_name) {
    const Error error = make_error(ErrorKind::board, "port_busy", "it is in use");
    EXPECT_TRUE(error.is("port_busy"));
    EXPECT_FALSE(error.is("port_gone"));
    EXPECT_TRUE(error.is_any({"port_gone", "port_busy"}));
    EXPECT_FALSE(error.is_any({"port_gone", "port_denied"}));
}

}  // namespace
}  // namespace imprint
