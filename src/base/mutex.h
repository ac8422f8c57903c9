// std::mutex and its guards, annotated so that clang can check who holds which lock; those of the
// standard library are not annotated (thread_annotations.h).
//
// To wait, use std::condition_variable_any with a UniqueLock. Clang treats its predicate as a
// separate function, which has to state its lock: [this]() IMPRINT_REQUIRES(mutex_) { … }.
#pragma once

#include <mutex>

#include "base/thread_annotations.h"

namespace imprint {

class IMPRINT_CAPABILITY("mutex") Mutex {
  public:
    void lock() IMPRINT_ACQUIRE() { mutex_.lock(); }

    void unlock() IMPRINT_RELEASE() { mutex_.unlock(); }

    [[nodiscard]] bool try_lock() IMPRINT_TRY_ACQUIRE(true) { return mutex_.try_lock(); }

  private:
    std::mutex mutex_;
};

class IMPRINT_SCOPED_CAPABILITY Lock {
  public:
    explicit Lock(Mutex& mutex) IMPRINT_ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }

    // The caller has locked it.
    Lock(Mutex& mutex, std::adopt_lock_t /*locked*/) IMPRINT_REQUIRES(mutex) : mutex_(mutex) {}

    ~Lock() IMPRINT_RELEASE() { mutex_.unlock(); }

    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;
    Lock(Lock&&) = delete;
    Lock& operator=(Lock&&) = delete;

  private:
    Mutex& mutex_;
};

// Can be unlocked and locked again in between.
class IMPRINT_SCOPED_CAPABILITY UniqueLock {
  public:
    explicit UniqueLock(Mutex& mutex) IMPRINT_ACQUIRE(mutex) : mutex_(mutex) { lock(); }

    ~UniqueLock() IMPRINT_RELEASE() {
        if (held_) mutex_.unlock();
    }

    UniqueLock(const UniqueLock&) = delete;
    UniqueLock& operator=(const UniqueLock&) = delete;
    UniqueLock(UniqueLock&&) = delete;
    UniqueLock& operator=(UniqueLock&&) = delete;

    void lock() IMPRINT_ACQUIRE() {
        mutex_.lock();
        held_ = true;
    }

    void unlock() IMPRINT_RELEASE() {
        held_ = false;
        mutex_.unlock();
    }

  private:
    Mutex& mutex_;
    bool held_ = false;
};

}  // namespace imprint
