// A pseudo-terminal in place of a serial port: the test holds the other side.
#include <array>
#include <asm/termbits.h>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error_code.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/process.h"
#include "transport/port.h"
#include "transport/pty_lines.h"

namespace imprint::transport {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

// The side that stands for the board.
class Master {
  public:
    // watching: as a simulated board does it, with EXTPROC, packet mode and no lines at first.
    explicit Master(bool watching) : fd_(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
        EXPECT_EQ(::grantpt(fd_.get()), 0);
        EXPECT_EQ(::unlockpt(fd_.get()), 0);
        std::array<char, 64> name{};
        EXPECT_EQ(::ptsname_r(fd_.get(), name.data(), name.size()), 0);
        path_ = name.data();
        if (!watching) return;
        const int on = 1;
        EXPECT_EQ(::ioctl(fd_.get(), TIOCPKT, &on), 0);
        termios2 settings = read_settings();
        settings.c_lflag |= EXTPROC;
        EXPECT_EQ(::ioctl(fd_.get(), TCSETS2, &settings), 0);
    }

    [[nodiscard]] const std::string& path() const { return path_; }

    [[nodiscard]] int fd() const { return fd_.get(); }

    void close() { fd_.reset(); }

    // As a simulated chip that is its own USB device.
    void claim(const PtyDevice& device) const {
        termios2 settings = read_settings();
        settings.c_cc[VLNEXT] = encode_pty_product(device.product);
        for (std::size_t i = 0; i < pty_serial_places.size(); ++i)
            settings.c_cc[pty_serial_places.at(i)] = device.serial_number.octets.at(i);
        EXPECT_EQ(::ioctl(fd_.get(), TCSETS2, &settings), 0);
    }

    [[nodiscard]] termios2 read_settings() const {
        termios2 settings{};
        EXPECT_EQ(::ioctl(fd_.get(), TCGETS2, &settings), 0);
        return settings;
    }

