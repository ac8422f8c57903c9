// Small work on texts.
#pragma once

#include <string>
#include <string_view>

namespace imprint {

// Every occurrence; what is put in is not looked at again. `what` is not empty.
[[nodiscard]] std::string replace_all(std::string text, std::string_view what, std::string_view by);

}  // namespace imprint
