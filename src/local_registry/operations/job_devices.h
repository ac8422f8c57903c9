// Jobs as their devices see them: over MQTT, and the same over HTTPS.
// Sources: AWS IoT Core developer guide, "Jobs device MQTT API operations" and "AWS IoT jobs API
// operations" (ErrorResponse); the service model of AWS IoT Jobs Data Plane, 2017-09-29.
#pragma once

#include <string_view>

#include "base/log.h"
#include "local_registry/operations/context.h"

namespace imprint::local_registry::operations {

// Answers what was published on a topic of jobs. False: it is none.
bool answer_on_job_topic(const Context& context, std::string_view topic, std::string_view payload,
                         const Log& log);

}  // namespace imprint::local_registry::operations
