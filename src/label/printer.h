// Where labels are printed. One thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "label/render.h"
#include "label/settings.h"

namespace imprint::label {

enum class PrinterKind : std::uint8_t {
    cups,  // a queue of CUPS, by its `lp`
    tcp,   // what it gets is written to a connection: port 9100, "raw" or "JetDirect"
    file,  // a folder, one file a board
};

struct PrinterAddress {
    PrinterKind kind = PrinterKind::file;
    std::string target;  // queue, host or folder
    std::uint16_t port = 9100;
    std::string text;  // as it was written
};

// "cups:QUEUE", "tcp://HOST", "tcp://HOST:9100", "file:FOLDER". Error: label_printer.
[[nodiscard]] Result<PrinterAddress> parse_printer(std::string_view text);

[[nodiscard]] Format format_for(const PrinterAddress& printer, PrintFormat wanted);

struct PrintJob {
    std::string name;  // of the file, or in the printer's list: "246f28a1b2c3"
    Format format = Format::pdf;
    std::string bytes;
    double width = 0;  // mm
    double height = 0;
};

// The printer, or what stands before it, has the label: it is not to be sent again.
struct Handed {
    std::optional<Error> trouble;  // it is not printed yet: the spooler holds it
};

class Printer {
  public:
    virtual ~Printer() = default;
    // Error: label_printer: the label is not taken, or perhaps not all of it. interrupted.
    [[nodiscard]] virtual Result<Handed> print(const PrintJob& job,
                                               const std::stop_token& stop) = 0;
};

struct PrinterTools {
    // CUPS' commands, looked up in PATH.
    std::string lp = "lp";
    std::string lpstat = "lpstat";
    // For how long a job may be on its way from CUPS to its printer before that is trouble.
    Milliseconds spooled{15'000};
    // Of a TCP printer: to its connection, without a byte taken, to its answer, to its end.
    Milliseconds connect{5'000};
    Milliseconds stall{20'000};
    Milliseconds answer{2'000};
    Milliseconds close{2'000};
};

[[nodiscard]] std::unique_ptr<Printer> open_printer(const PrinterAddress& address, Clock& clock,
                                                    const PrinterTools& tools = {});

}  // namespace imprint::label
