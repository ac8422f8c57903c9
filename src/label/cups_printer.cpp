// A queue of CUPS, by the commands that every version of it has: lp(1), lpstat(1).

#include <fmt/format.h>
#include <utility>

#include "base/files.h"
#include "base/process.h"
#include "base/text.h"
#include "label/printers.h"

namespace imprint::label {

namespace {

class CupsPrinter final : public Printer {
  public:
    CupsPrinter(std::string queue, Clock& clock, PrinterTools tools)
        : queue_(std::move(queue)), clock_(clock), tools_(std::move(tools)) {}

    [[nodiscard]] Result<Handed> print(const PrintJob& job, const std::stop_token& stop) override {
        // A queue that stands still would take it, and print it some day.
        IMPRINT_TRY(const std::string stopped, why_it_stands(stop));
        if (!stopped.empty())
            return printer_error(fmt::format("CUPS' queue {} {}", queue_, stopped),
                                 fmt::format("see to the printer; `cupsenable {}` starts the queue "
                                             "again",
                                             queue_));
        IMPRINT_TRY(const auto folder, TemporaryDirectory::create("imprint-label"));
        const auto file = folder.path() / fmt::format("{}.{}", job.name, to_string(job.format));
        IMPRINT_CHECK(write_file(file, job.bytes, FileMode::ordinary, Durability::cached));
        IMPRINT_TRY(const std::string id, submitted(job, file, stop));
        return followed(id, stop);
    }

  private:
    [[nodiscard]] Result<CommandOutput> run(std::vector<std::string> arguments,
                                            const std::stop_token& stop) const {
        const std::string program = arguments.front();
        Command command{.arguments = std::move(arguments), .directory = {}, .environment = {}};
        command.environment.emplace_back("LC_ALL", "C");  // its words are read here
        command.own_group = true;
        auto output = run_command(std::move(command), {}, stop);
        if (!output && output.error().is("process_failed_to_start"))
            return printer_error(fmt::format("there is no program {}", program),
                                 "install CUPS' commands: apt install cups-client");
        return output;
    }

    // "disabled since …"; empty: it takes jobs.
    [[nodiscard]] Result<std::string> why_it_stands(const std::stop_token& stop) const {
        IMPRINT_TRY(const auto output, run({tools_.lpstat, "-p", queue_}, stop));
        if (output.status != 0)
            return printer_error(
                fmt::format("CUPS has no queue {}: {}", queue_, trimmed(output.text)),
                "lpstat -e lists the queues");
        const std::size_t at = output.text.find(" disabled since");
        if (at == std::string::npos) return std::string();
        std::string why(trimmed(output.text.substr(at)));
        for (char& c : why)
            if (is_control(c)) c = ' ';
        return why;
    }

    // The job's number, "zebra-17".
    [[nodiscard]] Result<std::string> submitted(const PrintJob& job,
                                                const std::filesystem::path& file,
                                                const std::stop_token& stop) const {
        std::vector<std::string> arguments{tools_.lp, "-d", queue_, "-t", "label " + job.name};
        if (job.format == Format::zpl)
            arguments.insert(arguments.end(), {"-o", "raw"});
        else
            arguments.insert(arguments.end(),
                             {"-o", fmt::format("media=Custom.{:g}x{:g}mm", job.width, job.height),
                              "-o", "print-scaling=none"});
        arguments.insert(arguments.end(), {"--", file.string()});
        IMPRINT_TRY(const auto output, run(std::move(arguments), stop));
        if (output.status != 0)
            return printer_error(
                fmt::format("CUPS did not take the label: {}", trimmed(output.text)),
                fmt::format("lpstat -l -p {} tells more", queue_));
        // "request id is zebra-17 (1 file(s))"
        constexpr std::string_view before = "request id is ";
        const std::size_t at = output.text.find(before);
        if (at == std::string::npos) return std::string();
        const std::string id = output.text.substr(at + before.size());
        return id.substr(0, id.find_first_of(" \n"));
    }

    // CUPS has it, whatever follows: sent again, it would be printed twice.
    [[nodiscard]] Result<Handed> followed(const std::string& id,
                                          const std::stop_token& stop) const {
        constexpr Milliseconds pause(250);
        for (Milliseconds waited(0); !id.empty(); waited += pause) {
            const auto queued = run({tools_.lpstat, "-o", queue_}, stop);
            if (!queued || queued->status != 0 || !lists(queued->text, id)) break;
            const std::string stopped = why_it_stands(stop).value_or("");
            if (stopped.empty() && waited < tools_.spooled && clock_.sleep(pause, stop)) continue;
            return Handed{
                make_error(ErrorKind::config, "label_printer",
                           fmt::format("CUPS holds the label as {} and has not printed it yet{}",
                                       id, stopped.empty() ? "" : ": the queue " + stopped),
                           "see to the printer: CUPS prints it then")};
        }
        return Handed();
    }

    [[nodiscard]] static bool lists(std::string_view listing, const std::string& id) {
        return listing.starts_with(id + ' ') || listing.contains('\n' + id + ' ');
    }

    std::string queue_;
    Clock& clock_;
    PrinterTools tools_;
};

}  // namespace

std::unique_ptr<Printer> cups_printer(std::string queue, Clock& clock, const PrinterTools& tools) {
    return std::make_unique<CupsPrinter>(std::move(queue), clock, tools);
}

}  // namespace imprint::label
