// One function a kind of printer. Internal to the layer.
#pragma once

#include <memory>
#include <string>

#include "label/printer.h"

namespace imprint::label {

[[nodiscard]] std::unique_ptr<Printer> file_printer(std::filesystem::path folder);
[[nodiscard]] std::unique_ptr<Printer> tcp_printer(const PrinterAddress& address,
                                                   const PrinterTools& tools);
[[nodiscard]] std::unique_ptr<Printer> cups_printer(std::string queue, Clock& clock,
                                                    const PrinterTools& tools);

// What keeps a Zebra printer from printing, by its answer to ~HS (ZPL II Programming Guide, "Host
// Status Return"); empty: nothing, or it is no such answer.
[[nodiscard]] std::string zebra_fault(std::string_view answer);

[[nodiscard]] std::unexpected<Error> printer_error(std::string message, std::string hint = {});

}  // namespace imprint::label
