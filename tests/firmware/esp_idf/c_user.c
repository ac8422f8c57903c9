// The component's header is for firmware in C as well.
#include "imprint_identity.h"
#include "imprint_identity_key.h"

int use_of_the_header(void);

int use_of_the_header(void) {
    const imprint_identity_config_t config = {.partition_label = "storage",
                                              .parts = IMPRINT_IDENTITY_NAMES_ONLY};
    imprint_identity_t identity;
    const esp_err_t failed = imprint_identity_load(&config, &identity);
    if (failed == ESP_OK && identity.certificate_size == 0) imprint_identity_free(&identity);
    mbedtls_pk_context key;
    mbedtls_pk_init(&key);
    if (imprint_identity_load_key(NULL, &key) != ESP_OK) return ESP_FAIL;
    mbedtls_pk_free(&key);
    const imprint_identity_set_t set = {.certificate = "", .private_key = ""};
    if (imprint_identity_stage(&set) != ESP_OK || imprint_identity_try(&identity) != ESP_OK)
        return imprint_identity_rollback();
    if (imprint_identity_commit() != ESP_OK) return ESP_FAIL;
    return failed;
}
