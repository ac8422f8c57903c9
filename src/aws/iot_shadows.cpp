// Device shadows.
#include <fmt/format.h>

#include "aws/aws_shadows.h"
#include "aws/iot_answers.h"
#include "aws/iot_calls.h"
#include "http/url.h"

namespace imprint::aws {

namespace {

using nlohmann::json;

Call shadow_call(std::string_view operation, std::string_view method, const std::string& thing,
                 const std::string& name) {
    Call call{.operation = operation,
              .subject = name.empty() ? thing : fmt::format("{}, {}", thing, name),
              .method = method,
              .path = fmt::format("/things/{}/shadow", http::percent_encode(thing)),
              .data_plane = true};
    if (!name.empty()) call.query = {{"name", name}};
    return call;
}

Shadow shadow_of(const json& answer) {
    Shadow shadow{.document = answer.dump()};
    if (const auto version = answer.find("version");
        version != answer.end() && version->is_number_integer())
        shadow.version = version->get<std::int64_t>();
    return shadow;
}

}  // namespace

Result<Shadow> IotClient::get_thing_shadow(const std::string& thing, const std::string& name) {
    IMPRINT_TRY(const json answer, calls_->run(shadow_call("GetThingShadow", "GET", thing, name)));
    return shadow_of(answer);
}

Result<Shadow> IotClient::update_thing_shadow(const std::string& thing, const std::string& name,
                                              const std::string& document) {
    Call call = shadow_call("UpdateThingShadow", "POST", thing, name);
    call.body = json::parse(document, nullptr, false);
    if (!call.body.is_object())
        return fail(
            ErrorKind::bug, "bug",
            fmt::format("{} {}: the update is no JSON object", call.operation, call.subject));
    call.repeatable = !call.body.contains("version");
    IMPRINT_TRY(const json answer, calls_->run(call));
    return shadow_of(answer);
}

Result<void> IotClient::delete_thing_shadow(const std::string& thing, const std::string& name) {
    IMPRINT_CHECK(calls_->run(shadow_call("DeleteThingShadow", "DELETE", thing, name)));
    return {};
}

Result<std::optional<Shadow>> AwsShadows::find(const std::string& thing, const std::string& name) {
    auto shadow = iot_.get_thing_shadow(thing, name);
    if (shadow) return *std::move(shadow);
    if (is_not_found(shadow.error())) return std::nullopt;
    return std::unexpected(std::move(shadow).error());
}

Result<Shadow> AwsShadows::update(const std::string& thing, const std::string& name,
                                  const std::string& document) {
    return iot_.update_thing_shadow(thing, name, document);
}

Result<void> AwsShadows::remove(const std::string& thing, const std::string& name) {
    auto removed = iot_.delete_thing_shadow(thing, name);
    if (!removed && is_not_found(removed.error())) return {};
    return removed;
}

}  // namespace imprint::aws
