// What firmware/examples/aws_iot does: it loads its credentials, connects, reports its state, and
// takes new credentials over the air.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/mac.h"
#include "image/partition_table.h"
#include "imprint_identity/identity.h"
#include "imprint_identity/rotation.h"
#include "imprint_identity/shadow.h"
#include "mqtt/session.h"
#include "simulator/app_flash.h"
#include "simulator/device_credentials.h"
#include "simulator/firmware_settings.h"
#include "simulator/shared_console.h"

namespace imprint::simulator {

struct ExampleFirmwareOptions {
    MacAddress mac;
    bool network = true;
    std::optional<WallTime> network_time;  // ApplicationOptions
    std::int64_t built = 0;                // seconds since 1970
    std::string version;
    image::PartitionTable table;
    FirmwareSettings settings;
};

class ExampleFirmware {
  public:
    // console outlives it.
    ExampleFirmware(const ExampleFirmwareOptions& options, std::shared_ptr<AppFlash> flash,
                    SharedConsole& console);

    // From the reset to the next one.
    void run(const std::stop_token& stop);

  private:
    // What a connection is made with.
    enum class With : std::uint8_t { in_force, staged };

    // How a connection went.
    struct Course {
        bool was_up = false;
        bool ended_for_trial = false;
        Milliseconds held{};  // for how long it was up
    };

    [[nodiscard]] bool load();
    void learn_the_time();
    void talk(const std::stop_token& stop);
    // With the credentials on trial: true once they are in force or were given up.
    void try_staged(const std::stop_token& stop);
    [[nodiscard]] Result<mqtt::Session> session_of(const imprint_identity::Identity& identity);
    [[nodiscard]] Course stay_connected(mqtt::Session& session, With with,
                                        const std::stop_token& stop);
    void greet(mqtt::Session& session, With with);
    void on_subscribed(mqtt::Session& session, bool granted);
    [[nodiscard]] bool on_message(mqtt::Session& session, const mqtt::Event& event);
    [[nodiscard]] bool follow_light(const mqtt::Event& event);
    void carry_out(mqtt::Session& session, imprint_identity::Rotation::Next next);
    void report(mqtt::Session& session);

    ExampleFirmwareOptions options_;
    SharedConsole* console_;
    // How far its clock is from the right time.
    std::optional<std::chrono::seconds> ahead_;
    DeviceCredentials credentials_;
    imprint_identity::Rotation rotation_;
    imprint_identity::Identity identity_;
    imprint_identity::ShadowTopics topics_;
    imprint_identity::RotationTopics rotation_topics_;
    unsigned subscriptions_ = 0;  // answers that are still to come
    bool may_rotate_ = false;
    bool rotation_refused_ = false;  // by the policy, since this start
    bool light_on_ = false;
};

}  // namespace imprint::simulator
