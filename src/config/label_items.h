// label.item, a list of tables: in the file as [[label.item]], in the environment and in flags as
// TOML. Internal to the layer.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "config/toml.h"
#include "label/template.h"

namespace imprint::config {

// Errors: config_value, config_unknown_key, without the place: its context is "label.item 2".
[[nodiscard]] Result<std::vector<label::Item>> label_items_of(const toml::array& list);

}  // namespace imprint::config
