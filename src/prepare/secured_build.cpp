#include "prepare/secured_build.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/files.h"

namespace imprint::prepare {

std::vector<std::string> security_notes(const flash_files::FileList& list,
                                        const FirmwareSettings& settings,
                                        const image::Partition& credentials) {
    const auto path = settings.directory / settings.artifacts / "config" / "sdkconfig.json";
    nlohmann::json config;
    // What is wrong with it is told where the firmware's SPIFFS settings are read.
    if (const auto text = read_text(path)) config = nlohmann::json::parse(*text, nullptr, false);
    const auto is_on = [&config](const char* name) {
        return config.is_object() && config.contains(name) && config[name] == true;
    };
    std::vector<std::string> notes;
    if (is_on("SECURE_FLASH_ENC_ENABLED") ||
        std::ranges::any_of(list.files, &flash_files::FlashFile::marked_encrypted))
        notes.emplace_back(
            std::string("this build turns on flash encryption: the first start of each board burns "
                        "eFuses for good and encrypts what is marked. ") +
            (credentials.encrypted
                 ? "The credentials are, and from then on no station can replace them"
                 : "The credentials are not, and stay readable for whoever reads the flash"));
    if (is_on("SECURE_BOOT"))
        notes.emplace_back(
            "this build turns on secure boot: the first start of each board burns the key's digest "
            "into eFuses for good, and from then on it starts nothing that is not signed with it");
    return notes;
}

}  // namespace imprint::prepare
