// Threads that no exception leaves, and that may fail to start. When a machine's limit is reached
// (ulimit -u, a service's TasksMax, memory for stacks), std::jthread throws; and an exception that
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

// The exception that is being handled, as an error of kind bug. Call it in a catch block.
[[nodiscard]] Error error_of_exception(std::string_view where);

// The result of the work; an exception of it as an error.
template <typename Work>
[[nodiscard]] std::invoke_result_t<Work> run_guarded(std::string_view where, Work&& work) {
    try {
        return std::forward<Work>(work)();
    } catch (...) {
        return std::unexpected(error_of_exception(where));
    }
}

// Starts a thread or throws std::system_error; a test passes in one that throws.
using ThreadMaker = std::function<std::jthread(std::function<void(std::stop_token)>)>;
[[nodiscard]] std::jthread make_thread(std::function<void(std::stop_token)> work);

// on_error gets what the work threw, on the work's thread. Error: thread_not_started (config).
[[nodiscard]] Result<std::jthread> start_thread(std::string where,
                                                std::function<void(const std::stop_token&)> work,
                                                std::function<void(const Error&)> on_error,
                                                const ThreadMaker& make = make_thread);

// The result of work that runs in parallel to the caller. The thread is joined when the future is
// destroyed. If no thread can be started, the work is done when its result is asked for.
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

// Runs the same work on up to `count` threads at once, one of them the caller's; on fewer if no
// more can be started. Returns once all are done; an exception of one of them is rethrown then.
void run_alike(unsigned count, const std::function<void()>& work,
               const ThreadMaker& make = make_thread);

}  // namespace imprint
