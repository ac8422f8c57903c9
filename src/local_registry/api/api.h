// The control plane without its socket: a request in, an answer out.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/log.h"
#include "http/message.h"
#include "local_registry/api/authentication.h"
#include "local_registry/operations/context.h"

namespace imprint::local_registry {

class Api {
  public:
    // broker_up: the state of the broker for GET /imprint/health.
    Api(Context context, std::string root_ca_pem, std::function<bool()> broker_up, Log log);

    // The same with another store.
    [[nodiscard]] Api with(Store& store, Choices* choices = nullptr) const;

    // May be called from many threads. Called with the headers, before a body is read: an answer
    // refuses the request.
    [[nodiscard]] std::optional<http::Response> admit(const http::Request& head) const;
    [[nodiscard]] http::Response handle(const http::Request& request) const;

  private:
    [[nodiscard]] http::Response refused(const http::Request& request, const ApiError& error) const;
    [[nodiscard]] http::Response answer_own(const http::Request& request) const;
    [[nodiscard]] http::Response answer_iot(const http::Request& request,
                                            const Caller& caller) const;

    Context context_;
    std::string root_ca_pem_;
    std::function<bool()> broker_up_;
    Log log_;
};

}  // namespace imprint::local_registry
