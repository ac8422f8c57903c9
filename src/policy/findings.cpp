#include "policy/findings.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <string_view>
#include <utility>

#include "base/nearest.h"
#include "policy/condition.h"
#include "policy/context.h"
#include "policy/evaluate.h"
#include "policy/partition.h"
#include "policy/pattern.h"

namespace imprint::policy {

namespace {

struct Action {
    std::string_view name;
    std::string_view type;  // of its resource; empty: any
};

// AWS IoT Core developer guide, "AWS IoT Core action resources".
constexpr std::array actions{
    Action{"iot:Connect", "client"},
    Action{"iot:Publish", "topic"},
    Action{"iot:Receive", "topic"},
    Action{"iot:RetainPublish", "topic"},
    Action{"iot:Subscribe", "topicfilter"},
    Action{"iot:GetRetainedMessage", "topic"},
    Action{"iot:ListRetainedMessages", ""},
    Action{"iot:DeleteConnection", "client"},
    Action{"iot:GetThingShadow", "thing"},
    Action{"iot:UpdateThingShadow", "thing"},
    Action{"iot:DeleteThingShadow", "thing"},
    Action{"iot:ListNamedShadowsForThing", "thing"},
    Action{"iot:DescribeJobExecution", "thing"},
    Action{"iot:GetPendingJobExecutions", "thing"},
    Action{"iot:StartNextPendingJobExecution", "thing"},
    Action{"iot:UpdateJobExecution", "thing"},
    Action{"iot:AssumeRoleWithCertificate", "rolealias"},
};

// Names that no policy speaks of by chance.
constexpr std::string_view board = "imprint-probe-a";
constexpr std::string_view elsewhere = "imprint-probe-b/c";

Context stranger() {
    return {.client_id = std::string(board),
            .thing = {},
            .certificate_id = {},
            .source_ip = {},
            .domain_name = {},
            .certificate = {}};
}

Context attached_board() {
    Context context = stranger();
    context.thing = Thing{.name = std::string(board), .type = {}, .attributes = {}};
    return context;
}

// What decides that the action is allowed on this resource, under one of the ARNs' starts.
std::optional<std::size_t> allowing(const Document& document, std::string_view action,
                                    std::string_view resource, const Context& context) {
    for (const auto& start : arn_starts(document)) {
        const Decision decision = evaluate(
            document, {.action = std::string(action), .resource = start + std::string(resource)},
            context);
        if (decision.allowed()) return decision.statement;
    }
    return std::nullopt;
}

bool has_wildcard(std::string_view text) {
    return text.find_first_of("*?") != std::string_view::npos;
}

class Search {
  public:
    explicit Search(const Document& document) : document_(document) {}

    std::vector<Finding> run() {
        look_for_width();
        for (std::size_t i = 0; i < document_.statements.size(); ++i)
            look_at_statement(i);
        return std::move(found_);
    }

  private:
    template <typename... Values>
    void add(std::string_view code, std::size_t statement, fmt::format_string<Values...> text,
             Values&&... values) {
        Finding finding{
            .code = std::string(code),
            .statement = statement,
            .text = fmt::format("{}: {}", name_of(document_.statements[statement], statement),
                                fmt::format(text, std::forward<Values>(values)...))};
        if (std::ranges::find(found_, finding.text, &Finding::text) == found_.end())
            found_.push_back(std::move(finding));
    }

    void look_for_width() {
        const std::string topic = fmt::format("topic/{}", elsewhere);
        const auto connect =
            allowing(document_, "iot:Connect", fmt::format("client/{}", board), stranger());
        if (is_wide_open(document_)) {
            add("wide_open", connect.value_or(0),
                "any certificate with this policy may connect as any client and read and write "
                "every topic");
            return;
        }
        if (connect)
            add("connect_any", *connect,
                "it lets any client id connect: one board can push out another and speak as it; "
                "allow client/${{iot:Connection.Thing.ThingName}}, or demand "
                "iot:Connection.Thing.IsAttached");
        const auto publish = allowing(document_, "iot:Publish", topic, attached_board());
        if (publish) add("publish_any", *publish, "a board may publish on any topic");
        const auto subscribe =
            allowing(document_, "iot:Subscribe", "topicfilter/#", attached_board());
        if (subscribe) add("subscribe_any", *subscribe, "a board may subscribe to \"#\"");
    }

    void look_at_statement(std::size_t index) {
        const Statement& statement = document_.statements[index];
        for (const auto& action : statement.actions)
            look_at_action(index, action);
        for (const auto& resource : statement.resources)
            look_at_resource(index, resource);
        for (const auto& condition : statement.conditions) {
            if (const auto part = unweighable_part(condition); !part.empty())
                add("never_matches", index, "{}, so that it {}", part,
                    statement.effect == Effect::allow ? "allows nothing"
                                                      : "denies whatever else the condition says");
            for (const auto& value : condition.values)
                look_at_variables(index, value);
        }
    }

    void look_at_action(std::size_t index, const std::string& action) {
        const Statement& statement = document_.statements[index];
        Statement alone;
        alone.actions = {action};
        const Action* meant = nullptr;
        for (const auto& known : actions)
            if (covers_action(alone, known.name)) meant = &known;
        if (meant == nullptr) {
            std::vector<std::string> names;
            for (const auto& known : actions)
                names.emplace_back(known.name);
            const auto near = probably_meant(action, names);
            add("never_matches", index, "{} is no action of AWS IoT Core{}", action,
                near ? fmt::format("; {} is", *near) : std::string());
            return;
        }
        const bool fits = has_wildcard(action) ||
                          std::ranges::any_of(statement.resources, [&](const auto& resource) {
                              return may_be_of(resource, meant->type);
                          });
        if (!fits)
            add("never_matches", index, "{} is asked for on {}/…, and no resource here is one",
                action, meant->type);
    }

