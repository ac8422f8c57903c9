// The firmware that runs once an app image has booted.
//
// An app whose description names the project "imprint_sample" or "aws_iot" behaves like the example
// firmware in firmware/examples/aws_iot: it reads its identity from its partition, connects
// to its broker, reports its state and follows light_state. Any other app starts and stays silent.
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

// Runs on its own thread for its whole life.
class Application {
  public:
    // Only the partition with the identity is copied of flash. wake is called when take_console()
    // has something to return.
    Application(const ApplicationOptions& options, ByteView flash, const Started& started,
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
