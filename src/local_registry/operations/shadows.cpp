#include "local_registry/operations/shadows.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/terminal_text.h"
#include "local_registry/operations/operations.h"
#include "local_registry/store/shadows.h"

namespace imprint::local_registry::operations {

using nlohmann::json;

namespace {

shadow::Outcome<void> check_name(const shadow::Name& name) {
    if (std::string fault = shadow::fault_of(name); !fault.empty())
        return std::unexpected(shadow::Refusal(400, std::move(fault)));
    return {};
}

std::int64_t seconds_of(std::int64_t milliseconds) {
    return milliseconds / 1000;
}

struct ErrorName {
    int code;
    std::string_view name;
};

// The service model of AWS IoT Data Plane, 2015-05-28.
constexpr std::array error_names{
    ErrorName{400, "InvalidRequestException"}, ErrorName{404, "ResourceNotFoundException"},
    ErrorName{409, "ConflictException"}, ErrorName{413, "RequestEntityTooLargeException"},
    ErrorName{415, "UnsupportedDocumentEncodingException"}};

Outcome<json> to_output(shadow::Outcome<std::string> answer) {
    if (answer) return json::parse(*answer);
    const shadow::Refusal& refusal = answer.error();
    for (const auto& [code, name] : error_names)
        if (code == refusal.code) return refuse(code, name, refusal.message);
    return refuse(500, "InternalFailureException", refusal.reason);
}

Outcome<shadow::Name> read_name(const Input& input) {
    shadow::Name name;
    IMPRINT_TRY(name.thing, input.required(member::thing_name));
    IMPRINT_TRY(const auto shadow, input.optional(member::shadow_name));
    name.shadow = shadow.value_or("");
    return name;
}

}  // namespace

shadow::Outcome<std::string> get_shadow(const Context& context, const shadow::Name& name,
                                        std::string_view payload) {
    IMPRINT_CHECK(check_name(name));
    const std::int64_t now = context.now();
    IMPRINT_TRY(const auto document, context.store.read([&](sqlite::Database& database) {
        return read_shadow(database, name, now);
    }));
    return shadow::get(document, payload, name.shown(), seconds_of(now));
}

shadow::Outcome<std::string> update_shadow(const Context& context, const shadow::Name& name,
                                           std::string_view payload) {
    IMPRINT_CHECK(check_name(name));
    return context.in_order([&]() -> shadow::Outcome<std::string> {
        const std::int64_t now = context.now();
        IMPRINT_TRY(
            auto done,
            context.store.write([&](sqlite::Database& database) -> shadow::Outcome<shadow::Update> {
                IMPRINT_TRY(const auto before, read_shadow(database, name, now));
                IMPRINT_TRY(auto update, shadow::update(before, payload, seconds_of(now)));
                IMPRINT_CHECK(write_shadow(database, name, update.after, now));
                return update;
            }));
        const std::string topic = name.topic() + "/update";
        context.publish({.topic = topic + "/accepted", .payload = done.accepted});
        if (!done.delta.empty())
            context.publish({.topic = topic + "/delta", .payload = std::move(done.delta)});
        context.publish({.topic = topic + "/documents", .payload = std::move(done.documents)});
        return std::move(done.accepted);
    });
}

shadow::Outcome<std::string> remove_shadow(const Context& context, const shadow::Name& name,
                                           std::string_view payload) {
    IMPRINT_CHECK(check_name(name));
    return context.in_order([&]() -> shadow::Outcome<std::string> {
        const std::int64_t now = context.now();
        IMPRINT_TRY(
            auto said,
            context.store.write([&](sqlite::Database& database) -> shadow::Outcome<std::string> {
                IMPRINT_TRY(const auto document, read_shadow(database, name, now));
                IMPRINT_TRY(auto answer,
                            shadow::remove(document, payload, name.shown(), seconds_of(now)));
                IMPRINT_CHECK(delete_shadow(database, name, now));
                return answer;
            }));
        context.publish({.topic = name.topic() + "/delete/accepted", .payload = said});
        return said;
    });
}

bool answer_on_shadow_topic(const Context& context, std::string_view topic,
                            std::string_view payload, const Log& log) {
    const auto question = shadow::parse_topic(topic);
    if (!question) return false;
    shadow::Outcome<std::string> answer;
    switch (question->verb) {
        case shadow::Verb::get:
            answer = context.in_order([&] {
                auto found = get_shadow(context, question->name, payload);
                if (found)
                    context.publish(
                        {.topic = fmt::format("{}/accepted", topic), .payload = *found});
                return found;
            });
            break;
        case shadow::Verb::update:
            answer = update_shadow(context, question->name, payload);
            break;
        case shadow::Verb::remove:
            answer = remove_shadow(context, question->name, payload);
            break;
    }
    if (answer) return true;
    const shadow::Refusal& refusal = answer.error();
    log.info("shadow '{}': {} {}", without_steering(question->name.shown()), refusal.code,
             without_steering(refusal.reason.empty() ? refusal.message : refusal.reason));
    context.publish({.topic = fmt::format("{}/rejected", topic),
                     .payload = shadow::rejected(refusal, seconds_of(context.now()))});
    return true;
}

Outcome<json> get_thing_shadow(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto name, read_name(input));
    return to_output(get_shadow(context, name, {}));
}

Outcome<json> update_thing_shadow(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto name, read_name(input));
    return to_output(update_shadow(context, name, input.payload()));
}

Outcome<json> delete_thing_shadow(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto name, read_name(input));
    return to_output(remove_shadow(context, name, {}));
}

Outcome<json> list_named_shadows_for_thing(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto thing, input.required(member::thing_name));
    IMPRINT_TRY(const auto page, read_page(input, PageStyle::shadows));
    IMPRINT_TRY(auto names, context.store.read([&](sqlite::Database& database) {
        return list_shadow_names(database, thing, page.after, page.size + 1);
    }));
    auto cut = cut_page(std::move(names), page, [](const std::string& last) { return last; });
    json output{{"results", std::move(cut.items)}, {"timestamp", seconds_of(context.now())}};
    add_token(output, "nextToken", cut.next);
    return output;
}

}  // namespace imprint::local_registry::operations
