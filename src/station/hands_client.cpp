#include "station/hands_client.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <system_error>

#include "base/fd.h"
#include "base/text.h"

namespace imprint::station {

namespace {

constexpr std::size_t longest_answer = 1U << 20;

class Conversation {
  public:
    Conversation(const std::filesystem::path& socket, Milliseconds patience)
        : socket_(socket.string()), deadline_(SystemClock().now() + patience) {}

    [[nodiscard]] Result<std::string> ask(std::string line) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        if (socket_.size() >= sizeof address.sun_path) return lost("its path is too long");
        std::memcpy(address.sun_path, socket_.c_str(), socket_.size() + 1);
        fd_ = Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        if (!fd_ ||
            ::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
            return lost(std::generic_category().message(errno));
        line += '\n';
        IMPRINT_CHECK(send(line));
        return receive();
    }

  private:
    [[nodiscard]] std::unexpected<Error> lost(std::string_view why) const {
        return fail(ErrorKind::config, "hands_unreachable",
                    fmt::format("the hands at {} do not answer: {}", socket_, why));
    }

    [[nodiscard]] bool wait_for(short what) const {
        const auto left = std::chrono::ceil<Milliseconds>(deadline_ - SystemClock().now()).count();
        pollfd looked{fd_.get(), what, 0};
        return ::poll(&looked, 1, static_cast<int>(std::max<std::int64_t>(left, 0))) > 0;
    }

    [[nodiscard]] Result<void> send(std::string_view left) {
        while (!left.empty()) {
            const ssize_t sent = ::send(fd_.get(), left.data(), left.size(), MSG_NOSIGNAL);
            if (sent > 0) {
                left.remove_prefix(static_cast<std::size_t>(sent));
                continue;
            }
            if (sent < 0 && errno != EAGAIN && errno != EINTR)
                return lost(std::generic_category().message(errno));
            if (!wait_for(POLLOUT)) return lost("they take nothing");
        }
        return {};
    }

    [[nodiscard]] Result<std::string> receive() {
        std::string answer;
        std::array<char, 4096> bytes{};
        while (answer.size() < longest_answer) {
            if (!wait_for(POLLIN)) return lost("no answer came in time");
            const ssize_t got = ::recv(fd_.get(), bytes.data(), bytes.size(), 0);
            if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
            if (got <= 0) return lost("they hung up");
            answer.append(bytes.data(), static_cast<std::size_t>(got));
            if (const auto end = answer.find('\n'); end != std::string::npos)
                return answer.substr(0, end);
        }
        return lost("the answer has no end");
    }

    std::string socket_;
    Instant deadline_;
    Fd fd_;
};

}  // namespace

Result<std::string> HandsClient::ask(std::string_view line) const {
    if (has_control_character(line))
        return fail(ErrorKind::usage, "hands_refused", "a command is one line of text");
    IMPRINT_TRY(const std::string answer, Conversation(socket_, patience_).ask(std::string(line)));
    if (answer == "ok") return std::string();
    constexpr std::string_view done = "ok ";
    if (answer.starts_with(done)) return answer.substr(done.size());
    // "error CODE SENTENCE"
    const auto code = answer.find(' ');
    const auto sentence = code == std::string::npos ? code : answer.find(' ', code + 1);
    return fail(ErrorKind::usage, "hands_refused",
                sentence == std::string::npos ? answer : answer.substr(sentence + 1));
}

}  // namespace imprint::station
