// What is asked on AWS IoT's reserved topics, by a device or by an application.
#pragma once

#include <string_view>

#include "base/log.h"
#include "local_registry/operations/context.h"

namespace imprint::local_registry::operations {

// Answers by what it publishes; nothing, if the topic is none of those.
void answer_device(const Context& context, std::string_view topic, std::string_view payload,
                   const Log& log = {});

}  // namespace imprint::local_registry::operations
