#include <variant>

#include "base/files.h"
#include "image_tool/commands.h"
#include "image_tool/recognise.h"

namespace imprint::image_tool {

Result<std::string> inspect(const std::filesystem::path& file, const InspectOptions& options) {
    IMPRINT_TRY(const Bytes bytes, read_file(file, file_limit::flash_image));
    auto found = recognise(bytes, options);
    if (!found) return with_context(std::move(found).error(), file.string());
    return options.json ? inspect_json(*found) : inspect_text(*found);
}

}  // namespace imprint::image_tool
