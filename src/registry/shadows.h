// Device shadows, as far as Imprint needs them: a thing's documents of what is desired and what is
// reported, which a device and those who manage it meet in. src/aws implements it for AWS IoT and
// for the local registry.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"

namespace imprint::registry {

struct Shadow {
    // JSON: {"state": {"desired": …, "reported": …, "delta": …}, "metadata", "version",
    // "timestamp"}; after an update the parts of the state that were sent.
    std::string document;
    std::int64_t version = 0;
};

// Errors: of kind registry, named as those of registry.h. Safe to call from many threads.
class Shadows {
  public:
    virtual ~Shadows() = default;

    // name empty: the classic shadow, which has none. Nothing: there is no such shadow.
    [[nodiscard]] virtual Result<std::optional<Shadow>> find(const std::string& thing,
                                                             const std::string& name) = 0;
    // Makes it, or merges into it: {"state": {"desired": …}} in JSON; null removes a value. With a
    // "version" that is not the shadow's: ConflictException. Whether an update with a version whose
    // reply was lost has been carried out, find() tells.
    [[nodiscard]] virtual Result<Shadow> update(const std::string& thing, const std::string& name,
                                                const std::string& document) = 0;
    // One that is gone already is no error.
    [[nodiscard]] virtual Result<void> remove(const std::string& thing,
                                              const std::string& name) = 0;
};

}  // namespace imprint::registry
