// credential_process: a command of the user's that prints keys as JSON (AWS SDKs and Tools
// Reference Guide, "Process credential provider").
#include "base/process.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include "aws/providers/command_line.h"
#include "aws/providers/keys.h"
#include "aws/providers/search.h"

namespace imprint::aws {

namespace {

constexpr std::size_t largest_answer = 1U << 20;

enum class Ending { done, too_long, too_large, stopped };

// Until the child closes its output. What is read holds secrets: the string never grows by itself.
Ending read_answer(ChildProcess& child, Milliseconds deadline, const std::stop_token& stop,
                   std::string& answer) {
    constexpr Milliseconds between_looks{100};  // for a stop
    answer.reserve(largest_answer);
    const auto end = std::chrono::steady_clock::now() + deadline;
    std::array<char, 4096> block{};
    for (;;) {
        const auto left =
            std::chrono::duration_cast<Milliseconds>(end - std::chrono::steady_clock::now());
        if (left <= Milliseconds(0)) return Ending::too_long;
        if (stop.stop_requested()) return Ending::stopped;
        pollfd waiting{child.output().get(), POLLIN, 0};
        if (::poll(&waiting, 1, static_cast<int>(std::min(left, between_looks).count())) <= 0)
            continue;
        const ssize_t got = ::read(child.output().get(), block.data(), block.size());
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        if (answer.size() + static_cast<std::size_t>(got) > largest_answer)
            return Ending::too_large;
        answer.append(block.data(), static_cast<std::size_t>(got));
    }
    wipe(std::span(reinterpret_cast<std::uint8_t*>(block.data()), block.size()));
    // It may close its output and go on: it has as long for that as for the rest.
    while (!child.poll()) {
        if (std::chrono::steady_clock::now() >= end) return Ending::too_long;
        if (stop.stop_requested()) return Ending::stopped;
        ::poll(nullptr, 0, 5);
    }
    return Ending::done;
}

}  // namespace

Found from_process(const Search& search, const std::string& profile) {
    const std::string_view line = search.files.value(profile, "credential_process");
    if (line.empty()) return std::nullopt;
    Command command;
    const auto parts = split_command_line(line);
    if (!parts || parts->empty() || parts->front().empty())
        return profile_invalid(profile, "has a credential_process with an open quotation",
                               "close it, as a shell would want it");
    command.arguments = *parts;
    // Its arguments and what it says on standard error may hold secrets, and are not told.
    const std::string name =
        fmt::format("credential_process {} of profile {}", command.arguments.front(), profile);
    const auto failed = [&name, &profile](const std::string& what) {
        return fail(ErrorKind::registry, "credential_process_failed",
                    fmt::format("{} {}", name, what),
                    fmt::format("run the command by hand to see what it says: it stands in profile "
                                "\"{}\"",
                                profile));
    };
    auto child = ChildProcess::start(command, ChildOutput::pipe_out);
    if (!child) {
        child.error().kind = ErrorKind::registry;
        return with_context(std::move(child).error(), fmt::format("profile \"{}\"", profile));
    }
    std::string answer;
    const WipeAtEnd wiped(answer);
    switch (read_answer(*child, search.services.process_deadline, search.services.stop, answer)) {
        case Ending::stopped:
            child->terminate();
            return fail(ErrorKind::interrupted, "interrupted", name + " was stopped");
        case Ending::too_long:
            child->terminate();
            return failed(
                fmt::format("did not end within {} ms", search.services.process_deadline.count()));
        case Ending::too_large:
            child->terminate();
            return failed(fmt::format("printed more than {} bytes", largest_answer));
        case Ending::done:
            break;
    }
    if (const int status = child->wait(); status != 0)
        return failed(fmt::format("ended with status {}", status));
    auto keys = keys_of_json(answer, {.versioned = true}, name);
    if (!keys) return std::unexpected(std::move(keys).error());
    return std::move(*keys);
}

}  // namespace imprint::aws
