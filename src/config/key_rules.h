// What the values of single keys may be, beyond their type and range: what is wrong with one, as
// the end of a sentence; empty: nothing. Called with a value of the key's own type. Source for what
// AWS IoT takes: API Reference, CreateThing, CreateThingType, CreateThingGroup, CreatePolicy,
// AttributePayload.
#pragma once

#include <string>
#include <string_view>

#include "config/keys.h"

namespace imprint::config {

// Letters, digits and these alone.
[[nodiscard]] bool made_of(std::string_view text, std::string_view also);

[[nodiscard]] std::string filled_text_fault(const KeyValue& value);
[[nodiscard]] std::string thing_name_fault(const KeyValue& value);
[[nodiscard]] std::string thing_type_fault(const KeyValue& value);
[[nodiscard]] std::string groups_fault(const KeyValue& value);
[[nodiscard]] std::string policy_name_fault(const KeyValue& value);
[[nodiscard]] std::string attributes_fault(const KeyValue& value);
[[nodiscard]] std::string values_fault(const KeyValue& value);
[[nodiscard]] std::string subject_fault(const KeyValue& value);
[[nodiscard]] std::string endpoint_fault(const KeyValue& value);
[[nodiscard]] std::string file_name_fault(const KeyValue& value);
[[nodiscard]] std::string flash_file_fault(const KeyValue& value);
[[nodiscard]] std::string url_fault(const KeyValue& value);
[[nodiscard]] std::string record_text_fault(const KeyValue& value);
[[nodiscard]] std::string ports_fault(const KeyValue& value);
[[nodiscard]] std::string bays_fault(const KeyValue& value);
[[nodiscard]] std::string printer_fault(const KeyValue& value);
[[nodiscard]] std::string listen_fault(const KeyValue& value);

}  // namespace imprint::config
