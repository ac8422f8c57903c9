#include <filesystem>
#include <memory>
#include <system_error>

#include "base/files.h"
#include "base/version.h"
#include "cli/commands.h"
#include "cli/manual.h"
#include "cli/reference.h"
#include "cli/shell/scripts.h"

namespace imprint::cli {

namespace {

struct WriteOptions {
    std::filesystem::path directory;
    std::string date;
};

Result<void> write_into(const std::filesystem::path& file, std::string_view text) {
    std::error_code error;
    std::filesystem::create_directories(file.parent_path(), error);
    // If that failed, so does this, and says why.
    return write_file(file, text);
}

// As packages put them: bash and fish find a program's script by its name, zsh by the name of its
// function.
std::filesystem::path place_of_script(const std::string& shell) {
    if (shell == "bash") return "bash/imprint";
    if (shell == "zsh") return "zsh/_imprint";
    return std::filesystem::path(shell) / ("imprint." + shell);
}

Result<int> write_pages(const CommandRow& program, const WriteOptions& options) {
    for (const auto& page : manual_pages(program, {std::string(version), options.date}))
        IMPRINT_CHECK(write_into(options.directory / "man" / page.file, page.text));
    for (const auto& shell : shell::shells())
        IMPRINT_CHECK(write_into(options.directory / "completions" / place_of_script(shell),
                                 shell::completion_script(shell)));
    return 0;
}

}  // namespace

void add_completion(Command& root) {
    const auto shell = std::make_shared<std::string>();
    Command command = root.command(
        "completion", "Print what a shell loads to complete commands, options, ports and lots.",
        "source <(imprint completion bash)      # for this shell alone\n"
        "mkdir -p ~/.local/share/bash-completion/completions\n"
        "imprint completion bash > ~/.local/share/bash-completion/completions/imprint\n"
        "mkdir -p ~/.config/fish/completions\n"
        "imprint completion fish > ~/.config/fish/completions/imprint.fish");
    command.option({.names = "SHELL",
                    .type = "SHELL",
                    .meaning = "the shell that is to load it: bash, zsh or fish",
                    .required = true,
                    .choices = shell::shells()},
                   shell.get());
    command.common_options().act([shell](Context& context) -> Result<int> {
        context.out.raw(shell::completion_script(*shell));
        return 0;
    });
}

void add_reference(Command& root) {
    Command group = root.command("reference", "The program's own tables, for what is made of them.",
                                 "imprint reference json");
    group.hide();
    const CommandRow* program = &root.row();
    group
        .command("json", "Commands, options, exit codes, errors and keys as JSON.",
                 "imprint reference json > reference.json")
        .common_options()
        .act([program](Context& context) -> Result<int> {
            context.out.raw(reference_json(*program));
            return 0;
        });
    const auto options = std::make_shared<WriteOptions>();
    Command writing = group.command("write", "The manual pages and the shells' completions.",
                                    "imprint reference write build --date 2026-11-30");
    writing.option({"DIR", "DIR", "folder that gets man and completions", true},
                   &options->directory);
    writing.option({"--date", "DATE", "of the pages: 2026-11-30"}, &options->date);
    writing.common_options().act(
        [program, options](Context&) { return write_pages(*program, *options); });
}

}  // namespace imprint::cli
