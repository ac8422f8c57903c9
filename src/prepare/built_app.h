// What a build says about itself, for the record: which program it is, and whether it is older than
// its source.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace imprint::prepare {

// From the app's own description (image/app_image.h); empty if it has none.
struct BuiltApp {
    std::string name;
    std::string version;
    std::string elf_sha256;  // lower-case hex
};

[[nodiscard]] BuiltApp built_app(ByteView app_image);

// A sentence if the checkout of `directory` has moved to another commit since the newest of the
// files was built; otherwise empty. According to git's log of HEAD (gitglossary(7), "reflog").
[[nodiscard]] std::string stale_build(const std::filesystem::path& directory,
                                      const std::vector<std::filesystem::path>& files);

}  // namespace imprint::prepare
