#include "logins/answers.h"

#include <nlohmann/json.hpp>

namespace imprint::logins {

http::Response error_answer(int status, const Error& error) {
    const nlohmann::ordered_json body{
        {"code", error.code}, {"reason", error.reason()}, {"mend", error.shown_hint()}};
    return {.status = status,
            .body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)};
}

}  // namespace imprint::logins
