// One operation's input, read from where the service model puts each member and checked against its
// limits. An invalid member is an InvalidRequestException that names it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "http/message.h"
#include "local_registry/api/api_error.h"
#include "local_registry/api/members.h"

namespace imprint::local_registry {

// What a request's body is: members in JSON, or nothing; or one member as it is ("payload").
enum class BodyForm : std::uint8_t { json, payload };

class Input {
  public:
    // path: the decoded values of the route's placeholders.
    [[nodiscard]] static Outcome<Input> read(const http::Request& request, http::Fields path,
                                             BodyForm form = BodyForm::json);
    Input(Input&&) noexcept;
    Input& operator=(Input&&) noexcept;
    ~Input();

    [[nodiscard]] Outcome<std::string> required(const Member& member) const;
    [[nodiscard]] Outcome<std::optional<std::string>> optional(const Member& member) const;
    // One of a set of words, or nothing.
    [[nodiscard]] Outcome<std::optional<std::string>> choice(
        const Member& member, std::span<const std::string_view> words) const;
    // False if it is missing.
    [[nodiscard]] Outcome<bool> flag(const Member& member) const;
    [[nodiscard]] Outcome<std::optional<std::int64_t>> number(const Member& member) const;

    [[nodiscard]] const nlohmann::json& body() const;
    [[nodiscard]] const std::string& payload() const;
    // The input of a structure inside the body: its members are read with Place::body.
    [[nodiscard]] Outcome<std::optional<Input>> structure(std::string_view name) const;

  private:
    struct Parts;
    explicit Input(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

// Checks the value against the member's length and pattern.
[[nodiscard]] Outcome<void> check(const Member& member, std::string_view value);

}  // namespace imprint::local_registry
