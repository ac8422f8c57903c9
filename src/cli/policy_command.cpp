#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <memory>

#include "base/files.h"
#include "base/nearest.h"
#include "cli/commands.h"
#include "cli/event_words.h"
#include "cli/output/text.h"
#include "cli/registry_access.h"
#include "cli/usage.h"
#include "fleet/policy_versions.h"
#include "policy/document.h"
#include "policy/evaluate.h"
#include "policy/findings.h"

namespace imprint::cli {

namespace {

constexpr int denied = 7;  // docs/exit-codes.md
constexpr std::array actions{"iot:Connect", "iot:Publish", "iot:Subscribe", "iot:Receive",
                             "iot:RetainPublish"};

struct CheckOptions {
    std::string file;
    std::string action;
    std::string resource;
    std::string thing;
    std::string client_id;
    std::string type;
    std::vector<std::string> attributes;
    std::vector<std::string> certificate;
    std::string certificate_id;
    std::string source_ip = "127.0.0.1";
    bool not_attached = false;
};

Result<policy::Document> read_document(const std::string& file) {
    const bool from_stdin = file == "-";
    IMPRINT_TRY(const Bytes bytes, from_stdin ? read_standard_input() : read_file(file));
    const std::string text(as_text(bytes));
    auto document = policy::parse(text);
    if (!document)
        return fail(ErrorKind::config, "policy_document",
                    fmt::format("the policy document {} is malformed: {}",
                                from_stdin ? "of standard input" : file, document.error()));
    return *std::move(document);
}

Result<std::pair<std::string, std::string>> take_apart(const std::string& text,
                                                       const char* option) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
        return misused(fmt::format("{} {}: it has to be NAME=VALUE", option, text));
    return std::pair(text.substr(0, equals), text.substr(equals + 1));
}

Result<policy::Context> context_of(const CheckOptions& options) {
    policy::Context context;
    context.client_id = options.client_id.empty() ? options.thing : options.client_id;
    context.certificate_id = options.certificate_id;
    context.source_ip = options.source_ip;
    for (const auto& text : options.certificate) {
        IMPRINT_TRY(auto name, take_apart(text, "--certificate"));
        context.certificate[name.first].push_back(std::move(name.second));
    }
    policy::Thing thing{.name = options.thing, .type = options.type, .attributes = {}};
    for (const auto& text : options.attributes) {
        IMPRINT_TRY(auto attribute, take_apart(text, "--attribute"));
        thing.attributes.insert_or_assign(std::move(attribute.first), std::move(attribute.second));
    }
    // The connection is of the thing that the client id names, and of no other.
    if (!thing.name.empty() && thing.name == context.client_id && !options.not_attached)
        context.thing = std::move(thing);
    return context;
}

Result<void> check_action(const std::string& action) {
    const std::vector<std::string> known(actions.begin(), actions.end());
    if (action.empty() || std::ranges::find(known, action) != known.end()) return {};
    return misused(fmt::format("--action {}: did you mean {}? There are {}", action,
                               nearest(action, known).value_or(""), fmt::join(known, ", ")));
}

// "topic/a/b" is meant in the region and account that the document speaks of.
Result<std::string> whole_arn(const std::string& resource, const policy::Document& document) {
    if (resource.starts_with("arn:")) return resource;
    for (const char* type : {"client/", "topic/", "topicfilter/"})
        if (resource.starts_with(type)) return policy::arn_starts(document).front() + resource;
    return misused(
        fmt::format("--resource {}: it has to begin with client/, topic/, topicfilter/ "
                    "or arn:",
                    resource));
}

// Gives how many there are.
std::size_t show_findings(Context& context, const policy::Document& document) {
    const auto findings = policy::find_faults(document);
    for (const auto& finding : findings)
        context.show(events::PolicyFinding{.code = finding.code,
                                           .statement = finding.statement.value_or(0) + 1,
                                           .text = finding.text},
                     fmt::format("finding   {}\n", output::printable(finding.text)));
    return findings.size();
}

Result<int> check(Context& context, const CheckOptions& options) {
    if (options.action.empty() != options.resource.empty())
        return misused("--action and --resource go together");
    IMPRINT_CHECK(check_action(options.action));
    IMPRINT_TRY(const policy::Document document, read_document(options.file));
    IMPRINT_TRY(const policy::Context who, context_of(options));
    if (options.action.empty()) {
        if (show_findings(context, document) == 0 && !context.json)
            context.out.raw("no faults found\n");
        return 0;
    }
    IMPRINT_TRY(const std::string resource, whole_arn(options.resource, document));
    show_findings(context, document);
    const auto decision =
        policy::evaluate(document, {.action = options.action, .resource = resource}, who);
    context.show(
        events::PolicyDecision{.allowed = decision.allowed(),
                               .outcome = told(decision.outcome),
                               .action = options.action,
                               .resource = resource,
                               .statement = decision.statement ? *decision.statement + 1 : 0,
                               .why = decision.why},
        fmt::format("{}   {}\n", decision.allowed() ? "allowed" : "denied ",
                    output::printable(decision.why)));
    return decision.allowed() ? 0 : denied;
}

void add_check(Command& group) {
    const auto options = std::make_shared<CheckOptions>();
    Command command = group.command(
        "check", "What a policy document allows a client, and what is wrong with it; offline.",
        "imprint registry policy check imprint-policy.json\n"
        "imprint registry policy check imprint-policy.json --thing 246f28a1b2c3 \\\n"
        "    --action iot:Publish --resource topic/devices/246f28a1b2c3/state");
    command.option({"FILE", "FILE", "the document; - reads standard input", true}, &options->file);
    command.option({"--action", "ACTION", "iot:Connect, iot:Publish, iot:Subscribe, …"},
                   &options->action);
    command.option({"--resource", "RESOURCE", "client/…, topic/…, topicfilter/…, or a whole ARN"},
                   &options->resource);
    command.option({"--thing", "NAME", "thing that the certificate is attached to"},
                   &options->thing);
    command.option({"--client-id", "ID", "MQTT client id, if it is not the thing's name"},
                   &options->client_id);
    command.option({"--type", "NAME", "the thing's type"}, &options->type);
    command.option({"--attribute", "NAME=VALUE", "attribute of the thing; more than once"},
                   &options->attributes);
    command.option({"--not-attached", "", "the certificate is not attached to the thing"},
                   &options->not_attached);
    command.option({"--certificate", "NAME=VALUE",
                    "what the certificate says, as in Subject.CommonName=x; more than once"},
                   &options->certificate);
    command.option({"--certificate-id", "ID", "the certificate's id"}, &options->certificate_id);
    command.option({"--source-ip", "ADDRESS", "the client's address (127.0.0.1)"},
                   &options->source_ip);
    command.common_options().act([options](Context& context) { return check(context, *options); });
}

// --- versions in the registry --------------------------------------------------------------------

Result<int> put(Context& context, const std::string& file) {
    IMPRINT_TRY(const config::Config config, context.config());
    const auto& settings = config.settings.identity.policy;
    const std::string path = file.empty() ? settings.document.string() : file;
    if (path.empty())
        return misused("which document? Name a FILE, or set identity.policy.document");
    IMPRINT_TRY(const std::string text, read_text(path));
    IMPRINT_TRY(const policy::Document document, read_document(path));
    if (policy::is_wide_open(document) && !settings.allow_wide)
        return fail(ErrorKind::config, "policy_wide",
                    fmt::format("{} lets every board connect as any other and read and write "
                                "every topic",
                                path),
                    "narrow it, or set identity.policy.allow_wide = true");
    IMPRINT_TRY(auto recorded, open_recorded(context, config, "registry policy put"));
    show_findings(context, document);
    IMPRINT_TRY(const fleet::PolicyPutReport done,
                fleet::put_policy(recorded.registry(), settings.name, text));
    std::string said;
    switch (done.change) {
        case fleet::PolicyChange::none:
            said = fmt::format("{} says so already (version {})", settings.name, done.version);
            break;
        case fleet::PolicyChange::created:
            said = fmt::format("{} created", settings.name);
            break;
        case fleet::PolicyChange::restored:
            said = fmt::format("{}: version {} says so, and is the default again", settings.name,
                               done.version);
            break;
        case fleet::PolicyChange::added:
            said =
                fmt::format("{}: version {} is new, and the default", settings.name, done.version);
            break;
    }
    if (!done.pruned.empty())
        said += fmt::format("; version {} is deleted, for AWS IoT keeps five", done.pruned);
    context.show(events::PolicyPut{.policy = settings.name,
                                   .change = done.change,
                                   .version = done.version,
                                   .pruned = done.pruned},
                 said + "\n");
    return 0;
}

void add_put(Command& group) {
    const auto file = std::make_shared<std::string>();
    Command command = group.command(
        "put", "Make a document what the policy says: a new default version; five are kept.",
        "imprint registry policy put                      # of identity.policy.document\n"
        "imprint registry policy put imprint-policy.json");
    command.option({"FILE", "FILE", "the document, if not the configured one"}, file.get());
    command.config_options().common_options().act(
        [file](Context& context) { return put(context, *file); });
}

Result<int> versions(Context& context) {
    IMPRINT_TRY(const config::Config config, context.config());
    IMPRINT_TRY(const auto registry, open_registry(context, config));
    const std::string& name = config.settings.identity.policy.name;
    IMPRINT_TRY(const auto found, registry->policy_versions(name));
    std::vector<std::vector<std::string>> rows{{"version", "created", ""}};
    for (const auto& version : found) {
        context.show(events::PolicyVersion{.policy = name,
                                           .version = version.id,
                                           .is_default = version.is_default,
                                           .created = version.created},
                     "");
        rows.push_back(
            {version.id, to_iso8601(version.created), version.is_default ? "default" : ""});
    }
    if (!context.json) context.out.raw(output::table(rows));
    return 0;
}

void add_versions(Command& group) {
    Command command = group.command("versions", "The versions of the policy, newest first.",
                                    "imprint registry policy versions");
    command.config_options().common_options().act(versions);
}

void add_default(Command& group) {
    const auto version = std::make_shared<std::string>();
    Command command = group.command("default", "Go back to another version of the policy.",
                                    "imprint registry policy default 3");
    command.option({"VERSION", "VERSION", "one of `imprint registry policy versions`", true},
                   version.get());
    command.config_options().common_options().act([version](Context& context) -> Result<int> {
        IMPRINT_TRY(const config::Config config, context.config());
        IMPRINT_TRY(auto recorded, open_recorded(context, config, "registry policy default"));
        const std::string& name = config.settings.identity.policy.name;
        IMPRINT_CHECK(recorded.registry().set_default_policy_version(name, *version));
        context.show(events::PolicyPut{.policy = name,
                                       .change = events::PolicyChange::restored,
                                       .version = *version,
                                       .pruned = {}},
                     fmt::format("{}: version {} is the default\n", name, *version));
        return 0;
    });
}

}  // namespace

void add_registry_policy(Command& registry) {
    Command group = registry.command("policy", "Policy documents: check one; a policy's versions.",
                                     "imprint registry policy check imprint-policy.json\n"
                                     "imprint registry policy put");
    add_check(group);
    add_put(group);
    add_versions(group);
    add_default(group);
}

}  // namespace imprint::cli
