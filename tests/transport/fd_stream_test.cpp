#include "transport/fd_stream.h"

#include <array>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include "base/error_code.h"

namespace imprint::transport {
namespace {

using namespace std::chrono_literals;

struct Pair {
    FdStream ours;
    Fd theirs;
};

Pair connected() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
    return {FdStream(Fd(ends[0]), "socket://test:1", FdStream::Kind::socket), Fd(ends[1])};
}

TEST(FdStream, nothing_there_is_no_error) {
    Pair pair = connected();
    Bytes buffer(16);
    EXPECT_EQ(pair.ours.read(buffer, 0ms).value(), 0U);
    EXPECT_EQ(pair.ours.read(buffer, 5ms).value(), 0U);
}

TEST(FdStream, what_came_before_the_end_is_read_first) {
    Pair pair = connected();
    ASSERT_EQ(::write(pair.theirs.get(), "abc", 3), 3);
    pair.theirs.reset();
    Bytes buffer(16);
    EXPECT_EQ(pair.ours.read(buffer, 100ms).value(), 3U);
    const auto after = pair.ours.read(buffer, 100ms);
    ASSERT_FALSE(after);
    EXPECT_EQ(code_of(after), "port_gone");
}

TEST(FdStream, writing_to_a_closed_peer_is_an_error_and_no_signal) {
    Pair pair = connected();
    pair.theirs.reset();
    const auto written = pair.ours.write(Bytes(10));
    ASSERT_FALSE(written);
    EXPECT_EQ(code_of(written), "port_gone");
    EXPECT_EQ(written.error().kind, ErrorKind::board);
}

TEST(FdStream, a_write_larger_than_any_buffer_arrives_whole) {
    Pair pair = connected();
    Bytes sent(3'000'000);
    for (std::size_t i = 0; i < sent.size(); ++i)
        sent[i] = static_cast<std::uint8_t>(i * 31 >> 3);
    Bytes received;
    std::jthread reader([&, fd = pair.theirs.get()] {
        ASSERT_EQ(::fcntl(fd, F_SETFL, 0), 0);
        Bytes part(65536);
        while (received.size() < sent.size()) {
            const ssize_t got = ::read(fd, part.data(), part.size());
            if (got <= 0) return;
            append(received, ByteView(part).first(static_cast<std::size_t>(got)));
        }
    });
    EXPECT_TRUE(pair.ours.write(sent));
    reader.join();
    EXPECT_TRUE(received == sent);
}

TEST(FdStream, draining_leaves_nothing) {
    Pair pair = connected();
    const Bytes noise(20000, 7);
    ASSERT_EQ(::write(pair.theirs.get(), noise.data(), noise.size()), 20000);
    EXPECT_TRUE(pair.ours.drain());
    Bytes buffer(16);
    EXPECT_EQ(pair.ours.read(buffer, 0ms).value(), 0U);
}

}  // namespace
}  // namespace imprint::transport
