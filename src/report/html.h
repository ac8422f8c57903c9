// Text in a page of HTML.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace imprint::report {

// As text or as an attribute's value in quotes: nothing of it is markup. Control characters and
// what is no UTF-8 become "?".
[[nodiscard]] std::string escaped(std::string_view text);

// Takes a page piece by piece.
using Sink = std::function<Result<void>(std::string_view)>;

// The page's own colours, light and dark, and its tables: the content of a style element.
[[nodiscard]] std::string_view page_style();

}  // namespace imprint::report
