// As ESP-IDF 5.1 to 6.0 declares it: components/esp_http_client/include/esp_http_client.h (what is
// used of it; the structure has many more members).
#pragma once
#include <stdbool.h>

typedef struct {
    const char* url;
    const char* cert_pem;
    int timeout_ms;
    bool keep_alive_enable;
} esp_http_client_config_t;
