// A new key and certificate for a board that has one.
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <vector>

#include "cli/commands.h"
#include "cli/registry_access.h"
#include "cli/run_end.h"
#include "cli/usage.h"
#include "fleet/over_the_air.h"
#include "fleet/rotate.h"
#include "prepare/firmware.h"
#include "prepare/own_files.h"
#include "prepare/shared_values.h"
#include "station/over_the_air.h"
#include "station/run.h"
#include "station/signing_command.h"

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
    bool over_the_air = false;
    unsigned wait = 600;  // seconds
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

Result<int> stage(Context& context, const RotateOptions& options) {
    IMPRINT_TRY(const config::Config config, context.config());
    const prepare::Settings& settings = config.settings;
    IMPRINT_CHECK(prepare::check_rotatable(settings.identity));
    IMPRINT_CHECK(prepare::check_shared_values(settings.identity, {}));
    IMPRINT_CHECK(prepare::check_records(settings));
    IMPRINT_TRY(const auto firmware,
                prepare::load_firmware(settings.firmware, settings.credentials));
    IMPRINT_TRY(const auto place,
                prepare::find_credential_place(firmware, settings.firmware, settings.credentials));
    IMPRINT_TRY(auto work,
                station::SigningCommand::reach(settings, context.clock, context.log, context.stop));
    IMPRINT_TRY(const auto form, prepare::make_credential_template(place, settings.credentials,
                                                                   work.cloud().root_ca_pem));
    context.log.warnings(place.notes);
    context.log.warnings(form.notes);
    IMPRINT_CHECK(work.begin({.version = {},
                              .command = "registry rotate --stage",
                              .lot = {},
                              .endpoint = {},
                              .firmware = firmware.digest,
                              .firmware_commit = firmware.commit}));
    auto& recorded = work.recorded();
    for (const auto& thing : options.things)
        IMPRINT_CHECK(fleet::check_not_over_the_air(recorded.shadows(), thing, context.log));
    const fleet::StageTools tools{work.tools(options.bench.take_over),
                                  form,
                                  work.cloud(),
                                  options.stage,
                                  options.bench.lot,
                                  recorded.run(),
                                  context.log};
    unsigned done = 0;
    for (const auto& thing : options.things) {
        auto staged = fleet::stage(tools, thing);
        if (!staged) {
            static_cast<void>(recorded.end(done, 1));
            return std::unexpected(std::move(staged).error());
        }
        ++done;
        context.show(events::Rotation{.thing = thing,
                                      .state = RotationState::staged,
                                      .certificate_id = staged->certificate_id,
                                      .image = staged->image.string(),
                                      .offset = staged->offset,
                                      .size = staged->size},
                     fmt::format("{}: staged certificate {}, its image for {:#x} in {}\n", thing,
                                 staged->certificate_id, staged->offset, staged->image.string()));
    }
    IMPRINT_CHECK(recorded.end(done, 0));
    return 0;
}

// What a person reads of a device's progress.
std::string line_of(const std::string& thing, const fleet::AirLook& look) {
    switch (look.state) {
        case fleet::AirState::asked:
            return fmt::format("{}: asked to make a key\n", thing);
        case fleet::AirState::answered:
            return fmt::format("{}: has certificate {}, ACTIVE beside the former one\n", thing,
                               look.certificate_id);
        case fleet::AirState::finished:
            return fmt::format("{}: works with certificate {}, {} retired\n", thing,
                               look.certificate_id, look.retired);
        case fleet::AirState::refused:
            break;
    }
    return fmt::format("{}: stays with what it had: {}\n", thing, look.why);
}

RotationState state_of(fleet::AirState state) {
    switch (state) {
        case fleet::AirState::asked:
            return RotationState::asked;
        case fleet::AirState::answered:
            return RotationState::answered;
        case fleet::AirState::finished:
            return RotationState::finished;
        case fleet::AirState::refused:
            break;
    }
    return RotationState::refused;
}

