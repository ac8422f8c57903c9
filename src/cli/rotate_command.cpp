// A new key and certificate for a board that has one.
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <vector>

#include "base/version.h"
#include "cli/commands.h"
#include "cli/registry_access.h"
#include "cli/run_end.h"
#include "cli/usage.h"
#include "fleet/rotate.h"
#include "prepare/firmware.h"
#include "prepare/own_files.h"
#include "prepare/shared_values.h"
#include "station/run.h"

namespace imprint::cli {

namespace {

using events::RotationState;

struct RotateOptions {
    station::RunOptions bench;
    std::vector<std::string> things;
    std::filesystem::path stage;
    bool activate = false;
    bool finish = false;
    bool cancel = false;
};

Result<int> rotate_on_bench(Context& context, const RotateOptions& options) {
    IMPRINT_CHECK(check_no_ports(options.things));
    if (!options.things.empty())
        return fail(ErrorKind::usage, "bad_usage",
                    "things are named with --stage, --activate, --finish or --cancel",
                    "on the bench, name ports: imprint registry rotate --port P");
    IMPRINT_TRY(const config::Config config, context.config());
    station::RunOptions run = options.bench;
    run.rotate = true;
    run.boards_in_hand = context.boards_in_hand;
    IMPRINT_TRY(const auto summary,
                station::prepare_boards(config.settings, run, context.clock, context.out.sink(),
                                        context.log, context.stop));
    return exit_code_of(summary, context);
}

// What --stage works with, in the order in which it is found.
class StageWork {
  public:
    [[nodiscard]] Result<void> open(Context& context, const prepare::Settings& settings) {
        IMPRINT_CHECK(prepare::check_rotatable(settings.identity));
        IMPRINT_CHECK(prepare::check_shared_values(settings.identity, {}));
        IMPRINT_CHECK(prepare::check_records(settings));
        IMPRINT_TRY(const auto firmware,
                    prepare::load_firmware(settings.firmware, settings.credentials));
        IMPRINT_TRY(const auto place, prepare::find_credential_place(firmware, settings.firmware,
                                                                     settings.credentials));
        IMPRINT_TRY(auto reached, station::RecordedCommand::reach(settings, context.clock,
                                                                  context.log, context.stop));
        recorded_.emplace(std::move(reached));
        IMPRINT_TRY(cloud_,
                    prepare::look_at_cloud(recorded_->plain(), recorded_->root_ca(), settings));
        IMPRINT_TRY(auto form, prepare::make_credential_template(place, settings.credentials,
                                                                 cloud_.root_ca_pem));
        form_.emplace(std::move(form));
        const auto tell = [&context](const std::vector<std::string>& notes) {
            for (const auto& note : notes)
                context.log.warning("{}", note);
        };
        tell(recorded_->root_ca().notes);
        tell(place.notes);
        tell(form_->notes);
        if (settings.identity.issue == prepare::Issue::own_ca) {
            IMPRINT_TRY(auto authority,
                        prepare::open_authority(settings.identity.ca, context.clock.wall()));
            authority_.emplace(std::move(authority));
        }
        IMPRINT_TRY(ca_pem_, prepare::shown_authority(settings.identity, context.clock.wall()));
        IMPRINT_CHECK(recorded_->begin({.version = std::string(version),
                                        .command = "registry rotate --stage",
                                        .lot = {},
                                        .endpoint = cloud_.endpoint,
                                        .firmware = firmware.digest,
                                        .firmware_commit = firmware.commit}));
        IMPRINT_CHECK(prepare::ensure_cloud(recorded_->registry(), settings.identity,
                                            recorded_->ledger(), context.log));
        return {};
    }

    [[nodiscard]] fleet::StageTools tools(const prepare::Settings& settings,
                                          const RotateOptions& options, const Log& log) {
        return {{.settings = settings.identity,
                 .ledger = recorded_->ledger(),
                 .registry = &recorded_->plain(),
                 .authority = authority_ ? &*authority_ : nullptr,
                 .ca_pem = ca_pem_,
                 .rivals = prepare::rival_rules(settings, options.bench.take_over)},
                *form_,
                cloud_,
                options.stage,
                options.bench.lot,
                recorded_->run(),
                log};
    }

    [[nodiscard]] Result<void> close(unsigned staged, unsigned failed) {
        return recorded_->end(staged, failed);
    }

