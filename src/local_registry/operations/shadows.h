// The shadow service on the registry's store: what MQTT and HTTPS ask of it.
// Sources: AWS IoT Core developer guide, "Device Shadow MQTT topics" and "Device Shadow REST API".
// An update is told on …/update/accepted, /delta and /documents and a deletion on
// …/delete/accepted, whichever way it came; a refusal, and what a get has found, only to those who
// asked over MQTT.
#pragma once

#include <string_view>

#include "base/log.h"
#include "local_registry/operations/context.h"
#include "local_registry/shadow/answers.h"
#include "local_registry/shadow/names.h"

namespace imprint::local_registry::operations {

// Each gives the answer's JSON. Refusals: those of shadow/answers.h; 400: a name that cannot be.
[[nodiscard]] shadow::Outcome<std::string> get_shadow(const Context& context,
                                                      const shadow::Name& name,
                                                      std::string_view payload);
[[nodiscard]] shadow::Outcome<std::string> update_shadow(const Context& context,
                                                         const shadow::Name& name,
                                                         std::string_view payload);
[[nodiscard]] shadow::Outcome<std::string> remove_shadow(const Context& context,
                                                         const shadow::Name& name,
                                                         std::string_view payload);

// Answers what was published on a topic of the shadow service. False: it is none.
bool answer_on_shadow_topic(const Context& context, std::string_view topic,
                            std::string_view payload, const Log& log);

}  // namespace imprint::local_registry::operations
