#include <fmt/format.h>
#include <fmt/ranges.h>
#include <memory>

#include "aws/credentials.h"
#include "base/files.h"
#include "base/version.h"
#include "cli/commands.h"
#include "cli/event_words.h"
#include "cli/output/text.h"
#include "cli/registry_access.h"
#include "local_registry/service.h"
#include "local_registry/session_key.h"
#include "prepare/cloud.h"
#include "registry/local_folder.h"
#include "station/registry_access.h"
#include "station/thing_report.h"

namespace imprint::cli {

namespace {

constexpr Milliseconds between_looks{250};

struct ServeOptions {
    local_registry::ServiceOptions service;
    unsigned port = 0;
    unsigned mqtt_port = 0;
    bool no_broker = false;
    std::filesystem::path faults;
    unsigned quota = 0;
    unsigned latency = 0;
};

Result<std::uint16_t> tcp_port(unsigned number, const char* option) {
    if (number > 65535)
        return fail(ErrorKind::usage, "bad_usage",
                    fmt::format("{} {}: a port is a number up to 65535", option, number));
    return static_cast<std::uint16_t>(number);
}

Result<int> serve(Context& context, const ServeOptions& options) {
    local_registry::ServiceOptions how = options.service;
    IMPRINT_TRY(how.port, tcp_port(options.port, "--port"));
    IMPRINT_TRY(how.mqtt_port, tcp_port(options.mqtt_port, "--mqtt-port"));
    how.broker = !options.no_broker;
    if (!options.faults.empty()) {
        IMPRINT_TRY(how.faults, local_registry::read_fault_plan(options.faults));
    }
    if (options.quota > 0) how.faults.quota = options.quota;
    if (options.latency > 0) how.faults.latency = Milliseconds(options.latency);
    IMPRINT_TRY(auto service, local_registry::Service::start(how, context.clock, context.log));
    const auto credentials = registry::credentials_path(how.state).string();
    const auto root_ca = registry::root_ca_path(how.state).string();
    context.show(events::RegistryServing{.endpoint_url = service.endpoint_url(),
                                         .mqtt_port = service.mqtt_port(),
                                         .region = how.region,
                                         .credentials = credentials,
                                         .root_ca = root_ca},
                 fmt::format("registry  {}\n"
                             "broker    {}\n"
                             "root CA   {}\n"
                             "try       AWS_SHARED_CREDENTIALS_FILE={} aws --endpoint-url {} "
                             "--region {} iot list-things\n",
                             service.endpoint_url(),
                             how.broker ? fmt::format("mqtts://127.0.0.1:{}", service.mqtt_port())
                                        : std::string("none"),
                             root_ca, credentials, service.endpoint_url(), how.region));
    while (context.clock.sleep(between_looks, context.stop))
        if (!service.healthy())
            return fail(ErrorKind::registry, "broker_failed", "the broker has ended by itself",
                        fmt::format("look into {}", registry::broker_log_path(how.state).string()));
    return 0;
}

void add_serve(Command& group) {
    const auto options = std::make_shared<ServeOptions>();
    options->service.state = "registry";
    Command command = group.command(
        "serve",
        "Run a local registry with its own CA, and a Mosquitto broker that follows its policies.",
        "imprint registry serve\n"
        "imprint registry serve --state /var/tmp/registry --mqtt-port 8883");
    command.option({"--state", "DIR", "folder that it keeps everything in (registry)"},
                   &options->service.state);
    command.option({"--port", "N", "of the control plane; a free one by default"}, &options->port);
    command.option({"--mqtt-port", "N", "of the broker; a free one by default"},
                   &options->mqtt_port);
    command.option({"--region", "NAME", "AWS region that it plays (eu-west-1)"},
                   &options->service.region);
    command.option({"--no-broker", "", "the control plane alone"}, &options->no_broker);
    command.option({"--quota", "N", "calls a second for each operation; more are throttled"},
                   &options->quota);
    command.option({"--latency", "MS", "of every answer"}, &options->latency);
    command.option({"--faults", "FILE", "what to do wrong on purpose (docs/local-registry.md)"},
                   &options->faults);
    command.common_options().act([options](Context& context) { return serve(context, *options); });
}

Result<int> show_thing(Context& context, const std::string& name) {
    IMPRINT_TRY(const config::Config config, context.config());
    IMPRINT_TRY(const auto registry, open_registry(context, config));
    IMPRINT_TRY(const station::ThingReport report, station::look_up_thing(*registry, name));
    const registry::Thing& thing = report.thing;
    std::vector<std::string> attributes;
    for (const auto& [key, value] : thing.attributes)
        attributes.push_back(fmt::format("{}={}", key, value));
    std::vector<std::vector<std::string>> rows{
        {"thing", thing.name},
        {"type", thing.type.empty() ? "none" : thing.type},
        {"attributes", fmt::format("{}", fmt::join(attributes, " "))},
        {"groups", fmt::format("{}", fmt::join(report.groups, " "))}};
    std::vector<std::string> certificates;
    std::vector<events::CertificateFacts> certificate_list;
    for (const auto& certificate : report.certificates) {
        const std::string_view status = registry::to_string(certificate.status);
        certificates.push_back(fmt::format("{} {}", certificate.id, status));
        certificate_list.push_back({.certificate_id = certificate.id,
                                    .status = told(certificate.status),
                                    .created = certificate.created,
                                    .policies = certificate.policies});
        rows.push_back({"certificate", fmt::format("{} {}, of {}, policies: {}", certificate.id,
                                                   status, to_iso8601(certificate.created),
                                                   fmt::join(certificate.policies, " "))});
    }
    context.show(events::Thing{.thing = thing.name,
                               .arn = thing.arn,
                               .thing_type = thing.type,
                               .attributes = attributes,
                               .groups = report.groups,
                               .certificates = certificates,
                               .attribute_map = thing.attributes,
                               .certificate_list = certificate_list},
                 output::table(rows));
    return 0;
}

void add_show(Command& group) {
    const auto thing = std::make_shared<std::string>();
    Command command = group.command("show", "What the registry knows of a thing.",
                                    "imprint registry show 246f28a1b2c3");
    command.option({"THING", "THING", "its name", true}, thing.get());
    command.config_options().common_options().act(
        [thing](Context& context) { return show_thing(context, *thing); });
}

void add_key(Command& group) {
    struct Options {
        std::filesystem::path state;
        unsigned expires_in = 3600;
        std::filesystem::path policy;
    };

    const auto options = std::make_shared<Options>();
    Command command = group.command(
        "key", "Make temporary credentials for a local registry, as AWS STS hands them out.",
        "imprint registry key --expires-in 900 >> ~/.aws/credentials");
    command.option({"--state", "DIR", "folder of the local registry (registry.state)"},
                   &options->state);
    command.option({"--expires-in", "SECONDS", "how long they are good for (3600)"},
                   &options->expires_in);
    command.option({"--policy", "FILE", "an IAM policy document that they are limited to"},
                   &options->policy);
    command.config_options();
    command.act([options](Context& context) -> Result<int> {
        if (options->state.empty()) {
            IMPRINT_TRY(const config::Config config, context.config());
            options->state = config.settings.registry.state;
        }
        std::string policy;
        if (!options->policy.empty()) {
            IMPRINT_TRY(policy, read_text(options->policy));
        }
        IMPRINT_TRY(const auto key, local_registry::make_session_key(
                                        options->state, std::chrono::seconds(options->expires_in),
                                        policy, context.clock.wall()));
        // The one place that prints a secret: it is what was asked for.
        context.out.raw(
            fmt::format("[imprint-session]\naws_access_key_id = {}\naws_secret_access_key = {}\n"
                        "aws_session_token = {}\n",
                        key.id, key.secret.reveal_text(), key.session_token.reveal_text()));
        return 0;
    });
}

}  // namespace

Result<std::unique_ptr<registry::Registry>> open_registry(Context& context,
                                                          const config::Config& config) {
    const auto& settings = config.settings;
    IMPRINT_TRY(const auto access,
                station::find_registry(settings.registry, settings.credentials.root_ca,
                                       aws::CredentialEnvironment::of_this_process(),
                                       context.clock.wall(), context.log, context.stop));
    return station::open_registry(access, context.clock, context.log);
}

Result<station::RecordedCommand> open_recorded(Context& context, const config::Config& config,
                                               std::string command) {
    IMPRINT_TRY(auto opened, station::RecordedCommand::reach(config.settings, context.clock,
                                                             context.log, context.stop));
    ledger::RunFacts facts;
    facts.version = std::string(version);
    facts.command = std::move(command);
    facts.station = config.settings.station.name;
    facts.operator_name = config.settings.station.operator_name;
    IMPRINT_CHECK(opened.begin(facts));
    return opened;
}

void add_registry(Command& root) {
    Command group = root.command(
        "registry", "Identities: look one up, rotate, retire, sweep up; a local registry.",
        "imprint registry show 246f28a1b2c3\nimprint registry serve");
    add_show(group);
    add_mint(group);
    add_push(group);
    add_rotate(group);
    add_fleet(group);
    add_serve(group);
    add_key(group);
    add_registry_policy(group);
}

}  // namespace imprint::cli
