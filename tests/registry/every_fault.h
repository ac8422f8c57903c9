// Every thing that can happen to a call of a registry, for tables of calls × faults in memory.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <string>

#include "registry/fake_registry.h"

namespace imprint::registry::testing {

enum class Fault { refused, lost, killed_before, killed_after };

inline constexpr std::array every_fault = {Fault::refused, Fault::lost, Fault::killed_before,
                                           Fault::killed_after};

// Does the work with the fault at the call number `at`. Gives the name of that call; empty: there
// are not so many. dead: set while nothing that the process does reaches anybody any more; the
// ledger has to heed it too. watch: called after each call that was carried out, also after the
// work.
inline std::string disturb(FakeRegistry& registry, bool& dead, std::size_t at, Fault fault,
                           const std::function<void(const std::string& call)>& watch,
                           const std::function<void()>& work) {
    std::size_t calls = 0;
    std::string struck;
    registry.strike = [&](const std::string& call) {
        if (dead) return Strike::refused;
        if (calls++ != at) return Strike::none;
        struck = call;
        dead |= fault == Fault::killed_before;
        return fault == Fault::lost           ? Strike::lost
               : fault == Fault::killed_after ? Strike::none
                                              : Strike::refused;
    };
    registry.after = [&](const std::string& call) {
        watch(call);
        dead |= fault == Fault::killed_after && calls == at + 1 && !struck.empty();
    };
    work();
    registry.strike = {};
    registry.after = watch;
    dead = false;
    return struck;
}

[[nodiscard]] inline std::string cell_of(const std::string& call, std::size_t at, Fault fault) {
    constexpr std::array names = {"refused", "lost", "killed before", "killed after"};
    return call + " (call " + std::to_string(at) + "), " +
           names.at(static_cast<std::size_t>(fault));
}

}  // namespace imprint::registry::testing
