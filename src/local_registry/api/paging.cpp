#include "local_registry/api/paging.h"

#include <charconv>
#include <fmt/format.h>

#include "base/bytes.h"

namespace imprint::local_registry {

namespace {

constexpr std::int64_t largest_page = 250;  // the service model's RegistryMaxResults and PageSize
constexpr std::int64_t largest_page_of_shadows = 100;
constexpr std::int64_t usual_page = 25;

}  // namespace

Outcome<Page> read_page(const Input& input, PageStyle style) {
    const bool marked = style == PageStyle::marker;
    const Member& size_member = style == PageStyle::token ? member::max_results : member::page_size;
    const std::int64_t largest =
        style == PageStyle::shadows ? largest_page_of_shadows : largest_page;
    Page page{.after = {}, .size = usual_page, .ascending = true};
    IMPRINT_TRY(const auto size, input.number(size_member));
    if (size && (*size < 1 || *size > largest))
        return invalid_request(fmt::format(
            "1 validation error detected: Value '{}' at '{}' failed to satisfy constraint: Member "
            "must be between 1 and {}",
            *size, size_member.name, largest));
    if (size) page.size = *size;
    IMPRINT_TRY(const auto token, input.optional(marked ? member::marker : member::next_token));
    if (token && !token->empty()) {
        const auto key = from_base64(*token);
        if (!key || key->empty()) return invalid_request("the page token was not given out here");
        page.after = as_text(*key);
    }
    if (marked) {
        IMPRINT_TRY(page.ascending, input.flag(member::ascending));
    }
    return page;
}

Outcome<std::optional<std::int64_t>> after_number(const Page& page) {
    if (page.after.empty()) return std::nullopt;
    std::int64_t value = 0;
    const char* end = page.after.data() + page.after.size();
    const auto [stopped, error] = std::from_chars(page.after.data(), end, value);
    if (error != std::errc() || stopped != end)
        return invalid_request("the page token was not given out here");
    return value;
}

std::string page_token(const std::string& key) {
    return to_base64(as_bytes(key));
}

}  // namespace imprint::local_registry
