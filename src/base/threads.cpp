#include "base/threads.h"

#include <exception>
#include <fmt/format.h>
#include <system_error>

#include "base/mutex.h"

namespace imprint {

Error error_of_exception(std::string_view where) {
    std::string what;
    try {
        throw;
    } catch (const std::exception& exception) {
        what = exception.what();
    } catch (...) {
        what = "an exception of an unknown type";
    }
    Error bug = make_error(ErrorKind::bug, "bug", fmt::format("a bug in Imprint: {}", what),
                           "please report it, with the command line and what `imprint -v …` shows");
    bug.context.emplace_back(where);
    return bug;
}

std::jthread make_thread(std::function<void(std::stop_token)> work) {
    return std::jthread(std::move(work));
}

Result<std::jthread> start_thread(std::string where,
                                  std::function<void(const std::stop_token&)> work,
                                  std::function<void(const Error&)> on_error,
                                  const ThreadMaker& make) {
    auto guarded = [where, work = std::move(work),
                    on_error = std::move(on_error)](const std::stop_token& stop) {
        const auto done = run_guarded(where, [&]() -> Result<void> {
            work(stop);
            return {};
        });
        if (!done) on_error(done.error());
    };
    try {
        return make(std::move(guarded));
    } catch (const std::system_error& refused) {
        return with_context(
            make_error(ErrorKind::config, "thread_not_started",
                       fmt::format("the system gives no thread: {}", refused.what()),
                       "raise the limit (ulimit -u, a service's TasksMax), or do fewer at once"),
            std::move(where));
    }
}

namespace {

class FirstException {
  public:
    // The one that is being handled.
    void keep() {
        const Lock lock(mutex_);
        if (!thrown_) thrown_ = std::current_exception();
    }

    void rethrow() {
        const Lock lock(mutex_);
        if (thrown_) std::rethrow_exception(thrown_);
    }

  private:
    Mutex mutex_;
    std::exception_ptr thrown_ IMPRINT_GUARDED_BY(mutex_);
};

}  // namespace

void run_alike(unsigned count, const std::function<void()>& work, const ThreadMaker& make) {
    FirstException first;
    const auto guarded = [&] {
        try {
            work();
        } catch (...) {
            first.keep();
        }
    };
    {
        std::vector<std::jthread> threads;
        for (unsigned i = 1; i < count; ++i) {
            try {
                threads.push_back(make([&guarded](const std::stop_token&) { guarded(); }));
            } catch (const std::system_error&) {
                break;
            }
        }
        guarded();
    }
    first.rethrow();
}

}  // namespace imprint
