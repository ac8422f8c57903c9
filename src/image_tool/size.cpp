#include <fmt/format.h>
#include <limits>

#include "image/number.h"
#include "image/text.h"
#include "image_tool/commands.h"

namespace imprint::image_tool {

Result<std::uint32_t> parse_size(std::string_view text) {
    std::string_view digits = text;
    // "4MB" is what ESP-IDF calls a flash size.
    for (const std::string_view unit : {"KB", "MB", "kB", "kb", "mb"})
        if (digits.ends_with(unit)) {
            digits.remove_suffix(1);
            break;
        }
    const auto size = image::parse_integer(digits);
    if (!size || *size < 0 || *size > std::numeric_limits<std::uint32_t>::max())
        return fail(ErrorKind::usage, "bad_size",
                    fmt::format("{} is no size from 0 to 4 GB", image::in_quotes(text)),
                    "write 0xF0000, 983040, 960K or 4M");
    return static_cast<std::uint32_t>(*size);
}

Result<std::optional<std::uint32_t>> parse_size_or_all(std::string_view text) {
    if (text == "ALL" || text == "all") return std::nullopt;
    return parse_size(text);
}

}  // namespace imprint::image_tool
