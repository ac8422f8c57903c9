#include <fmt/format.h>
#include <memory>
#include <optional>

#include "cli/commands.h"
#include "cli/output/text.h"
#include "station/doctor.h"

namespace imprint::cli {

namespace {

std::string values_text(const config::Config& config) {
    std::vector<std::vector<std::string>> rows{{"key", "value", "from"}};
    for (const auto& value : config.values)
        rows.push_back({value.key, value.value, value.origin});
    return output::table(rows);
}

Result<int> doctor(Context& context, bool with_values) {
    IMPRINT_TRY(const config::Config config, context.config());
    if (with_values)
        for (const auto& value : config.values)
            context.show(
                events::ConfigValue{
                    .key = value.key, .value = value.value, .origin = std::string(value.origin)},
                &value == &config.values.back() ? values_text(config) + "\n" : "");
    // As a run would end: by what it would meet first.
    std::optional<ErrorKind> failed;
    for (const auto& check :
         station::examine(config.settings, context.clock, context.log, context.stop)) {
        if (check.health == station::Health::failure && !failed) failed = check.kind;
        const std::string_view health = events::word_of(check.health);
        std::string line =
            fmt::format("{:5}{:12}{}\n", health, check.name, output::printable(check.found));
        if (!check.hint.empty()) line += fmt::format("{:17}hint: {}\n", "", check.hint);
        context.show(events::Check{.name = check.name,
                                   .health = check.health,
                                   .found = check.found,
                                   .hint = check.hint,
                                   .code = check.code,
                                   .facts = check.facts},
                     line);
    }
    return failed ? exit_code(*failed) : 0;
}

}  // namespace

void add_doctor(Command& root) {
    const auto with_values = std::make_shared<bool>(false);
    Command command =
        root.command("doctor", "Check everything a run needs, with the hint for each fault.",
                     "imprint doctor\nimprint doctor --values      # each setting, and where it "
                     "came from");
    command.option({"--values", "", "show every setting and where it came from"},
                   with_values.get());
    command.config_options().common_options();
    command.act([with_values](Context& context) { return doctor(context, *with_values); });
}

}  // namespace imprint::cli
