// The ways to reach a board, for this layer's own sources.
#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "transport/port.h"

namespace imprint::transport {

[[nodiscard]] Result<std::unique_ptr<Port>> open_serial(const std::string& path,
                                                        std::uint32_t baud);
// address: "host:port"
[[nodiscard]] Result<std::unique_ptr<Port>> open_socket(const std::string& url,
                                                        const std::string& address);

}  // namespace imprint::transport
