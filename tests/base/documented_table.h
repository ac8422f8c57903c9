// A table that a page of the documentation holds as the program has it, between two marks.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <string>

#include "base/files.h"

namespace imprint {

// With IMPRINT_UPDATE_SNAPSHOTS set, the page is written anew instead.
inline void expect_documented(const char* page, const std::string& begin, const std::string& end,
                              const std::string& table) {
    const auto path = std::filesystem::path(IMPRINT_SOURCE_DIR) / page;
    auto text = read_text(path).value();
    const auto from = text.find(begin);
    const auto to = text.find(end);
    ASSERT_NE(from, std::string::npos);
    ASSERT_NE(to, std::string::npos);
    const std::string there = text.substr(from + begin.size(), to - from - begin.size());
    if (std::getenv("IMPRINT_UPDATE_SNAPSHOTS") != nullptr) {
        text.replace(from + begin.size(), there.size(), table);
        ASSERT_TRUE(write_file(path, text));
        return;
    }
    EXPECT_EQ(there, table) << "run this test with IMPRINT_UPDATE_SNAPSHOTS=1";
}

}  // namespace imprint