Result<int> over_the_air(Context& context, const RotateOptions& options) {
    IMPRINT_TRY(const config::Config config, context.config());
    const fleet::AirListener listener{
        [&](const std::string& thing, const fleet::AirLook& look) {
            context.show(events::Rotation{.thing = thing,
                                          .state = state_of(look.state),
                                          .certificate_id = look.certificate_id,
                                          .retired = look.retired,
                                          .reason = look.why},
                         line_of(thing, look));
        },
        [&](const std::string& thing, const Error& error) {
            context.out.error(with_context(error, thing).error());
        }};
    IMPRINT_TRY(const auto sum,
                station::rotate_over_the_air(config.settings,
                                             {.things = options.things,
                                              .lot = options.bench.lot,
                                              .take_over = options.bench.take_over,
                                              .most = std::chrono::seconds(options.wait)},
                                             context.clock, listener, context.log, context.stop));
    for (const auto& thing : sum.waiting)
        context.log.warning("{}: not finished yet; the same command goes on with it", thing);
    if (context.stop.stop_requested())
        return fail(ErrorKind::interrupted, "interrupted", "stopped before all were finished",
                    "the same command goes on with them");
    return sum.failed == 0 && sum.waiting.empty() ? 0 : 1;
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
                   : fleet::cancel_any_rotation(registry, recorded.shadows(), ledger,
                                                recorded.run(), thing, context.log);
    };
    if (!options.cancel)
        for (const auto& thing : options.things)
            IMPRINT_CHECK(fleet::check_not_over_the_air(recorded.shadows(), thing, context.log));
    const RotationState state = options.activate ? RotationState::activated
                                : options.finish ? RotationState::finished
                                                 : RotationState::cancelled;
    for (const auto& thing : options.things) {
        IMPRINT_TRY(const fleet::Advanced done, step(thing));
        context.show(
            events::Rotation{.thing = thing,
                             .state = state,
                             .certificate_id = done.certificate_id,
                             .retired = done.retired},
            fmt::format(
                "{}: {}{}, {} retired\n", thing, events::word_of(state),
                done.certificate_id.empty() ? std::string() : " certificate " + done.certificate_id,
                done.retired));
    }
    return 0;
}

Result<int> rotate(Context& context, const RotateOptions& options) {
    const int ways = int{!options.stage.empty()} + int{options.activate} + int{options.finish} +
                     int{options.cancel} + int{options.over_the_air};
    if (ways > 1)
        return fail(ErrorKind::usage, "bad_usage",
                    "--stage, --activate, --finish, --cancel and --over-the-air are done one by "
                    "one",
                    "give one of them");
    if (ways == 0) return rotate_on_bench(context, options);
    if (options.things.empty())
        return fail(ErrorKind::usage, "bad_usage", "which things?", "name one or more THINGs");
    if (!options.bench.ports.empty() || options.bench.all)
        return fail(ErrorKind::usage, "bad_usage", "in the field there is no port",
                    "leave --port and --all out");
    if (options.over_the_air) return over_the_air(context, options);
    return options.stage.empty() ? advance(context, options) : stage(context, options);
}

}  // namespace

void add_rotate(Command& registry) {
    const auto options = std::make_shared<RotateOptions>();
    Command command = registry.command(
        "rotate",
        "A new key and certificate: for boards on the bench, or for those in the field, over the "
        "air or in steps.",
        "imprint registry rotate --port /dev/ttyUSB0\n"
        "imprint registry rotate --over-the-air 246f28a1b2c3      # the device makes its own key\n"
        "imprint registry rotate --stage images 246f28a1b2c3      # made, INACTIVE\n"
        "imprint registry rotate --activate 246f28a1b2c3          # the board has the image\n"
        "imprint registry rotate --finish 246f28a1b2c3            # it has connected with it");
    command.option({"THING", "THING", "its name; several may follow each other"}, &options->things);
    command.option({"-p,--port", "PORT", "of a board on the bench; may be given several times"},
                   &options->bench.ports);
    command.option({"--all", "", "every port with a board that is found"}, &options->bench.all);
    command.option({"--lot", "LOT", "in place of the lot that the board has"}, &options->bench.lot);
    command.option({"--take-over", "",
                    "the boards are here: retire what another station gave them a moment ago"},
                   &options->bench.take_over);
    command.option({"--stage", "DIR", "make certificate and image ahead, into this folder"},
                   &options->stage);
    command.option({"--activate", "", "make what is staged ACTIVE; the former one stays valid"},
                   &options->activate);
    command.option({"--finish", "", "retire the former certificates"}, &options->finish);
    command.option({"--cancel", "", "take back what is staged or activated"}, &options->cancel);
    command.option({"--over-the-air", "",
                    "the devices make their keys, and get their certificates by a shadow"},
                   &options->over_the_air);
    command.option({"--wait", "SECONDS",
                    "for devices that are asleep or off; the same command goes on later (600)"},
                   &options->wait);
    command.config_options().common_options().act(
        [options](Context& context) { return rotate(context, *options); });
}

}  // namespace imprint::cli
