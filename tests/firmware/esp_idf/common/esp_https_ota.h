// As ESP-IDF 5.1 to 6.0 declares it: components/esp_https_ota/include/esp_https_ota.h (what is used
// of it).
#pragma once
#include <stdbool.h>

#include "esp_app_desc.h"
#include "esp_err.h"
#include "esp_http_client.h"
typedef void* esp_https_ota_handle_t;

typedef struct {
    const esp_http_client_config_t* http_config;
    void* http_client_init_cb;
    bool bulk_flash_erase;
    bool partial_http_download;
    int max_http_request_size;
} esp_https_ota_config_t;

#define ESP_ERR_HTTPS_OTA_IN_PROGRESS (0x9000 + 1)
#ifdef __cplusplus
extern "C" {
#endif
esp_err_t esp_https_ota_begin(const esp_https_ota_config_t* ota_config,
                              esp_https_ota_handle_t* handle);
esp_err_t esp_https_ota_perform(esp_https_ota_handle_t https_ota_handle);
bool esp_https_ota_is_complete_data_received(esp_https_ota_handle_t https_ota_handle);
esp_err_t esp_https_ota_finish(esp_https_ota_handle_t https_ota_handle);
esp_err_t esp_https_ota_abort(esp_https_ota_handle_t https_ota_handle);
esp_err_t esp_https_ota_get_img_desc(esp_https_ota_handle_t https_ota_handle,
                                     esp_app_desc_t* new_app_info);
#ifdef __cplusplus
}
#endif
