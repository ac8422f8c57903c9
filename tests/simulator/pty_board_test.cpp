// The board as a host meets it: a terminal to open, lines to pull, a cable that comes out.
#include "simulator/pty_board.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>
#include <sys/inotify.h>

#include "base/error_code.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/process.h"
#include "simulator/sample_firmware.h"
#include "simulator/wire_client.h"
#include "transport/port.h"

namespace imprint::simulator {

namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;
using transport::Lines;
using transport::Port;

constexpr Milliseconds patience{20000};

// The names that appeared in a folder since the watch began.
std::set<std::string> appeared(const Fd& watch) {
    std::set<std::string> names;
    alignas(inotify_event) std::array<char, 4096> events{};
    const auto size = ::read(watch.get(), events.data(), events.size());
    for (std::ptrdiff_t at = 0; at < size;) {
        const auto* event = reinterpret_cast<const inotify_event*>(events.data() + at);
        names.insert(static_cast<const char*>(event->name));
        at += static_cast<std::ptrdiff_t>(sizeof(inotify_event)) + event->len;
    }
    return names;
}

class OnATerminal : public testing::Test {
  protected:
    void SetUp() override { start(); }

    void start() {
        options_.mac = *parse_mac("240ac4000042");
        options_.flash_file = folder_.path() / "flash.bin";
        auto board = PtyBoard::start(options_);
        ASSERT_TRUE(board) << board.error().describe();
        board_.emplace(std::move(*board));
    }

    std::unique_ptr<Port> open(std::uint32_t baud = 115200) {
        auto port = transport::open_port(board_->path().string(), baud);
        EXPECT_TRUE(port) << port.error().describe();
        return std::move(*port);
    }

    // Reads until what has come satisfies; false when the patience is at its end.
    template <typename Enough>
    bool read_until(Port& port, Enough enough, Milliseconds time = patience) {
        received_.clear();
        std::array<std::uint8_t, 4096> part{};
        for (const Instant end = clock_.now() + time; clock_.now() < end;) {
            const auto count = port.read(part, 50ms);
            if (!count) return false;
            append(received_, ByteView(part).first(*count));
            if (enough()) return true;
        }
        return false;
    }

    bool read_text(Port& port, std::string_view wanted, Milliseconds time = patience) {
        return read_until(
            port, [&] { return as_text(received_).find(wanted) != std::string_view::npos; }, time);
    }

    bool read_frames(Port& port, std::size_t count) {
        return read_until(port, [&] { return frames(received_).size() >= count; });
    }

    // Pulls EN, then lets go with the lines in that state, until the board says what is expected.
    // A board whose thread does not run for 100 ms misses the pulse, so that hosts try again, too.
    bool reset(Port& port, Lines released, std::string_view expected) {
        for (int attempt = 1; attempt <= 7; ++attempt) {
            if (!port.set_lines({.dtr = false, .rts = true})) return false;
            clock_.sleep(attempt * 100ms);
            if (!port.set_lines(released)) return false;
            const bool heard = read_text(port, expected, 1s);
            if (!port.set_lines({})) return false;
            if (heard) return true;
        }
        return false;
    }

    void enter_download_mode(Port& port) {
        ASSERT_TRUE(reset(port, {.dtr = true, .rts = false}, "waiting for download\r\n"))
            << as_text(received_);
    }

    // Writes a pattern with the ROM, in one block.
    void write_block(Port& port, std::uint32_t at, ByteView data) {
        ASSERT_TRUE(port.write(sync_request()));
        ASSERT_TRUE(read_frames(port, 8));
        const auto size = static_cast<std::uint32_t>(data.size());
        for (const Bytes& one : {request(Op::spi_attach, words({0, 0})),
                                 request(Op::flash_begin, words({size, 1, size, at})),
                                 data_request(Op::flash_data, data, 0)}) {
            ASSERT_TRUE(port.write(one));
            ASSERT_TRUE(read_frames(port, 1));
            ASSERT_EQ(frames(received_).front().at(8), 0);
        }
    }

