// As ESP-IDF 5.1 and 6.0 declare it: components/mbedtls/port/include/aes/esp_aes.h and
// components/hal/include/hal/aes_types.h (what is used of them).
#pragma once
#include <stdint.h>
#define ESP_AES_DECRYPT 0
#define ESP_AES_ENCRYPT 1

typedef struct {
    uint8_t key_bytes;
    volatile uint8_t key_in_hardware;
    uint8_t key[32];
} esp_aes_context;
#ifdef __cplusplus
extern "C" {
#endif
void esp_aes_init(esp_aes_context* ctx);
void esp_aes_free(esp_aes_context* ctx);
int esp_aes_setkey(esp_aes_context* ctx, const unsigned char* key, unsigned int keybits);
int esp_aes_crypt_ecb(esp_aes_context* ctx, int mode, const unsigned char input[16],
                      unsigned char output[16]);
#ifdef __cplusplus
}
#endif
