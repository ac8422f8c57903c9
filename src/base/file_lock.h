// A lock on a whole file that goes with the process, however it ends: whoever finds it free knows
// that the holder is gone, whatever else it left.
#pragma once

#include <filesystem>
#include <optional>
#include <utility>

#include "base/fd.h"

namespace imprint {

class FileLock {
  public:
    // Makes the file (0600) where there is none. Nothing: see errno; EAGAIN or EACCES where
    // somebody else, in this process or another, holds it.
    [[nodiscard]] static std::optional<FileLock> take(const std::filesystem::path& path);
    // Whether anybody holds it now; of this machine's processes.
    [[nodiscard]] static bool is_held(const std::filesystem::path& path);

  private:
    explicit FileLock(Fd file) : file_(std::move(file)) {}

    Fd file_;
};

}  // namespace imprint
