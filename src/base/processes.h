// Which process wrote a record, and whether it is still at it: so that nobody takes away what
// another one is working on, and nobody waits for the dead.
// Source: proc(5): /proc/PID/stat field 22, /proc/sys/kernel/random/boot_id, /proc/PID/ns/pid.
#pragma once

#include <string>
#include <string_view>

namespace imprint {

enum class Life {
    alive,
    dead,
    unknown,  // on another host, or in another container: it cannot be looked at from here
};

// A test may hand in another.
class Processes {
  public:
    virtual ~Processes() = default;
    // One word without blanks that no other process ever has: host, boot, PID namespace, PID and
    // start.
    [[nodiscard]] virtual std::string self() const = 0;
    [[nodiscard]] virtual Life life_of(std::string_view identity) const = 0;
};

// Those of this machine. Stateless: any number may exist.
class SystemProcesses final : public Processes {
  public:
    [[nodiscard]] std::string self() const override;
    [[nodiscard]] Life life_of(std::string_view identity) const override;
};

// "process 4711 on bench-2", for a message.
[[nodiscard]] std::string describe_process(std::string_view identity);

}  // namespace imprint
