// The tables of docs/events.md, generated from the events' own descriptions.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace imprint::events {

// Markdown: a section for each event with its members, then one for each enumeration.
[[nodiscard]] std::string document_tables();

// The document with the tables in place of the text between its two marks. Error (config):
// document_marks: a mark is missing.
[[nodiscard]] Result<std::string> with_tables(std::string_view document);

}  // namespace imprint::events