    SystemClock clock_;
    TemporaryDirectory folder_ = *TemporaryDirectory::create();
    BoardOptions options_;
    std::optional<PtyBoard> board_;
    Bytes received_;
};

TEST_F(OnATerminal, a_host_resets_it_into_the_loader_and_syncs) {
    const auto port = open();
    enter_download_mode(*port);
    ASSERT_TRUE(port->write(sync_request()));
    EXPECT_TRUE(read_frames(*port, 8)) << to_hex(received_);
}

TEST_F(OnATerminal, a_host_resets_it_into_its_firmware) {
    const auto port = open();
    enter_download_mode(*port);
    EXPECT_TRUE(reset(*port, {}, "(SPI_FAST_FLASH_BOOT)"));
}

TEST_F(OnATerminal, at_another_rate_both_sides_hear_noise) {
    auto port = open(460800);
    EXPECT_FALSE(read_until(*port, [&] { return received_.size() > 200; }) &&
                 as_text(received_).find("invalid header") != std::string_view::npos);
    ASSERT_TRUE(port->set_baud(115200));
    EXPECT_TRUE(read_text(*port, "invalid header"));
}

TEST_F(OnATerminal, what_nobody_listened_to_is_lost) {
    {
        const auto port = open();
        ASSERT_TRUE(read_text(*port, "invalid header"));
    }
    clock_.sleep(2500ms);  // two more attempts that nobody hears
    const auto port = open();
    ASSERT_TRUE(read_text(*port, "ets Jul"));
    EXPECT_LT(received_.size(), 1000U) << as_text(received_);
}

TEST_F(OnATerminal, the_shell_can_pull_the_lines) {
    const auto port = open();
    const auto stty = [&](const char* lines) {
        const auto run = run_command({{"stty", "-F", board_->path(), "rprnt", lines}, {}, {}});
        ASSERT_TRUE(run && run->status == 0) << run->text;
    };
    bool heard = false;
    for (int attempt = 1; attempt <= 7 && !heard; ++attempt) {
        stty("130");  // 0x80 | RTS: EN low
        clock_.sleep(attempt * 100ms);
        stty("129");  // 0x80 | DTR: IO0 low, EN rises
        heard = read_text(*port, "waiting for download", 1s);
        stty("128");
    }
    EXPECT_TRUE(heard);
    ASSERT_TRUE(port->write(sync_request()));
    EXPECT_TRUE(read_frames(*port, 8));
}

TEST_F(OnATerminal, a_closed_port_can_be_opened_again_with_the_loader_still_there) {
    {
        const auto port = open();
        enter_download_mode(*port);
        ASSERT_TRUE(port->write(sync_request()));
        ASSERT_TRUE(read_frames(*port, 8));
    }
    const auto port = open();
    ASSERT_TRUE(port->write(request(Op::read_reg, words({0x40001000}))));
    ASSERT_TRUE(read_frames(*port, 1));
    EXPECT_EQ(get_u32(frames(received_).front(), 4), 0x00F01D83U);
}

TEST_F(OnATerminal, pulling_the_cable_ends_the_port_and_the_next_one_finds_the_flash) {
    const Bytes data(0x400, 0x5A);
    auto port = open();
    enter_download_mode(*port);
    write_block(*port, 0x20000, data);
    board_->pull_cable();
    std::array<std::uint8_t, 16> part{};
    Result<std::size_t> last = 0;
    for (int i = 0; i < 100 && last; ++i)
        last = port->read(part, 50ms);
    ASSERT_FALSE(last);
    EXPECT_EQ(code_of(last), "port_gone");
    EXPECT_FALSE(transport::open_port(board_->path().string()));
    port.reset();

    ASSERT_TRUE(board_->plug_in());
    port = open();
    enter_download_mode(*port);
    ASSERT_TRUE(port->write(sync_request()));
    ASSERT_TRUE(read_frames(*port, 8));
    for (const Bytes& one : {request(Op::spi_attach, words({0, 0})),
                             request(Op::read_flash_slow, words({0x20000, 64}))}) {
        ASSERT_TRUE(port->write(one));
        ASSERT_TRUE(read_frames(*port, 1));
    }
    const Bytes reply = frames(received_).front();
    EXPECT_EQ(Bytes(reply.begin() + 8, reply.begin() + 72), Bytes(64, 0x5A));
}

TEST_F(OnATerminal, another_board_on_the_same_flash_file_finds_what_the_first_one_wrote) {
    {
        const auto port = open();
        enter_download_mode(*port);
        write_block(*port, 0x20000, Bytes(0x400, 0x5A));
    }
    EXPECT_EQ(code_of(PtyBoard::start(options_)), "flash_file_busy");
    board_.reset();
    start();
    const Bytes flash = *read_file(options_.flash_file);
    EXPECT_EQ(flash[0x20000], 0x5A);
}

TEST_F(OnATerminal, whoever_watches_its_folder_sees_no_other_name_than_its_links) {
    const Fd watch(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    ASSERT_GE(::inotify_add_watch(watch.get(), folder_.path().c_str(), IN_CREATE | IN_MOVED_TO), 0);
    options_.link = folder_.path() / "bay0";
    board_.reset();
    start();
    board_->pull_cable();
    ASSERT_TRUE(board_->plug_in());
    auto names = appeared(watch);
    std::erase_if(names, [](const std::string& name) { return name.starts_with('.'); });
    EXPECT_THAT(names, testing::ElementsAre("bay0"));
}

TEST_F(OnATerminal, boots_the_sample_firmware_and_says_what_it_lacks) {
    board_.reset();
    ASSERT_TRUE(write_sample_firmware(folder_.path()));
    Bytes flash = *read_file(options_.flash_file);
    const auto put = [&](std::size_t at, const char* file) {
        std::ranges::copy(*read_file(folder_.path() / "build" / file),
                          flash.begin() + static_cast<std::ptrdiff_t>(at));
    };
    put(0x1000, "bootloader/bootloader.bin");
    put(0x8000, "partition_table/partition-table.bin");
    put(0x10000, "aws_iot.bin");
    ASSERT_TRUE(write_file(options_.flash_file, ByteView(flash)));
    start();
    const auto port = open();
    ASSERT_TRUE(reset(*port, {}, "this board was never prepared, or all of it was erased\r\n"))
        << as_text(received_);
    EXPECT_THAT(as_text(received_), HasSubstr("app_init: Project name:     imprint_sample"));
}

}  // namespace

}  // namespace imprint::simulator
