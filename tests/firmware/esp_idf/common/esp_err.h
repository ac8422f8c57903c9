// As ESP-IDF 5.1 to 6.0 declares it: components/esp_common/include/esp_err.h.
#pragma once
typedef int esp_err_t;
#define ESP_OK 0
#define ESP_FAIL -1
#define ESP_ERR_NO_MEM 0x101
#define ESP_ERR_INVALID_ARG 0x102
#define ESP_ERR_INVALID_STATE 0x103
#define ESP_ERR_INVALID_SIZE 0x104
#define ESP_ERR_NOT_FOUND 0x105
#define ESP_ERR_NOT_SUPPORTED 0x106
#define ESP_ERR_INVALID_RESPONSE 0x108
#define ESP_ERR_INVALID_CRC 0x109
#define ESP_ERR_INVALID_VERSION 0x10A
#define ESP_ERR_INVALID_MAC 0x10B
#define ESP_ERROR_CHECK(x)                       \
    do {                                         \
        const esp_err_t err_rc_ = (x);           \
        if (err_rc_ != ESP_OK) __builtin_trap(); \
    } while (0)
#ifdef __cplusplus
extern "C"
#endif
    const char*
    esp_err_to_name(esp_err_t code);
