// Exports minted identities in the formats of other tools. Keys are never exported.
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
    thingpress,            // ThingPress, "Generated": base64 of the PEM, one per line
    thingpress_espressif,  // ThingPress, "Espressif": CSV with MAC and cert
};
// Error: export_format (usage).
[[nodiscard]] Result<ExportFormat> parse_export_format(std::string_view text);

// Streams the whole store into the file, which appears complete or not at all. Returns the number
// of identities. Errors: file_unwritable (config); export_names (config): ThingPress names a thing
// after its certificate's CN or its MAC, and one of these has another name.
[[nodiscard]] Result<std::int64_t> export_identities(minted::MintedStore& store,
                                                     ExportFormat format,
                                                     const prepare::IdentitySettings& settings,
                                                     const std::filesystem::path& path);

}  // namespace imprint::fleet
