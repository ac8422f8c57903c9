// What people write into imprint.toml by mistake, and what they are told to write instead.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.h"
#include "config/keys.h"

namespace imprint::config {

// Error: config_syntax, for text that is not UTF-8, with the place of the first byte that is not.
[[nodiscard]] Result<void> check_encoding(std::string_view text, const std::filesystem::path& file);

// What the parser has said of a text, and where; both count from 1.
struct SyntaxFault {
    std::uint32_t line = 1;
    std::uint32_t column = 1;
    std::string_view why;
};

// What can be done about it, as far as the text shows it.
[[nodiscard]] std::string hint_for_syntax(std::string_view text, const SyntaxFault& fault);

// In a text between double quotes.
inline constexpr std::string_view backslash_hint =
    "in \"…\" a backslash begins an escape: write the text as '…', or each backslash twice, or / "
    "in "
    "its place";

// How a value of this key may look: for one that cannot be.
[[nodiscard]] std::string hint_for_value(const Key& key);

}  // namespace imprint::config
