#include "local_registry/broker/publications.h"

#include <cerrno>
#include <cstdint>
#include <fmt/format.h>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>

namespace imprint::local_registry {

Result<Publications> Publications::make() {
    Fd event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!event)
        return fail(
            ErrorKind::registry, "broker_failed",
            fmt::format("no event for the broker: {}", std::generic_category().message(errno)));
    return Publications(std::move(event));
}

bool Publications::publish(Announcement announcement) {
    if (announcement.topic.size() + announcement.payload.size() > largest) return false;
    {
        const Lock lock(shared_->mutex);
        if (shared_->waiting.size() >= most_waiting) return false;
        shared_->waiting.push_back(std::move(announcement));
    }
    const std::uint64_t one = 1;
    // Full only when it is readable anyway.
    [[maybe_unused]] const auto written = ::write(shared_->wake.get(), &one, sizeof one);
    return true;
}

void Publications::calm() const {
    std::uint64_t count = 0;
    // It does not block.
    [[maybe_unused]] const auto got =  // NOLINTNEXTLINE(clang-analyzer-unix.BlockInCriticalSection)
        ::read(shared_->wake.get(), &count, sizeof count);
}

}  // namespace imprint::local_registry
