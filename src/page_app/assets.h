// The operators' page as files: what Vite has made of app/, in the program itself.
#pragma once

#include <span>
#include <string_view>

namespace imprint::page_app {

struct Asset {
    std::string_view path;          // "/index.html", "/assets/index-C3sHV8kQ.js"
    std::string_view content_type;  // with its charset, where it is text
    std::string_view body;
    std::string_view etag;  // with its quotes: a digest of the body
    bool immutable =
        false;  // the path has a digest of the body in it: a browser need never ask again
};

// By path. "/index.html" is the page itself, whatever its address says: it reads that by itself.
[[nodiscard]] std::span<const Asset> assets();

// What a browser gets that asks for a path: the file, or the page for each of its own places ("/",
// "/lots/order.17", …), which it reads by itself; nullptr: a file that is not there.
[[nodiscard]] const Asset* asset_for(std::string_view path);

}  // namespace imprint::page_app
