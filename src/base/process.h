// Child processes, started from an argument list. No shell is used, unless the user's own command
// is a shell line ("sh", "-c", line).
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/fd.h"

namespace imprint {

struct Command {
    std::vector<std::string> arguments;                            // [0] is looked up in PATH
    std::filesystem::path directory;                               // empty: the caller's
    std::vector<std::pair<std::string, std::string>> environment;  // added to the caller's
    // With ChildOutput::discard: a file that gets the output instead, made with mode 0600.
    std::filesystem::path output = {};
    int kept_fd = -1;  // stays open in the child, under the same number
    // Runs in its own process group, which is ended as a whole: a shell line and all it has
    // started.
    bool own_group = false;
};

// Where a running child's output goes.
enum class ChildOutput {
    inherit,
    discard,
    pipe,      // standard output and standard error together
    pipe_out,  // standard output alone; standard error is discarded
};

// A running child. The destructor ends it: SIGTERM, two seconds, SIGKILL; it is always reaped.
// The child also gets SIGTERM when the thread that started it dies (PR_SET_PDEATHSIG).
class ChildProcess {
  public:
    // Error: process_failed_to_start (config).
    [[nodiscard]] static Result<ChildProcess> start(const Command& command,
                                                    ChildOutput output = ChildOutput::inherit);
    ~ChildProcess();
    ChildProcess(ChildProcess&& other) noexcept;
    ChildProcess& operator=(ChildProcess&& other) noexcept;
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    [[nodiscard]] pid_t pid() const { return pid_; }

    // Reading end of the child's output (pipe, pipe_out), else an empty Fd.
    [[nodiscard]] Fd& output() { return output_; }

    // Exit status once it has ended (128 + signal when a signal ended it).
    [[nodiscard]] std::optional<int> poll();
    [[nodiscard]] int wait();
    void terminate(Milliseconds patience = Milliseconds(2000));

  private:
    ChildProcess(pid_t pid, bool group, Fd output)
        : pid_(pid), group_(group), output_(std::move(output)) {}

    void send(int signal) const;

    pid_t pid_ = -1;
    bool group_ = false;
    Fd output_;
    std::optional<int> status_;
};

struct CommandOutput {
    int status = 0;
    std::string text;  // what ChildOutput says, interleaved as it came
};

// Runs the command to its end. on_line gets each line as it arrives. If a stop is requested, the
// command and all that it has started are ended. Error: interrupted; those of ChildProcess::start.
[[nodiscard]] Result<CommandOutput> run_command(
    Command command, const std::function<void(std::string_view)>& on_line = {},
    const std::stop_token& stop = {}, ChildOutput output = ChildOutput::pipe);

}  // namespace imprint
