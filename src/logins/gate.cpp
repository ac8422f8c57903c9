#include "logins/gate.h"

#include <chrono>
#include <fmt/format.h>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "base/secret.h"
#include "base/text.h"
#include "logins/answers.h"
#include "logins/cookie.h"

namespace imprint::logins {

namespace {

using Json = nlohmann::ordered_json;

std::string login_text(const std::optional<Login>& login, bool needed) {
    Json body;
    if (login) {
        body["user"] = login->user;
        body["role"] = to_string(login->role);
    }
    body["needed"] = needed;
    return body.dump();
}

}  // namespace

// What somebody logs in with.
struct Gate::Words {
    std::string user;
    Secret password;
    bool of_program = false;

    static std::optional<Words> parse(const std::string& body) {
        Json json = Json::parse(body, nullptr, false);
        if (!json.is_object() || json.size() != 2) return std::nullopt;
        const auto user = json.find("user");
        const auto password = json.find("password");
        if (user == json.end() || password == json.end() || !user->is_string() ||
            !password->is_string())
            return std::nullopt;
        auto& text = password->get_ref<std::string&>();
        Words words{user->get<std::string>(), Secret(text), false};
        wipe(text);
        return words;
    }

    // "Basic dXNlcjpwYXNzd29yZA=="
    static std::optional<Words> parse_basic(std::string_view field) {
        constexpr std::string_view scheme = "basic ";
        if (!same_but_for_case(field.substr(0, scheme.size()), scheme)) return std::nullopt;
        field.remove_prefix(scheme.size());
        auto decoded = from_base64(trimmed(field));
        if (!decoded) return std::nullopt;
        const Secret bytes(*std::move(decoded));
        const std::string_view text = bytes.reveal_text();
        const std::size_t colon = text.find(':');
        if (colon == std::string_view::npos) return std::nullopt;
        return Words{std::string(text.substr(0, colon)), Secret(text.substr(colon + 1)), true};
    }
};

Gate::Gate(GateOptions options, const Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      port_(options_.site.port),
      turns_(options_.most_waiting),
      users_(options_.users),
      sessions_(options_.sessions),
      limit_(options_.limits),
      program_limit_(options_.limits) {}

void Gate::set_port(std::uint16_t port) {
    port_ = port;
}

Site Gate::site() const {
    Site site = options_.site;
    site.port = port_;
    return site;
}

void Gate::add_security_headers(http::Response& response) const {
    logins::add_security_headers(response, options_.site);
}

http::Response Gate::answer(http::Response response) const {
    add_security_headers(response);
    return response;
}

http::Response Gate::refuse(int status, const Error& error) const {
    return answer(error_answer(status, error));
}

bool Gate::needs_login(const http::Request& request) const {
    const std::string_view path = request.raw_path();
    if (!options_.login_needed || path == "/api/login" || path == "/api/logout" ||
        path == "/metrics")
        return false;
    const bool reads = request.method == "GET" || request.method == "HEAD";
    return !reads || is_api_path(path);
}

std::optional<http::Response> Gate::admit(const http::Request& request) const {
    if (const auto refusal = refuse_foreign(request, site()))
        return refuse(refusal->status, refusal->error);
    if (!needs_login(request) || look_up(request, false)) return std::nullopt;
    return refuse(401, make_error(ErrorKind::usage, "login_needed", "nobody is logged in",
                                  "log in at " + site().url()));
}

std::optional<Login> Gate::look_up(const http::Request& request, bool is_use) const {
    if (!options_.login_needed) return Login{.user = "", .role = Role::engineer};
    const Instant now = clock_.now();
    const Lock lock(mutex_);
    for (const std::string& secret : session_secrets(request, options_.site.tls)) {
        const SessionUser* session = sessions_.find(secret, now);
        if (session == nullptr) continue;
        // Who may log in is asked of the file as it is now. One that cannot be read lets nobody in.
        const auto& users = users_.now();
        const User* user = users ? find_user(*users, session->name) : nullptr;
        if (user != nullptr && user->hash == session->hash) {
            if (is_use) sessions_.use(secret, now);
            return Login{.user = user->name, .role = user->role};
        }
        if (users) sessions_.end(secret);
    }
    return std::nullopt;
}

std::optional<Login> Gate::login_of(const http::Request& request) {
    return look_up(request, true);
}

std::optional<Login> Gate::still_logged_in(const http::Request& request) const {
    return look_up(request, false);
}

http::Response Gate::tell_login(const http::Request& request) const {
    return answer({.body = login_text(look_up(request, false), options_.login_needed)});
}

// Nothing: the password may be compared now.
std::optional<http::Response> Gate::hold_back(const http::Request& request,
                                              const Words& words) const {
    const Lock lock(mutex_);
    const LoginLimit& limit = words.of_program ? program_limit_ : limit_;
    const Milliseconds wait = limit.wait(request.peer, words.user, clock_.now());
    if (wait.count() == 0) return std::nullopt;
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
    http::Response refusal =
        refuse(429, make_error(ErrorKind::usage, "login_wait", "too many logins have failed",
                               fmt::format("try again in {} s", seconds)));
    refusal.headers.emplace_back("Retry-After", std::to_string(seconds));
    return refusal;
}

http::Response Gate::log_in(const http::Request& request) {
    if (!options_.login_needed) return tell_login(request);
    const auto words = Words::parse(request.body);
    if (!words)
        return refuse(
            400, make_error(ErrorKind::usage, "bad_request", "a login is a user and a password",
                            R"(send {"user": "…", "password": "…"})"));
    const auto user = user_of(request, *words);
    if (!user) return user.error();
    // Whoever knows the former secret gets nothing of this login.
    const Lock lock(mutex_);
    for (const std::string& former : session_secrets(request, options_.site.tls))
        sessions_.end(former);
    const std::string secret =
        sessions_.begin({.name = user->name, .hash = user->hash}, clock_.now());
    return answer({.headers = {{"Set-Cookie", set_cookie(secret, options_.site.tls)}},
                   .body = login_text(Login{.user = user->name, .role = user->role}, true)});
}

std::expected<Login, http::Response> Gate::login_of_program(const http::Request& request) {
    if (const auto login = look_up(request, false)) return *login;
    const auto field = request.header("authorization");
    const auto words = field ? Words::parse_basic(*field) : std::nullopt;
    if (!words) {
        http::Response refusal =
            refuse(401, make_error(ErrorKind::usage, "login_needed", "nobody is logged in",
                                   "send a user and a password by HTTP's basic scheme"));
        refusal.headers.emplace_back("WWW-Authenticate", R"(Basic realm="imprint")");
        return std::unexpected(std::move(refusal));
    }
    auto user = user_of(request, *words);
    if (!user) return std::unexpected(std::move(user).error());
    return Login{.user = user->name, .role = user->role};
}

std::expected<User, http::Response> Gate::user_of(const http::Request& request,
                                                  const Words& words) {
    if (auto refusal = hold_back(request, words)) return std::unexpected(*std::move(refusal));
    const Turn turn(turns_);
    if (!turn) {
        http::Response refusal =
            refuse(429, make_error(ErrorKind::usage, "login_wait",
                                   "too many log in at the same time", "try again in a second"));
        refusal.headers.emplace_back("Retry-After", "1");
        return std::unexpected(std::move(refusal));
    }
    // What failed while this one waited counts too: many guesses at once are no more than as many
    // one after the other.
    if (auto refusal = hold_back(request, words)) return std::unexpected(*std::move(refusal));
    return compare(request, words);
}

std::expected<User, http::Response> Gate::compare(const http::Request& request,
                                                  const Words& words) {
    Result<Users> users;
    {
        const Lock lock(mutex_);
        users = users_.now();
    }
    if (!users) {
        options_.log.warning("nobody can log in: {}", users.error().describe());
        return std::unexpected(
            refuse(500, make_error(ErrorKind::config, "users_damaged",
                                   "the station cannot read who may log in", "its log says why")));
    }
    const User* user = find_user(*users, words.user);
    // Somebody who is not known takes as long as a wrong password.
    const std::string hash = user != nullptr ? user->hash : nobodys_hash(options_.cost);
    const bool right = options_.compare(words.password.reveal_text(), hash) && user != nullptr;
    const Instant now = clock_.now();
    const Lock lock(mutex_);
    LoginLimit& limit = words.of_program ? program_limit_ : limit_;
    if (!right) {
        limit.failed(request.peer, words.user, now);
        options_.log.warning("a login from {} has failed", request.peer);
        return std::unexpected(refuse(
            401,
            make_error(ErrorKind::usage, "login_failed", "user and password do not belong together",
                       "try again; an engineer at the station can set a new one")));
    }
    limit.succeeded(words.user);
    return *user;
}

http::Response Gate::log_out(const http::Request& request) {
    {
        const Lock lock(mutex_);
        for (const std::string& secret : session_secrets(request, options_.site.tls))
            sessions_.end(secret);
    }
    return answer({.headers = {{"Set-Cookie", clear_cookie(options_.site.tls)}}, .body = "{}"});
}

}  // namespace imprint::logins
