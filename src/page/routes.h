// Which function answers which request of the API.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "http/message.h"
#include "logins/gate.h"
#include "page/station_json.h"

namespace imprint::page {

struct Call {
    const http::Request& request;
    logins::Login login;
    std::vector<std::string> names;  // what stands for each "*" of the path, decoded
    Json body;                       // of a POST: an object

    // Empty: it is not there.
    [[nodiscard]] std::string query(std::string_view name) const;
    // Of the body. Error (usage): bad_request: it is there, and no text.
    [[nodiscard]] Result<std::string> text(const char* name) const;
};

struct Route {
    std::string_view method;
    std::string_view path;  // "/api/lots/*/boards"
    logins::Role role;      // the least that may
    std::function<Result<http::Response>(const Call&)> answer;
};

[[nodiscard]] http::Response json_response(const Json& json);
// {"code": …, "reason": …, "mend": …}, with the status that docs/api.md gives it.
[[nodiscard]] http::Response error_response(const Error& error);

class Router {
  public:
    void add(std::vector<Route> routes);
    [[nodiscard]] http::Response answer(const http::Request& request,
                                        const logins::Login& login) const;

  private:
    std::vector<Route> routes_;
};

}  // namespace imprint::page
