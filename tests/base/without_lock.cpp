// Wrong on purpose, and in no program: scripts/tidy has to find all three, else it looks for none.
#include <condition_variable>

#include "base/mutex.h"

namespace imprint {

class WithoutLock {
  public:
    void write() { value_ = 1; }

    void call() { raise(); }

    void wait() {
        UniqueLock lock(mutex_);
        changed_.wait(lock, [this] { return value_ > 0; });
    }

    void raise() IMPRINT_REQUIRES(mutex_) { ++value_; }

  private:
    Mutex mutex_;
    std::condition_variable_any changed_;
    int value_ IMPRINT_GUARDED_BY(mutex_) = 0;
};

}  // namespace imprint
