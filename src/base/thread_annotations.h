// Annotations that say which lock protects what, so that clang can check it (-Wthread-safety, in
// scripts/tidy); g++ ignores them. Source: clang's documentation, "Thread Safety Analysis".
#pragma once

#ifdef __clang__
#define IMPRINT_THREAD_ATTRIBUTE(text) __attribute__((text))
#else
#define IMPRINT_THREAD_ATTRIBUTE(text)
#endif

// A member that is accessed only while that lock is held; the second one: what the member points
// to.
#define IMPRINT_GUARDED_BY(lock) IMPRINT_THREAD_ATTRIBUTE(guarded_by(lock))
#define IMPRINT_PT_GUARDED_BY(lock) IMPRINT_THREAD_ATTRIBUTE(pt_guarded_by(lock))
// A function that is called only with that lock held, or only without it.
#define IMPRINT_REQUIRES(...) IMPRINT_THREAD_ATTRIBUTE(requires_capability(__VA_ARGS__))
#define IMPRINT_EXCLUDES(...) IMPRINT_THREAD_ATTRIBUTE(locks_excluded(__VA_ARGS__))
// The body of this function is not checked; its callers are.
#define IMPRINT_NO_LOCK_CHECK IMPRINT_THREAD_ATTRIBUTE(no_thread_safety_analysis)

// For the types in mutex.h, and types that contain one of them.
#define IMPRINT_CAPABILITY(name) IMPRINT_THREAD_ATTRIBUTE(capability(name))
#define IMPRINT_SCOPED_CAPABILITY IMPRINT_THREAD_ATTRIBUTE(scoped_lockable)
#define IMPRINT_ACQUIRE(...) IMPRINT_THREAD_ATTRIBUTE(acquire_capability(__VA_ARGS__))
#define IMPRINT_TRY_ACQUIRE(...) IMPRINT_THREAD_ATTRIBUTE(try_acquire_capability(__VA_ARGS__))
#define IMPRINT_RELEASE(...) IMPRINT_THREAD_ATTRIBUTE(release_capability(__VA_ARGS__))
