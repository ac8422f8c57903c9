// How often a password may be tried: after five failures, from one address or for one user, each
// further try has to wait, 1 s, 2 s, 4 s, … up to a minute. Nobody is locked out for good. Not
// thread-safe; the time is passed in.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace imprint::logins {

struct LoginLimits {
    unsigned free_tries = 5;
    std::chrono::seconds longest{60};
    std::chrono::minutes forgotten{15};  // after the last failure
    // Of addresses, and of users; for one more, the one goes that may try again soonest.
    std::size_t most = 4096;
};

class LoginLimit {
  public:
    explicit LoginLimit(LoginLimits limits = {}) : limits_(limits) {}

    // How long to wait before the next try; none: it may be made now. address: of the client, as
    // text; IPv6 counts by its network (/64), which is one customer's. To this machine's own
    // addresses the waits for a user do not apply: else somebody on the network could keep
    // everybody out.
    [[nodiscard]] Milliseconds wait(std::string_view address, std::string_view user,
                                    Instant now) const;
    void failed(std::string_view address, std::string_view user, Instant now);
    // Forgets the failures for the user; not those of the address, whose next user may be a guess.
    void succeeded(std::string_view user);

    [[nodiscard]] std::size_t size() const { return addresses_.size() + users_.size(); }

  private:
    struct Row {
        unsigned failures = 0;
        Instant last;
        Instant until;
    };

    using Rows = std::map<std::string, Row, std::less<>>;

    [[nodiscard]] Milliseconds wait(const Rows& rows, std::string_view key, Instant now) const;
    void count(Rows& rows, std::string_view key, Instant now) const;

    LoginLimits limits_;
    Rows addresses_;
    Rows users_;
};

// What of an address counts: "192.0.2.7", "2001:db8:1:2::/64", "loopback"; anything else as it is.
[[nodiscard]] std::string counted_address(std::string_view address);

}  // namespace imprint::logins
