#include "label/printer.h"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <system_error>
#include <utility>

#include "base/files.h"
#include "base/url.h"
#include "label/printers.h"

namespace imprint::label {

namespace {

constexpr std::string_view forms = "cups:QUEUE, tcp://HOST[:PORT] or file:FOLDER";

// CUPS takes any printable character but blanks, "/" and "#" (lpadmin(8)); a "-" would be an option
// of lp.
bool is_queue(std::string_view name) {
    return !name.empty() && name.size() <= 127 && name.front() != '-' &&
           std::ranges::all_of(name, [](char c) {
               return std::isgraph(static_cast<unsigned char>(c)) != 0 && c != '/' && c != '#';
           });
}

class FilePrinter final : public Printer {
  public:
    explicit FilePrinter(std::filesystem::path folder) : folder_(std::move(folder)) {}

    [[nodiscard]] Result<Handed> print(const PrintJob& job, const std::stop_token&) override {
        std::error_code error;
        std::filesystem::create_directories(folder_, error);
        const auto file = folder_ / fmt::format("{}.{}", job.name, to_string(job.format));
        if (auto written = write_file(file, job.bytes); !written)
            return printer_error(written.error().message, written.error().hint);
        return Handed();
    }

  private:
    std::filesystem::path folder_;
};

}  // namespace

std::unexpected<Error> printer_error(std::string message, std::string hint) {
    return fail(ErrorKind::config, "label_printer", std::move(message), std::move(hint));
}

Result<PrinterAddress> parse_printer(std::string_view text) {
    const std::size_t colon = std::min(text.find(':'), text.size());
    const std::string_view scheme = text.substr(0, colon);
    const std::string_view rest = text.substr(std::min(colon + 1, text.size()));
    PrinterAddress address{.target = std::string(rest), .text = std::string(text)};
    if (scheme == "file" && !rest.empty()) return address;
    if (scheme == "cups") {
        address.kind = PrinterKind::cups;
        if (is_queue(rest)) return address;
        return printer_error("cups: needs the name of a queue, as lpstat -e lists them");
    }
    if (scheme == "tcp" && rest.starts_with("//")) {
        const auto host = parse_host_and_port(rest.substr(2));
        if (!host) return printer_error("tcp:// needs a host, and may have a port");
        address.kind = PrinterKind::tcp;
        address.target = host->host;
        address.port = host->port.value_or(address.port);
        return address;
    }
    return printer_error(fmt::format("a printer is {}", forms));
}

Format format_for(const PrinterAddress& printer, PrintFormat wanted) {
    switch (wanted) {
        case PrintFormat::pdf:
            return Format::pdf;
        case PrintFormat::zpl:
            return Format::zpl;
        case PrintFormat::png:
            return Format::png;
        case PrintFormat::svg:
            return Format::svg;
        case PrintFormat::automatic:
            break;
    }
    return printer.kind == PrinterKind::tcp ? Format::zpl : Format::pdf;
}

std::unique_ptr<Printer> file_printer(std::filesystem::path folder) {
    return std::make_unique<FilePrinter>(std::move(folder));
}

std::unique_ptr<Printer> open_printer(const PrinterAddress& address, Clock& clock,
                                      const PrinterTools& tools) {
    switch (address.kind) {
        case PrinterKind::cups:
            return cups_printer(address.target, clock, tools);
        case PrinterKind::tcp:
            return tcp_printer(address, tools);
        case PrinterKind::file:
            break;
    }
    return file_printer(address.target);
}

}  // namespace imprint::label
