// Text of somebody else, made fit to be shown: characters that act on a terminal, or on how those
// beside them are shown.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace imprint {

// Bytes of the character that the text begins with, if it is one of these: C0, DEL and C1, which
// some terminals take for control sequences; the bidirectional controls (UAX #9, 2), which have a
// line read otherwise than it is; the separators of lines and paragraphs. 0: it is none of them.
// The text is not empty.
[[nodiscard]] std::size_t steering_length(std::string_view text);

[[nodiscard]] bool has_steering(std::string_view text);

enum class LineBreaks { replaced, kept };
// Each of these, and each byte that is no UTF-8, as "?".
[[nodiscard]] std::string without_steering(std::string_view text,
                                           LineBreaks breaks = LineBreaks::replaced);

}  // namespace imprint
