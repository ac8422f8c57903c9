// One service a state folder: a lock on <state>/lock that goes with the process, however it ends.
#pragma once

#include <filesystem>

#include "base/error.h"
#include "base/fd.h"

namespace imprint::local_registry {

class StateLock {
  public:
    // Error: registry_state_busy (kind registry).
    [[nodiscard]] static Result<StateLock> take(const std::filesystem::path& state);
    // Whether somebody serves the folder now.
    [[nodiscard]] static bool is_held(const std::filesystem::path& state);

  private:
    explicit StateLock(Fd file) : file_(std::move(file)) {}

    Fd file_;
};

}  // namespace imprint::local_registry
