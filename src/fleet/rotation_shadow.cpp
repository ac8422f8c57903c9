#include "fleet/rotation_shadow.h"

#include <nlohmann/json.hpp>

namespace imprint::fleet {

namespace {

using Json = nlohmann::json;

std::string text_in(const Json& object, const char* name) {
    if (!object.is_object()) return {};
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Json member(const Json& object, const char* name) {
    if (!object.is_object()) return {};
    const auto found = object.find(name);
    return found != object.end() ? *found : Json();
}

// Of {"metadata": {"desired": {"rotation": {"id": {"timestamp": 1767225600}}}}}: the service writes
// it, and no client.
std::optional<WallTime> time_of_wish(const Json& document) {
    const Json rotation = member(member(member(document, "metadata"), "desired"), "rotation");
    const Json seconds = member(member(rotation, "id"), "timestamp");
    if (!seconds.is_number_integer()) return std::nullopt;
    return WallTime(std::chrono::seconds(seconds.get<std::int64_t>()));
}

}  // namespace

Result<RotationDocument> parse_rotation(std::string_view json) {
    const Json document = Json::parse(json, nullptr, false);
    const Json state = member(document, "state");
    if (!state.is_object())
        return fail(ErrorKind::registry, "shadow_unreadable",
                    "the shadow \"credentials\" is not the JSON that it must be",
                    "delete it: aws iot-data delete-thing-shadow --shadow-name credentials");
    const Json desired = member(member(state, "desired"), "rotation");
    const Json reported = member(member(state, "reported"), "rotation");
    RotationDocument parsed;
    parsed.desired = {text_in(desired, "id"), text_in(desired, "certificate"),
                      time_of_wish(document)};
    parsed.reported = {text_in(reported, "id"), text_in(reported, "state"),
                       text_in(reported, "csr"), text_in(reported, "public_key"),
                       text_in(reported, "why")};
    return parsed;
}

std::string wish_for(const RotationDocument::Desired& desired) {
    Json rotation;
    rotation["id"] = desired.id;
    rotation["certificate"] = desired.certificate.empty() ? Json() : Json(desired.certificate);
    return Json{{"state", {{"desired", {{"rotation", rotation}}}}}}.dump();
}

std::string no_wish(std::int64_t version) {
    return Json{{"state", {{"desired", {{"rotation", nullptr}}}}}, {"version", version}}.dump();
}

}  // namespace imprint::fleet
