#include "station/thing_report.h"

#include <utility>

namespace imprint::station {

Result<ThingReport> look_up_thing(aws::IotClient& iot, const std::string& name) {
    ThingReport report;
    IMPRINT_TRY(report.thing, iot.describe_thing(name));
    IMPRINT_TRY(report.groups, iot.list_thing_groups_for_thing(name));
    IMPRINT_TRY(const auto principals, iot.list_thing_principals(name));
    for (const auto& arn : principals) {
        const auto id = aws::certificate_id_of_arn(arn);
        if (!id) continue;  // a Cognito identity
        IMPRINT_TRY(const auto certificate, iot.describe_certificate(*id));
        IMPRINT_TRY(auto policies, iot.list_attached_policies(arn));
        report.certificates.push_back(
            {*id, certificate.status, certificate.created, std::move(policies)});
    }
    return report;
}

}  // namespace imprint::station
