#include "prepare/policy_check.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>
#include <utility>

#include "base/files.h"
#include "policy/document.h"
#include "policy/evaluate.h"
#include "policy/findings.h"

namespace imprint::prepare {

namespace {

bool is_denied(const Error& error) {
    return error.code == "AccessDeniedException" || error.code == "UnauthorizedException";
}

std::string unread(const std::string& what, const Error& error) {
    return fmt::format(
        "{} could not be read and was not weighed, though it counts for each board: "
        "{}",
        what, error.reason());
}

// One board that is taken apart would speak for all others, and for whatever else the account has.
Result<void> refuse_wide(std::span<const BoardPolicy> policies,
                         std::span<const policy::Attached> documents) {
    if (!policy::is_wide_open(documents)) return {};
    // Which of them it is; or none by itself.
    std::size_t wide = 0;
    while (wide < documents.size() && !policy::is_wide_open(documents[wide].document))
        ++wide;
    const bool alone = wide < documents.size();
    return fail(policies[alone ? wide : 0].kind, "policy_wide",
                fmt::format("{}{} lets every board connect as any other and read and write every "
                            "topic",
                            policies[alone ? wide : 0].where,
                            alone ? "" : ", together with the policies of the thing groups,"),
                "narrow it to ${iot:Connection.Thing.ThingName}, as the one that `imprint init` "
                "writes, or set identity.policy.allow_wide = true");
}

std::string name_of_place(const policy::Place& place) {
    return fmt::format("arn:{}:iot:{}:{}:", place.partition, place.region,
                       place.account.empty() ? "ACCOUNT" : place.account);
}

}  // namespace

Result<std::string> policy_document(const PolicySettings& settings) {
    if (settings.document.empty()) return std::string();
    auto read = read_text(settings.document);
    if (!read) return with_context(std::move(read).error(), "reading identity.policy.document");
    std::string text = *std::move(read);
    if (const auto document = policy::parse(text); !document)
        return fail(ErrorKind::config, "policy_document",
                    fmt::format("the policy document {} is malformed: {}",
                                settings.document.string(), document.error()),
                    "correct it; `imprint init` writes one to start from");
    return text;
}

Result<std::vector<registry::ThingGroup>> find_groups(registry::Reader& registry,
                                                      const IdentitySettings& settings,
                                                      std::vector<std::string>& notes) {
    std::vector<registry::ThingGroup> found;
    std::set<std::string> seen;
    for (const auto& name : settings.thing_groups) {
        if (!seen.insert(name).second) continue;
        auto group = registry.find_group(name);
        if (!group && !is_denied(group.error())) return std::unexpected(group.error());
        if (!group) notes.push_back(unread(fmt::format("thing group \"{}\"", name), group.error()));
        // One that is missing will be made, with nothing above it.
        else if (*group)
            found.push_back(**std::move(group));
    }
    return found;
}

// Source: AWS IoT Core developer guide, "Static thing groups" (a thing is in one group of a
// hierarchy) and "Dynamic thing groups" (things are not added to them by hand).
Result<void> check_groups(std::span<const registry::ThingGroup> groups) {
    std::map<std::string, std::string> by_root;
    const auto unfit = [](std::string what) {
        return fail(ErrorKind::config, "thing_groups_unfit",
                    "identity.thing_groups: " + std::move(what),
                    "name one group of each hierarchy, and none that a query fills");
    };
    for (const auto& group : groups) {
        if (group.is_dynamic)
            return unfit(
                fmt::format("\"{}\" is a dynamic group: a query fills it, and no thing can "
                            "be put into it",
                            group.name));
        const auto [other, is_first] = by_root.try_emplace(group.root, group.name);
        if (!is_first)
            return unfit(
                fmt::format("\"{}\" and \"{}\" are both in the hierarchy of \"{}\", and "
                            "AWS IoT puts a thing into one group of a hierarchy",
                            other->second, group.name, group.root));
    }
    return {};
}

Result<std::vector<BoardPolicy>> policies_of_groups(registry::Reader& registry,
                                                    std::span<const registry::ThingGroup> groups,
                                                    const IdentitySettings& settings,
                                                    std::vector<std::string>& notes) {
    std::vector<BoardPolicy> found;
    std::vector<std::string> known{settings.policy.name};
    for (const auto& group : groups) {
        auto names = registry.policies_of_group(group);
        if (!names && !is_denied(names.error())) return std::unexpected(names.error());
        if (!names)
            notes.push_back(unread(
                fmt::format("what is attached to thing group \"{}\"", group.name), names.error()));
        if (!names || !*names) continue;
        for (const auto& name : **names) {
            if (std::ranges::find(known, name) != known.end()) continue;
            known.push_back(name);
            const std::string where =
                fmt::format("policy \"{}\" of thing group \"{}\"", name, group.name);
            auto policy = registry.find_policy(name);
            if (!policy && !is_denied(policy.error())) return std::unexpected(policy.error());
            if (!policy)
                notes.push_back(unread(where, policy.error()));
            else if (*policy)
                found.push_back({.where = where, .document = (*policy)->document});
        }
    }
    return found;
}

Result<void> check_policies(std::span<const BoardPolicy> policies, const PolicySettings& settings,
                            const policy::Place& place, std::vector<std::string>& notes) {
    std::vector<policy::Attached> documents;
    std::vector<BoardPolicy> read;
    for (const auto& one : policies) {
        auto document = policy::parse(one.document);
        if (!document) {
            notes.push_back(fmt::format("{} was not checked: {}", one.where, document.error()));
            continue;
        }
        documents.push_back({.name = one.where, .document = *std::move(document)});
        read.push_back(one);
    }
    if (documents.empty()) return {};
    if (!settings.allow_wide) IMPRINT_CHECK(refuse_wide(read, documents));
    const bool nothing_here = documents.size() == policies.size() &&
                              std::ranges::all_of(documents, [&place](const policy::Attached& one) {
                                  return policy::allows_only_elsewhere(one.document, place);
                              });
    if (nothing_here)
        return fail(
            read.front().kind, "policy_elsewhere",
            fmt::format("{} lets no board connect: {}", read.front().where,
                        policy::find_elsewhere(documents.front().document, place).front().text),
            fmt::format("begin its ARNs with {}, or with * for region and account",
                        name_of_place(place)));
    for (const auto& one : documents) {
        for (const auto& finding : policy::find_faults(one.document))
            notes.push_back(fmt::format("{}, {}", one.name, finding.text));
        for (const auto& finding : policy::find_elsewhere(one.document, place))
            notes.push_back(fmt::format("{}, {}", one.name, finding.text));
    }
    return {};
}

}  // namespace imprint::prepare
