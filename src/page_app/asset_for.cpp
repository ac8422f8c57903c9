#include <algorithm>

#include "page_app/assets.h"

namespace imprint::page_app {

namespace {

const Asset* asset_at(std::string_view path) {
    const auto all = assets();
    const auto found = std::ranges::find(all, path, &Asset::path);
    return found == all.end() ? nullptr : &*found;
}

// Files lie under /assets/, or in the root with an ending. A lot's name may have a dot in it too.
bool is_file(std::string_view path) {
    return path.starts_with("/assets/") ||
           (path.rfind('/') == 0 && path.find('.') != std::string_view::npos);
}

}  // namespace

const Asset* asset_for(std::string_view path) {
    if (const auto* asset = asset_at(path)) return asset;
    return is_file(path) ? nullptr : asset_at("/index.html");
}

}  // namespace imprint::page_app
