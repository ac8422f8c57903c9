#include <fmt/format.h>
#include <memory>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "station/project.h"

namespace imprint::cli {

void add_init(CLI::App& root, Invocation& invocation) {
    CLI::App* command = add_command(
        root, "init",
        "Write a commented imprint.toml, and a policy to start from, for the project in a folder.",
        "imprint init\nimprint init firmware --force");
    const auto directory = std::make_shared<std::filesystem::path>(".");
    const auto force = std::make_shared<bool>(false);
    command->add_option("DIR", *directory, "folder to write to; the working directory by default");
    command->add_flag("--force", *force, "write over files that are there");
    add_common_options(*command, invocation);
    act(*command, invocation, [directory, force](Context& context) -> Result<int> {
        IMPRINT_TRY(const auto written, station::write_project_files(*directory, *force));
        for (const auto& path : written)
            context.show("file_written", {{"path", path.string()}},
                         fmt::format("wrote {}\n", path.string()));
        return 0;
    });
}

}  // namespace imprint::cli
