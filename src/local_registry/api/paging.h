// Paging of lists. A token is opaque to the caller: here it is the base64 of the last key.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "local_registry/api/api_error.h"
#include "local_registry/api/input.h"

namespace imprint::local_registry {

// nextToken and maxResults in one half of the API, marker and pageSize in the other; in the data
// plane nextToken and pageSize.
enum class PageStyle : std::uint8_t { token, marker, shadows };

struct Page {
    std::string after;  // the last key of the previous page; empty: from the start
    std::int64_t size = 0;
    bool ascending = true;
};

template <typename T>
struct Paged {
    std::vector<T> items;
    std::optional<std::string> next;  // the token; none on the last page
};

[[nodiscard]] Outcome<Page> read_page(const Input& input, PageStyle style);
// The same for keys that are numbers.
[[nodiscard]] Outcome<std::optional<std::int64_t>> after_number(const Page& page);
[[nodiscard]] std::string page_token(const std::string& key);

// `items` were queried with a limit of size + 1: an extra item shows that there is another page.
template <typename T, typename Key>
[[nodiscard]] Paged<T> cut_page(std::vector<T> items, const Page& page, Key&& key) {
    Paged<T> paged{.items = std::move(items), .next = {}};
    if (paged.items.size() > static_cast<std::size_t>(page.size)) {
        paged.items.pop_back();
        paged.next = page_token(key(paged.items.back()));
    }
    return paged;
}

}  // namespace imprint::local_registry
