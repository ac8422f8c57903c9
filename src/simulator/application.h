// The firmware that runs once an app image has booted.
//
// An app whose description names the project "imprint_sample" or "aws_iot" does what the example
// firmware in firmware/examples/aws_iot does: it reads its identity from the SPIFFS partition,
// connects to its broker, reports its state and follows light_state. Any other app starts and is
// silent.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/mac.h"
#include "simulator/boot.h"

namespace imprint::simulator {

struct ApplicationOptions {
    MacAddress mac;
    bool network = true;
};

// Runs on its own thread from the start to the end.
class Application {
  public:
    // flash is copied. wake is called when there is something for take_console().
    Application(const ApplicationOptions& options, ByteView flash, Started started,
                std::function<void()> wake);
    Application(const Application&) = delete;
    Application& operator=(const Application&) = delete;
    ~Application();  // waits for the end

    void request_stop();
    [[nodiscard]] bool ended() const;
    [[nodiscard]] std::string take_console();

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace imprint::simulator
