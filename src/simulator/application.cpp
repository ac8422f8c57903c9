#include "simulator/application.h"

#include <atomic>
#include <mutex>
#include <thread>

#include "simulator/console.h"

namespace imprint::simulator {

struct Application::Parts {
    std::mutex mutex;
    Console console{600};
};

Application::Application(const ApplicationOptions& options, ByteView flash, Started started,
                         std::function<void()> wake)
    : parts_(std::make_unique<Parts>()) {
    (void)options;
    (void)flash;
    (void)started;
    (void)wake;
}

Application::~Application() = default;

void Application::request_stop() {}

bool Application::ended() const {
    return true;
}

std::string Application::take_console() {
    const std::scoped_lock lock(parts_->mutex);
    return parts_->console.take();
}

}  // namespace imprint::simulator
