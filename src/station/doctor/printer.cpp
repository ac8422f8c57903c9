#include "label/printer.h"

#include <fmt/format.h>

#include "base/text.h"
#include "station/doctor/machine_checks.h"

namespace imprint::station::doctor {

void check_printer(const Machine& machine, const label::Settings& settings, Checks& checks) {
    if (settings.printer.empty()) return;
    const auto address = label::parse_printer(settings.printer);
    // A printer with an address of its own is asked by its first label alone: what is connected to
    // it may print.
    if (!address || address->kind != label::PrinterKind::cups) return;
    const std::string& queue = address->target;
    const Checks::Facts facts{{"queue", queue}};
    const Answer answer = machine.ask({"lpstat", "-p", queue});
    if (answer.end == Answer::End::missing)
        return checks.warn("printer", "there is no program lpstat to ask CUPS with",
                           "apt install cups-client", facts);
    if (answer.end == Answer::End::late)
        return checks.warn("printer", "CUPS does not answer",
                           "look at it: systemctl status cups, lpstat -r", facts);
    const std::string said(trimmed(answer.text.substr(0, answer.text.find('\n'))));
    if (!answer.is_good())
        return checks.warn(
            "printer", fmt::format("CUPS has no queue {} for labels: {}", queue, said),
            "lpstat -e lists the queues, and lpstat -r says whether CUPS runs", facts);
    // "printer labels disabled since …": lpstat(1).
    if (said.contains(" disabled "))
        return checks.warn("printer", fmt::format("CUPS' queue {} stands: {}", queue, said),
                           fmt::format("see to the printer, then: cupsenable {}", queue), facts);
    checks.ok("printer", said, facts);
}

}  // namespace imprint::station::doctor
