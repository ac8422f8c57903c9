// Extracts a key from an answer before anything else parses the answer: a JSON document would keep
// copies of it that nobody wipes.
#pragma once

#include <string>
#include <string_view>

#include "base/secret.h"

namespace imprint::aws {

// The text of the first member of this name, in any object; it is overwritten with blanks. Empty:
// there is none, or its text is not plain ASCII as JSON writes it.
[[nodiscard]] Secret take_text_member(std::string& json, std::string_view name);

}  // namespace imprint::aws
