// docs/events.md's tables, made from what the events say of themselves.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace imprint::events {

// Markdown: a section for each event with its members, then one for each kind of word.
[[nodiscard]] std::string document_tables();

// The document with the tables in place of what stands between its two marks. Error (config):
// document_marks: they are not there.
[[nodiscard]] Result<std::string> with_tables(std::string_view document);

}  // namespace imprint::events
