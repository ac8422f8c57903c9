#include <fmt/format.h>

#include "image/text.h"
#include "image_tool/recognise.h"

namespace imprint::image_tool {

namespace {

std::size_t values_of(const image::nvs::Contents& contents) {
    std::size_t count = 0;
    for (const auto& space : contents.namespaces)
        count += space.entries.size();
    return count;
}

// A number as it is; of a string or a blob its size, for it may be a password or a key.
std::string value_text(const image::nvs::Entry& entry) {
    const std::string number = image::nvs::number_text(entry);
    return number.empty() ? fmt::format("{} bytes", entry.data.size()) : number;
}

std::string pages_text(const image::nvs::Contents& contents) {
    return fmt::format("{} of {} pages used, {} entries used and {} erased",
                       contents.usage.pages_used, contents.usage.pages_total,
                       contents.usage.entries_used, contents.entries_erased);
}

}  // namespace

std::string shown(std::string_view name) {
    std::string text = image::in_quotes(name);
    if (std::string_view(text).substr(1, text.size() - 2) == name) return std::string(name);
    return text;
}

std::string nvs_summary(const NvsFound& found) {
    const image::nvs::Contents& contents = found.contents;
    if (contents.encrypted)
        return fmt::format("NVS, encrypted: {} (its keys are needed: --nvs-keys)",
                           pages_text(contents));
    return fmt::format("NVS{}, {} values in {} namespaces, {}",
                       found.decrypted ? ", encrypted" : "", values_of(contents),
                       contents.namespaces.size(), pages_text(contents));
}

std::string nvs_values_text(const NvsFound& found, std::string_view indent) {
    const image::nvs::Contents& contents = found.contents;
    std::string text;
    for (const auto& space : contents.namespaces)
        for (const auto& entry : space.entries)
            text +=
                fmt::format("{}{:<15}  {:<15}  {:<6}  {}\n", indent, shown(space.name),
                            shown(entry.key), image::nvs::type_name(entry.type), value_text(entry));
    for (const auto& fault : contents.faults)
        text += fmt::format("warning: {}\n", fault.text());
    if (contents.more_faults > 0)
        text += fmt::format("warning: there are {} more of these\n", contents.more_faults);
    return text;
}

std::string nvs_text(const NvsFound& found) {
    const std::string values = nvs_values_text(found, "");
    return fmt::format("{}\n{}{}", nvs_summary(found), values.empty() ? "" : "\n", values);
}

}  // namespace imprint::image_tool
