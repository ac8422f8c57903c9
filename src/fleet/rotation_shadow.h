// The named shadow "credentials", by which a device and its station talk about new credentials.
// What is in it: firmware/components/imprint_identity/include/imprint_identity/rotation.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"

namespace imprint::fleet {

inline constexpr const char* rotation_shadow = "credentials";

// Each that is absent is empty.
struct RotationDocument {
    struct Desired {
        std::string id;
        std::string certificate;  // PEM
        // When it was last written, by the service's clock, in whole seconds.
        std::optional<WallTime> written = {};
    };

    struct Reported {
        std::string id;
        std::string state;       // requested, committed, refused
        std::string csr;         // PEM
        std::string public_key;  // SHA-256 of the SubjectPublicKeyInfo, lower-case hex
        std::string why;
    };

    Desired desired;
    Reported reported;
};

// Error: shadow_unreadable (registry). What is no text where a text belongs counts as absent: a
// device may write anything.
[[nodiscard]] Result<RotationDocument> parse_rotation(std::string_view json);

// For Shadows::update. certificate empty: the device is to ask for one.
[[nodiscard]] std::string wish_for(const RotationDocument::Desired& desired);

// Takes the wish back, if nobody has written to the shadow since this version of it.
[[nodiscard]] std::string no_wish(std::int64_t version);

}  // namespace imprint::fleet
