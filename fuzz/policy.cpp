// Policy documents: three lines (client id, action, resource), then the document. Whatever is taken
// can be weighed and looked through; one more Deny never allows, and without an Allow nothing is.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "policy/evaluate.h"
#include "policy/findings.h"
#include "policy/pattern.h"
#include "target.h"

using namespace imprint;

namespace {

std::string_view take_line(std::string_view& rest) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return line;
}

// The same question as policy::matches, for patterns of plain characters and "*", by a table.
bool matches_by_table(std::string_view pattern, std::string_view text) {
    std::vector<bool> reached(text.size() + 1, false);
    reached[0] = true;
    for (const char c : pattern) {
        std::vector<bool> next(text.size() + 1, false);
        for (std::size_t i = 0; i <= text.size(); ++i) {
            if (c == '*')
                next[i] = reached[i] || (i > 0 && next[i - 1]);
            else if (i > 0)
                next[i] = reached[i - 1] && text[i - 1] == c;
        }
        reached = std::move(next);
    }
    return reached[text.size()];
}

void check_pattern(std::string_view pattern, std::string_view text) {
    if (pattern.contains('?') || pattern.size() > 500 || text.size() > 500) return;
    const auto expanded = policy::expand(pattern, false, policy::Wildcards::of_policies, {});
    fuzz::require(expanded.has_value());
    fuzz::require(policy::matches(*expanded, text) == matches_by_table(pattern, text));
}

}  // namespace

void imprint::fuzz::run(ByteView input) {
    std::string_view rest = as_text(input);
    policy::Context context;
    context.client_id = take_line(rest);
    context.thing =
        policy::Thing{.name = context.client_id, .type = "T", .attributes = {{"a", "b"}}};
    context.source_ip = "192.0.2.1";
    context.certificate = {{"Subject.CommonName", {"x", "y"}}};
    policy::AccessRequest request;
    request.action = take_line(rest);
    request.resource = take_line(rest);
    check_pattern(context.client_id, request.resource);

    const auto parsed = policy::parse(rest);
    if (!parsed) {
        require(!parsed.error().empty());
        return;
    }
    for (const auto& finding : policy::find_faults(*parsed))
        require(finding.statement && *finding.statement < parsed->statements.size());
    const auto decision = policy::evaluate(*parsed, request, context);
    require(!decision.why.empty());
    require(!decision.statement || *decision.statement < parsed->statements.size());
    const bool any_allow =
        std::ranges::find(parsed->statements, policy::Effect::allow, &policy::Statement::effect) !=
        parsed->statements.end();
    require(any_allow || !decision.allowed());

    policy::Document reversed = *parsed;
    std::ranges::reverse(reversed.statements);
    require(policy::evaluate(reversed, request, context).outcome == decision.outcome);
    policy::Document denied = *parsed;
    denied.statements.push_back({.sid = {},
                                 .effect = policy::Effect::deny,
                                 .actions = {"*"},
                                 .resources = {"*"},
                                 .conditions = {}});
    require(!policy::evaluate(denied, request, context).allowed());
    require(!policy::is_wide_open(denied));
    context.thing.reset();
    (void)policy::evaluate(*parsed, request, context);
}
