#include <fmt/format.h>
#include <memory>

#include "aws/credentials.h"
#include "cli/commands.h"
#include "config/project.h"

namespace imprint::cli {

void add_init(Command& root) {
    struct Options {
        std::filesystem::path directory = ".";
        bool force = false;
    };

    const auto options = std::make_shared<Options>();
    Command command =
        root.command("init", "Write a commented imprint.toml and a policy to start from.",
                     "imprint init\nimprint init firmware --force");
    command.option({"DIR", "DIR",
                    "folder to write to, made if it is missing; the working directory by default"},
                   &options->directory);
    command.option({"--force", "", "write over files that are there"}, &options->force);
    command.common_options();
    command.act([options](Context& context) -> Result<int> {
        // Where boards will be, if this machine is set up for it already: China's and GovCloud's
        // ARNs begin otherwise.
        const std::string region =
            aws::find_region(aws::CredentialEnvironment::of_this_process(), {}).value_or("");
        IMPRINT_TRY(const auto written,
                    config::write_project_files(options->directory, options->force, region));
        for (const auto& path : written)
            context.show(events::FileWritten{.path = path.string()},
                         fmt::format("wrote {}\n", path.string()));
        return 0;
    });
}

}  // namespace imprint::cli
