// What the workers of a command have come to together: its counts, and the error that ends it.
#pragma once

#include <functional>
#include <optional>

#include "base/error.h"
#include "base/mutex.h"

namespace imprint::fleet {

// Summary: a struct of counts with a `stopped`.
template <typename Summary>
struct Progress {
    Mutex mutex;
    Summary summary IMPRINT_GUARDED_BY(mutex);
    std::optional<Error> broken IMPRINT_GUARDED_BY(mutex);  // the station's own: nothing can go on

    // Asked before each item. Once it was true, it stays so.
    [[nodiscard]] bool is_over(const std::function<bool()>& stopped) {
        const Lock lock(mutex);
        summary.stopped |= stopped();
        return summary.stopped || broken.has_value();
    }

    [[nodiscard]] Result<Summary> result() {
        const Lock lock(mutex);
        if (broken) return std::unexpected(*broken);
        return summary;
    }
};

}  // namespace imprint::fleet
