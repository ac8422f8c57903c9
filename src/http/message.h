// One HTTP request and its answer as values, on the server's side: everything except the socket
// works on these.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/body_stream.h"
#include "http/fields.h"

namespace imprint::http {

struct Request {
    std::string method;  // "GET"
    std::string target;  // as received: "/things/a%3Ab?maxResults=2"
    Fields headers;      // names in lower case
    std::string body;
    std::string peer = {};  // the client's address, without a port: "127.0.0.1", "2001:db8::7"

    [[nodiscard]] std::optional<std::string> header(std::string_view lower_case_name) const;
    [[nodiscard]] std::string_view raw_path() const;  // "/things/a%3Ab"
    [[nodiscard]] Fields query() const;               // decoded
};

struct Response {
    int status = 200;
    Fields headers{};  // besides Content-Type, Content-Length, Transfer-Encoding and Connection
    std::string content_type = "application/json";
    std::string body{};
    // Replaces `body` if set. It is sent in chunks; to HTTP/1.0 without chunks, ended by closing
    // the connection. It is the last answer on its connection.
    std::shared_ptr<BodyReader> stream = nullptr;
};

}  // namespace imprint::http
