#include "base/process.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace imprint {

namespace {

std::unexpected<Error> cannot_start(const Command& command, int error) {
    return fail(ErrorKind::config, "process_failed_to_start",
                fmt::format("cannot start {}: {}", command.arguments.front(),
                            std::generic_category().message(error)),
                error == ENOENT ? "install it, or correct its name or folder" : "");
}

int status_of(int raw) {
    return WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
}

}  // namespace

Result<ChildProcess> ChildProcess::start(const Command& command, ChildOutput output) {
    std::vector<char*> arguments;
    arguments.reserve(command.arguments.size() + 1);
    for (const auto& argument : command.arguments)
        arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);

    // Built before the fork: between fork and exec only async-signal-safe calls are allowed.
    std::vector<std::string> variables;
    for (char** variable = environ; *variable != nullptr; ++variable) {
        const std::string_view text(*variable);
        bool replaced = false;
        for (const auto& [name, value] : command.environment)
            replaced |= text.starts_with(name) && text.substr(name.size()).starts_with('=');
        if (!replaced) variables.emplace_back(text);
    }
    for (const auto& [name, value] : command.environment)
        variables.push_back(fmt::format("{}={}", name, value));
    std::vector<char*> environment;
    environment.reserve(variables.size() + 1);
    for (auto& variable : variables)
        environment.push_back(variable.data());
    environment.push_back(nullptr);

    std::array<int, 2> trouble{};
    if (::pipe2(trouble.data(), O_CLOEXEC) != 0) return cannot_start(command, errno);
    const Fd trouble_read(trouble[0]);
    Fd trouble_write(trouble[1]);
    Fd out_read;
    Fd out_write;
    if (output == ChildOutput::pipe || output == ChildOutput::pipe_out) {
        std::array<int, 2> out{};
        if (::pipe2(out.data(), O_CLOEXEC) != 0) return cannot_start(command, errno);
        out_read = Fd(out[0]);
        out_write = Fd(out[1]);
    } else if (output == ChildOutput::discard) {
        out_write = command.output.empty()
                        ? Fd(::open("/dev/null", O_WRONLY | O_CLOEXEC))
                        : Fd(::open(command.output.c_str(),
                                    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
        if (!out_write) return cannot_start(command, errno);
    }

    Fd silent_error;
    if (output == ChildOutput::pipe_out) {
        silent_error = Fd(::open("/dev/null", O_WRONLY | O_CLOEXEC));
        if (!silent_error) return cannot_start(command, errno);
    }

    const pid_t parent = ::getpid();
    const pid_t pid = ::fork();
    if (pid < 0) return cannot_start(command, errno);
    if (pid == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (command.own_group) static_cast<void>(::setpgid(0, 0));
        if (::getppid() != parent) ::_exit(127);
        sigset_t none;
        sigemptyset(&none);
        ::sigprocmask(SIG_SETMASK, &none, nullptr);
        // A server ignores it; what a shell line pipes together must not.
        static_cast<void>(::signal(SIGPIPE, SIG_DFL));
        const int null = ::open("/dev/null", O_RDONLY);
        if (null >= 0) ::dup2(null, STDIN_FILENO);
        if (null > STDERR_FILENO) ::close(null);
        if (out_write) {
            ::dup2(out_write.get(), STDOUT_FILENO);
            ::dup2(silent_error ? silent_error.get() : out_write.get(), STDERR_FILENO);
        }
        if (command.kept_fd >= 0) ::fcntl(command.kept_fd, F_SETFD, 0);
        if (command.directory.empty() || ::chdir(command.directory.c_str()) == 0)
            ::execvpe(arguments[0], arguments.data(), environment.data());
        const int error = errno;
        static_cast<void>(!::write(trouble_write.get(), &error, sizeof error));
        ::_exit(127);
    }
    trouble_write.reset();
    int error = 0;
    ssize_t got = 0;
    do {
        got = ::read(trouble_read.get(), &error, sizeof error);
    } while (got < 0 && errno == EINTR);
    // Here too: whoever comes first. Until then a signal to the group would find nobody.
    if (command.own_group) static_cast<void>(::setpgid(pid, pid));
    ChildProcess child(pid, command.own_group, std::move(out_read));
    if (got == sizeof error) {
        static_cast<void>(child.wait());
        return cannot_start(command, error);
    }
    return child;
}

ChildProcess::~ChildProcess() {
    if (pid_ > 0) terminate();
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      group_(other.group_),
      output_(std::move(other.output_)),
      status_(other.status_) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
    if (this != &other) {
        if (pid_ > 0) terminate();
        pid_ = std::exchange(other.pid_, -1);
        group_ = other.group_;
        output_ = std::move(other.output_);
        status_ = other.status_;
    }
    return *this;
}

std::optional<int> ChildProcess::poll() {
    if (status_ || pid_ <= 0) return status_;
    int raw = 0;
    if (::waitpid(pid_, &raw, WNOHANG) == pid_) status_ = status_of(raw);
    return status_;
}

int ChildProcess::wait() {
    if (status_) return *status_;
    int raw = 0;
    while (::waitpid(pid_, &raw, 0) < 0) {
        if (errno != EINTR) return *(status_ = 127);
    }
    return *(status_ = status_of(raw));
}

void ChildProcess::send(int signal) const {
    ::kill(group_ ? -pid_ : pid_, signal);
}

void ChildProcess::terminate(Milliseconds patience) {
    if (poll()) return;
    send(SIGTERM);
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < deadline) {
        if (poll()) return;
        std::this_thread::sleep_for(Milliseconds(10));
    }
    send(SIGKILL);
    static_cast<void>(wait());
}

namespace {

// Becomes readable when a stop is asked for.
class StopBell {
  public:
    explicit StopBell(const std::stop_token& stop)
        : bell_(::eventfd(0, EFD_CLOEXEC)), ring_(stop, [this] {
              const std::uint64_t one = 1;
              static_cast<void>(!::write(bell_.get(), &one, sizeof one));
          }) {}

    [[nodiscard]] int fd() const { return bell_.get(); }

  private:
    Fd bell_;
    std::stop_callback<std::function<void()>> ring_;
};

}  // namespace

Result<CommandOutput> run_command(Command command,
                                  const std::function<void(std::string_view)>& on_line,
                                  const std::stop_token& stop, ChildOutput output) {
    command.own_group |= stop.stop_possible();
    const StopBell bell(stop);
    IMPRINT_TRY(ChildProcess child, ChildProcess::start(command, output));
    CommandOutput result;
    std::array<char, 4096> buffer{};
    std::size_t told = 0;
    for (;;) {
        std::array<pollfd, 2> waiting = {
            {{child.output().get(), POLLIN, 0}, {bell.fd(), POLLIN, 0}}};
        if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno == EINTR) continue;
        if (stop.stop_requested()) {
            child.terminate();
            return fail(ErrorKind::interrupted, "interrupted",
                        fmt::format("stopped while {} was running", command.arguments.front()));
        }
        const ssize_t got = ::read(child.output().get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        result.text.append(buffer.data(), static_cast<std::size_t>(got));
        for (std::size_t end = 0;
             on_line && (end = result.text.find('\n', told)) != std::string::npos; told = end + 1)
            on_line(std::string_view(result.text).substr(told, end - told));
    }
    if (on_line && told < result.text.size()) on_line(std::string_view(result.text).substr(told));
    result.status = child.wait();
    return result;
}

}  // namespace imprint
