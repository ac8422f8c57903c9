// One HTTP request and its answer as values: everything behind the socket works on these.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace imprint::local_registry {

using Fields = std::vector<std::pair<std::string, std::string>>;

struct Request {
    std::string method;  // "GET"
    std::string target;  // as it came: "/things/a%3Ab?maxResults=2"
    Fields headers;      // names in lower case
    std::string body;

    [[nodiscard]] std::optional<std::string> header(std::string_view lower_case_name) const;
    [[nodiscard]] std::string_view raw_path() const;  // "/things/a%3Ab"
    [[nodiscard]] Fields query() const;               // decoded
};

// How much of an answer gets through, for the fault injector.
enum class Delivery : std::uint8_t { whole, none, cut };

struct Response {
    int status = 200;
    Fields headers;
    std::string content_type = "application/json";
    std::string body;
    Delivery delivery = Delivery::whole;
    Milliseconds wait{0};  // it is sent so much later, which holds nothing else back
};

// "a%3Ab" → "a:b". Nothing when a '%' has no two hex digits behind it.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text);

// "a=1&b=x%20y". What cannot be decoded stays as it is. A '+' is one, as it is signed; it is a
// space in a form's body alone.
[[nodiscard]] Fields parse_query(std::string_view text);
[[nodiscard]] Fields parse_form(std::string_view body);

[[nodiscard]] std::optional<std::string> find_field(const Fields& fields, std::string_view name);

}  // namespace imprint::local_registry
