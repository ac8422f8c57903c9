// A simulated board on a pseudo-terminal, and what is needed to work with it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>

#include "base/files.h"
#include "loader/board.h"
#include "loader/shipped_stubs.h"
#include "simulator/pty_board.h"

namespace imprint::loader::testing {

inline Bytes firmware_like(std::size_t size, unsigned seed) {
    std::mt19937 random(seed);
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i)
        bytes[i] = static_cast<std::uint8_t>(i % 512 < 256 ? random() : i / 64);
    return bytes;
}

class OnPty : public ::testing::Test {
  protected:
    OnPty() : folder_(TemporaryDirectory::create().value()) {
        simulated_.mac = {{0x24, 0x0A, 0xC4, 0x77, 0x00, 0x01}};
        simulated_.revision = 300;
        simulated_.flash_file = folder_.path() / "flash.bin";
        simulated_.network = false;
        if (std::filesystem::exists(shipped_stubs())) options_.stub_directory = shipped_stubs();
    }

    void start() {
        auto board = simulator::PtyBoard::start(simulated_);
        ASSERT_TRUE(board) << board.error().describe();
        board_.emplace(*std::move(board));
        open();
    }

    void open() {
        port_.reset();
        auto port =
            transport::open_port(simulated_.link.empty() ? board_->path() : simulated_.link);
        ASSERT_TRUE(port) << port.error().describe();
        port_ = *std::move(port);
    }

    Board connected() {
        auto board = Board::connect(*port_, options_, clock_, log_);
        if (!board) throw std::runtime_error(board.error().describe());
        return *std::move(board);
    }

    void expect_in_flash(const FlashData& region) {
        const Bytes flash = read_file(simulated_.flash_file).value();
        EXPECT_TRUE(std::ranges::equal(region.content(),
                                       ByteView(flash).subspan(region.offset(), region.size())))
            << region.label();
    }

    simulator::BoardOptions simulated_;
    std::optional<simulator::PtyBoard> board_;
    std::unique_ptr<transport::Port> port_;
    ConnectOptions options_;
    SystemClock clock_;
    std::vector<std::string> said_;
    Log log_{[this](LogLevel, std::string_view line) { said_.emplace_back(line); }};

  protected:
    [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }

  private:
    TemporaryDirectory folder_;
};

}  // namespace imprint::loader::testing
