// Who may use the station's page: foreign requests are refused, users log in and out. Thread-safe.
//
//   Handlers{.admit = [&](const Request& head) { return gate.admit(head); }, …}
#pragma once

#include <atomic>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/log.h"
#include "base/mutex.h"
#include "http/message.h"
#include "logins/login_limit.h"
#include "logins/passwords.h"
#include "logins/request_guard.h"
#include "logins/sessions.h"
#include "logins/turns.h"
#include "logins/users.h"

namespace imprint::logins {

struct Login {
    std::string user;  // empty: no login is needed here, and nobody has a name
    Role role = Role::operator_;
};

// How a password is compared; a test counts.
using ComparePassword = std::function<bool(std::string_view password, std::string_view hash)>;

struct GateOptions {
    Site site;
    bool login_needed = false;
    std::filesystem::path users;
    SessionLimits sessions = {};
    LoginLimits limits = {};
    HashCost cost = {};            // of the hashes that the users have
    std::size_t most_waiting = 3;  // requests that wait to have a password compared
    ComparePassword compare = is_password;
    Log log = {};
};

class Gate {
  public:
    Gate(GateOptions options, const Clock& clock);

    // For a server that chose its port itself.
    void set_port(std::uint16_t port);

    [[nodiscard]] bool login_needed() const { return options_.login_needed; }

    // Before a body is read: refuses foreign hosts and origins (400, 403), and where a login is
    // needed and missing (401). The page's own files need none, nor do /api/login and /api/logout;
    // /metrics asks for its own, by login_of_program.
    [[nodiscard]] std::optional<http::Response> admit(const http::Request& request) const;

    // Nothing: nobody is logged in. Where no login is needed, an engineer without a name. Counts as
    // use of the session.
    [[nodiscard]] std::optional<Login> login_of(const http::Request& request);
    // The same, without being a use: for a stream that asks again and again whether it may go on.
    [[nodiscard]] std::optional<Login> still_logged_in(const http::Request& request) const;

    // GET /api/login: {"user": …, "role": …, "needed": …}, without user and role if nobody is.
    [[nodiscard]] http::Response tell_login(const http::Request& request) const;
    // POST /api/login: 200 with a cookie and the same body; 400 bad_request, 401 login_failed, 429
    // login_wait, 500 (the file of users cannot be read: the log says why).
    [[nodiscard]] http::Response log_in(const http::Request& request);
    // For a program that has no cookies (Prometheus): a session's login, or the user and password
    // of the basic scheme (RFC 7617), compared for this one request. Else the answer: as log_in's,
    // or 401 login_needed, which asks for that scheme.
    [[nodiscard]] std::expected<Login, http::Response> login_of_program(
        const http::Request& request);
    // POST /api/logout
    [[nodiscard]] http::Response log_out(const http::Request& request);

    void add_security_headers(http::Response& response) const;

  private:
    struct Words;

    [[nodiscard]] Site site() const;
    [[nodiscard]] bool needs_login(const http::Request& request) const;
    [[nodiscard]] std::optional<Login> look_up(const http::Request& request, bool is_use) const;
    [[nodiscard]] std::optional<http::Response> hold_back(const http::Request& request,
                                                          const Words& words) const;
    // Waits for its turn.
    [[nodiscard]] std::expected<User, http::Response> user_of(const http::Request& request,
                                                              const Words& words);
    [[nodiscard]] std::expected<User, http::Response> compare(const http::Request& request,
                                                              const Words& words);
    [[nodiscard]] http::Response answer(http::Response response) const;
    [[nodiscard]] http::Response refuse(int status, const Error& error) const;

    const GateOptions options_;
    const Clock& clock_;
    std::atomic<std::uint16_t> port_;
    Turns turns_;
    mutable Mutex mutex_;
    mutable UserFile users_ IMPRINT_GUARDED_BY(mutex_);
    mutable Sessions sessions_ IMPRINT_GUARDED_BY(mutex_);
    LoginLimit limit_ IMPRINT_GUARDED_BY(mutex_);
    // Of programs: one with an old password asks for ever, and must keep no person out.
    LoginLimit program_limit_ IMPRINT_GUARDED_BY(mutex_);
};

}  // namespace imprint::logins
