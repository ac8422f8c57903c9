// The random choices of an operation, so that it can be executed again with the same outcome
// (faults/late_writes.h): each choice is recorded when it is first made, and replayed later.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "local_registry/api/api_error.h"

namespace imprint::local_registry {

class Choices {
  public:
    using Make = std::function<Outcome<std::string>()>;

    Choices() = default;
    // As written by to_text(); replayed in order, from the first on.
    [[nodiscard]] static Choices from_text(std::string_view text);
    [[nodiscard]] std::string to_text() const;

    // The next one of its kind; created if none is left.
    [[nodiscard]] Outcome<std::string> settle(std::string_view kind, const Make& make);

  private:
    struct Drawn {
        std::vector<std::string> values;
        std::size_t given = 0;
    };

    std::map<std::string, Drawn, std::less<>> drawn_;
};

}  // namespace imprint::local_registry
