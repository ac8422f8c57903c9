// The component's header is for firmware in C as well.
#include "imprint_identity.h"

int use_of_the_header(void);

int use_of_the_header(void) {
    const imprint_identity_config_t config = {.partition_label = "storage"};
    imprint_identity_t identity;
    const esp_err_t failed = imprint_identity_load(&config, &identity);
    if (failed == ESP_OK) imprint_identity_free(&identity);
    const imprint_identity_set_t set = {.certificate = "", .private_key = ""};
    if (imprint_identity_stage(&set) != ESP_OK || imprint_identity_try(&identity) != ESP_OK)
        return imprint_identity_rollback();
    if (imprint_identity_commit() != ESP_OK) return ESP_FAIL;
    return failed;
}
