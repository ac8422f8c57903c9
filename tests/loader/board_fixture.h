// A virtual board at the end of a wire that may be hurt, and a folder with a stub for it.
#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "base/error_code.h"
#include "base/files.h"
#include "loader/board.h"
#include "loader/faulty_port.h"
#include "simulator/chip_model.h"

namespace imprint::loader::testing {

class BoardTest : public ::testing::Test {
  protected:
    BoardTest() : folder_(TemporaryDirectory::create().value()) {
        simulated.mac = {{0x24, 0x0A, 0xC4, 0x01, 0x23, 0x45}};
        simulated.network = false;
        options.stub_directory = folder_.path();
        write_stub("esp32", "esp32");
    }

    // The simulator takes for a stub what greets as one: the word in an Xtensa's text, or the
    // instruction of a RISC-V that makes it.
    void write_stub(std::string_view name, std::string_view chip) {
        const auto& ram = simulator::find_chip_model(chip).value()->ram;
        EXPECT_TRUE(
            write_file(folder_.path() / fmt::format("{}.json", name),
                       fmt::format(R"({{"entry": {0}, "text": "T0hBSTdQQUk=", "text_start": {0}, )"
                                   R"("data": "AQ==", "data_start": {1}}})",
                                   ram.front().start, ram.front().start + 0x1000)));
    }

    // As `simulated` is now; what was there before goes.
    void plug() {
        auto fresh = simulator::VirtualBoard::create(simulated);
        if (!fresh) throw std::runtime_error(fresh.error().describe());
        put(*std::move(fresh));
    }

    void put(std::unique_ptr<simulator::VirtualBoard> other) {
        wire.put(*other);
        board_ = std::move(other);
    }

    // The first one is plugged in when it is asked for.
    simulator::VirtualBoard& chip() {
        if (!board_) plug();
        return *board_;
    }

    // Another one of its kind, with nothing in its flash, that was left in the same loader.
    std::unique_ptr<simulator::VirtualBoard> stranger_in_loader() {
        auto other = stranger();
        auto left = Board::connect(*other, options, *other);
        if (!left) throw std::runtime_error(left.error().describe());
        return other;
    }

    std::unique_ptr<simulator::VirtualBoard> stranger() {
        simulator::BoardOptions another = simulated;
        another.mac = {{0x24, 0x0A, 0xC4, 0x99, 0x99, 0x99}};
        return simulator::VirtualBoard::create(another).value();
    }

    Result<Board> connect(std::stop_token stop = {}) {
        static_cast<void>(chip());
        return Board::connect(wire, options, wire, log, std::move(stop));
    }

    // Connected, or the test ends here.
    Board connected(std::stop_token stop = {}) {
        auto board = connect(std::move(stop));
        if (!board) throw std::runtime_error(board.error().describe());
        return *std::move(board);
    }

    // Failed, or the test ends here.
    void expect_error(const auto& result, const std::string& code,
                      ErrorKind kind = ErrorKind::board) {
        if (result) throw std::runtime_error("nothing failed where " + code + " was due");
        EXPECT_EQ(code_of(result), code) << result.error().describe();
        EXPECT_EQ(result.error().kind, kind);
    }

    [[nodiscard]] ByteView flash() { return chip().flash(); }

    void fill_flash(std::uint8_t with) { chip().preload_flash(0, Bytes(flash().size(), with)); }

    [[nodiscard]] bool in_flash(const FlashData& region) {
        return std::ranges::equal(region.content(),
                                  flash().subspan(region.offset(), region.size()));
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

    simulator::BoardOptions simulated;  // to be set before the board is asked for
    FaultyPort wire;
    ConnectOptions options;
    std::vector<std::string> lines;
    Log log{[this](LogLevel, std::string_view line) { lines.emplace_back(line); }};

    [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }

  private:
    TemporaryDirectory folder_;
    std::unique_ptr<simulator::VirtualBoard> board_;
};

}  // namespace imprint::loader::testing
