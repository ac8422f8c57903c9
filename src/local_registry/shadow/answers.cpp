#include "local_registry/shadow/answers.h"

#include <fmt/format.h>
#include <optional>

#include "base/text.h"

namespace imprint::local_registry::shadow {

using nlohmann::json;

namespace {

constexpr std::size_t longest_token = 64;  // bytes

struct Request {
    json state;
    std::optional<std::int64_t> version;
    std::string token;
};

std::unexpected<Refusal> bad(std::string message, std::string token = {}) {
    return std::unexpected(Refusal(400, std::move(message), std::move(token)));
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

// Empty: none.
Outcome<std::string> read_token(const json& request) {
    if (!request.is_object()) return std::string();
    const auto token = request.find("clientToken");
    if (token == request.end()) return std::string();
    if (!token->is_string() || token->get_ref<const std::string&>().size() > longest_token)
        return bad("Invalid clientToken");
    return token->get<std::string>();
}

Outcome<void> check_section(const json& state, const char* name, std::string_view title,
                            const std::string& token) {
    const auto section = state.find(name);
    if (section == state.end() || section->is_null()) return {};
    if (!section->is_object()) return bad(fmt::format("{} node must be an object", title), token);
    if (is_deeper_than(*section, most_levels))
        return bad(
            fmt::format("JSON contains too many levels of nesting; maximum is {}", most_levels),
            token);
    if (has_null_in_array(*section))
        return bad("State contains an invalid node: an array with null", token);
    return {};
}

Outcome<void> check_state(const json& state, const std::string& token) {
    if (state.is_null()) return {};
    if (!state.is_object()) return bad("State node must be an object", token);
    for (const auto& [name, section] : state.items())
        if (name != "desired" && name != "reported")
            return bad(fmt::format("State contains an invalid node: '{}'", name), token);
    IMPRINT_CHECK(check_section(state, "desired", "Desired", token));
    return check_section(state, "reported", "Reported", token);
}

Outcome<Request> read_request(std::string_view payload) {
    if (!is_utf8(payload))
        return std::unexpected(
            Refusal(415, "Unsupported documented encoding; supported encoding is UTF-8"));
    const json body = json::parse(payload, nullptr, false);
    if (!body.is_object()) return bad("Invalid JSON");
    Request request;
    IMPRINT_TRY(request.token, read_token(body));
    const auto version = body.find("version");
    if (version != body.end() && !version->is_null()) {
        if (!version->is_number_integer() || *version < 0)
            return bad("Invalid version", request.token);
        request.version = version->get<std::int64_t>();
    }
    const auto state = body.find("state");
    if (state == body.end()) return bad("Missing required node: state", request.token);
    IMPRINT_CHECK(check_state(*state, request.token));
    request.state = *state;
    return request;
}

void apply(Section& section, const json& state, const char* name, std::int64_t seconds) {
    const auto patch = state.find(name);
    if (patch == state.end()) return;
    if (patch->is_null())
        section = {};
    else
        merge(section, *patch, seconds);
}

std::string closed(json answer, const std::string& token, std::int64_t seconds) {
    answer["timestamp"] = seconds;
    if (!token.empty()) answer["clientToken"] = token;
    return answer.dump();
}

json snapshot(const Document& document) {
    return {{"state", document.state()},
            {"metadata", document.metadata()},
            {"version", document.version}};
}

std::unexpected<Refusal> missing(std::string_view shown_name, std::string token) {
    return std::unexpected(Refusal(404, fmt::format("No shadow exists with name: '{}'", shown_name),
                                   std::move(token)));
}

}  // namespace

Outcome<Update> update(const Document& before, std::string_view payload, std::int64_t seconds) {
    IMPRINT_TRY(const Request request, read_request(payload));
    if (request.version && *request.version != before.version)
        return std::unexpected(Refusal(409, "Version conflict", request.token));
    Update done{.after = before, .accepted = {}, .delta = {}, .documents = {}};
    done.after.exists = true;
    ++done.after.version;
    if (request.state.is_null()) {
        done.after.desired = done.after.reported = {};
    } else {
        apply(done.after.desired, request.state, "desired", seconds);
        apply(done.after.reported, request.state, "reported", seconds);
    }
    if (done.after.state_size() > largest_state)
        return std::unexpected(
            Refusal(413, "The payload exceeds the maximum size allowed", request.token));
    done.accepted = closed(
        {{"state", request.state},
         {"metadata", request.state.is_null() ? json::object() : stamped(request.state, seconds)},
         {"version", done.after.version}},
        request.token, seconds);
    const json delta = delta_of(done.after.desired.state, done.after.reported.state);
    if (!delta.is_null())
        done.delta = closed({{"state", delta},
                             {"metadata", metadata_of_delta(delta, done.after.desired.metadata)},
                             {"version", done.after.version}},
                            request.token, seconds);
    json documents{{"current", snapshot(done.after)}};
    if (before.exists) documents["previous"] = snapshot(before);
    done.documents = closed(std::move(documents), request.token, seconds);
    return done;
}

Outcome<std::string> get(const Document& document, std::string_view payload,
                         std::string_view shown_name, std::int64_t seconds) {
    IMPRINT_TRY(const std::string token, read_token(json::parse(payload, nullptr, false)));
    if (!document.exists) return missing(shown_name, token);
    json answer = snapshot(document);
    if (json delta = delta_of(document.desired.state, document.reported.state); !delta.is_null())
        answer["state"]["delta"] = std::move(delta);
    return closed(std::move(answer), token, seconds);
}

Outcome<std::string> remove(const Document& document, std::string_view payload,
                            std::string_view shown_name, std::int64_t seconds) {
    IMPRINT_TRY(const std::string token, read_token(json::parse(payload, nullptr, false)));
    if (!document.exists) return missing(shown_name, token);
    return closed({{"version", document.version}}, token, seconds);
}

std::string rejected(const Refusal& refusal, std::int64_t seconds) {
    return closed({{"code", refusal.code}, {"message", refusal.message}}, refusal.client_token,
                  seconds);
}

}  // namespace imprint::local_registry::shadow
