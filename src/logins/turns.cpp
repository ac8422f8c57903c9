#include "logins/turns.h"

namespace imprint::logins {

bool Turns::enter() {
    UniqueLock lock(mutex_);
    if (taken_ && waiting_ >= most_waiting_) return false;
    ++waiting_;
    next_.wait(lock, [this]() IMPRINT_REQUIRES(mutex_) { return !taken_; });
    --waiting_;
    taken_ = true;
    return true;
}

void Turns::leave() {
    {
        const Lock lock(mutex_);
        taken_ = false;
    }
    next_.notify_one();
}

std::size_t Turns::waiting() const {
    const Lock lock(mutex_);
    return waiting_;
}

}  // namespace imprint::logins
