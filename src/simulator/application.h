// The firmware that runs once an app image has booted.
//
// An app whose description names the project "imprint_sample" or "aws_iot" behaves like the example
// firmware in firmware/examples/aws_iot (example_firmware.h). Any other app starts and stays
// silent.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/mac.h"
#include "simulator/app_flash.h"
#include "simulator/boot.h"

namespace imprint::simulator {

struct ApplicationOptions {
    MacAddress mac;
    bool network = true;
    // What its network tells for the time; not set: the right one.
    std::optional<WallTime> network_time = {};
};

// Runs on its own thread for its whole life.
class Application {
  public:
    // seen: flash as the CPU sees it now. wake is called when take_console() has something to
    // return.
    Application(const ApplicationOptions& options, std::shared_ptr<AppFlash> flash, ByteView seen,
                const Started& started, std::function<void()> wake);
    Application(const Application&) = delete;
    Application& operator=(const Application&) = delete;
    ~Application();  // waits for the end

    // The chip's reset: the app has its flash no longer.
    void request_stop();
    [[nodiscard]] bool ended() const;
    [[nodiscard]] std::string take_console();

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace imprint::simulator
