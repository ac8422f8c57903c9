#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>  // leans on gtest.h

#include "policy/evaluate.h"

namespace imprint::policy {
namespace {

// Few words, so that statements and requests meet. "@" is the thing's name in what is generated.
std::string any_resource(bool pattern) {
    const std::string part =
        pattern ? *rc::gen::element<std::string>("${iot:Connection.Thing.ThingName}",
                                                 "${iot:ClientId}", "@", "x", "*", "?", "@*")
                : *rc::gen::element<std::string>("@", "x", "@/x", "x/y", "#", "+/x", "@x");
    const std::string type = *rc::gen::element<std::string>("client", "topic", "topicfilter");
    if (pattern && *rc::gen::weightedElement<bool>({{1, true}, {8, false}})) return "*";
    return fmt::format("arn:aws:iot:eu-west-1:1:{}/{}{}", type, part,
                       pattern ? *rc::gen::element<std::string>("", "/*", "/x") : "");
}

std::string any_action(bool pattern) {
    return pattern ? *rc::gen::element<std::string>("iot:*", "iot:Publish", "iot:Connect", "*",
                                                    "iot:Subscribe")
                   : *rc::gen::element<std::string>("iot:Publish", "iot:Connect", "iot:Subscribe",
                                                    "iot:Receive");
}

std::vector<Condition> any_conditions() {
    if (*rc::gen::weightedElement<bool>({{2, true}, {1, false}})) return {};
    return {{.operation =
                 *rc::gen::element<std::string>("StringEquals", "StringNotEquals", "StringLike",
                                                "Unknown", "ForAllValues:StringEquals"),
             .key = *rc::gen::element<std::string>("iot:ClientId", "iot:Connection.Thing.ThingName",
                                                   "iot:DomainName"),
             .values = {*rc::gen::element<std::string>("@", "x", "${iot:ClientId}", "@*")}}};
}

Statement any_statement(Effect effect) {
    return {.sid = {},
            .effect = effect,
            .actions = {any_action(true)},
            .resources = {any_resource(true), any_resource(true)},
            .conditions = any_conditions()};
}

Document any_document() {
    Document document{
        .version = *rc::gen::weightedElement<std::string>({{5, "2012-10-17"}, {1, "2008-10-17"}}),
        .statements = {}};
    const auto count = *rc::gen::inRange(1, 5);
    for (int i = 0; i < count; ++i)
        document.statements.push_back(any_statement(
            *rc::gen::weightedElement<Effect>({{3, Effect::allow}, {1, Effect::deny}})));
    return document;
}

std::string named(std::string text, const std::string& name) {
    for (auto at = text.find('@'); at != std::string::npos; at = text.find('@', at + name.size()))
        text.replace(at, 1, name);
    return text;
}

Document named(Document document, const std::string& name) {
    for (auto& statement : document.statements) {
        for (auto& resource : statement.resources)
            resource = named(resource, name);
        for (auto& condition : statement.conditions)
            condition.values[0] = named(condition.values[0], name);
    }
    return document;
}

Context board(const std::string& name, bool attached) {
    Context context;
    context.client_id = name;
    if (attached) context.thing = Thing{.name = name, .type = "", .attributes = {}};
    return context;
}

RC_GTEST_PROP(PolicyProperty, one_more_deny_never_allows, ()) {
    const Document document = named(any_document(), "a");
    Document more = document;
    const auto at = *rc::gen::inRange<std::size_t>(0, document.statements.size() + 1);
    more.statements.insert(
        more.statements.begin() + static_cast<std::ptrdiff_t>(at),
        named({.version = {}, .statements = {any_statement(Effect::deny)}}, "a").statements[0]);
    const AccessRequest request{any_action(false), named(any_resource(false), "a")};
    const Context context = board("a", *rc::gen::arbitrary<bool>());
    if (!evaluate(document, request, context).allowed())
        RC_ASSERT(!evaluate(more, request, context).allowed());
}

RC_GTEST_PROP(PolicyProperty, one_more_allow_never_lifts_an_explicit_deny, ()) {
    const Document document = named(any_document(), "a");
    Document more = document;
    more.statements.insert(more.statements.begin(), any_statement(Effect::allow));
    const AccessRequest request{any_action(false), named(any_resource(false), "a")};
    const Context context = board("a", true);
    if (evaluate(document, request, context).outcome == Outcome::explicitly_denied)
        RC_ASSERT(!evaluate(more, request, context).allowed());
}

RC_GTEST_PROP(PolicyProperty, another_name_throughout_changes_nothing, ()) {
    const Document document = any_document();
    const AccessRequest request{any_action(false), any_resource(false)};
    const bool attached = *rc::gen::arbitrary<bool>();
    // As long as the other in characters: "?" counts them.
    const auto outcome = [&](const std::string& name) {
        return evaluate(named(document, name), {request.action, named(request.resource, name)},
                        board(name, attached))
            .outcome;
    };
    RC_ASSERT(outcome("a") == outcome("k"));
    RC_ASSERT(outcome("lamp_17:b") == outcome("door-42:c"));
}

RC_GTEST_PROP(PolicyProperty, the_order_of_statements_decides_nothing, ()) {
    const Document document = named(any_document(), "a");
    Document reversed = document;
    std::ranges::reverse(reversed.statements);
    const AccessRequest request{any_action(false), named(any_resource(false), "a")};
    const Context context = board("a", *rc::gen::arbitrary<bool>());
    RC_ASSERT(evaluate(document, request, context).outcome ==
              evaluate(reversed, request, context).outcome);
}

}  // namespace
}  // namespace imprint::policy
