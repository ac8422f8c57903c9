// A serial port behind a terminal server that speaks RFC 2217: with its baud rate and modem lines.
#pragma once

#include <memory>
#include <string>

#include "transport/port.h"
#include "transport/port_url.h"

namespace imprint::transport {

// Options and settings are negotiated before it returns; each wait for an answer ends after 3 s.
// Writes wait for no answer.
// Errors (kind board): port_unreachable, also for a peer that does not speak RFC 2217 or hangs up
// during the negotiation; port_baud if the rate in the server's answer differs by more than 2 %.
[[nodiscard]] Result<std::unique_ptr<Port>> open_rfc2217_port(const Rfc2217Address& address,
                                                              const std::string& name,
                                                              std::uint32_t baud);

}  // namespace imprint::transport