  private:
    std::optional<station::RecordedCommand> recorded_;
    prepare::CloudFacts cloud_;
    std::optional<prepare::CredentialTemplate> form_;
    std::optional<pki::DeviceAuthority> authority_;
    std::string ca_pem_;
};

Result<int> stage(Context& context, const RotateOptions& options) {
    IMPRINT_TRY(const config::Config config, context.config());
    StageWork work;
    IMPRINT_CHECK(work.open(context, config.settings));
    const auto tools = work.tools(config.settings, options, context.log);
    unsigned done = 0;
    for (const auto& thing : options.things) {
        auto staged = fleet::stage(tools, thing);
        if (!staged) {
            static_cast<void>(work.close(done, 1));
            return std::unexpected(std::move(staged).error());
        }
        ++done;
        context.show(events::Rotation{.thing = thing,
                                      .state = RotationState::staged,
                                      .certificate_id = staged->certificate_id,
                                      .retired = 0,
                                      .image = staged->image.string(),
                                      .offset = staged->offset,
                                      .size = staged->size},
                     fmt::format("{}: staged certificate {}, its image for {:#x} in {}\n", thing,
                                 staged->certificate_id, staged->offset, staged->image.string()));
    }
    IMPRINT_CHECK(work.close(done, 0));
    return 0;
}

Result<int> advance(Context& context, const RotateOptions& options) {
    IMPRINT_TRY(const config::Config config, context.config());
    const std::string way = options.activate ? "--activate"
                            : options.finish ? "--finish"
                                             : "--cancel";
    IMPRINT_TRY(auto recorded, open_recorded(context, config, "registry rotate " + way));
    auto& registry = recorded.registry();
    auto& ledger = recorded.ledger();
    const prepare::RivalRules rivals =
        prepare::rival_rules(config.settings, options.bench.take_over);
    const auto step = [&](const std::string& thing) {
        return options.activate ? fleet::activate_staged(registry, ledger, thing)
               : options.finish
                   ? fleet::finish_rotation(registry, ledger, thing, rivals, context.log)
                   : fleet::cancel_rotation(registry, ledger, thing, context.log);
    };
    const RotationState state = options.activate ? RotationState::activated
                                : options.finish ? RotationState::finished
                                                 : RotationState::cancelled;
    for (const auto& thing : options.things) {
        IMPRINT_TRY(const fleet::Advanced done, step(thing));
        context.show(
            events::Rotation{.thing = thing,
                             .state = state,
                             .certificate_id = done.certificate_id,
                             .retired = done.retired,
                             .image = {},
                             .offset = 0,
                             .size = 0},
            fmt::format(
                "{}: {}{}, {} retired\n", thing, events::word_of(state),
                done.certificate_id.empty() ? std::string() : " certificate " + done.certificate_id,
                done.retired));
    }
    return 0;
}

Result<int> rotate(Context& context, const RotateOptions& options) {
    const int ways = int{!options.stage.empty()} + int{options.activate} + int{options.finish} +
                     int{options.cancel};
    if (ways > 1)
        return fail(ErrorKind::usage, "bad_usage",
                    "--stage, --activate, --finish and --cancel are steps of their own",
                    "do one after the other");
    if (ways == 0) return rotate_on_bench(context, options);
    if (options.things.empty())
        return fail(ErrorKind::usage, "bad_usage", "which things?", "name one or more THINGs");
    if (!options.bench.ports.empty() || options.bench.all)
        return fail(ErrorKind::usage, "bad_usage", "in the field there is no port",
                    "leave --port and --all out");
    return options.stage.empty() ? advance(context, options) : stage(context, options);
}

}  // namespace

void add_rotate(Command& registry) {
    const auto options = std::make_shared<RotateOptions>();
    Command command = registry.command(
        "rotate",
        "A new key and certificate: for boards on the bench, or in steps for boards in the field.",
        "imprint registry rotate --port /dev/ttyUSB0\n"
        "imprint registry rotate --stage images 246f28a1b2c3      # made, INACTIVE\n"
        "imprint registry rotate --activate 246f28a1b2c3          # the board has the image\n"
        "imprint registry rotate --finish 246f28a1b2c3            # it has connected with it");
    command.option({"THING", "THING", "its name; several may follow each other"}, &options->things);
    command.option({"-p,--port", "PORT", "of a board on the bench; may be given several times"},
                   &options->bench.ports);
    command.option({"--all", "", "every port with a board that is found"}, &options->bench.all);
    command.option({"--lot", "NAME", "in place of the lot that the board has"},
                   &options->bench.lot);
    command.option({"--take-over", "",
                    "the boards are here: retire what another station gave them a moment ago"},
                   &options->bench.take_over);
    command.option({"--stage", "DIR", "make certificate and image ahead, into this folder"},
                   &options->stage);
    command.option({"--activate", "", "make what is staged ACTIVE; the former one stays valid"},
                   &options->activate);
    command.option({"--finish", "", "retire the former certificates"}, &options->finish);
    command.option({"--cancel", "", "take back what is staged or activated"}, &options->cancel);
    command.config_options().common_options().act(
        [options](Context& context) { return rotate(context, *options); });
}

}  // namespace imprint::cli
