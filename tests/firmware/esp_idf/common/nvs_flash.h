// As ESP-IDF 5.1 to 6.0 declares it: components/nvs_flash/include/nvs_flash.h (what is used of it).
#pragma once
#include "nvs.h"
#ifdef __cplusplus
extern "C" {
#endif
esp_err_t nvs_flash_init(void);
esp_err_t nvs_flash_erase(void);
#ifdef __cplusplus
}
#endif
