#include "cli/password.h"

#include <array>
#include <fmt/format.h>
#include <optional>
#include <poll.h>
#include <span>
#include <string_view>
#include <termios.h>
#include <unistd.h>
#include <utility>

#include "base/files.h"

namespace imprint::cli {

namespace {

constexpr std::size_t longest_line = 1024;

// While it lives, the terminal does not show what is typed.
class Unseen {
  public:
    Unseen() {
        if (::tcgetattr(STDIN_FILENO, &before_) != 0) return;
        termios unseen = before_;
        unseen.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        // What was typed before the question is no answer to it.
        changed_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &unseen) == 0;
    }

    ~Unseen() {
        if (changed_) ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
    }

    Unseen(const Unseen&) = delete;
    Unseen& operator=(const Unseen&) = delete;
    Unseen(Unseen&&) = delete;
    Unseen& operator=(Unseen&&) = delete;

    [[nodiscard]] bool is_unseen() const { return changed_; }

  private:
    termios before_{};
    bool changed_ = false;
};

std::unexpected<Error> refuse(std::string message, std::string hint) {
    return fail(ErrorKind::usage, "user_invalid", std::move(message), std::move(hint));
}

// The first line of what was read; nothing: there is none, or something behind it.
std::optional<Secret> only_line(ByteView bytes) {
    std::string_view text = as_text(bytes);
    if (text.ends_with('\n')) text.remove_suffix(1);
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (text.empty() || text.contains('\n')) return std::nullopt;
    return Secret(text);
}

void say(std::string_view text) {
    // Not standard output, where a program reads events.
    static_cast<void>(!::write(STDERR_FILENO, text.data(), text.size()));
}

Result<Secret> ask(const Context& context, std::string_view question) {
    const Unseen unseen;
    if (!unseen.is_unseen())
        return refuse("the terminal would show the password", "pipe it into the command");
    say(question);
    constexpr int look_for_a_stop = 100;  // milliseconds
    std::array<std::uint8_t, longest_line> line{};
    ssize_t got = 0;
    while (!context.stop.stop_requested()) {
        pollfd input{STDIN_FILENO, POLLIN, 0};
        if (::poll(&input, 1, look_for_a_stop) <= 0) continue;
        got = ::read(STDIN_FILENO, line.data(), line.size());
        break;
    }
    say("\n");
    if (context.stop.stop_requested())
        return fail(ErrorKind::interrupted, "interrupted", "stopped before a password was given");
    auto typed = only_line(std::span(line).first(got > 0 ? static_cast<std::size_t>(got) : 0));
    wipe(line);
    if (!typed) return refuse("no password was typed", "type one, and Enter");
    return *std::move(typed);
}

Result<Secret> read_piped() {
    IMPRINT_TRY(Bytes bytes, read_standard_input(longest_line));
    const Secret all(std::move(bytes));
    auto line = only_line(all.reveal());
    if (!line)
        return refuse("standard input is not one line with a password",
                      "run it at a terminal, or pipe the password into it");
    return *std::move(line);
}

}  // namespace

Result<Secret> read_new_password(const Context& context, const std::string& user) {
    if (::isatty(STDIN_FILENO) == 0) return read_piped();
    IMPRINT_TRY(Secret first, ask(context, fmt::format("New password of {}: ", user)));
    IMPRINT_TRY(const Secret again, ask(context, "Once more: "));
    if (first.reveal_text() != again.reveal_text())
        return refuse("the two passwords differ", "type the same one twice");
    return first;
}

}  // namespace imprint::cli
