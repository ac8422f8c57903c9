// Which process wrote a record, and whether that process is still running: nobody takes away what
// another process is working on, and nobody waits for a dead one.
// Source: proc(5): /proc/PID/stat field 22, /proc/sys/kernel/random/boot_id, /proc/PID/ns/pid.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

namespace imprint {

enum class Life {
    alive,
    dead,
    unknown,  // on another host or in another container, or hidden: cannot be checked from here
};

// A test can pass in its own.
class Processes {
  public:
    virtual ~Processes() = default;
    // One word without blanks that identifies this process uniquely: host, boot, PID namespace, PID
    // and start time.
    [[nodiscard]] virtual std::string self() const = 0;
    [[nodiscard]] virtual Life life_of(std::string_view identity) const = 0;
};

// The processes of this machine. Any number may exist.
class SystemProcesses final : public Processes {
  public:
    // proc: where the kernel shows its processes; a test has one that hides some.
    explicit SystemProcesses(std::filesystem::path proc = "/proc") : proc_(std::move(proc)) {}

    [[nodiscard]] std::string self() const override;
    [[nodiscard]] Life life_of(std::string_view identity) const override;

  private:
    std::filesystem::path proc_;
};

// "bench-2"; empty: not known.
[[nodiscard]] std::string host_of(std::string_view identity);
// "process 4711 on bench-2", for a message.
[[nodiscard]] std::string describe_process(std::string_view identity);

}  // namespace imprint
