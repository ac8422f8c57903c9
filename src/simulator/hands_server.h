// A bench's hands behind a Unix socket, for the user who runs it alone (mode 0600).
#pragma once

#include <filesystem>
#include <memory>
#include <thread>

#include "base/error.h"
#include "base/fd.h"
#include "base/log.h"
#include "simulator/bench.h"

namespace imprint::simulator {

class HandsServer {
  public:
    // Answers until it is destroyed. bench outlives it, and no other bench runs in its folder: what
    // stands at this path is a former one's. Errors: bay_directory, thread_not_started (config).
    [[nodiscard]] static Result<HandsServer> start(Bench& bench, const std::filesystem::path& path,
                                                   const Log& log = {});
    HandsServer(HandsServer&&) noexcept = default;
    HandsServer& operator=(HandsServer&&) noexcept = default;
    HandsServer(const HandsServer&) = delete;
    HandsServer& operator=(const HandsServer&) = delete;
    ~HandsServer();

  private:
    HandsServer(std::filesystem::path path, std::jthread thread)
        : path_(std::move(path)), thread_(std::move(thread)) {}

    std::filesystem::path path_;
    std::jthread thread_;
};

}  // namespace imprint::simulator
