// This chip's partitions, MAC and crypto library as the core wants them.
#pragma once

#include "esp_err.h"
#include "imprint_identity.h"
#include "imprint_identity/identity.h"
#include "imprint_identity/replace.h"
#include "sdkconfig.h"
#if CONFIG_IMPRINT_IDENTITY_NVS_ENCRYPTED
#include "nvs_cipher.h"
#endif

namespace imprint_identity {

struct ChipPlaces : Places {
#if CONFIG_IMPRINT_IDENTITY_NVS_ENCRYPTED
    NvsCipher nvs_cipher;
#endif
};

esp_err_t find_places(const imprint_identity_config_t& wanted, ChipPlaces& into);

Parts parts_of(const imprint_identity_config_t& wanted);

// Logs the problem, and gives its code; ESP_OK where there is none.
esp_err_t told(const Problem& problem);
// The same, and why a second copy was needed.
esp_err_t told(const Problem& problem, const Problem& mended);

// Logs both, and gives the identity to its user, who frees it.
esp_err_t hand_over(const Problem& problem, const Problem& mended, Identity& identity,
                    imprint_identity_t& into);

}  // namespace imprint_identity
