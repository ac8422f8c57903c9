// A fake board, a port to it, and a folder with a stub for it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>
#include <string>
#include <vector>

#include "base/error_code.h"
#include "base/files.h"
#include "loader/board.h"
#include "loader/fake_board.h"

namespace imprint::loader::fake_testing {

class BoardTest : public ::testing::Test {
  protected:
    BoardTest() : folder_(TemporaryDirectory::create().value()) {
        const auto written = write_file(
            folder_.path() / "esp32.json",
            R"({"entry": 16, "text": "AQIDBA==", "text_start": 16, "data": "AQ==", "data_start": 64})");
        EXPECT_TRUE(written);
        options.stub_directory = folder_.path();
    }

    Result<Board> connect(std::stop_token stop = {}) {
        return Board::connect(fake, options, clock, log, std::move(stop));
    }

    // Connected, or the test ends here.
    Board connected(std::stop_token stop = {}) {
        auto board = connect(std::move(stop));
        if (!board) throw std::runtime_error(board.error().describe());
        return *std::move(board);
    }

    void expect_error(const auto& result, const std::string& code,
                      ErrorKind kind = ErrorKind::board) {
        ASSERT_FALSE(result) << code;
        EXPECT_EQ(code_of(result), code) << result.error().describe();
        EXPECT_EQ(result.error().kind, kind);
    }

    [[nodiscard]] bool in_flash(const FlashData& region) const {
        return std::ranges::equal(region.content(),
                                  ByteView(fake.flash).subspan(region.offset(), region.size()));
    }

    [[nodiscard]] bool logged(std::string_view text) const {
        return std::ranges::any_of(
            lines, [&](const std::string& line) { return line.find(text) != std::string::npos; });
    }

    static Bytes firmware_like(std::size_t size, unsigned seed = 1) {
        std::mt19937 random(seed);
        Bytes bytes(size);
        for (std::size_t i = 0; i < size; ++i)
            bytes[i] = static_cast<std::uint8_t>(i % 512 < 256 ? random() : i / 64);
        return bytes;
    }

    FakeClock clock;
    FakeBoard fake{clock};
    ConnectOptions options;
    std::vector<std::string> lines;
    Log log{[this](LogLevel, std::string_view line) { lines.emplace_back(line); }};

  private:
    TemporaryDirectory folder_;
};

}  // namespace imprint::loader::fake_testing
