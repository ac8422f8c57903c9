// The options that say what a simulated board is like; `simulate board` and `simulate bench` have
// them.
#pragma once

#include <string>

#include "base/error.h"
#include "cli/command.h"
#include "simulator/pty_board.h"

namespace imprint::cli {

class SimulatedBoardOptions {
  public:
    // It has to outlive the parsing.
    void add_to(Command& command);
    // first: the MAC address that is counted up from, if it was named. Errors: bad_usage, bad_mac,
    // bad_size (usage).
    [[nodiscard]] Result<simulator::BoardOptions> read(MacAddress& first) const;

  private:
    static constexpr unsigned common_revision = 0xFFFF;  // of the chip, whichever that is

    simulator::BoardOptions board_;  // what needs no reading
    std::string mac_;
    std::string flash_size_ = "4MB";
    std::string flash_told_;
    std::string flash_id_;
    std::string timing_ = "none";
    std::string usb_ = "bridge";
    std::string encryption_ = "off";
    unsigned revision_ = common_revision;
    bool no_network_ = false;
    std::string date_;
};

}  // namespace imprint::cli
