// Threads that no exception leaves, and that may fail to start: on a machine whose limit is reached
// (ulimit -u, a service's TasksMax, memory for stacks) std::jthread throws, and an exception that
// leaves a thread ends the whole process in the middle of whatever the others are writing.
#pragma once

#include <functional>
#include <future>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/error.h"

namespace imprint {

// The exception that is being handled, as an error of kind bug; to be called in a catch block.
[[nodiscard]] Error error_of_exception(std::string_view where);

// What the work gives; its exception as an error.
template <typename Work>
[[nodiscard]] std::invoke_result_t<Work> run_guarded(std::string_view where, Work&& work) {
    try {
        return std::forward<Work>(work)();
    } catch (...) {
        return std::unexpected(error_of_exception(where));
    }
}

// Starts a thread or throws std::system_error; a test hands in one that does the latter.
using ThreadMaker = std::function<std::jthread(std::function<void(std::stop_token)>)>;
[[nodiscard]] std::jthread make_thread(std::function<void(std::stop_token)> work);

// on_error gets what the work threw, on its thread. Error: thread_not_started (config).
[[nodiscard]] Result<std::jthread> start_thread(std::string where,
                                                std::function<void(const std::stop_token&)> work,
                                                std::function<void(const Error&)> on_error,
                                                const ThreadMaker& make = make_thread);

// The result of work that goes on beside the caller, on a thread that is joined by whoever lets the
// future go. Where there is no thread to be had, the work is done when it is asked for.
template <typename T>
class Beside {
  public:
    using Starter = std::function<std::future<Result<T>>(std::launch, std::function<Result<T>()>)>;

    [[nodiscard]] static std::future<Result<T>> start(
        std::string where, std::function<Result<T>()> work,
        const Starter& starter = [](std::launch how, std::function<Result<T>()> guarded) {
            return std::async(how, std::move(guarded));
        }) {
        const auto guarded = [where = std::move(where), work = std::move(work)] {
            return run_guarded(where, work);
        };
        try {
            return starter(std::launch::async, guarded);
        } catch (const std::system_error&) {
            return std::async(std::launch::deferred, guarded);
        }
    }
};

// The same work by up to `count` threads at once, the caller's among them; fewer where no more
// can be had. Returns once all have; an exception of one of them is thrown on then.
void run_alike(unsigned count, const std::function<void()>& work,
               const ThreadMaker& make = make_thread);

}  // namespace imprint
