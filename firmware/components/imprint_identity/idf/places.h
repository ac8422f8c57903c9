// This chip's partitions, MAC and crypto library as the core wants them.
#pragma once

#include "esp_err.h"
#include "imprint_identity.h"
#include "imprint_identity/identity.h"
#include "imprint_identity/replace.h"

namespace imprint_identity {

esp_err_t find_places(const imprint_identity_config_t& wanted, Places& into);

// Logs the problem, and gives its code; ESP_OK where there is none.
esp_err_t told(const Problem& problem);

// Logs both, and gives the identity to its user, who frees it.
esp_err_t hand_over(const Problem& problem, const Problem& mended, Identity& identity,
                    imprint_identity_t& into);

}  // namespace imprint_identity
