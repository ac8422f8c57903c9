#include "policy/evaluate.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "base/text.h"
#include "policy/condition.h"
#include "policy/pattern.h"

namespace imprint::policy {

namespace {

// How far a statement got towards a request; later is nearer.
enum class Stage : std::uint8_t { other_action, other_resource, no_value, condition, matched };

struct Trial {
    Stage stage = Stage::other_action;
    std::size_t nearness = 0;  // among those of one stage
    bool cannot_evaluate = false;
    std::string why;
};

// "topic/dt/${…}/*, which is topic/dt/a/* here", without the ARN's start where that plays no part.
std::string resource_miss(const std::string& written, const Pattern& pattern,
                          std::string_view asked) {
    std::string_view shown = pattern.text;
    std::string_view source = written;
    const Pattern tail{
        .tokens = {pattern.tokens.end() - static_cast<std::ptrdiff_t>(without_arn(shown).size()),
                   pattern.tokens.end()},
        .text = {}};
    if (!matches(tail, without_arn(asked))) {
        shown = without_arn(shown);
        source = without_arn(source);
        asked = without_arn(asked);
    }
    return source == shown ? fmt::format("{}; asked is {}", source, asked)
                           : fmt::format("{}, which is {} here; asked is {}", source, shown, asked);
}

// The matching resource as it is written, or how near the nearest came.
Trial try_resources(const Statement& statement, bool variables, const AccessRequest& request,
                    const Context& context) {
    Trial nearest{.stage = Stage::other_resource, .why = {}};
    bool first = true;
    for (const auto& resource : statement.resources) {
        const auto pattern = expand(resource, variables, Wildcards::of_policies, context);
        Trial trial{.stage = Stage::other_resource, .why = {}};
        if (!pattern) {
            trial.stage = Stage::no_value;
            trial.why = fmt::format("{}, where {} has no value here", without_arn(resource),
                                    pattern.error());
        } else if (matches(*pattern, request.resource)) {
            return {.stage = Stage::matched, .why = std::string(without_arn(resource))};
        } else {
            trial.nearness = common_start(*pattern, request.resource);
            // Behind wildcards in the ARN's start, what follows the start tells more.
            const auto tail =
                expand(without_arn(resource), variables, Wildcards::of_policies, context);
            if (tail) trial.nearness += common_start(*tail, without_arn(request.resource));
            trial.why = resource_miss(resource, *pattern, request.resource);
        }
        if (first ||
            std::pair(trial.stage, trial.nearness) > std::pair(nearest.stage, nearest.nearness))
            nearest = std::move(trial);
        first = false;
    }
    return nearest;
}

Trial try_statement(const Statement& statement, bool variables, const AccessRequest& request,
                    const Context& context) {
    if (!covers_action(statement, request.action)) return {};
    Trial trial = try_resources(statement, variables, request, context);
    if (trial.stage != Stage::matched) return trial;
    for (const auto& condition : statement.conditions) {
        const Weighed weighed = weigh(condition, variables, context);
        if (weighed.held == Held::yes) continue;
        if (weighed.held == Held::cannot_evaluate) {
            trial.cannot_evaluate = true;
            trial.why += fmt::format("; {}", weighed.why);
            if (statement.effect == Effect::deny) continue;
        }
        return {.stage = Stage::condition,
                .cannot_evaluate = trial.cannot_evaluate,
                .why = trial.cannot_evaluate ? trial.why + ", so that it allows nothing"
                                             : fmt::format("{}, but {}", trial.why, weighed.why)};
    }
    if (trial.cannot_evaluate) trial.why += ", so that it denies";
    return trial;
}

std::string place_of(const Attached& policy, std::size_t index) {
    const std::string statement = name_of(policy.document.statements[index], index);
    return policy.name.empty() ? statement : fmt::format("policy {}, {}", policy.name, statement);
}

Decision decided(Outcome outcome, const Attached& policy, std::size_t index,
                 const AccessRequest& request, const Trial& trial) {
    return {.outcome = outcome,
            .policy = policy.name,
            .statement = index,
            .why = fmt::format("{} {} {} on {}", place_of(policy, index),
                               outcome == Outcome::allowed ? "allows" : "denies", request.action,
                               trial.why)};
}

}  // namespace

std::string_view to_string(Outcome outcome) {
    switch (outcome) {
        case Outcome::allowed:
            return "allowed";
        case Outcome::explicitly_denied:
            return "explicitly denied";
        case Outcome::implicitly_denied:
            return "implicitly denied";
    }
    return "implicitly denied";
}

bool covers_action(const Statement& statement, std::string_view action) {
    const std::string asked = lower_case(action);
    return std::ranges::any_of(statement.actions, [&](const std::string& one) {
        return matches(*expand(lower_case(one), false, Wildcards::of_policies, {}), asked);
    });
}

Decision evaluate(std::span<const Attached> policies, const AccessRequest& request,
                  const Context& context) {
    if (policies.empty()) return {.policy = {}, .statement = {}, .why = "no policy is attached"};
    std::optional<Decision> allowed;
    Trial nearest;
    Decision miss;
    for (const auto& policy : policies) {
        for (std::size_t i = 0; i < policy.document.statements.size(); ++i) {
            const Statement& statement = policy.document.statements[i];
            Trial trial =
                try_statement(statement, policy.document.has_variables(), request, context);
            const bool matched = trial.stage == Stage::matched;
            if (matched && statement.effect == Effect::deny)
                return decided(Outcome::explicitly_denied, policy, i, request, trial);
            if (matched && !allowed) allowed = decided(Outcome::allowed, policy, i, request, trial);
            if (matched || statement.effect == Effect::deny) continue;
            if (std::pair(trial.stage, trial.nearness) >
                std::pair(nearest.stage, nearest.nearness)) {
                miss.policy = policy.name;
                miss.statement = i;
                miss.why = fmt::format("{} allows it on {}", place_of(policy, i), trial.why);
                nearest = std::move(trial);
            }
        }
    }
    if (allowed) return *std::move(allowed);
    miss.why = miss.statement ? fmt::format("no statement allows {} on {}; the nearest: {}",
                                            request.action, without_arn(request.resource), miss.why)
                              : fmt::format("no statement allows {}", request.action);
    return miss;
}

Decision evaluate(const Document& document, const AccessRequest& request, const Context& context) {
    const Attached alone{.name = {}, .document = document};
    return evaluate(std::span(&alone, 1), request, context);
}

}  // namespace imprint::policy
