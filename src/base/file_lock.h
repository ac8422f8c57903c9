// A lock on a whole file that is released when the process ends, however it ends. Whoever finds it
// free knows that the holder is gone, whatever else it left behind.
#pragma once

#include <filesystem>
#include <optional>
#include <utility>

#include "base/fd.h"

namespace imprint {

class FileLock {
  public:
    // Creates the file (0600) if it does not exist. Nothing: see errno; EAGAIN or EACCES if
    // somebody else holds it, in this process or another.
    [[nodiscard]] static std::optional<FileLock> take(const std::filesystem::path& path);
    // Whether any process on this machine holds it now.
    [[nodiscard]] static bool is_held(const std::filesystem::path& path);

  private:
    explicit FileLock(Fd file) : file_(std::move(file)) {}

    Fd file_;
};

}  // namespace imprint
