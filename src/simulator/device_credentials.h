// Where the booted example firmware has its credentials, on the simulated flash: what the bench
// wrote, and the slots of those that replace it.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/mac.h"
#include "image/partition_table.h"
#include "imprint_identity/replace.h"
#include "imprint_identity/rotation.h"
#include "simulator/app_flash.h"
#include "simulator/firmware_settings.h"

namespace imprint::simulator {

class DeviceCredentials {
  public:
    // The bench's is the first partition that these settings can mean; the slots are those of the
    // partition "slots", if there is one.
    DeviceCredentials(const image::PartitionTable& table, const FirmwareSettings& settings,
                      const MacAddress& mac, std::shared_ptr<AppFlash> flash);
    DeviceCredentials(const DeviceCredentials&) = delete;
    DeviceCredentials& operator=(const DeviceCredentials&) = delete;

    [[nodiscard]] const imprint_identity::Places& places() const { return places_; }

  private:
    // A partition as a context of the core's functions.
    struct Part {
        AppFlash* flash = nullptr;
        std::uint32_t offset = 0;
        std::uint32_t size = 0;

        [[nodiscard]] bool lies_in(std::uint32_t at, std::size_t length) const {
            return at <= size && length <= size - at;
        }
    };

    static bool read(void* part, std::uint32_t at, void* into, std::size_t size);
    static bool write(void* part, std::uint32_t at, const void* from, std::size_t size);
    static bool erase(void* part, std::uint32_t at, std::size_t size);

    std::shared_ptr<AppFlash> flash_;
    std::string bench_name_;
    Part bench_;
    Part slots_;
    imprint_identity::Places places_;
};

// As mbedTLS makes it on a chip.
[[nodiscard]] bool make_request(const char* common_name, imprint_identity::Text& private_key,
                                imprint_identity::Text& request);

}  // namespace imprint::simulator
