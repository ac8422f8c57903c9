#include "simulator/application.h"

#include <atomic>
#include <csignal>
#include <pthread.h>
#include <thread>

#include "base/threads.h"
#include "imprint_identity/wall_clock.h"
#include "simulator/example_firmware.h"
#include "simulator/firmware_settings.h"
#include "simulator/sample_firmware.h"
#include "simulator/shared_console.h"

namespace imprint::simulator {

namespace {

constexpr std::string_view example_project = "aws_iot";

bool has_identity_runtime(const image::AppDescription& app) {
    return app.project == sample_project || app.project == example_project;
}

// A peer that goes away while it is written to must end the connection, not the process.
void ignore_broken_pipes() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

}  // namespace

struct Application::Parts {
    explicit Parts(std::function<void()> wake) : console(std::move(wake)) {}

    SharedConsole console;
    std::shared_ptr<AppFlash> flash;
    std::atomic<bool> ended{true};
    std::jthread thread;
};

Application::Application(const ApplicationOptions& options, std::shared_ptr<AppFlash> flash,
                         ByteView seen, const Started& started, std::function<void()> wake)
    : parts_(std::make_unique<Parts>(std::move(wake))) {
    parts_->flash = flash;
    const auto& description = started.app.description;
    if (!description || !has_identity_runtime(*description)) return;
    ExampleFirmwareOptions firmware{
        .mac = options.mac,
        .network = options.network,
        .network_time = options.network_time,
        .built = imprint_identity::built_at(description->build_date.c_str(),
                                            description->build_time.c_str()),
        .version = description->version,
        .table = started.table,
        .settings = settings_of(seen, started.app_offset, started.app)};
    parts_->ended = false;
    parts_->thread = std::jthread([parts = parts_.get(), firmware = std::move(firmware),
                                   flash = std::move(flash)](const std::stop_token& stop) mutable {
        ignore_broken_pipes();
        const auto ran = run_guarded("the firmware", [&]() -> Result<void> {
            ExampleFirmware(firmware, std::move(flash), parts->console).run(stop);
            return {};
        });
        if (!ran) parts->console.error(application_tag, "{}", ran.error().describe());
        parts->ended = true;
    });
}

Application::~Application() = default;

void Application::request_stop() {
    parts_->flash->take_away();
    parts_->thread.request_stop();
}

bool Application::ended() const {
    return parts_->ended;
}

std::string Application::take_console() {
    return parts_->console.take();
}

}  // namespace imprint::simulator
