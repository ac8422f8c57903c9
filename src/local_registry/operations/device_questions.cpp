#include "local_registry/operations/device_questions.h"

#include "local_registry/operations/job_devices.h"
#include "local_registry/operations/shadows.h"

namespace imprint::local_registry::operations {

void answer_device(const Context& context, std::string_view topic, std::string_view payload,
                   const Log& log) {
    if (answer_on_shadow_topic(context, topic, payload, log)) return;
    answer_on_job_topic(context, topic, payload, log);
}

}  // namespace imprint::local_registry::operations