    static bool may_be_of(std::string_view resource, std::string_view type) {
        const std::string_view tail = without_arn(resource);
        const std::string_view start = tail.substr(0, tail.find('/'));
        return type.empty() || start == type || has_wildcard(start) || start.contains("${");
    }

    void look_at_resource(std::size_t index, const std::string& resource) {
        const Statement& statement = document_.statements[index];
        const std::string_view tail = without_arn(resource);
        look_at_variables(index, resource);
        const bool used = std::ranges::any_of(actions, [&](const Action& action) {
            return covers_action(statement, action.name) && may_be_of(resource, action.type);
        });
        if (!used) add("never_matches", index, "none of its actions is asked for on {}", tail);
        if (tail.starts_with("topic/") && tail.find_first_of("+#") != std::string_view::npos)
            add("never_matches", index,
                "{}: no topic has a + or # in it, and they are plain characters here; use *", tail);
        if (statement.effect == Effect::deny) return;
        const auto end = resource.find("}*");
        if (end != std::string::npos && document_.has_variables()) {
            const auto begin = resource.rfind("${", end);
            if (begin != std::string::npos &&
                is_known_key(std::string_view(resource).substr(begin + 2, end - begin - 2)))
                add("longer_names", index,
                    "{} also takes in every name that goes on after this one: board1 reaches "
                    "board10's; end the name with a /",
                    tail);
        }
        look_at_arn(index, resource);
    }

    // A "*" that ends a part of an ARN may reach over its colon (IAM user guide, "IAM JSON policy
    // elements: Resource"): into a topic that has what follows further on.
    void look_at_arn(std::size_t index, const std::string& resource) {
        const std::string_view tail = without_arn(resource);
        const std::string_view start(resource.data(), resource.size() - tail.size());
        if (!start.contains('*')) return;
        const auto pattern =
            expand(tail, document_.has_variables(), Wildcards::of_policies, attached_board());
        if (!pattern) return;
        std::string inner = pattern->text;
        std::ranges::replace_if(inner, [](char c) { return c == '*' || c == '?'; }, 'x');
        for (const auto& [action, type] : actions) {
            if (type != "topic" && type != "topicfilter") continue;
            if (!covers_action(document_.statements[index], action)) continue;
            const std::string foreign = fmt::format("{}/{}", type, elsewhere);
            if (allowing(document_, action, foreign, attached_board())) continue;
            if (allowing(document_, action, fmt::format("{}:{}", foreign, inner),
                         attached_board())) {
                add("arn_wildcard", index,
                    "the * of {} may reach into the topic, as in {}:{}; name region and account, "
                    "or deny *:{}/*",
                    start, foreign, inner, type);
                return;
            }
        }
    }

    void look_at_variables(std::size_t index, const std::string& text) {
        for (const auto& name : variables_in(text)) {
            if (!document_.has_variables()) {
                add("variables_2008", index,
                    "${{{}}} is plain text in a document of version 2008-10-17; set Version to "
                    "2012-10-17",
                    name);
            } else if (!is_known_key(name)) {
                add("never_matches", index, "there is no variable {}", name);
            } else if (document_.statements[index].effect == Effect::deny && may_lack_value(name)) {
                add("deny_variable", index, "it denies nothing where {} has no value", name);
            }
        }
    }

    const Document& document_;
    std::vector<Finding> found_;
};

}  // namespace

std::vector<std::string> arn_starts(const Document& document) {
    constexpr std::array<std::string_view, 5> usual{"arn", "aws", "iot", "us-east-1",
                                                    "123456789012"};
    std::vector<std::string> starts;
    for (const auto& statement : document.statements) {
        for (const auto& resource : statement.resources) {
            std::string_view rest(resource.data(), resource.size() - without_arn(resource).size());
            std::string start;
            for (const auto& part : usual) {
                const std::string_view written = rest.substr(0, rest.find(':'));
                start += has_wildcard(written) || written.empty() || written.contains("${")
                             ? part
                             : written;
                start += ':';
                rest.remove_prefix(std::min(written.size() + 1, rest.size()));
            }
            if (std::ranges::find(starts, start) == starts.end()) starts.push_back(start);
        }
    }
    if (starts.empty()) starts.push_back(iot_arn_start("us-east-1", "123456789012"));
    return starts;
}

bool is_wide_open(std::span<const Attached> policies) {
    // Documents may name their places differently; each start is asked of all of them.
    std::vector<std::string> starts;
    for (const auto& one : policies)
        for (auto& start : arn_starts(one.document))
            if (std::ranges::find(starts, start) == starts.end())
                starts.push_back(std::move(start));
    constexpr std::array<std::pair<std::string_view, std::string_view>, 4> everything{{
        {"iot:Connect", "client/imprint-probe-a"},
        {"iot:Publish", "topic/imprint-probe-b/c"},
        {"iot:Subscribe", "topicfilter/#"},
        {"iot:Receive", "topic/imprint-probe-b/c"},
    }};
    const Context context = stranger();
    return std::ranges::all_of(everything, [&](const auto& asked) {
        return std::ranges::any_of(starts, [&](const std::string& start) {
            return evaluate(policies,
                            {.action = std::string(asked.first),
                             .resource = start + std::string(asked.second)},
                            context)
                .allowed();
        });
    });
}

bool is_wide_open(const Document& document) {
    const Attached alone{.name = {}, .document = document};
    return is_wide_open(std::span(&alone, 1));
}

std::vector<Finding> find_faults(const Document& document) {
    return Search(document).run();
}

}  // namespace imprint::policy
