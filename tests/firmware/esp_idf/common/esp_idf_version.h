// As ESP-IDF has it: components/esp_common/include/esp_idf_version.h; the version is that of the
// mbedTLS headers beside it.
#pragma once
#include "mbedtls/build_info.h"
#define ESP_IDF_VERSION_VAL(major, minor, patch) ((major << 16) | (minor << 8) | (patch))
#if MBEDTLS_VERSION_MAJOR >= 4
#define ESP_IDF_VERSION ESP_IDF_VERSION_VAL(6, 0, 0)
#else
#define ESP_IDF_VERSION ESP_IDF_VERSION_VAL(5, 1, 0)
#endif
