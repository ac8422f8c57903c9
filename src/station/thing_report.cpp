#include "station/thing_report.h"

#include <fmt/format.h>
#include <utility>

namespace imprint::station {

Result<ThingReport> look_up_thing(registry::Reader& registry, const std::string& name) {
    ThingReport report;
    IMPRINT_TRY(auto thing, registry.find_thing(name));
    if (!thing)
        return fail(ErrorKind::registry, "thing_unknown",
                    fmt::format("the registry has no thing \"{}\"", name),
                    "`aws iot list-things` tells which there are");
    report.thing = *std::move(thing);
    IMPRINT_TRY(report.groups, registry.groups_of(name));
    IMPRINT_TRY(const auto ids, registry.certificates_of(name));
    for (const auto& id : ids) {
        IMPRINT_TRY(const auto certificate, registry.find_certificate(id));
        if (!certificate) continue;  // gone meanwhile
        IMPRINT_TRY(auto attached, registry.attachments(certificate->arn));
        report.certificates.push_back(
            {id, certificate->status, certificate->created,
             attached ? std::move(attached->policies) : std::vector<std::string>()});
    }
    return report;
}

}  // namespace imprint::station
