// Identities ahead of their boards: made, handed to other tools, made known to the registry.
#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "base/files.h"
#include "cli/commands.h"
#include "cli/registry_access.h"
#include "cli/usage.h"
#include "fleet/export.h"
#include "fleet/mint.h"
#include "fleet/provisioning_template.h"
#include "fleet/register.h"
#include "ledger/ledger.h"
#include "minted/store.h"
#include "pki/certificate.h"
#include "pki/certificate_file.h"
#include "prepare/cloud.h"
#include "prepare/firmware.h"
#include "prepare/identity.h"
#include "prepare/shared_values.h"

namespace imprint::cli {

namespace {

// --- mint ----------------------------------------------------------------------------------------

struct MintOptions {
    std::filesystem::path folder;
    std::string count;
    std::filesystem::path list;
    std::string name = "device-{n}";
    std::string lot;
    bool images = false;
};

Result<std::int64_t> number_of(const std::string& text) {
    std::int64_t number = 0;
    const char* last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, number);
    // {n} has seven digits.
    if (error != std::errc() || end != last || number < 1 || number > 9'999'999)
        return misused(fmt::format("--count {}: it has to be a number up to 9999999", text));
    return number;
}

// The place in flash and the broker that images are made for.
struct ImageForm {
    prepare::CloudFacts cloud;
    prepare::CredentialTemplate form;
};

Result<ImageForm> image_form(Context& context, const prepare::Settings& settings) {
    IMPRINT_TRY(const auto firmware,
                prepare::load_firmware(settings.firmware, settings.credentials));
    IMPRINT_TRY(const auto place,
                prepare::find_credential_place(firmware, settings.firmware, settings.credentials));
    prepare::CloudFacts cloud;
    if (settings.registry.data_endpoint.empty()) {
        IMPRINT_TRY(auto reached, station::RecordedCommand::reach(settings, context.clock,
                                                                  context.log, context.stop));
        IMPRINT_TRY(cloud, prepare::look_at_cloud(reached.plain(), reached.root_ca(), settings));
    } else {
        IMPRINT_TRY(cloud, prepare::facts_offline(settings, context.clock.wall()));
    }
    IMPRINT_TRY(auto form,
                prepare::make_credential_template(place, settings.credentials, cloud.root_ca_pem));
    IMPRINT_TRY(const auto root,
                prepare::find_root_ca(settings.registry, settings.credentials.root_ca,
                                      context.clock.wall()));
    context.log.warnings(root.notes);
    context.log.warnings(place.notes);
    context.log.warnings(form.notes);
    return ImageForm{std::move(cloud), std::move(form)};
}

Result<int> mint(Context& context, const MintOptions& options) {
    if (options.count.empty() == options.list.empty())
        return misused("how many, or for which boards?", "say --count N, or --list FILE");
    IMPRINT_TRY(const config::Config config, context.config());
    const prepare::Settings& settings = config.settings;
    IMPRINT_CHECK(prepare::check_shared_values(settings.identity, options.lot));
    if (!settings.identity.is_of_own_authority())
        return fail(
            ErrorKind::config, "mint_needs_own_ca",
            "identities ahead of their boards are signed by your own authority",
            "set identity.issue = \"own-ca\" or \"minted\", and identity.ca (docs/registry.md)");
    if (!options.count.empty() && settings.identity.ca.subject.contains("{mac}"))
        return misused("identity.ca.subject has {mac}, and with --count nobody knows it",
                       "use {thing} alone, or --list");
    IMPRINT_TRY(const auto authority,
                prepare::open_authority(settings.identity.ca, context.clock.wall()));
    std::optional<ImageForm> form;
    if (options.images) {
        IMPRINT_TRY(auto made, image_form(context, settings));
        form.emplace(std::move(made));
    }
    IMPRINT_TRY(auto store, minted::MintedStore::open(options.folder));
    IMPRINT_TRY(const std::int64_t before, store.count());
    fleet::MintNames names;
    if (options.count.empty()) {
        IMPRINT_TRY(names,
                    fleet::names_from_list(store, options.list, settings.identity, options.lot));
    } else {
        IMPRINT_TRY(const std::int64_t count, number_of(options.count));
        IMPRINT_TRY(names, fleet::names_by_number(store, options.name, count));
    }
    const auto images = options.folder / "images";
    if (options.images) IMPRINT_CHECK(make_private_directory(images));
    const fleet::MintTools tools{settings.identity,
                                 authority,
                                 options.lot,
                                 form ? &form->form : nullptr,
                                 form ? &form->cloud : nullptr,
                                 [&images](const std::string& thing, ByteView image) {
                                     return write_file(images / (thing + ".bin"), image,
                                                       FileMode::secret, Durability::cached);
                                 },
                                 std::max(std::thread::hardware_concurrency(), 1U),
                                 context.clock,
                                 [&context] { return context.stop.stop_requested(); }};
    const Instant started = context.clock.now();
    IMPRINT_TRY(const auto summary, fleet::mint(tools, store, names, [&](std::int64_t made) {
                    context.log.info("{} made", made);
                }));
    const std::chrono::duration<double> took = context.clock.now() - started;
    const double rate = took.count() > 0 ? static_cast<double>(summary.made) / took.count() : 0;
    context.show(
        events::Minted{.made = summary.made,
                       .there_before = before,
                       .seconds = took.count(),
                       .folder = options.folder.string()},
        fmt::format("{} identities made in {:.1f} s ({:.0f} a second), {} in {}\n", summary.made,
                    took.count(), rate, before + summary.made, options.folder.string()));
    if (summary.stopped)
        return fail(ErrorKind::interrupted, "interrupted", "stopped before all were made",
                    "run it again: it goes on with what is missing");
    return 0;
}

void add_mint_command(Command& registry) {
    const auto options = std::make_shared<MintOptions>();
    Command command = registry.command(
        "mint", "Make identities ahead of their boards, signed by your own authority.",
        "imprint registry mint minted --list macs.txt --images\n"
        "imprint registry mint minted --count 100000 --name lamp-{n}");
    command.option({"DIR", "DIR", "folder for them (0700); what it has already is kept", true},
                   &options->folder);
    command.option({"--count", "N", "as many as this, named by number"}, &options->count);
    command.option({"--list", "FILE", "one for each MAC address, a line each"}, &options->list);
    command.option({"--name", "NAME", "with --count: {n} is the number (device-{n})"},
                   &options->name);
    command.option({"--lot", "LOT", "what {lot} stands for"}, &options->lot);
    command.option({"--images", "", "each credential image too, into DIR/images"},
                   &options->images);
    command.config_options().common_options().act(
        [options](Context& context) { return mint(context, *options); });
}

// --- export --------------------------------------------------------------------------------------

struct MintExportOptions {
    std::filesystem::path folder;
    std::filesystem::path file;
    std::string format = "csv";
    std::string lot;
    bool active = false;
};

// Of an authority that the registry knows; else empty.
Result<std::string> known_authority(const prepare::AuthoritySettings& ca, WallTime now) {
    if (ca.registration != prepare::Registration::with_ca) return std::string();
    IMPRINT_TRY(auto file, pki::read_authority(ca.certificate, "identity.ca.certificate"));
    IMPRINT_CHECK(pki::check_validity(file, ca.certificate, now));
    return std::move(file.pem);
}

Result<int> export_minted(Context& context, const MintExportOptions& options) {
    IMPRINT_TRY(const auto format, fleet::parse_export_format(options.format));
    IMPRINT_TRY(const config::Config config, context.config());
    const auto& identity = config.settings.identity;
    IMPRINT_CHECK(prepare::check_shared_values(identity, options.lot));
    IMPRINT_TRY(auto store, minted::MintedStore::open_existing(options.folder));
    IMPRINT_TRY(const std::int64_t count,
                fleet::export_identities(store, format, identity, options.file));
    std::filesystem::path form;
    if (format == fleet::ExportFormat::bulk) {
        form = options.file.string() + ".template.json";
        IMPRINT_TRY(const std::string ca_pem, known_authority(identity.ca, context.clock.wall()));
        IMPRINT_CHECK(write_file(
            form, fleet::provisioning_template(identity, options.lot, ca_pem, options.active)));
    }
    context.show(events::Exported{.format = options.format,
                                  .count = count,
                                  .file = options.file.string(),
                                  .template_file = form.string()},
                 fmt::format("{} identities into {}{}\n", count, options.file.string(),
                             form.empty() ? "" : ", their template into " + form.string()));
    return 0;
}

void add_export_command(Command& registry) {
    const auto options = std::make_shared<MintExportOptions>();
    Command command =
        registry.command("export", "Hand minted identities to other tools; never with their keys.",
                         "imprint registry export minted things.jsonl --format bulk\n"
                         "imprint registry export minted certificates.txt --format thingpress");
    command.option({"DIR", "DIR", "folder of `imprint registry mint`", true}, &options->folder);
    command.option({"FILE", "FILE", "to write", true}, &options->file);
    command.option({"--format",
                    "FORMAT",
                    "csv, bulk (AWS's bulk registration), or ThingPress's (csv)",
                    false,
                    {"bulk", "csv", "thingpress", "thingpress-espressif"}},
                   &options->format);
    command.option({"--lot", "LOT", "what {lot} stands for in the template"}, &options->lot);
    command.option({"--active", "", "bulk: the template makes certificates ACTIVE"},
                   &options->active);
    command.config_options().common_options().act(
        [options](Context& context) { return export_minted(context, *options); });
}

// --- register ------------------------------------------------------------------------------------

struct RegisterCommand {
    std::filesystem::path folder;
    std::string lot;
    bool one_call = false;
    unsigned workers = 64;
};

Result<int> register_minted(Context& context, const RegisterCommand& options) {
    IMPRINT_TRY(const config::Config config, context.config());
    const prepare::Settings& settings = config.settings;
    IMPRINT_CHECK(prepare::check_shared_values(settings.identity, options.lot));
    IMPRINT_TRY(auto store, minted::MintedStore::open_existing(options.folder));
    fleet::RegisterOptions how;
    how.lot = options.lot;
    how.one_call = options.one_call;
    how.workers = std::clamp(options.workers, 1U, 256U);
    how.stopped = [&context] { return context.stop.stop_requested(); };
    IMPRINT_TRY(how.ca_pem, known_authority(settings.identity.ca, context.clock.wall()));
    IMPRINT_TRY(auto recorded, open_recorded(context, config, "registry register"));
    IMPRINT_CHECK(prepare::ensure_cloud(recorded.registry(), settings.identity, recorded.ledger(),
                                        context.log));
    const auto told = [&context](const minted::MintedIdentity& one, const Result<void>& done) {
        if (done) return context.log.info("{}: registered", one.thing);
        context.show(events::RegisterFailed{.thing = one.thing,
                                            .certificate_id = one.certificate_id,
                                            .code = done.error().code,
                                            .reason = done.error().reason(),
                                            .hint = done.error().shown_hint()},
                     fmt::format("{}: {}\n", one.thing, done.error().describe()));
    };
    const Instant started = context.clock.now();
    IMPRINT_TRY(const auto summary, fleet::register_identities(recorded.registry(), store,
                                                               settings.identity, how, told));
    const std::chrono::duration<double> took = context.clock.now() - started;
    IMPRINT_TRY(const std::int64_t left, store.count_unregistered());
    IMPRINT_CHECK(recorded.end(static_cast<unsigned>(summary.registered),
                               static_cast<unsigned>(summary.failed)));
    context.show(events::Registered{.registered = summary.registered,
                                    .failed = summary.failed,
                                    .left = left,
                                    .seconds = took.count()},
                 fmt::format("{} registered, INACTIVE, in {:.1f} s; {} failed, {} left\n",
                             summary.registered, took.count(), summary.failed, left));
    if (summary.stopped && left > 0)
        return fail(ErrorKind::interrupted, "interrupted", "stopped before all were registered",
                    "run it again: it goes on with what is left");
    return summary.failed == 0 ? 0 : exit_code(ErrorKind::registry);
}

void add_register_command(Command& registry) {
    const auto options = std::make_shared<RegisterCommand>();
    Command command = registry.command(
        "register", "Make minted identities known to the registry, INACTIVE.",
        "imprint registry register minted\n"
        "imprint registry register minted --one-call      # RegisterThing, by a template");
    command.option({"DIR", "DIR", "folder of `imprint registry mint`", true}, &options->folder);
    command.option({"--lot", "LOT", "what {lot} stands for"}, &options->lot);
    command.option({"--one-call", "", "RegisterThing with a provisioning template"},
                   &options->one_call);
    command.option({"--workers", "N", "identities at once (64)"}, &options->workers);
    command.config_options().common_options().act(
        [options](Context& context) { return register_minted(context, *options); });
}

// --- register-ca ---------------------------------------------------------------------------------

struct RegisterCaCommand {
    bool just_in_time = false;
    std::string role;
    std::string lot;
};

// How the authority's certificates shall register, once what a template speaks of is there.
Result<std::optional<registry::JustInTime>> just_in_time_of(Context& context,
                                                            const prepare::Settings& settings,
                                                            station::RecordedCommand& recorded,
                                                            const RegisterCaCommand& options) {
    if (!options.just_in_time) return std::nullopt;
    if (options.role.empty()) return registry::JustInTime();
    IMPRINT_TRY(auto form, fleet::just_in_time_template(settings.identity, options.lot));
    IMPRINT_CHECK(prepare::ensure_cloud(recorded.registry(), settings.identity, recorded.ledger(),
                                        context.log));
    return registry::JustInTime{.template_body = std::move(form), .role_arn = options.role};
}

Result<int> register_ca(Context& context, const RegisterCaCommand& options) {
    if (!options.role.empty() && !options.just_in_time)
        return misused("--role is for --just-in-time", "give both");
    IMPRINT_TRY(const config::Config config, context.config());
    IMPRINT_CHECK(prepare::check_shared_values(config.settings.identity, options.lot));
    const auto& ca = config.settings.identity.ca;
    const WallTime now = context.clock.wall();
    IMPRINT_TRY(const auto authority, prepare::open_authority(ca, now));
    IMPRINT_TRY(auto recorded, open_recorded(context, config, "registry register-ca"));
    IMPRINT_TRY(const auto just_in_time,
                just_in_time_of(context, config.settings, recorded, options));
    // The owner shows by it that the key is theirs (AWS IoT Developer Guide, "Register a CA
    // certificate in DEFAULT mode"): a certificate for the code, signed by the authority.
    IMPRINT_TRY(const std::string code, recorded.registry().registration_code());
    IMPRINT_TRY(const auto key, pki::PrivateKey::generate(pki::KeyKind::ec_p256));
    IMPRINT_TRY(const auto shown, authority.issue(key, {{"CN", code}}, std::chrono::days(1), now));
    IMPRINT_TRY(const auto info, pki::inspect_certificate(authority.certificate_pem()));
    IMPRINT_TRY(const auto id, recorded.registry().register_authority(authority.certificate_pem(),
                                                                      shown.pem, just_in_time));
    const bool there = !id;
    if (there && just_in_time)
        IMPRINT_CHECK(recorded.registry().update_authority(info.id, *just_in_time));
    context.show(events::AuthorityRegistered{.certificate_id = info.id,
                                             .there_before = there,
                                             .just_in_time = options.just_in_time,
                                             .by_template = !options.role.empty()},
                 fmt::format("authority \"{}\" {} ({})\n{}", info.subject_common_name,
                             there ? "was registered already" : "registered, ACTIVE", info.id,
                             !options.just_in_time ? ""
                             : options.role.empty()
                                 ? "its certificates register as PENDING_ACTIVATION when they "
                                   "first connect: activating them is your rule's\n"
                                 : "its certificates become things, ACTIVE, when they first "
                                   "connect\n"));
    return 0;
}

void add_register_ca_command(Command& registry) {
    const auto options = std::make_shared<RegisterCaCommand>();
    Command command = registry.command(
        "register-ca",
        "Make your authority known to the registry, for registration = with-ca or just-in-time.",
        "imprint registry register-ca\n"
        "imprint registry register-ca --just-in-time      # devices register by connecting\n"
        "imprint registry register-ca --just-in-time --role arn:aws:iam::123456789012:role/jitp");
    command.option({"--just-in-time", "", "a device's first connection registers it"},
                   &options->just_in_time);
    command.option({"--role", "ARN", "AWS makes thing, policy and ACTIVE too, in this role"},
                   &options->role);
    command.option({"--lot", "LOT", "what {lot} stands for in that"}, &options->lot);
    command.config_options().common_options().act(
        [options](Context& context) { return register_ca(context, *options); });
}

}  // namespace

void add_mint(Command& registry) {
    add_register_ca_command(registry);
    add_mint_command(registry);
    add_export_command(registry);
    add_register_command(registry);
}

}  // namespace imprint::cli
