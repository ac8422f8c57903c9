// `imprint report`: what a bug report needs, in one file.
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <unistd.h>

#include "base/files.h"
#include "cli/commands.h"
#include "cli/output/text.h"
#include "station/doctor.h"
#include "station/doctor/machine.h"
#include "support/bug_report.h"

namespace imprint::cli {

namespace {

struct ReportWishes {
    std::filesystem::path file;
    unsigned runs = 20;
    bool redact = false;
};

std::vector<std::string> variables_of_process() {
    std::vector<std::string> variables;
    for (char** variable = environ; *variable != nullptr; ++variable)
        variables.emplace_back(*variable);
    return variables;
}

std::string report_text(const std::filesystem::path& file, std::size_t bytes,
                        const std::vector<support::PackedFile>& packed, bool redacted) {
    std::string text = fmt::format("wrote {}: {}\n", file.string(), output::bytes_text(bytes));
    for (const auto& one : packed)
        text += fmt::format("  {:<20}{}\n", one.name, one.meaning);
    text +=
        "Look into it before you send it. Keys and passwords are removed from it where they were "
        "recognised. ";
    return text + (redacted ? "Boards, things, people and places have other names in it.\n"
                            : "MAC addresses, things' names, this computer's name and folders are "
                              "in it; --redact gives all but the folders other names.\n");
}

// What stands where the configuration cannot be read: a report is needed most then.
config::Config default_config(const std::filesystem::path& file) {
    config::Sources sources;
    sources.file = "/dev/null";
    sources.variable = [](const std::string&) { return std::optional<std::string>(); };
    const auto defaults = config::load_config(sources);
    config::Config config;
    if (defaults) config.values = defaults->values;
    // As it would be found from a sound file.
    auto& ledger = config.settings.ledger.path;
    ledger = file.parent_path() / ledger;
    return config;
}

// A faulty command line, or a file that is not there, is mended at once.
bool is_of_file(const Error& error) {
    return error.kind == ErrorKind::config && error.code != "config_missing";
}

void put_in_front(const Error& error, std::vector<station::Check>& checks) {
    std::erase_if(checks, [](const auto& check) { return check.name == "config"; });
    checks.insert(checks.begin(), {.name = "config",
                                   .health = station::Health::failure,
                                   .found = error.describe(),
                                   .hint = error.hint,
                                   .code = error.code,
                                   .kind = error.kind});
}

Result<int> report(Context& context, const ReportWishes& wishes) {
    const WallTime now = context.clock.wall();
    const std::string name = support::report_name(now);
    const std::filesystem::path file =
        wishes.file.empty() ? std::filesystem::path(name + ".tar.gz") : wishes.file;
    IMPRINT_CHECK(support::check_target(file));
    auto loaded = context.config();
    if (!loaded && !is_of_file(loaded.error())) return std::unexpected(std::move(loaded).error());
    const config::Config config = loaded ? *loaded : default_config(context.sources.file);
    auto checks = station::examine(config.settings, context.clock, context.log, context.stop,
                                   station::Reach::this_machine);
    if (!loaded) put_in_front(loaded.error(), checks);
    const auto machine = station::doctor::this_machine(context.stop);
    const auto packed =
        support::make_report({config, checks, machine, variables_of_process(), context.clock,
                              loaded ? "" : loaded.error().describe()},
                             {.runs = wishes.runs, .redact = wishes.redact});
    const std::string bytes = support::pack(name, packed, now);
    IMPRINT_CHECK(write_file(file, bytes, FileMode::secret));
    std::string text = report_text(file, bytes.size(), packed, wishes.redact);
    if (!loaded)
        text += fmt::format(
            "The configuration could not be read, and the defaults stand in its "
            "place: {}\n",
            loaded.error().describe());
    context.show(events::FileWritten{.path = file.string()}, text);
    return 0;
}

}  // namespace

void add_report(Command& root) {
    const auto wishes = std::make_shared<ReportWishes>();
    Command command = root.command(
        "report", "Pack what a bug report needs into one file, without secrets and offline.",
        "imprint report\nimprint report --redact problem.tar.gz      # with other names for "
        "boards, "
        "things, people");
    command
        .option({"FILE", "FILE", "a .tar.gz; else imprint-report-TIME.tar.gz here"}, &wishes->file)
        .option({"--runs", "NUMBER", "of the ledger's last runs (20)"}, &wishes->runs)
        .option({"--redact", "", "give boards, things, people and places other names"},
                &wishes->redact);
    command.config_options().common_options();
    command.act([wishes](Context& context) { return report(context, *wishes); });
}

}  // namespace imprint::cli