  private:
    Fd fd_;
    std::string path_;
};

std::unique_ptr<Port> opened(const Master& master, std::uint32_t baud = 115200) {
    auto port = open_port(master.path(), baud);
    if (!port) {
        ADD_FAILURE() << port.error().describe();
        std::abort();
    }
    return *std::move(port);
}

Bytes every_byte() {
    Bytes bytes(256);
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<std::uint8_t>(i);
    return bytes;
}

TEST(PtyPort, another_program_that_has_it_open_without_a_lock_is_named) {
    const Master master(true);
    const auto port = opened(master);
    EXPECT_EQ(port->other_user(), "") << "this process alone";
    auto other = ChildProcess::start(
        {.arguments = {"sh", "-c", "exec 3<\"$0\"; echo; exec sleep 60", master.path()},
         .directory = {},
         .environment = {}},
        ChildOutput::pipe);
    ASSERT_TRUE(other) << other.error().describe();
    char ready = 0;
    ASSERT_EQ(::read(other->output().get(), &ready, 1), 1);
    const std::string process = " (process " + std::to_string(other->pid()) + ")";
    EXPECT_THAT(port->other_user(), ::testing::AnyOf("sh" + process, "sleep" + process));
    other->terminate();
}

TEST(PtyPort, every_byte_passes_unchanged_both_ways) {
    const Master master(false);
    const auto port = opened(master);
    ASSERT_TRUE(port->write(every_byte()));
    Bytes there(256);
    std::size_t have = 0;
    while (have < there.size()) {
        const ssize_t got = ::read(master.fd(), there.data() + have, there.size() - have);
        ASSERT_GT(got, 0);
        have += static_cast<std::size_t>(got);
    }
    EXPECT_EQ(there, every_byte());

    ASSERT_EQ(::write(master.fd(), there.data(), there.size()), 256);
    Bytes back;
    while (back.size() < 256) {
        Bytes part(256);
        const auto got = port->read(part, 1000ms);
        ASSERT_TRUE(got);
        ASSERT_GT(*got, 0U);
        append(back, ByteView(part).first(*got));
    }
    EXPECT_EQ(back, every_byte());
}

TEST(PtyPort, a_plain_one_has_no_lines) {
    const Master master(false);
    const auto port = opened(master);
    EXPECT_FALSE(port->traits().has_lines);
    EXPECT_TRUE(port->traits().has_baud);
    EXPECT_FALSE(port->set_lines({true, false}));
}

TEST(PtyPort, one_that_is_watched_carries_lines_and_rate) {
    const Master master(true);
    const auto port = opened(master, 115200);
    ASSERT_TRUE(port->traits().has_lines);
    for (const Lines lines : {Lines{false, true}, Lines{true, false}, Lines{true, true}, Lines{}}) {
        ASSERT_TRUE(port->set_lines(lines));
        EXPECT_EQ(decode_pty_lines(master.read_settings().c_cc[VREPRINT]), lines);
    }
    for (const std::uint32_t baud : {115200U, 921600U, 1234567U}) {
        ASSERT_TRUE(port->set_baud(baud));
        EXPECT_EQ(master.read_settings().c_ospeed, baud);
    }
    EXPECT_NE(master.read_settings().c_lflag & EXTPROC, 0U) << "the watcher would sleep for ever";
}

TEST(PtyPort, what_has_arrived_survives_a_change_of_lines_and_rate) {
    const Master master(true);
    const auto port = opened(master);
    ASSERT_EQ(::write(master.fd(), "early", 5), 5);
    ASSERT_TRUE(port->set_lines({true, false}));
    ASSERT_TRUE(port->set_baud(460800));
    Bytes buffer(16);
    EXPECT_EQ(port->read(buffer, 1000ms).value(), 5U);
}

TEST(PtyPort, discarding_leaves_nothing) {
    const Master master(false);
    const auto port = opened(master);
    ASSERT_EQ(::write(master.fd(), "noise", 5), 5);
    ASSERT_TRUE(port->discard_input());
    Bytes buffer(16);
    EXPECT_EQ(port->read(buffer, 20ms).value(), 0U);
}

TEST(PtyPort, a_pulled_cable_is_gone_for_reading_writing_and_lines) {
    Master master(true);
    const auto port = opened(master);
    master.close();
    Bytes buffer(16);
    const auto got = port->read(buffer, 1000ms);
    ASSERT_FALSE(got);
    EXPECT_EQ(code_of(got), "port_gone");
    EXPECT_THAT(got.error().message, HasSubstr(port->name()));
    EXPECT_EQ(code_of(port->write(Bytes(4))), "port_gone");
    EXPECT_EQ(code_of(port->set_lines({})), "port_gone");
}

TEST(PtyPort, a_second_opener_hears_who_has_it) {
    const Master master(false);
    const auto port = opened(master);
    const auto second = open_port(master.path());
    ASSERT_FALSE(second);
    EXPECT_EQ(code_of(second), "port_busy");
    EXPECT_EQ(second.error().kind, ErrorKind::board);
}

TEST(PtyPort, another_process_that_has_it_is_named) {
    const Master master(false);
    std::array<int, 2> ready{};
    ASSERT_EQ(::pipe(ready.data()), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        const auto port = open_port(master.path());
        (void)!::write(ready[1], port ? "y" : "n", 1);
        ::pause();
        ::_exit(0);
    }
    char answer = 0;
    ASSERT_EQ(::read(ready[0], &answer, 1), 1);
    EXPECT_EQ(answer, 'y');
    const auto second = open_port(master.path());
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ::close(ready[0]);
    ::close(ready[1]);
    ASSERT_FALSE(second);
    EXPECT_EQ(code_of(second), "port_busy");
    EXPECT_THAT(second.error().message, HasSubstr(std::to_string(child)));
    // With the holder dead the port is free, whatever way it died.
    EXPECT_TRUE(open_port(master.path()));
}

TEST(OpenPort, a_name_without_a_device_is_missing) {
    const auto port = open_port("/dev/ttyNoSuchPort7");
    ASSERT_FALSE(port);
    EXPECT_EQ(code_of(port), "port_missing");
}

TEST(OpenPort, a_file_is_no_port) {
    const auto folder = TemporaryDirectory::create().value();
    const auto path = folder.path() / "file";
    ASSERT_TRUE(write_file(path, "text"));
    const auto port = open_port(path);
    ASSERT_FALSE(port);
    EXPECT_EQ(code_of(port), "port_url");
    EXPECT_EQ(code_of(open_port("/dev/null")), "port_url");
}

TEST(OpenPort, a_port_of_somebody_else_is_denied_with_the_mend) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can step down to somebody else";
    const Master master(false);
    ASSERT_EQ(::chmod(master.path().c_str(), 0660), 0);
    ASSERT_EQ(::chown(master.path().c_str(), 0, 20), 0);  // Debian's dialout
    ASSERT_EQ(::seteuid(65534), 0);
    const auto port = open_port(master.path());
    ASSERT_EQ(::seteuid(0), 0);
    ASSERT_FALSE(port);
    EXPECT_EQ(code_of(port), "port_denied");
    EXPECT_THAT(port.error().hint, HasSubstr("usermod -aG dialout"));
}

// A name is given to the next who asks for one, be it a shell or a board in another bay.
TEST(PtyPort, what_has_the_name_of_a_port_that_went_is_not_taken_for_it) {
    const PtyDevice chip{9, {{0x24, 0x0A, 0xC4, 0x77, 0x00, 0x01}}};
    const PtyDevice neighbour{9, {{0x24, 0x0A, 0xC4, 0x77, 0x00, 0x02}}};
    const auto folder = TemporaryDirectory::create().value();
    const auto name = folder.path() / "bay";
    const auto give_name_to = [&](const Master& master) {
        std::filesystem::remove(name);
        std::filesystem::create_symlink(master.path(), name);
    };
    Master at_first(true);
    at_first.claim(chip);
    give_name_to(at_first);
    auto port = open_port(name).value();
    ASSERT_EQ(port->traits().espressif_product, 9);
    at_first.close();

    const Master shell(false);
    const termios2 before = shell.read_settings();
    give_name_to(shell);
    EXPECT_EQ(code_of(port->await_return(0ms)), "port_gone");
    const termios2 after = shell.read_settings();
    EXPECT_EQ(after.c_lflag, before.c_lflag) << "and nothing is changed there";
    EXPECT_EQ(after.c_iflag, before.c_iflag);

    const Master other(true);
    other.claim(neighbour);
    give_name_to(other);
    EXPECT_EQ(code_of(port->await_return(0ms)), "port_gone");

    const Master again(true);
    again.claim(chip);
    give_name_to(again);
    const auto back = port->await_return(0ms);
    EXPECT_TRUE(back) << back.error().describe();
}

}  // namespace
}  // namespace imprint::transport
