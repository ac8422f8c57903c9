// Minted identities as other tools take them. Never with a key.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "base/error.h"
#include "minted/store.h"
#include "prepare/settings.h"

namespace imprint::fleet {

enum class ExportFormat {
    bulk,                  // JSON lines for AWS's StartThingRegistrationTask
    csv,                   // thing, mac, certificate_id, certificate (RFC 4180)
    thingpress,            // ThingPress, "Generated": base64 of the PEM, a line each
    thingpress_espressif,  // ThingPress, "Espressif": CSV with MAC and cert
};
// Error: export_format (usage).
[[nodiscard]] Result<ExportFormat> parse_export_format(std::string_view text);

// Streams all of the store into the file, which appears whole or not at all. Gives how many there
// are. Errors: file_unwritable (config); export_names (config): ThingPress names a thing after its
// certificate's CN or its MAC, and one of them is called otherwise.
[[nodiscard]] Result<std::int64_t> export_identities(minted::MintedStore& store,
                                                     ExportFormat format,
                                                     const prepare::IdentitySettings& settings,
                                                     const std::filesystem::path& path);

}  // namespace imprint::fleet
