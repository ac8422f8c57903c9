#pragma once

#include "imprint_identity/text.h"

namespace imprint_identity {

// A key on P-256 and a request for a certificate for it, both PEM; see rotation.h.
bool make_request(const char* common_name, Text& private_key, Text& request);

}  // namespace imprint_identity
