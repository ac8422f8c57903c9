// A bench to try the page on: a local registry, a simulated bench with hands, an open lot, as real
// processes of this same program.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/mutex.h"
#include "station/demo_parts.h"
#include "station/hands_client.h"

namespace imprint::station {

class DemoBench {
  public:
    struct Options {
        unsigned bays = 4;
        std::filesystem::path state;  // kept if given
    };

    // Errors: those of the parts (demo_part_failed), of the folder and of the ledger.
    [[nodiscard]] static Result<std::unique_ptr<DemoBench>> start(const Options& options,
                                                                  Clock& clock,
                                                                  const std::stop_token& stop);
    ~DemoBench();
    DemoBench(const DemoBench&) = delete;
    DemoBench& operator=(const DemoBench&) = delete;
    DemoBench(DemoBench&&) = delete;
    DemoBench& operator=(DemoBench&&) = delete;

    // imprint.toml of its station.
    [[nodiscard]] std::filesystem::path configuration() const;
    // The lot that is open.
    [[nodiscard]] static std::string lot();
    // What the bench's hands do (docs/simulator.md), and cloud_down, cloud_up; "state" has how the
    // cloud is. From any thread.
    [[nodiscard]] Result<std::string> hands(const std::string& line);

  private:
    DemoBench(DemoFolder folder, DemoPart registry, DemoPart bench);

    DemoFolder folder_;
    DemoPart registry_;
    DemoPart bench_;
    HandsClient client_;
    Mutex mutex_;
    bool cloud_is_up_ IMPRINT_GUARDED_BY(mutex_) = true;
};

}  // namespace imprint::station
