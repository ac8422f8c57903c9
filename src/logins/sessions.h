// Who is logged in: in memory alone, so that nobody is after a restart. Of a session's secret, 256
// random bits in its cookie, only the SHA-256 is kept. Not thread-safe; the time is passed in.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/digest.h"

namespace imprint::logins {

struct SessionLimits {
    std::chrono::hours unused{12};  // it ends when it was not used for so long,
    std::chrono::hours whole{24};   // and this long after its login in any case
    std::size_t most = 1000;        // for one more, the one that was unused for longest goes
};

// Who has logged in, and with which password: its hash, so that a session ends with the password.
struct SessionUser {
    std::string name;
    std::string hash;
};

class Sessions {
  public:
    explicit Sessions(SessionLimits limits = {}) : limits_(limits) {}

    // Returns the session's secret, 64 hex digits.
    [[nodiscard]] std::string begin(SessionUser user, Instant now);
    // Null: there is none, or it has ended. Does not count as use.
    [[nodiscard]] const SessionUser* find(std::string_view secret, Instant now) const;
    void use(std::string_view secret, Instant now);
    void end(std::string_view secret);

    [[nodiscard]] std::size_t size() const { return sessions_.size(); }

  private:
    struct Session {
        SessionUser user;
        Instant begun;
        Instant used;
    };

    [[nodiscard]] bool has_ended(const Session& session, Instant now) const;
    void make_room(Instant now);

    SessionLimits limits_;
    std::map<Sha256, Session> sessions_;
};

}  // namespace imprint::logins
