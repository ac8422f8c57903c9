// One service per state folder: a lock on registry::lock_path that is released when the process
// ends, however it ends.
#pragma once

#include <filesystem>
#include <utility>

#include "base/error.h"
#include "base/file_lock.h"

namespace imprint::local_registry {

class StateLock {
  public:
    // Error: registry_state_busy (kind registry).
    [[nodiscard]] static Result<StateLock> take(const std::filesystem::path& state);

  private:
    explicit StateLock(FileLock lock) : lock_(std::move(lock)) {}

    FileLock lock_;
};

}  // namespace imprint::local_registry
